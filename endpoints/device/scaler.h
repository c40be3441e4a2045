/* Crops, converts and scales raw video to I420 of the demanded size in one pass, into pooled
 * buffers. Full-range sources (JPEG) become limited range, which every VP8 decoder expects.
 * Belongs to one streaming thread. */
#pragma once

#include <stdbool.h>

#include "endpoints/device/demand.h"

typedef struct _GstSample GstSample;
typedef struct _GstBuffer GstBuffer;
typedef struct _GstCaps GstCaps;
typedef struct Scaler Scaler;

Scaler *scaler_new(void);
void scaler_free(Scaler *scaler);

/* A new buffer without timestamps, or NULL when the sample cannot be read. *ret_caps is borrowed,
 * and another pointer whenever size or rate changed. */
GstBuffer *scaler_run(Scaler *scaler, GstSample *sample, const Demand *demand, GstCaps **ret_caps);
