/* What the mixer wants to see of this site now: one size, rate and bit rate, or nothing. Plain
 * values. Any thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "bridge/base/problem.h"

typedef struct json_t json_t;

#define DEMAND_FPS_MAX 60
#define DEMAND_KBPS_MAX 20000
/* A picture is stretched rather than cut when its shape differs by less than this share. */
#define DEMAND_STRETCH_PCT_MAX 2

/* All zero: send none. */
typedef struct Demand {
    int width; /* even */
    int height;
    int fps;
    int kbps;
} Demand;

/* The part of a source picture that is scaled to the demanded size. */
typedef struct DemandCrop {
    int x, y, width, height; /* even */
} DemandCrop;

/* Reads a `demand` event. Odd sizes are rounded down; false and a problem when a field is missing
 * or out of range, or some but not all are zero. */
bool demand_parse(json_t *event, Demand *ret_demand, Problem *problem);
bool demand_is_off(const Demand *demand);
bool demand_equals(const Demand *a, const Demand *b);

/* The demand in one word, for hand-over between threads. */
uint64_t demand_pack(const Demand *demand);
Demand demand_unpack(uint64_t word);

/* The largest centred part of the source with the demanded shape. */
DemandCrop demand_crop(const Demand *demand, int source_width, int source_height);
