#include "bridge/mixer/scene.h"

#include <glib.h>
#include <jansson.h>

#include "bridge/mixer/strips.h"

/* Pixels between neighbours; even, so that chroma stays whole. */
#define GAP_PIXELS 2

/* The gap is taken from the right and the bottom, but not at the edge of the room for cells. */
static LayoutRect without_gap(LayoutRect rect, LayoutRect room)
{
    if (rect.x + rect.w < room.w && rect.w > 2 * GAP_PIXELS) {
        rect.w -= GAP_PIXELS;
    }
    if (rect.y + rect.h < room.h && rect.h > 2 * GAP_PIXELS) {
        rect.h -= GAP_PIXELS;
    }
    rect.x += room.x;
    rect.y += room.y;
    return rect;
}

static void set_view(Scene *scene, size_t index, const Arrangement *arrangement)
{
    SceneView *view = &scene->views[index];
    view->view = &scene->program->views[index];
    const Layout *layout = view->view->layout;
    view->is_watched = watch_has_view(&scene->watch, view->view);
    view->cell_count = MIN(layout->cell_count, LIMIT_LAYOUT_CELLS);
    view->cells = g_new0(SceneCell, view->cell_count);
    LayoutRect room = strips_plan(scene->program, view->view).cells;
    for (size_t i = 0; i < view->cell_count; i++) {
        int seat = program_find_seat(scene->program, arrangement->cells[i]);
        LayoutRect rect = layout_cell_rect(&layout->cells[i], room.w, room.h);
        view->cells[i].rect = without_gap(rect, room);
        view->cells[i].seat = seat >= 0 ? &scene->program->seats[seat] : NULL;
    }
}

static SceneSource *find_source(Scene *scene, uint32_t source)
{
    for (size_t i = 0; i < scene->source_count; i++) {
        if (scene->sources[i].seat->source == source) {
            return &scene->sources[i];
        }
    }
    return NULL;
}

static SceneSource *get_source(Scene *scene, const ProgramSeat *seat)
{
    SceneSource *source = find_source(scene, seat->source);
    if (source == NULL) {
        source = &scene->sources[scene->source_count++];
        source->seat = seat;
    }
    return source;
}

static void need(Scene *scene, const ProgramSeat *seat, Demand demand)
{
    if (seat->is_quarantined) {
        return;
    }
    SceneSource *source = get_source(scene, seat);
    source->own = source->demand = demand_of_both(source->own, demand);
}

static Demand demand_of(const Scene *scene, const SceneView *view, size_t cell)
{
    return demand_of_cell(view->cells[cell].rect, view->view->width, view->view->height,
                          scene->program->fps);
}

static void need_soon(Scene *scene, const SceneView *view, const Arrangement *arrangement)
{
    size_t cell = 0;
    while (cell < view->cell_count && view->view->layout->cells[cell].role != LAYOUT_ROLE_ROTATE) {
        cell++;
    }
    for (size_t i = 0; i < arrangement->soon_count && cell < view->cell_count; i++) {
        int seat = program_find_seat(scene->program, arrangement->soon[i]);
        if (seat >= 0) {
            need(scene, &scene->program->seats[seat], demand_of(scene, view, cell));
        }
    }
}

static void need_cells(Scene *scene, const SceneView *view)
{
    for (size_t i = 0; i < view->cell_count; i++) {
        if (view->cells[i].seat != NULL) {
            need(scene, view->cells[i].seat, demand_of(scene, view, i));
        }
    }
}

static bool covers(Demand larger, Demand smaller)
{
    return demand_equals(demand_of_both(larger, smaller), larger);
}

/* Until when more than its own must be kept of a source; 0 when nothing. */
static int64_t keep_until_us(const SceneSource *before, Demand own, int64_t now_us)
{
    if (!covers(own, before->own)) {
        return now_us + SCENE_KEEP_US;
    }
    bool is_kept = before->kept_until_us > now_us && !covers(own, before->demand);
    return is_kept ? before->kept_until_us : 0;
}

