/* The video of one source: RTP packets in, decoded frames out, without a thread of its own. It
 * trusts nothing: a frame that is too large, of no size or too many a second never reaches the
 * decoder, and after a loss nothing is shown before the next key frame, which it asks for. Owned by
 * one decode worker and used on its thread only; the calls below do their work, and call back,
 * before they return. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/mixer/frame.h"

/* Least time between two requests for a key frame. */
#define SOURCE_KEYFRAME_REQUEST_US INT64_C(500000)

typedef struct Source Source;

typedef enum SourceVerdict {
    SOURCE_TAKEN,
    SOURCE_EMPTY,       /* Padding only. */
    SOURCE_STALE,       /* A duplicate, or older than what was taken. */
    SOURCE_WRONG_CODEC, /* Another payload type than VP8's. */
    SOURCE_GARBAGE,     /* Not an RTP packet. */
    SOURCE_BROKEN,      /* The decoder gave up and was replaced. */
    SOURCE_VERDICTS,
} SourceVerdict;

typedef struct SourceCounters {
    uint64_t packets[SOURCE_VERDICTS];
    uint64_t losses;           /* Gaps in the sequence numbers. */
    uint64_t frames;           /* Decoded and handed out. */
    uint64_t frames_refused;   /* Too large, of no size, not VP8, too many a second. */
    uint64_t frames_undecoded; /* The decoder made no picture of them. */
    uint64_t keyframes_asked;
} SourceCounters;

typedef struct SourceHandlers {
    /* Hands the frame over. */
    void (*on_frame)(uint32_t source, Frame *frame, void *data);
    /* At most once in SOURCE_KEYFRAME_REQUEST_US. */
    void (*on_keyframe_needed)(uint32_t source, void *data);
} SourceHandlers;

Source *source_new(uint32_t id, const SourceHandlers *handlers, void *data);
void source_free(Source *source);

/* One RTP packet; copied. `now_us` is monotonic and never goes back. */
SourceVerdict source_push(Source *source, const uint8_t *rtp, size_t size, int64_t now_us);
/* True from the first packet, a loss or a decoder error to the next key frame. */
bool source_is_waiting(const Source *source);
const SourceCounters *source_counters(const Source *source);
