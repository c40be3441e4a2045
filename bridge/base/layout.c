#include "bridge/base/layout.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/base/fields.h"
#include "bridge/base/limits.h"

#define CELL_FRACTION_MIN (1.0 / 64)
/* Fractions in files are rounded: 0.666667 + 0.333334 is still inside. */
#define FRACTION_TOLERANCE 0.001
#define EDGE_TOLERANCE_PIXELS 0.05
/* A cell of a grid may be so much wider or higher than 16:9 to leave no bars around the grid. */
#define GRID_STRETCH_MAX 1.12

static const char *const role_names[] = {
    [LAYOUT_ROLE_CHAIR] = "chair",   [LAYOUT_ROLE_FLOOR] = "floor",   [LAYOUT_ROLE_SHARE] = "share",
    [LAYOUT_ROLE_RECENT] = "recent", [LAYOUT_ROLE_ROTATE] = "rotate",
};

static bool parse_site_role(const char *text, LayoutCell *cell)
{
    char *end;
    unsigned long source = strtoul(text, &end, 10);
    if (end == text || *end != '\0' || source == 0 || source > UINT32_MAX) {
        return false;
    }
    cell->role = LAYOUT_ROLE_SITE;
    cell->source = (uint32_t)source;
    return true;
}

static bool parse_role(const char *text, LayoutCell *cell)
{
    if (g_str_has_prefix(text, "site:")) {
        return parse_site_role(text + strlen("site:"), cell);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(role_names); i++) {
        if (role_names[i] != NULL && strcmp(role_names[i], text) == 0) {
            cell->role = (LayoutRole)i;
            return true;
        }
    }
    return false;
}

static bool parse_grid(json_t *object, LayoutCell *cell, Problem *problem)
{
    const char *grid;
    if (!field_string_or(object, "grid", 8, NULL, &grid, problem)) {
        return false;
    }
    if (grid != NULL && strcmp(grid, "seats") != 0) {
        return problem_set(problem, "bad_field", "grid", "grid: must be \"seats\"");
    }
    cell->is_per_seat = grid != NULL;
    return true;
}

static bool parse_cell(json_t *object, LayoutCell *cell, Problem *problem)
{
    const char *role;
    if (!json_is_object(object)) {
        return problem_set(problem, "bad_field", "", "must be an object");
    }
    if (!field_string(object, "role", 1, 32, &role, problem)) {
        return false;
    }
    if (!parse_role(role, cell)) {
        return problem_set(problem, "bad_field", "role", "role: \"%s\" is not known", role);
    }
    if (!parse_grid(object, cell, problem) || !field_number(object, "x", 0, 1, &cell->x, problem) ||
        !field_number(object, "y", 0, 1, &cell->y, problem) ||
        !field_number(object, "w", CELL_FRACTION_MIN, 1, &cell->w, problem) ||
        !field_number(object, "h", CELL_FRACTION_MIN, 1, &cell->h, problem)) {
        return false;
    }
    if (cell->x + cell->w > 1 + FRACTION_TOLERANCE) {
        return problem_set(problem, "bad_field", "w", "w: the cell leaves the canvas on the right");
    }
    if (cell->y + cell->h > 1 + FRACTION_TOLERANCE) {
        return problem_set(problem, "bad_field", "h",
                           "h: the cell leaves the canvas at the bottom");
    }
    return true;
}

static size_t count_per_seat(const Layout *layout)
{
    size_t count = 0;
    for (size_t i = 0; i < layout->cell_count; i++) {
        count += layout->cells[i].is_per_seat ? 1 : 0;
    }
    return count;
}

Layout *layout_parse(json_t *object, Problem *problem)
{
    const char *name;
    json_t *cells;
    if (!json_is_object(object)) {
        problem_set(problem, "bad_field", "layout", "layout: must be an object");
        return NULL;
    }
    if (!field_string(object, "name", 1, sizeof((Layout *)0)->name - 1, &name, problem) ||
        !field_array(object, "cells", 1, LIMIT_LAYOUT_CELLS, &cells, problem)) {
        return NULL;
    }
    size_t count = json_array_size(cells);
    g_autofree Layout *layout = g_malloc0(sizeof(Layout) + count * sizeof(LayoutCell));
    g_strlcpy(layout->name, name, sizeof layout->name);
    layout->cell_count = count;
    for (size_t i = 0; i < count; i++) {
        if (!parse_cell(json_array_get(cells, i), &layout->cells[i], problem)) {
            problem_within(problem, "cells[%zu]", i);
            return NULL;
        }
    }
    if (count_per_seat(layout) > 1) {
        problem_set(problem, "bad_field", "cells", "cells: only one may have a grid of seats");
        return NULL;
    }
    return g_steal_pointer(&layout);
}

