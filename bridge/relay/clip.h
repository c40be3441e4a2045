/* Takes the video of a sender only up to CLIP_FACTOR times what it was asked for: one that does not
 * obey costs the mixer no more than that. Clips whole stretches, up to the next key frame, because
 * what follows a hole cannot be decoded. A plain value, zero-initialise; no limit is set. Its
 * owner's loop; time is given, never read. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CLIP_FACTOR 3
/* Taken at once: a key frame, and what was on the way when less was asked for. */
#define CLIP_BURST_MIN_BYTES 150000.0
/* A sender has this long to obey. */
#define CLIP_GRACE_US INT64_C(2000000)

typedef struct Clip {
    int64_t kbps; /* 0: no limit */
    int64_t set_us;
    int64_t refilled_us;
    double allowance_bytes;
    bool is_on;
} Clip;

void clip_set_kbps(Clip *clip, int64_t kbps, int64_t now_us);
/* May this VP8 payload pass? */
bool clip_pass(Clip *clip, const uint8_t *payload, size_t size, int64_t now_us);
/* Is it clipping now? */
bool clip_is_on(const Clip *clip);
