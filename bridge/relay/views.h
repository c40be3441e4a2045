/* What the server says of a meeting's pictures: which views there are, and the rungs of each, best
 * first (the `meeting.views` operation of bridge/PROTOCOL.md). A plain value. Any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/base/limits.h"
#include "bridge/base/problem.h"
#include "bridge/base/videocodec.h"

typedef struct json_t json_t;

typedef struct ViewRung {
    uint16_t id; /* unique in the meeting, below LIMIT_RUNGS */
    VideoCodec codec;
    int kbps; /* what its encoder is told */
} ViewRung;

typedef struct View {
    uint8_t id;
    size_t rung_count;
    ViewRung rungs[LIMIT_VIEW_RUNGS];
} View;

typedef struct Views {
    size_t count;
    View views[LIMIT_VIEWS];
} Views;

/* One view of one rung, both with the id 0: until the server has said something. */
extern const Views views_default;

/* False with the field's path when something is wrong; then *ret_views is left alone. */
bool views_parse(json_t *request, Views *ret_views, Problem *problem);
/* The view of this id, or the first one: nobody is left without a picture. */
const View *views_find(const Views *views, uint8_t id);
/* NULL when no view has it. */
const ViewRung *views_find_rung(const Views *views, uint16_t rung);
