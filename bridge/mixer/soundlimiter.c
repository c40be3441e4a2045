#include "bridge/mixer/soundlimiter.h"

#include <glib.h>

#define BLOCK SOUND_LIMITER_AHEAD
#define BLOCKS (SOUND_LIMITER_SAMPLES / BLOCK)
/* -3 dBFS: the codec adds noise of its own, and a decoder that overshoots does clip. */
#define CEILING 23198.0F
/* From nothing back to unity in 400 ms. */
#define RELEASE_PER_BLOCK 0.0125F

void sound_limiter_init(SoundLimiter *limiter)
{
    limiter->gain = 1.0F;
}

/* The largest gain that keeps a block under the ceiling. */
static float allowed_gain(const int32_t *mix)
{
    int32_t peak = 0;
    for (int i = 0; i < BLOCK; i++) {
        peak = MAX(peak, ABS(mix[i]));
    }
    return (float)peak <= CEILING ? 1.0F : CEILING / (float)peak;
}

static void apply(const int32_t *mix, float from, float to, int16_t *ret_pcm)
{
    float step = (to - from) / BLOCK;
    for (int i = 0; i < BLOCK; i++) {
        float sample = (float)mix[i] * (from + step * (float)i);
        ret_pcm[i] = (int16_t)CLAMP(sample, (float)INT16_MIN, (float)INT16_MAX);
    }
}

/* The gain at each border is allowed by the blocks on both sides, so the line between two borders
 * is allowed too. */
void sound_limiter_run(SoundLimiter *limiter,
                       const int32_t mix[SOUND_LIMITER_AHEAD + SOUND_LIMITER_SAMPLES],
                       int16_t ret_pcm[SOUND_LIMITER_SAMPLES])
{
    float here = allowed_gain(mix);
    float gain = MIN(limiter->gain, here);
    for (int block = 0; block < BLOCKS; block++) {
        float next = allowed_gain(mix + (block + 1) * BLOCK);
        float end = MIN(MIN(here, next), gain + RELEASE_PER_BLOCK);
        apply(mix + block * BLOCK, gain, end, ret_pcm + block * BLOCK);
        gain = end;
        here = next;
    }
    limiter->gain = gain;
}
