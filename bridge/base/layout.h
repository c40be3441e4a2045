/* A layout: a named arrangement of cells, in fractions of the canvas; data from layouts.json. A
 * LayoutBook is the set of them, owned by whoever loaded it and never changed after. Any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/base/problem.h"

typedef struct json_t json_t;

typedef enum LayoutRole {
    LAYOUT_ROLE_CHAIR,
    LAYOUT_ROLE_FLOOR,
    LAYOUT_ROLE_SHARE,
    LAYOUT_ROLE_SITE,
    LAYOUT_ROLE_RECENT,
    LAYOUT_ROLE_ROTATE,
} LayoutRole;

typedef struct LayoutCell {
    LayoutRole role;
    uint32_t source; /* Only for LAYOUT_ROLE_SITE. */
    double x, y, w, h;
    bool is_per_seat; /* Stands for a grid inside it with a cell for each seat: layout_expand. */
} LayoutCell;

typedef struct Layout {
    char name[32];
    size_t cell_count;
    LayoutCell cells[];
} Layout;

/* A rectangle of the canvas in pixels: even position and size, inside the canvas. */
typedef struct LayoutRect {
    int x, y, w, h;
} LayoutRect;

/* One layout object. NULL and a problem whose field names the cell ("cells[3].x") when it is not
 * well formed: a cell outside the canvas or smaller than 1/64 of it, an unknown role, no cell, more
 * than LIMIT_LAYOUT_CELLS, two cells that are per seat. Free with g_free. */
Layout *layout_parse(json_t *object, Problem *problem);
/* The same with its per-seat cell, if it has one, made into a grid of cells for so many seats less
 * the layout's other cells: as large as they can be, near 16:9 in a canvas of 16:9, the last row in
 * the middle. Free with g_free. */
Layout *layout_expand(const Layout *layout, size_t seats);
bool layout_has_role(const Layout *layout, LayoutRole role);
LayoutRect layout_cell_rect(const LayoutCell *cell, int canvas_width, int canvas_height);
