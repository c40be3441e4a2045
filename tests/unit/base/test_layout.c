#include <criterion/criterion.h>
#include <jansson.h>
#include <string.h>

#include "bridge/base/fields.h"
#include "bridge/base/layout.h"
#include "bridge/base/limits.h"

static Layout *parse(const char *text, Problem *problem)
{
    json_t *object = json_loads(text, 0, NULL);
    cr_assert_not_null(object, "the test's own JSON: %s", text);
    Layout *layout = layout_parse(object, problem);
    json_decref(object);
    return layout;
}

Test(layout, reads_roles_and_places)
{
    Problem problem;
    g_autofree Layout *layout =
        parse("{\"name\":\"x\",\"cells\":[{\"role\":\"floor\",\"x\":0,\"y\":0,\"w\":0.5,\"h\":1},"
              "{\"role\":\"site:12\",\"x\":0.5,\"y\":0,\"w\":0.5,\"h\":1}]}",
              &problem);
    cr_assert_not_null(layout);
    cr_assert_eq(layout->cell_count, 2);
    cr_assert_eq(layout->cells[1].role, LAYOUT_ROLE_SITE);
    cr_assert_eq(layout->cells[1].source, 12);
    cr_assert(layout_has_role(layout, LAYOUT_ROLE_FLOOR));
    cr_assert(!layout_has_role(layout, LAYOUT_ROLE_CHAIR));
}

static void refuse_cell(const char *cell, const char *field)
{
    Problem problem = {0};
    g_autofree char *text = g_strdup_printf(
        "{\"name\":\"x\",\"cells\":[{\"role\":\"recent\",\"x\":0,\"y\":0,\"w\":1,\"h\":1},%s]}",
        cell);
    cr_assert_null(parse(text, &problem), "%s", cell);
    cr_assert_str_eq(problem.field, field, "%s: %s", cell, problem.message);
}

Test(layout, refuses_a_bad_cell_and_names_it)
{
    refuse_cell("5", "cells[1]");
    refuse_cell("{\"x\":0,\"y\":0,\"w\":1,\"h\":1}", "cells[1].role");
    refuse_cell("{\"role\":\"queen\",\"x\":0,\"y\":0,\"w\":1,\"h\":1}", "cells[1].role");
    refuse_cell("{\"role\":\"site:\",\"x\":0,\"y\":0,\"w\":1,\"h\":1}", "cells[1].role");
    refuse_cell("{\"role\":\"site:0\",\"x\":0,\"y\":0,\"w\":1,\"h\":1}", "cells[1].role");
    refuse_cell("{\"role\":\"recent\",\"x\":-0.1,\"y\":0,\"w\":1,\"h\":1}", "cells[1].x");
    refuse_cell("{\"role\":\"recent\",\"x\":0.5,\"y\":0,\"w\":0.6,\"h\":1}", "cells[1].w");
    refuse_cell("{\"role\":\"recent\",\"x\":0,\"y\":0.5,\"w\":1,\"h\":0.6}", "cells[1].h");
    refuse_cell("{\"role\":\"recent\",\"x\":0,\"y\":0,\"w\":0.001,\"h\":1}", "cells[1].w");
    refuse_cell("{\"role\":\"recent\",\"x\":0,\"y\":0,\"w\":1,\"h\":\"1\"}", "cells[1].h");
    refuse_cell("{\"role\":\"recent\",\"grid\":4,\"x\":0,\"y\":0,\"w\":1,\"h\":1}",
                "cells[1].grid");
}

Test(layout, refuses_no_cells_and_too_many)
{
    Problem problem = {0};
    cr_assert_null(parse("{\"name\":\"x\",\"cells\":[]}", &problem));
    cr_assert_str_eq(problem.field, "cells");
    GString *text = g_string_new("{\"name\":\"x\",\"cells\":[0");
    for (int i = 0; i < LIMIT_LAYOUT_CELLS; i++) {
        g_string_append(text, ",0");
    }
    g_string_append(text, "]}");
    cr_assert_null(parse(text->str, &problem));
    g_string_free(text, TRUE);
}

