/* Keeps the sum of several voices within 16 bits without ever clipping it: a gain that moves
 * smoothly and looks 5 ms ahead, so that it is down before the peak comes. A plain value, one a
 * mix, on the sound thread. */
#pragma once

#include <stdint.h>

/* The sound comes out this much later (5 ms of 48 kHz). */
#define SOUND_LIMITER_AHEAD 240
#define SOUND_LIMITER_SAMPLES 960

typedef struct SoundLimiter {
    float gain; /* At the first sample of the next call. */
} SoundLimiter;

void sound_limiter_init(SoundLimiter *limiter);
/* `mix` begins with the last SOUND_LIMITER_AHEAD samples of the call before. */
void sound_limiter_run(SoundLimiter *limiter,
                       const int32_t mix[SOUND_LIMITER_AHEAD + SOUND_LIMITER_SAMPLES],
                       int16_t ret_pcm[SOUND_LIMITER_SAMPLES]);
