#include <criterion/criterion.h>
#include <glib.h>
#include <jansson.h>

#include "bridge/mixer/demand.h"
#include "bridge/mixer/scene.h"
#include "tests/unit/mixer/fixture.h"

static Program *grid(int side, int width, int height)
{
    Program *program = fixture_program(1, width, height);
    fixture_grid(program, 0, side);
    for (int i = 0; i < side * side; i++) {
        fixture_seat(program, (uint32_t)i + 1);
    }
    return program;
}

static Scene *full_scene(Program *program)
{
    uint32_t sources[LIMIT_LAYOUT_CELLS];
    for (uint32_t i = 0; i < LIMIT_LAYOUT_CELLS; i++) {
        sources[i] = i + 1;
    }
    return fixture_scene(program, sources, program->seat_count, NULL);
}

static json_t *demand_of(json_t *demands, int source)
{
    for (size_t i = 0; i < json_array_size(demands); i++) {
        json_t *demand = json_array_get(demands, i);
        if (json_integer_value(json_object_get(demand, "source")) == source) {
            return demand;
        }
    }
    return NULL;
}

static int width_of(const Scene *scene, int source)
{
    json_t *demands = scene_demands(scene);
    int width = (int)json_integer_value(json_object_get(demand_of(demands, source), "width"));
    json_decref(demands);
    return width;
}

Test(scene, leaves_a_thin_gap_between_cells_and_none_outside)
{
    Scene *scene = full_scene(grid(2, 1280, 720));
    cr_expect_eq(scene->views[0].cells[0].rect.w, 638);
    cr_expect_eq(scene->views[0].cells[0].rect.h, 358);
    cr_expect_eq(scene->views[0].cells[3].rect.x, 640);
    cr_expect_eq(scene->views[0].cells[3].rect.w, 640);
    cr_expect_eq(scene->views[0].cells[3].rect.h, 360);
    scene_unref(scene);
}

Test(scene, keeps_every_rectangle_even_and_inside)
{
    for (int side = 1; side <= 16; side++) {
        Scene *scene = full_scene(grid(side, 1280, 720));
        for (size_t i = 0; i < scene->views[0].cell_count; i++) {
            LayoutRect r = scene->views[0].cells[i].rect;
            cr_expect(((r.x | r.y | r.w | r.h) & 1) == 0);
            cr_expect(r.x >= 0 && r.y >= 0 && r.w >= 2 && r.h >= 2);
            cr_expect(r.x + r.w <= 1280 && r.y + r.h <= 720);
        }
        scene_unref(scene);
    }
}

Test(scene, tells_cells_in_fractions_of_the_picture)
{
    Scene *scene = full_scene(grid(2, 1280, 720));
    json_t *views = scene_views(scene);
    json_t *cells = json_object_get(json_array_get(views, 0), "cells");
    json_t *last = json_array_get(cells, 3);
    cr_expect_eq(json_array_size(cells), 4);
    cr_expect_eq(json_integer_value(json_object_get(last, "source")), 4);
    cr_expect_float_eq(json_real_value(json_object_get(last, "x")), 0.5, 1e-9);
    cr_expect_float_eq(json_real_value(json_object_get(last, "h")), 0.5, 1e-9);
    cr_expect_float_eq(json_real_value(json_object_get(json_array_get(cells, 0), "w")),
                       638.0 / 1280, 1e-9);
    json_decref(views);
    scene_unref(scene);
}

Test(scene, demands_only_from_present_seats_in_cells)
{
    Program *program = grid(2, 1280, 720);
    program->seats[1].is_present = false;
    Scene *scene = fixture_scene(program, (uint32_t[]){1, 2, 0, 4}, 4, NULL);
    json_t *demands = scene_demands(scene);
    json_t *views = scene_views(scene);
    cr_expect_eq(json_array_size(json_object_get(json_array_get(views, 0), "cells")), 3);
    cr_expect_eq(json_array_size(demands), 2);
    cr_expect_eq(width_of(scene, 4), 640);
    json_decref(demands);
    json_decref(views);
    scene_unref(scene);
}

/* View 0: source 1 big; view 1: sources 1 to 4 in a grid. */
static Scene *two_views(const Watch *watch)
{
    Program *program = fixture_program(2, 1280, 720);
    fixture_row(program, 0, LAYOUT_ROLE_FLOOR, 1);
    fixture_grid(program, 1, 2);
    for (uint32_t i = 1; i <= 4; i++) {
        fixture_seat(program, i);
    }
    fixture_rung(program, 0, 1280, 720, 1500);
    fixture_rung(program, 1, 1280, 720, 1500);
    return fixture_scene(program, (uint32_t[]){1, 2, 3, 4}, 4, watch);
}

Test(scene, demands_the_largest_cell_over_all_views)
{
    Scene *scene = two_views(NULL);
    json_t *demands = scene_demands(scene);
    json_t *views = scene_views(scene);
    cr_expect_eq(json_array_size(demands), 4);
    cr_expect_eq(json_array_size(views), 2);
    cr_expect_eq(width_of(scene, 1), 1280);
    cr_expect_eq(width_of(scene, 4), 640);
    json_decref(demands);
    json_decref(views);
    scene_unref(scene);
}

