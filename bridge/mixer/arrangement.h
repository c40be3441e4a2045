/* Who is in the cells of one view, and who will be soon. A plain value. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "bridge/base/limits.h"

/* Sources that may be made ready for the next turn of a rotation. */
#define ARRANGEMENT_SOON_MAX 64

typedef struct Arrangement {
    uint32_t cells[LIMIT_LAYOUT_CELLS]; /* One for each cell of the layout; 0: nobody. */
    size_t soon_count;
    uint32_t soon[ARRANGEMENT_SOON_MAX]; /* Wanted in the size of the first rotating cell. */
} Arrangement;
