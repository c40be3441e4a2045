/* Who is speaking, of several voices that are heard: whoever has spoken for SPEAKER_TURN_US while
 * the one before was silent, or was clearly louder all the time. A cough is no turn, a pause for
 * breath ends none, and two who speak at once do not take turns. A plain value, zero at first; time
 * is given, never read. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "bridge/base/limits.h"

/* Speech that makes a turn; pauses inside it may be so long. */
#define SPEAKER_TURN_US INT64_C(600000)
#define SPEAKER_PAUSE_US INT64_C(250000)
/* Without speech for so long nobody speaks. */
#define SPEAKER_SILENCE_US INT64_C(2000000)

/* How loud a source is just now. */
typedef struct SpeakerVoice {
    uint32_t source;
    float power; /* Mean square of 16-bit samples; 0 when it does not speak. */
} SpeakerVoice;

typedef struct SpeakerRun {
    uint32_t source; /* 0: free. */
    int64_t began_us;
    int64_t heard_us;
    float power; /* Smoothed. */
} SpeakerRun;

typedef struct Speaker {
    uint32_t source; /* 0: nobody. */
    SpeakerRun runs[LIMIT_SOUND_VOICES];
} Speaker;

/* The voices of one tick, each source once, at most LIMIT_SOUND_VOICES. Returns who is speaking. */
uint32_t speaker_tick(Speaker *speaker, const SpeakerVoice *voices, size_t count, int64_t now_us);
