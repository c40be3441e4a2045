#include <criterion/criterion.h>
#include <glib.h>
#include <jansson.h>

#include "bridge/mixer/demand.h"
#include "bridge/mixer/scene.h"

static Program *grid(int side, int width, int height)
{
    Program *program = g_atomic_rc_box_new0(Program);
    size_t cells = (size_t)(side * side);
    program->width = width;
    program->height = height;
    program->fps = 25;
    program->layout = g_malloc0(sizeof(Layout) + cells * sizeof(LayoutCell));
    program->layout->cell_count = cells;
    for (int i = 0; i < side * side; i++) {
        program->layout->cells[i] = (LayoutCell){.role = LAYOUT_ROLE_RECENT,
                                                 .x = (double)(i % side) / side,
                                                 .y = (double)(i / side) / side,
                                                 .w = 1.0 / side,
                                                 .h = 1.0 / side};
        program->seats[i] = (ProgramSeat){.source = (uint32_t)i + 1, .is_present = true};
    }
    program->seat_count = cells;
    return program;
}

static Scene *full_scene(Program *program)
{
    uint32_t sources[LIMIT_LAYOUT_CELLS];
    for (size_t i = 0; i < program->layout->cell_count; i++) {
        sources[i] = (uint32_t)i + 1;
    }
    Scene *scene = scene_new(program, sources);
    program_unref(program);
    return scene;
}

Test(scene, leaves_a_thin_gap_between_cells_and_none_outside)
{
    Scene *scene = full_scene(grid(2, 1280, 720));
    cr_expect_eq(scene->cells[0].rect.w, 638);
    cr_expect_eq(scene->cells[0].rect.h, 358);
    cr_expect_eq(scene->cells[3].rect.x, 640);
    cr_expect_eq(scene->cells[3].rect.w, 640);
    cr_expect_eq(scene->cells[3].rect.h, 360);
    scene_unref(scene);
}

Test(scene, keeps_every_rectangle_even_and_inside)
{
    for (int side = 1; side <= 16; side++) {
        Scene *scene = full_scene(grid(side, 1280, 720));
        for (size_t i = 0; i < scene->cell_count; i++) {
            LayoutRect r = scene->cells[i].rect;
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
    json_t *cells = scene_cells(scene);
    json_t *last = json_array_get(cells, 3);
    cr_expect_eq(json_array_size(cells), 4);
    cr_expect_eq(json_integer_value(json_object_get(last, "source")), 4);
    cr_expect_float_eq(json_real_value(json_object_get(last, "x")), 0.5, 1e-9);
    cr_expect_float_eq(json_real_value(json_object_get(last, "h")), 0.5, 1e-9);
    cr_expect_float_eq(json_real_value(json_object_get(json_array_get(cells, 0), "w")),
                       638.0 / 1280, 1e-9);
    json_decref(cells);
    scene_unref(scene);
}

Test(scene, demands_only_from_present_seats_in_cells)
{
    Program *program = grid(2, 1280, 720);
    program->seats[1].is_present = false;
    Scene *scene = scene_new(program, (uint32_t[]){1, 2, 0, 4});
    program_unref(program);
    json_t *demands = scene_demands(scene);
    json_t *cells = scene_cells(scene);
    cr_expect_eq(json_array_size(cells), 3);
    cr_expect_eq(json_array_size(demands), 2);
    json_t *second = json_array_get(demands, 1);
    cr_expect_eq(json_integer_value(json_object_get(second, "source")), 4);
    cr_expect_eq(json_integer_value(json_object_get(second, "width")), 640);
    json_decref(demands);
    json_decref(cells);
    scene_unref(scene);
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
    cr_expect_eq(demand_of_cell((LayoutRect){0, 0, 124, 74}, 1920, 1080, 25).kbps, 60);
}
