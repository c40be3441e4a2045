/* Where the site stands in its meeting, as `seat.status` says: its place in the speaking queue, the
 * floor and its time, the roll; and the words for it on the screen. A plain value of the device,
 * all zero before the first. Main loop only. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "bridge/base/limits.h"
#include "bridge/base/problem.h"

typedef struct json_t json_t;

/* The last fifth of the time is amber, what is over it red. */
typedef enum StandingTone {
    STANDING_PLAIN,
    STANDING_AMBER,
    STANDING_RED,
} StandingTone;

typedef struct Standing {
    int place; /* 1: next; 0: the hand is down */
    int waiting;
    bool has_floor;   /* this site */
    int64_t since_us; /* monotonic, of its floor */
    int64_t limit_s;  /* 0: none */
    bool is_called;   /* by the roll */
    bool is_marked;   /* by the roll */
} Standing;

/* *ret_standing is left alone when the event is not well formed. */
bool standing_parse(json_t *event, int64_t now_us, Standing *ret_standing, Problem *problem);
/* In Vietnamese; NULL when there is nothing to say; g_free. */
char *standing_write(const Standing *standing, int64_t now_us, StandingTone *ret_tone);
