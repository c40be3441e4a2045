/* Where the words of a view lie: a header over the cells (title, "ĐANG GHI", clock) and a banner
 * under them, each only while there is something to say. The cells get what is left, so that no
 * word ever lies over a picture or a name. A pure function. Any thread. */
#pragma once

#include "bridge/base/layout.h"
#include "bridge/mixer/program.h"

/* All even. */
typedef struct Strips {
    LayoutRect header; /* Its height is 0 when there is none. */
    LayoutRect banner; /* The same. */
    LayoutRect cells;
    int banner_size; /* Of its letters, in pixels. */
    int banner_lines;
} Strips;

/* In a picture of 720 lines the header has 50, with letters of 32 pixels, and a banner letters of
 * 40 on one or two lines, of 27 on as many as four. */
Strips strips_plan(const Program *program, const ProgramView *view);
