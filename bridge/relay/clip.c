#include "bridge/relay/clip.h"

#include <glib.h>

#include "bridge/base/clock.h"
#include "bridge/base/vp8.h"

/* Bytes a second that may pass. */
static double rate(const Clip *clip)
{
    return (double)clip->kbps * CLIP_FACTOR * 1000 / 8;
}

static double burst(const Clip *clip)
{
    return MAX(rate(clip), CLIP_BURST_MIN_BYTES);
}

void clip_set_kbps(Clip *clip, int64_t kbps, int64_t now_us)
{
    clip->kbps = kbps;
    clip->set_us = clip->refilled_us = now_us;
    clip->allowance_bytes = burst(clip);
    clip->is_on = clip->is_on && kbps > 0;
}

bool clip_pass(Clip *clip, const uint8_t *payload, size_t size, int64_t now_us)
{
    if (clip->kbps == 0) {
        return true;
    }
    double elapsed_s = (double)(now_us - clip->refilled_us) / (double)CLOCK_US_PER_S;
    clip->allowance_bytes = MIN(clip->allowance_bytes + rate(clip) * elapsed_s, burst(clip));
    clip->refilled_us = now_us;
    if (now_us - clip->set_us < CLIP_GRACE_US && !clip->is_on) {
        return true;
    }
    if (clip->is_on && clip->allowance_bytes >= burst(clip) / 2 &&
        vp8_payload_starts_keyframe(payload, size)) {
        clip->is_on = false;
    } else if (clip->allowance_bytes < (double)size) {
        clip->is_on = true;
    }
    if (!clip->is_on) {
        clip->allowance_bytes -= (double)size;
    }
    return !clip->is_on;
}

bool clip_is_on(const Clip *clip)
{
    return clip->is_on;
}
