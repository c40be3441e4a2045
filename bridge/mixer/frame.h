/* One decoded picture of a source: immutable and reference-counted, so that it may pass from a
 * decode worker to the picture thread. Any thread. */
#pragma once

#include <stdint.h>

#include "bridge/mixer/i420.h"

typedef struct Frame Frame;
typedef struct _GstBuffer GstBuffer;
typedef struct _GstVideoInfo GstVideoInfo;

/* Takes a reference of a decoder's I420 buffer; NULL when it cannot be read as `info` says. */
Frame *frame_new(GstBuffer *buffer, const GstVideoInfo *info);
/* Takes over a picture of i420_alloc. */
Frame *frame_new_from_i420(I420 *picture);
Frame *frame_ref(Frame *frame);
/* NULL is fine. */
void frame_unref(Frame *frame);

/* Lives as long as the frame; not to be written. */
const I420 *frame_picture(const Frame *frame);
