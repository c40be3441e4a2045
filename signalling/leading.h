/* How a meeting is led: who waits to speak, who speaks since when and for how long at most, whom
 * the roll calls. A plain value of its meeting. Main loop only. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "signalling/handqueue.h"

typedef struct json_t json_t;

typedef enum RollState {
    ROLL_IDLE,
    ROLL_RUNNING,
    ROLL_DONE,
} RollState;

typedef struct Leading {
    HandQueue queue;
    int64_t floor_since_ms; /* wall clock, so that it goes on over a restart; 0: nobody speaks */
    int speaking_limit_s;   /* 0: none */
    bool is_muted_all;      /* who comes new is muted too */
    RollState roll;
    uint32_t roll_source; /* who is called; 0: nobody */
    int64_t roll_started_ms;
    int64_t called_voice_ms; /* heard from whom is called */
    int64_t voices_us;       /* monotonic, of the last report of voices */
    bool changed;            /* sites have not been told yet */
} Leading;

void leading_clear(Leading *leading);
const char *roll_state_name(RollState state);
RollState roll_state_parse(const char *name);
/* Adds `hands`, `floor_since_ms`, `speaking_limit_s`, `muted_all` and `roll` to a Meeting. */
void leading_add_json(const Leading *leading, json_t *meeting);
