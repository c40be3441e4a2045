/* What is written around the cells of a view: a message, the clock, the meeting's title. A plain
 * value. Any thread. */
#pragma once

#include <stdbool.h>

#include "bridge/base/limits.h"
#include "bridge/base/problem.h"

typedef struct json_t json_t;

typedef struct ViewText {
    char banner[4 * LIMIT_BANNER_CHARS + 1]; /* On one line; "": none. */
    bool has_clock;
    bool shows_title;
} ViewText;

/* Reads `banner` (text, or null for none), `clock` and `show_title`; what is absent stays as it is
 * in *text. A break of lines becomes a space. */
bool view_text_parse(json_t *object, ViewText *text, Problem *problem);
/* Adds the three fields to the object. */
void view_text_write(const ViewText *text, json_t *object);
