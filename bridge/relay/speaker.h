/* Who is heard: the loudest LIMIT_VOICES of a meeting, ranked by the audio level that each packet
 * carries (RFC 6464), smoothed, with hysteresis. A voice that falls silent or stops sending leaves.
 * Muted sources are never told to this object. Owned by the room, on the main loop. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/base/limits.h"

/* One source's voice; belongs to the source, zero-initialise and set `source`. Leaves before it is
 * freed. */
typedef struct Voice {
    uint32_t source;
    bool is_chosen;
    float loudness; /* smoothed, 0 to 127 dB above silence */
    int64_t heard_us;
    int64_t loud_us;   /* last time it was above the threshold */
    int64_t chosen_us; /* when it was chosen */
} Voice;

typedef struct Speakers {
    size_t count;
    Voice *chosen[LIMIT_VOICES];
} Speakers;

/* A packet of 20 ms came, `level` in -dBov (0 loudest, 127 silence). True: it is to be mixed. */
bool speakers_hear(Speakers *speakers, Voice *voice, uint8_t level, int64_t now_us);
/* The source is muted, gone or silent. */
void speakers_leave(Speakers *speakers, Voice *voice);
/* Lets those go who have been silent, or not heard at all, for too long. True: somebody left. */
bool speakers_expire(Speakers *speakers, int64_t now_us);