static void keep_as_before(Scene *scene, const SceneSource *before, int64_t now_us)
{
    int seat = program_find_seat(scene->program, before->seat->source);
    if (seat < 0 || scene->program->seats[seat].is_quarantined) {
        return;
    }
    const SceneSource *known = find_source(scene, before->seat->source);
    Demand own = known == NULL ? (Demand){0} : known->own;
    int64_t until_us = keep_until_us(before, own, now_us);
    if (until_us == 0) {
        return;
    }
    bool is_kept_longer = before->kept_until_us > now_us;
    SceneSource *source = get_source(scene, &scene->program->seats[seat]);
    source->demand = demand_of_both(own, is_kept_longer ? before->demand : before->own);
    source->kept_until_us = until_us;
    scene->settle_us = MIN(scene->settle_us, until_us);
}

Scene *scene_new(const SceneOptions *options)
{
    Scene *scene = g_atomic_rc_box_new0(Scene);
    scene->program = program_ref(options->program);
    scene->speaker = options->speaker;
    scene->floor_since_us = options->floor_since_us;
    scene->settle_us = INT64_MAX;
    if (options->watch != NULL) {
        scene->watch = *options->watch;
    }
    scene->view_count = scene->program->view_count;
    for (size_t i = 0; i < scene->view_count; i++) {
        set_view(scene, i, &options->arrangements[i]);
        if (scene->views[i].is_watched) {
            need_cells(scene, &scene->views[i]);
            need_soon(scene, &scene->views[i], &options->arrangements[i]);
        }
    }
    for (size_t i = 0; options->before != NULL && i < options->before->source_count; i++) {
        keep_as_before(scene, &options->before->sources[i], options->now_us);
    }
    return scene;
}

Scene *scene_ref(Scene *scene)
{
    return g_atomic_rc_box_acquire(scene);
}

static void clear(void *data)
{
    Scene *scene = data;
    for (size_t i = 0; i < scene->view_count; i++) {
        g_free(scene->views[i].cells);
    }
    program_unref(scene->program);
}

void scene_unref(Scene *scene)
{
    if (scene != NULL) {
        g_atomic_rc_box_release_full(scene, clear);
    }
}

uint32_t scene_source(const SceneView *view, size_t cell)
{
    const ProgramSeat *seat = view->cells[cell].seat;
    return seat == NULL ? 0 : seat->source;
}

static json_t *cells_of(const SceneView *view)
{
    double width = view->view->width;
    double height = view->view->height;
    json_t *list = json_array();
    for (size_t i = 0; i < view->cell_count; i++) {
        LayoutRect rect = view->cells[i].rect;
        if (view->cells[i].seat != NULL) {
            json_array_append_new(list, json_pack("{s:I, s:f, s:f, s:f, s:f}", "source",
                                                  (json_int_t)scene_source(view, i), "x",
                                                  rect.x / width, "y", rect.y / height, "w",
                                                  rect.w / width, "h", rect.h / height));
        }
    }
    return list;
}

json_t *scene_views(const Scene *scene)
{
    json_t *list = json_array();
    for (size_t i = 0; i < scene->view_count; i++) {
        const SceneView *view = &scene->views[i];
        json_array_append_new(
            list, json_pack("{s:i, s:o}", "id", view->view->id, "cells", cells_of(view)));
    }
    return list;
}

json_t *scene_demands(const Scene *scene)
{
    json_t *list = json_array();
    for (size_t i = 0; i < scene->source_count; i++) {
        const SceneSource *source = &scene->sources[i];
        if (source->seat->is_present) {
            json_array_append_new(list, json_pack("{s:I, s:i, s:i, s:i, s:i}", "source",
                                                  (json_int_t)source->seat->source, "width",
                                                  source->demand.width, "height",
                                                  source->demand.height, "fps", source->demand.fps,
                                                  "kbps", source->demand.kbps));
        }
    }
    return list;
}
