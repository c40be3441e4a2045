#include "bridge/mixer/scene.h"

#include <glib.h>
#include <jansson.h>

#include "bridge/mixer/demand.h"

/* Pixels between neighbours; even, so that chroma stays whole. */
#define GAP_PIXELS 2

/* The gap is taken from the right and the bottom, but not at the picture's edge. */
static LayoutRect without_gap(LayoutRect rect, const Program *program)
{
    if (rect.x + rect.w < program->width && rect.w > 2 * GAP_PIXELS) {
        rect.w -= GAP_PIXELS;
    }
    if (rect.y + rect.h < program->height && rect.h > 2 * GAP_PIXELS) {
        rect.h -= GAP_PIXELS;
    }
    return rect;
}

Scene *scene_new(Program *program, const uint32_t *sources)
{
    const Layout *layout = program->layout;
    Scene *scene = g_atomic_rc_box_alloc0(sizeof(Scene) + layout->cell_count * sizeof(SceneCell));
    scene->program = program_ref(program);
    scene->cell_count = layout->cell_count;
    for (size_t i = 0; i < layout->cell_count; i++) {
        int seat = program_find_seat(program, sources[i]);
        LayoutRect rect = layout_cell_rect(&layout->cells[i], program->width, program->height);
        scene->cells[i].rect = without_gap(rect, program);
        scene->cells[i].seat = seat >= 0 ? &program->seats[seat] : NULL;
    }
    return scene;
}

Scene *scene_ref(Scene *scene)
{
    return g_atomic_rc_box_acquire(scene);
}

static void clear(void *data)
{
    program_unref(((Scene *)data)->program);
}

void scene_unref(Scene *scene)
{
    if (scene != NULL) {
        g_atomic_rc_box_release_full(scene, clear);
    }
}

uint32_t scene_source(const Scene *scene, size_t cell)
{
    const ProgramSeat *seat = scene->cells[cell].seat;
    return seat == NULL ? 0 : seat->source;
}

json_t *scene_cells(const Scene *scene)
{
    double width = scene->program->width;
    double height = scene->program->height;
    json_t *list = json_array();
    for (size_t i = 0; i < scene->cell_count; i++) {
        LayoutRect rect = scene->cells[i].rect;
        if (scene->cells[i].seat == NULL) {
            continue;
        }
        json_array_append_new(list, json_pack("{s:I, s:f, s:f, s:f, s:f}", "source",
                                              (json_int_t)scene_source(scene, i), "x",
                                              rect.x / width, "y", rect.y / height, "w",
                                              rect.w / width, "h", rect.h / height));
    }
    return list;
}

json_t *scene_demands(const Scene *scene)
{
    const Program *program = scene->program;
    json_t *list = json_array();
    for (size_t i = 0; i < scene->cell_count; i++) {
        const SceneCell *cell = &scene->cells[i];
        if (cell->seat == NULL || !cell->seat->is_present) {
            continue;
        }
        Demand demand = demand_of_cell(cell->rect, program->width, program->height, program->fps);
        json_array_append_new(list, json_pack("{s:I, s:i, s:i, s:i, s:i}", "source",
                                              (json_int_t)cell->seat->source, "width", demand.width,
                                              "height", demand.height, "fps", demand.fps, "kbps",
                                              demand.kbps));
    }
    return list;
}
