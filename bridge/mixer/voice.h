/* One source's voice: takes its Opus packets as they come and yields 20 ms of sound a tick. Inside
 * are a jitter buffer whose delay adapts, the decoder, in-band FEC, concealment that fades to
 * silence, and the correction of the sender's clock. It belongs to the sound mix, on the sound
 * thread; no call waits, allocates or logs but voice_new. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/mixer/sound.h"

/* 20 ms of 48 kHz mono. */
#define VOICE_TICK_SAMPLES 960

typedef struct Voice Voice;

/* `stats` is borrowed: the voice counts into it. */
Voice *voice_new(SoundStats *stats);
void voice_free(Voice *voice);
/* Forgets everything, for the next source. */
void voice_reset(Voice *voice);

/* False when it was not usable; it is counted either way. `arrival_us` is when the relay had it. */
bool voice_push(Voice *voice, const uint8_t *rtp, size_t size, int64_t arrival_us);
/* The next 20 ms, due at now_us; false (and zeros) when there is nothing to hear. */
bool voice_tick(Voice *voice, int64_t now_us, int16_t ret_pcm[VOICE_TICK_SAMPLES]);

/* When the latest usable packet came; 0 before the first. */
int64_t voice_last_arrival_us(const Voice *voice);
/* Time that the sound now being played has waited here; 0 before the first. */
int64_t voice_delay_now_us(const Voice *voice);
