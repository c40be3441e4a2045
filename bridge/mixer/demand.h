/* What the mixer wants from the source in a cell: video of exactly the cell's size, at a rate and
 * bit rate that its area deserves. Pure functions. Any thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "bridge/base/layout.h"

typedef struct Demand {
    int width, height;
    int fps;
    int kbps;
} Demand;

/* `cell` lies in a picture of this size and rate. */
Demand demand_of_cell(LayoutRect cell, int picture_width, int picture_height, int picture_fps);
/* What satisfies both: the size of the larger, the higher rate and bit rate. */
Demand demand_of_both(Demand a, Demand b);
bool demand_equals(Demand a, Demand b);
