/* A rung: one encode of a view, best first in its list. Its number in the meeting is made of the
 * view's and of its place. A plain value. Any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "bridge/base/problem.h"

typedef struct json_t json_t;

#define VIEW_FPS 25
/* Ids that a view's rungs may have: id = view × this + place. */
#define VIEW_RUNG_IDS 8

typedef struct ViewRung {
    bool is_h264;      /* VP8 otherwise */
    int width, height; /* pixels, even */
    int fps;
    int kbps;
} ViewRung;

/* The usual ladder of a picture of this size: itself, 360 and 180 lines of VP8, and one of H.264
 * for receivers that have nothing else. At most LIMIT_VIEW_RUNGS; returns how many. */
size_t view_rung_ladder(int width, int height, ViewRung *ret_rungs);
/* A list as PROTOCOL.md says; the first must be VP8. The problem's field is "rungs[i].…". */
bool view_rung_parse_list(json_t *list, ViewRung *ret_rungs, size_t *ret_count, Problem *problem);
/* With the ids, for relay, mixer and pages; the caller owns it. */
json_t *view_rung_list_to_json(int view, const ViewRung *rungs, size_t count);
