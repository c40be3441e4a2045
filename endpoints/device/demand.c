#include "endpoints/device/demand.h"

#include <stdlib.h>

#include "bridge/base/fields.h"
#include "bridge/base/limits.h"

/* The smallest picture the encoder makes. */
#define DEMAND_SIDE_MIN 16

bool demand_parse(json_t *event, Demand *ret_demand, Problem *problem)
{
    int64_t width = 0;
    int64_t height = 0;
    int64_t fps = 0;
    int64_t kbps = 0;
    if (!field_int(event, "width", 0, LIMIT_SOURCE_WIDTH, &width, problem) ||
        !field_int(event, "height", 0, LIMIT_SOURCE_HEIGHT, &height, problem) ||
        !field_int(event, "fps", 0, DEMAND_FPS_MAX, &fps, problem) ||
        !field_int(event, "kbps", 0, DEMAND_KBPS_MAX, &kbps, problem)) {
        return false;
    }
    Demand demand = {(int)width & ~1, (int)height & ~1, (int)fps, (int)kbps};
    if (width == 0 && height == 0 && fps == 0 && kbps == 0) {
        *ret_demand = demand;
        return true;
    }
    if (demand.width < DEMAND_SIDE_MIN || demand.height < DEMAND_SIDE_MIN) {
        return problem_set(problem, "bad_field", "width", "smaller than %d pixels",
                           DEMAND_SIDE_MIN);
    }
    if (fps == 0 || kbps == 0) {
        return problem_set(problem, "bad_field", fps == 0 ? "fps" : "kbps",
                           "zero, but the size is not");
    }
    *ret_demand = demand;
    return true;
}

bool demand_is_off(const Demand *demand)
{
    return demand->width == 0;
}

bool demand_equals(const Demand *a, const Demand *b)
{
    return a->width == b->width && a->height == b->height && a->fps == b->fps && a->kbps == b->kbps;
}

uint64_t demand_pack(const Demand *demand)
{
    return (uint64_t)demand->width << 48 | (uint64_t)demand->height << 32 |
           (uint64_t)demand->fps << 24 | (uint64_t)demand->kbps;
}

Demand demand_unpack(uint64_t word)
{
    return (Demand){
        .width = (int)(word >> 48),
        .height = (int)(word >> 32 & 0xffff),
        .fps = (int)(word >> 24 & 0xff),
        .kbps = (int)(word & 0xffffff),
    };
}

static DemandCrop centred(int width, int height, int source_width, int source_height)
{
    width &= ~1;
    height &= ~1;
    return (DemandCrop){
        .x = (source_width - width) / 2 & ~1,
        .y = (source_height - height) / 2 & ~1,
        .width = width,
        .height = height,
    };
}

DemandCrop demand_crop(const Demand *demand, int source_width, int source_height)
{
    int64_t wanted = (int64_t)demand->width * source_height;
    int64_t given = (int64_t)demand->height * source_width;
    if (llabs(wanted - given) * 100 < given * DEMAND_STRETCH_PCT_MAX) {
        return centred(source_width, source_height, source_width, source_height);
    }
    if (wanted < given) {
        int width = (int)(wanted / demand->height);
        return centred(width, source_height, source_width, source_height);
    }
    int height = (int)(given / demand->width);
    return centred(source_width, height, source_width, source_height);
}
