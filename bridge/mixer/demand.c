#include "bridge/mixer/demand.h"

#include <glib.h>

/* A cell of at least this part of the picture is worth the full rate. */
#define FULL_RATE_AREA (1.0 / 16)
/* The gap between cells must not make a sixteenth less than one. */
#define AREA_TOLERANCE 0.95
#define FPS_FULL 25
#define FPS_SMALL 12
#define BITS_PER_PIXEL 0.07
#define KBPS_MIN 60

Demand demand_of_cell(LayoutRect cell, int picture_width, int picture_height, int picture_fps)
{
    double area = (double)cell.w * cell.h;
    double part = area / ((double)picture_width * picture_height);
    int fps = part >= FULL_RATE_AREA * AREA_TOLERANCE ? FPS_FULL : FPS_SMALL;
    fps = MIN(fps, picture_fps);
    return (Demand){
        .width = cell.w,
        .height = cell.h,
        .fps = fps,
        .kbps = MAX(KBPS_MIN, (int)(area * fps * BITS_PER_PIXEL / 1000 + 0.5)),
    };
}
