/* One view of a program: a picture of its own with its layout, who is bound to its cells, and its
 * rungs. A part of a Program and as immutable. Any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/base/layout.h"
#include "bridge/base/limits.h"
#include "bridge/base/problem.h"
#include "bridge/base/videocodec.h"

typedef struct json_t json_t;

typedef struct ProgramRung {
    uint16_t id;
    VideoCodec codec;
    int width, height; /* Even, at most the view's. */
    int fps;           /* At most the program's. */
    int kbps;
} ProgramRung;

typedef struct ProgramRotation {
    size_t source_count; /* 0: no rotation. */
    uint32_t *sources;   /* In their order, each once; some may have no seat. */
    int64_t interval_us;
} ProgramRotation;

typedef struct ProgramView {
    int id;                                  /* 0 to LIMIT_VIEWS - 1 */
    int width, height;                       /* Even. */
    uint32_t spotlight, floor, chair, share; /* 0: nobody. */
    ProgramRotation rotation;
    char *banner; /* A message under its cells, at most LIMIT_BANNER_CHARS; NULL: none. */
    bool has_clock;
    bool shows_title; /* Of the meeting. */
    Layout *layout;   /* As in the request: with its per-seat cell. */
    size_t rung_count;
    ProgramRung rungs[LIMIT_VIEW_RUNGS];
} ProgramView;

/* Fills *ret_view in, which is all zero before and needs program_view_clear after, also when it
 * fails: false and a problem whose field is a path inside the view ("rungs[1].width"). `fps` is the
 * program's. */
bool program_view_parse(json_t *object, int fps, ProgramView *ret_view, Problem *problem);
void program_view_clear(ProgramView *view);
