/* Whose turn it is in the rotating cells of a view: sources follow each other in their order at an
 * interval, as many at once as there are cells. Those whose turn comes are made ready first; one
 * that has no picture by then is passed over. While somebody in a rotating cell speaks, nothing
 * moves. Owned by a stage; time is given, never read. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/mixer/arrangement.h"

/* How long before its turn a source is made ready. */
#define ROTATION_AHEAD_US INT64_C(2000000)

/* Zero at first. */
typedef struct Rotation {
    uint32_t last;  /* The source that came last; the next follows it. */
    size_t cell;    /* The next to change. */
    int64_t due_us; /* Of the next turn; 0: none is planned. */
} Rotation;

typedef struct RotationInput {
    const uint32_t *sources; /* In their order: those who may be shown now. */
    const bool *is_live;     /* Of each: has it a picture? */
    size_t count;
    uint32_t speaker;
    int64_t interval_us;
    int64_t now_us;
} RotationInput;

/* `cells` are who was shown (0: nobody) and become who is; who comes next is added to `soon` of the
 * arrangement. Returns when to look again, INT64_MAX for never. */
int64_t rotation_run(Rotation *rotation, const RotationInput *input, uint32_t *cells,
                     size_t cell_count, Arrangement *arrangement);