Test(layout, thirds_meet_without_a_seam_and_are_even)
{
    for (int width = 320; width <= 1920; width += 160) {
        int end = 0;
        for (int i = 0; i < 3; i++) {
            LayoutCell cell = {.x = i * 0.333333, .y = 0, .w = 0.333334, .h = 1};
            LayoutRect rect = layout_cell_rect(&cell, width, width * 9 / 16);
            cr_assert_eq(rect.x % 2 + rect.y % 2 + rect.w % 2 + rect.h % 2, 0);
            cr_assert_leq(abs(rect.x - end), 2, "width %d: gap or overlap at %d, %d", width, rect.x,
                          end);
            end = rect.x + rect.w;
        }
        cr_assert_eq(end, width & ~1);
    }
}

#define WALL_CELL "{\"role\":\"recent\",\"grid\":\"seats\",\"x\":0,\"y\":0,\"w\":1,\"h\":1}"

static Layout *wall_for(size_t seats)
{
    Problem problem = {0};
    g_autofree Layout *layout = parse("{\"name\":\"wall\",\"cells\":[" WALL_CELL "]}", &problem);
    cr_assert_not_null(layout, "%s", problem.message);
    cr_assert_eq(layout->cell_count, 1);
    return layout_expand(layout, seats);
}

static bool overlap(LayoutRect a, LayoutRect b)
{
    return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
}

Test(layout, makes_a_grid_for_any_number_of_seats)
{
    for (size_t seats = 0; seats <= LIMIT_LAYOUT_CELLS; seats++) {
        g_autofree Layout *layout = wall_for(seats);
        cr_assert_eq(layout->cell_count, MAX(seats, 1));
        for (size_t i = 0; i < layout->cell_count; i++) {
            LayoutRect rect = layout_cell_rect(&layout->cells[i], 1920, 1080);
            cr_assert(rect.x >= 0 && rect.y >= 0 && rect.w >= 116 && rect.h >= 66, "%zu seats",
                      seats);
            cr_assert(rect.x + rect.w <= 1920 && rect.y + rect.h <= 1080, "%zu seats", seats);
            cr_assert(rect.w <= 1.25 * rect.h * 16 / 9 && rect.h <= 1.25 * rect.w * 9 / 16);
            for (size_t j = 0; j < i; j++) {
                cr_assert_not(overlap(rect, layout_cell_rect(&layout->cells[j], 1920, 1080)));
            }
        }
    }
}

Test(layout, puts_207_tiles_of_128_by_76_on_a_wall)
{
    g_autofree Layout *layout = wall_for(207);
    LayoutRect rect = layout_cell_rect(&layout->cells[0], 1920, 1080);
    cr_expect(rect.x == 0 && rect.y == 0 && rect.w == 128 && rect.h == 76);
    LayoutRect last = layout_cell_rect(&layout->cells[206], 1920, 1080);
    cr_expect_eq(last.y + last.h, 1080);
    cr_expect_eq(last.x + last.w, 1920 - 192, "the last row stands in the middle");
}

Test(layout, puts_two_sites_side_by_side)
{
    g_autofree Layout *layout = wall_for(2);
    LayoutRect left = layout_cell_rect(&layout->cells[0], 1280, 720);
    LayoutRect right = layout_cell_rect(&layout->cells[1], 1280, 720);
    cr_expect(left.x == 0 && left.y == 180 && left.w == 640 && left.h == 360);
    cr_expect(right.x == 640 && right.y == 180);
}

Test(layout, counts_its_other_cells_among_the_seats)
{
    Problem problem = {0};
    g_autofree Layout *layout =
        parse("{\"name\":\"x\",\"cells\":[{\"role\":\"chair\",\"x\":0,\"y\":0,\"w\":1,\"h\":0.5},"
              "{\"role\":\"recent\",\"grid\":\"seats\",\"x\":0,\"y\":0.5,\"w\":1,\"h\":0.5}]}",
              &problem);
    cr_assert_not_null(layout);
    g_autofree Layout *plain = layout_expand(layout, 9);
    cr_expect_eq(plain->cell_count, 9);
    cr_expect_eq(plain->cells[0].role, LAYOUT_ROLE_CHAIR);
    cr_expect_eq(plain->cells[8].role, LAYOUT_ROLE_RECENT);
    cr_expect_geq(plain->cells[1].y, 0.5);
    g_autofree Layout *least = layout_expand(layout, 0);
    cr_expect_eq(least->cell_count, 2);
}

Test(layout, refuses_two_grids_of_seats)
{
    Problem problem = {0};
    cr_assert_null(parse("{\"name\":\"x\",\"cells\":[" WALL_CELL "," WALL_CELL "]}", &problem));
    cr_assert_str_eq(problem.field, "cells");
}
