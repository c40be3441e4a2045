#include "tests/unit/mixer/fixture.h"

#include <glib.h>

Program *fixture_program(size_t views, int width, int height)
{
    Program *program = g_atomic_rc_box_new0(Program);
    program->fps = 25;
    program->view_count = views;
    for (size_t i = 0; i < views; i++) {
        ProgramView *view = &program->views[i];
        view->id = (int)i;
        view->width = width;
        view->height = height;
        view->layout = g_malloc0(sizeof(Layout) + LIMIT_LAYOUT_CELLS * sizeof(LayoutCell));
    }
    return program;
}

void fixture_seat(Program *program, uint32_t source)
{
    if (program_find_seat(program, source) < 0) {
        program->seats[program->seat_count++] = (ProgramSeat){
            .source = source, .name = g_strdup("Xã A"), .note = g_strdup(""), .is_present = true};
    }
}

void fixture_cell(Program *program, size_t view, LayoutCell cell)
{
    Layout *layout = program->views[view].layout;
    layout->cells[layout->cell_count++] = cell;
}

void fixture_row(Program *program, size_t view, LayoutRole role, int count)
{
    for (int i = 0; i < count; i++) {
        fixture_cell(program, view,
                     (LayoutCell){.role = role, .x = (double)i / count, .w = 1.0 / count, .h = 1});
    }
}

void fixture_grid(Program *program, size_t view, int side)
{
    for (int i = 0; i < side * side; i++) {
        fixture_cell(program, view,
                     (LayoutCell){.role = LAYOUT_ROLE_RECENT,
                                  .x = (double)(i % side) / side,
                                  .y = (double)(i / side) / side,
                                  .w = 1.0 / side,
                                  .h = 1.0 / side});
    }
}

void fixture_rung(Program *program, size_t view, int width, int height, int kbps)
{
    ProgramView *owner = &program->views[view];
    uint16_t id = (uint16_t)(view * 8 + owner->rung_count);
    owner->rungs[owner->rung_count++] =
        (ProgramRung){.id = id, .width = width, .height = height, .fps = 25, .kbps = kbps};
}

Watch fixture_watch(const uint16_t *rungs, size_t count)
{
    Watch watch = {.has_begun = count > 0, .count = count};
    for (size_t i = 0; i < count; i++) {
        watch.rungs[i] = rungs[i];
    }
    return watch;
}

Scene *fixture_scene(Program *program, const uint32_t *sources, size_t count, const Watch *watch)
{
    Arrangement arrangements[LIMIT_VIEWS] = {0};
    for (size_t v = 0; v < program->view_count; v++) {
        for (size_t i = 0; i < count; i++) {
            arrangements[v].cells[i] = sources[i];
        }
    }
    Scene *scene = scene_new(
        &(SceneOptions){.program = program, .arrangements = arrangements, .watch = watch});
    program_unref(program);
    return scene;
}