typedef struct Grid {
    size_t columns, rows;
    double cell_w, cell_h;
} Grid;

/* The most columns among those that make the cells largest: two sites stand side by side. */
static Grid choose_grid(size_t count, double w, double h)
{
    Grid best = {1, 1, w, h};
    double best_side = 0;
    for (size_t columns = 1; columns <= count; columns++) {
        size_t rows = (count + columns - 1) / columns;
        double side = MIN(w / (double)columns, h / (double)rows);
        if (side >= best_side) {
            best_side = side;
            best = (Grid){columns, rows, w / (double)columns, h / (double)rows};
        }
    }
    if (best.cell_w > best_side * GRID_STRETCH_MAX) {
        best.cell_w = best_side;
    }
    if (best.cell_h > best_side * GRID_STRETCH_MAX) {
        best.cell_h = best_side;
    }
    return best;
}

static void fill_grid(const LayoutCell *area, size_t count, LayoutCell *ret_cells)
{
    Grid grid = choose_grid(count, area->w, area->h);
    double top = area->y + (area->h - (double)grid.rows * grid.cell_h) / 2;
    for (size_t i = 0; i < count; i++) {
        size_t row = i / grid.columns;
        size_t in_row = MIN(grid.columns, count - row * grid.columns);
        double left = area->x + (area->w - (double)in_row * grid.cell_w) / 2;
        ret_cells[i] = *area;
        ret_cells[i].is_per_seat = false;
        ret_cells[i].x = left + (double)(i % grid.columns) * grid.cell_w;
        ret_cells[i].y = top + (double)row * grid.cell_h;
        ret_cells[i].w = grid.cell_w;
        ret_cells[i].h = grid.cell_h;
    }
}

Layout *layout_expand(const Layout *layout, size_t seats)
{
    size_t others = layout->cell_count - count_per_seat(layout);
    size_t per_seat = seats > others ? MIN(seats, LIMIT_LAYOUT_CELLS) - others : 1;
    Layout *plain =
        g_malloc0(sizeof(Layout) + (layout->cell_count + per_seat) * sizeof(LayoutCell));
    g_strlcpy(plain->name, layout->name, sizeof plain->name);
    for (size_t i = 0; i < layout->cell_count; i++) {
        const LayoutCell *cell = &layout->cells[i];
        size_t count = cell->is_per_seat ? per_seat : 1;
        if (cell->is_per_seat) {
            fill_grid(cell, count, &plain->cells[plain->cell_count]);
        } else {
            plain->cells[plain->cell_count] = *cell;
        }
        plain->cell_count += count;
    }
    return plain;
}

bool layout_has_role(const Layout *layout, LayoutRole role)
{
    for (size_t i = 0; i < layout->cell_count; i++) {
        if (layout->cells[i].role == role) {
            return true;
        }
    }
    return false;
}

/* A fraction's edge in pixels, even. Edges are rounded rather than sizes, so that neighbours meet.
 */
static int edge(double fraction, int pixels)
{
    if (fraction > 1 - FRACTION_TOLERANCE) {
        return pixels & ~1;
    }
    return (int)(fraction * pixels + EDGE_TOLERANCE_PIXELS) & ~1;
}

LayoutRect layout_cell_rect(const LayoutCell *cell, int canvas_width, int canvas_height)
{
    int left = edge(cell->x, canvas_width);
    int top = edge(cell->y, canvas_height);
    int right = edge(cell->x + cell->w, canvas_width);
    int bottom = edge(cell->y + cell->h, canvas_height);
    return (LayoutRect){.x = left, .y = top, .w = MAX(right - left, 2), .h = MAX(bottom - top, 2)};
}
