/* Who is in which cell. Bound cells come first (a `site:N` cell, the spotlight in the big cell);
 * whoever has a cell keeps it, an absent seat for STAGE_KEEP_US; free cells go to present seats in
 * seating order, then to absent ones, so that an empty meeting shows who is invited. Owned by the
 * mixer, on the main loop; time is given, never read. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "bridge/mixer/program.h"

/* How long an absent seat keeps its cell from a present one. */
#define STAGE_KEEP_US INT64_C(30000000)

typedef struct Stage Stage;

Stage *stage_new(void);
void stage_free(Stage *stage);

/* Writes the source in each of the layout's cells (0: nobody) to ret_sources, which has room for
 * LIMIT_LAYOUT_CELLS. */
void stage_arrange(Stage *stage, const Program *program, int64_t now_us, uint32_t *ret_sources);
/* When the same program would be arranged otherwise, because an absent seat has kept its cell long
 * enough; INT64_MAX when never. */
int64_t stage_next_us(const Stage *stage);
