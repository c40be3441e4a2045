/* GStreamer elements in a row without a pipeline and without a thread: buffers are pushed in at one
 * end and come out of the other before the push returns. Used by sources and rungs. Owned by them
 * and used on their thread only. */
#pragma once

#include <stdbool.h>

typedef struct Chain Chain;
typedef struct _GstBuffer GstBuffer;
typedef struct _GstCaps GstCaps;
typedef struct _GstElement GstElement;

typedef struct ChainHandlers {
    /* Everything is borrowed for the call; any of these may be NULL. */
    void (*on_caps)(GstCaps *caps, void *data);
    void (*on_buffer)(GstBuffer *buffer, void *data);
    /* An element asks whoever feeds the chain for a key frame. */
    void (*on_keyframe_request)(void *data);
} ChainHandlers;

/* Takes over the `elements` (ends with NULL), none of which may be missing, and sets them to
 * PLAYING. `caps` describes what will be pushed; borrowed. `handlers` must outlive the chain. */
Chain *chain_new(GstElement **elements, GstCaps *caps, const ChainHandlers *handlers, void *data);
void chain_free(Chain *chain);

/* Takes over the buffer. False when an element refused it: the chain is of no further use. */
bool chain_push(Chain *chain, GstBuffer *buffer);
/* The next buffer is to become a key frame. */
void chain_force_keyframe(Chain *chain);
