/* Brings the voices of a meeting to a like loudness, whatever their microphones: a gain that moves
 * slowly, only while somebody is heard, and within bounds that keep a room's hum a hum. A plain
 * value, one a voice, on the sound thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>

typedef struct VoiceLevel {
    int ticks;   /* With speech so far, up to where it matters. */
    float power; /* Mean square over those ticks. */
    float gain;
    float heard; /* Mean square of the latest tick as it is heard; 0 while nobody speaks. */
} VoiceLevel;

void voice_level_init(VoiceLevel *level);
/* Works in place on 20 ms of 48 kHz. */
void voice_level_run(VoiceLevel *level, int16_t *pcm, size_t count);
