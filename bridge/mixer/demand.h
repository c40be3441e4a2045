/* What the mixer wants from the source in a cell: video of exactly the cell's size, at a rate and
 * bit rate that its area deserves. A pure function. Any thread. */
#pragma once

#include <stdint.h>

#include "bridge/base/layout.h"

typedef struct Demand {
    int width, height;
    int fps;
    int kbps;
} Demand;

/* `cell` lies in a picture of this size and rate. */
Demand demand_of_cell(LayoutRect cell, int picture_width, int picture_height, int picture_fps);
