#include "bridge/mixer/demand.h"

#include <glib.h>

/* A cell of at least this part of the picture is worth the full rate. */
#define FULL_RATE_AREA (1.0 / 16)
/* The gap between cells must not make a sixteenth less than one. */
#define AREA_TOLERANCE 0.95
#define FPS_FULL 25
#define FPS_SMALL 12
#define BITS_PER_PIXEL 0.07
/* What the small cells of a wall cost their senders and decoders. */
#define KBPS_MIN 40

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

Demand demand_of_both(Demand a, Demand b)
{
    bool is_a_larger = (int64_t)a.width * a.height >= (int64_t)b.width * b.height;
    return (Demand){
        .width = is_a_larger ? a.width : b.width,
        .height = is_a_larger ? a.height : b.height,
        .fps = MAX(a.fps, b.fps),
        .kbps = MAX(a.kbps, b.kbps),
    };
}

bool demand_equals(Demand a, Demand b)
{
    return a.width == b.width && a.height == b.height && a.fps == b.fps && a.kbps == b.kbps;
}
