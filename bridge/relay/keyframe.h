/* Decides when a key frame is asked for: at most once in 500 ms however many want it, again while
 * none comes, less and less often. One governor per encoder that can be asked: a sender's camera,
 * or a rung of the mixer. A plain value; zero-initialise. Its owner's loop. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define KEYFRAME_INTERVAL_US INT64_C(500000)
/* After three requests without an answer the pause doubles up to this. */
#define KEYFRAME_INTERVAL_MAX_US INT64_C(3000000)

typedef struct KeyframeGovernor {
    bool is_wanted;
    unsigned asked_count; /* since the last key frame */
    int64_t asked_us;     /* 0: never */
} KeyframeGovernor;

void keyframe_want(KeyframeGovernor *governor);
/* Nobody waits any more, also not for one that was asked for. */
void keyframe_forget(KeyframeGovernor *governor);
/* True: ask now; the request counts as made. */
bool keyframe_take(KeyframeGovernor *governor, int64_t now_us);
/* A key frame began to arrive: everybody who waited gets it. */
void keyframe_on_arrival(KeyframeGovernor *governor);
/* When keyframe_take is next worth a call; -1 while nobody waits. */
int64_t keyframe_due_us(const KeyframeGovernor *governor);