Test(scene, demands_nothing_for_a_view_that_nobody_watches)
{
    Watch watch = fixture_watch((uint16_t[]){8}, 1);
    Scene *scene = two_views(&watch);
    cr_expect_not(scene->views[0].is_watched);
    cr_expect(scene->views[1].is_watched);
    cr_expect_eq(width_of(scene, 1), 638);
    scene_unref(scene);
    watch.count = 0;
    scene = two_views(&watch);
    cr_expect_eq(scene->source_count, 0, "everybody has left");
    scene_unref(scene);
}

Test(scene, demands_at_once_what_grows_and_later_what_shrinks)
{
    Program *program = grid(2, 1280, 720);
    fixture_cell(program, 0, (LayoutCell){.role = LAYOUT_ROLE_FLOOR, .w = 1, .h = 1});
    Arrangement small = {.cells = {1, 2}};
    Arrangement large = {.cells = {0, 2, 0, 0, 1}};
    SceneOptions options = {.program = program, .arrangements = &small};
    Scene *before = scene_new(&options);
    options.arrangements = &large;
    options.before = before;
    options.now_us = 1000;
    Scene *grown = scene_new(&options);
    cr_expect_eq(width_of(grown, 1), 1280);
    cr_expect_eq(grown->settle_us, INT64_MAX);
    options.arrangements = &(Arrangement){.cells = {3, 1}};
    options.before = grown;
    Scene *shrinking = scene_new(&options);
    cr_expect_eq(width_of(shrinking, 1), 1280, "still on the screen");
    cr_expect_eq(width_of(shrinking, 2), 640, "it, too");
    cr_expect_eq(shrinking->settle_us, 1000 + SCENE_KEEP_US);
    options.before = shrinking;
    options.now_us = shrinking->settle_us;
    Scene *settled = scene_new(&options);
    cr_expect_eq(width_of(settled, 1), 640);
    cr_expect_eq(width_of(settled, 2), 0);
    cr_expect_eq(settled->settle_us, INT64_MAX);
    Scene *scenes[] = {before, grown, shrinking, settled};
    for (size_t i = 0; i < G_N_ELEMENTS(scenes); i++) {
        scene_unref(scenes[i]);
    }
    program_unref(program);
}

Test(scene, keeps_nothing_of_a_seat_that_left_the_meeting)
{
    Scene *before = full_scene(grid(2, 1280, 720));
    Program *program = grid(1, 1280, 720);
    Arrangement arrangement = {.cells = {1}};
    Scene *scene = scene_new(
        &(SceneOptions){.program = program, .arrangements = &arrangement, .before = before});
    cr_expect_eq(scene->source_count, 1);
    scene_unref(before);
    scene_unref(scene);
    program_unref(program);
}

Test(scene, wants_those_whose_turn_comes_in_the_size_of_a_rotating_cell)
{
    Program *program = grid(2, 1280, 720);
    program->views[0].layout->cells[3].role = LAYOUT_ROLE_ROTATE;
    Arrangement arrangement = {.cells = {1}, .soon_count = 1, .soon = {4}};
    Scene *scene = scene_new(&(SceneOptions){.program = program, .arrangements = &arrangement});
    cr_expect_eq(width_of(scene, 4), 640);
    scene_unref(scene);
    program_unref(program);
}

Test(demand, asks_for_the_full_rate_in_a_sixteenth_and_half_below)
{
    Demand sixteenth = demand_of_cell((LayoutRect){0, 0, 318, 178}, 1280, 720, 25);
    Demand small = demand_of_cell((LayoutRect){0, 0, 254, 142}, 1280, 720, 25);
    cr_expect_eq(sixteenth.fps, 25);
    cr_expect_eq(small.fps, 12);
}

Test(demand, never_asks_for_more_than_the_picture_shows)
{
    cr_expect_eq(demand_of_cell((LayoutRect){0, 0, 1280, 720}, 1280, 720, 15).fps, 15);
    cr_expect_eq(demand_of_cell((LayoutRect){0, 0, 64, 36}, 1280, 720, 10).fps, 10);
}

Test(demand, pays_by_area_with_a_floor)
{
    cr_expect_eq(demand_of_cell((LayoutRect){0, 0, 1280, 720}, 1280, 720, 25).kbps, 1613);
    cr_expect_eq(demand_of_cell((LayoutRect){0, 0, 424, 240}, 1280, 720, 25).kbps, 178);
    cr_expect_eq(demand_of_cell((LayoutRect){0, 0, 124, 74}, 1920, 1080, 25).kbps, 40);
}

Test(scene, wants_nothing_of_a_quarantined_seat_but_keeps_its_cell)
{
    Program *program = fixture_program(1, 1280, 720);
    fixture_row(program, 0, LAYOUT_ROLE_RECENT, 2);
    fixture_seat(program, 1);
    fixture_seat(program, 2);
    program->seats[1].is_quarantined = true;
    Scene *scene = fixture_scene(program, (uint32_t[]){1, 2}, 2, NULL);
    cr_expect_eq(scene->source_count, 1);
    cr_expect_eq(scene->sources[0].seat->source, 1);
    cr_expect_eq(scene_source(&scene->views[0], 1), 2);
    scene_unref(scene);
}
