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
