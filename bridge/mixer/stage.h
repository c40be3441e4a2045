/* Who is in which cell of one view. Bound cells come first: `site:N`, then the spotlight in the big
 * cell, the chair, who has the floor, what is shared. The active speaker takes a `floor` cell that
 * is bound to nobody, and the last speakers the `recent` cells. Otherwise whoever has a cell
 * keeps it, an absent seat for STAGE_KEEP_US; free cells go to present seats in seating order, then
 * to absent ones, so that an empty meeting shows who is invited. Nobody has two cells of a view.
 * Owned by the director, on the main loop; time is given, never read. */
#pragma once

#include <glib.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/mixer/arrangement.h"
#include "bridge/mixer/program.h"

/* How long an absent seat keeps its cell from a present one. */
#define STAGE_KEEP_US INT64_C(30000000)
/* Speakers that are remembered for the `recent` cells. */
#define STAGE_SPEAKERS_MAX 32

typedef struct Stage Stage;

typedef struct StageInput {
    const Program *program;
    const ProgramView *view;  /* Of the program. */
    const uint32_t *speakers; /* The latest first. */
    size_t speaker_count;     /* At most STAGE_SPEAKERS_MAX. */
    bool is_speaking;         /* The latest speaks now. */
    GHashTable *live;         /* Set of the sources that have a picture; NULL: none. */
    int64_t now_us;
} StageInput;

Stage *stage_new(void);
void stage_free(Stage *stage);

void stage_arrange(Stage *stage, const StageInput *input, Arrangement *ret_arrangement);
/* When the same input would be arranged otherwise: an absent seat has kept its cell long enough, or
 * a rotation goes on; INT64_MAX when never. */
int64_t stage_next_us(const Stage *stage);
