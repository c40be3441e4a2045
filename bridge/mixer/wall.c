#include "bridge/mixer/wall.h"

#include <glib.h>
#include <string.h>

#include "bridge/base/limits.h"
#include "bridge/mixer/card.h"
#include "bridge/mixer/label.h"
#include "bridge/mixer/mosaic.h"

typedef struct WallCell {
    uint32_t source;  /* 0: nobody. */
    int64_t fresh_us; /* When its latest frame was taken. */
    bool is_label_due;
    bool is_card_due;
} WallCell;

struct Wall {
    Gallery *gallery;
    WallReport report;
    void *data;
    Scene *scene;
    Mosaic *mosaic;
    size_t cell_count;
    WallCell cells[LIMIT_LAYOUT_CELLS];
};

/* A picture on its way from one arrangement to the next. */
typedef struct Carried {
    uint32_t source;
    int64_t fresh_us;
    Frame *frame;
} Carried;

Wall *wall_new(Gallery *gallery, WallReport report, void *data)
{
    Wall *wall = g_new0(Wall, 1);
    wall->gallery = gallery;
    wall->report = report;
    wall->data = data;
    return wall;
}

void wall_free(Wall *wall)
{
    if (wall == NULL) {
        return;
    }
    mosaic_free(wall->mosaic);
    scene_unref(wall->scene);
    g_free(wall);
}

void wall_prepare(Wall *wall)
{
    label_free(label_new("Ủy ban nhân dân", true, 320, 180));
}

static size_t take_down(Wall *wall, Carried *ret_carried)
{
    size_t count = 0;
    for (size_t i = 0; i < wall->cell_count; i++) {
        Frame *frame = mosaic_frame(wall->mosaic, i);
        if (frame != NULL) {
            ret_carried[count++] =
                (Carried){wall->cells[i].source, wall->cells[i].fresh_us, frame_ref(frame)};
        }
    }
    return count;
}

static void put_up(Wall *wall, Carried *carried, size_t count)
{
    for (size_t c = 0; c < count; c++) {
        size_t cell = 0;
        while (cell < wall->cell_count && wall->cells[cell].source != carried[c].source) {
            cell++;
        }
        if (cell < wall->cell_count) {
            mosaic_set_frame(wall->mosaic, cell, carried[c].frame);
            wall->cells[cell].fresh_us = carried[c].fresh_us;
        } else {
            frame_unref(carried[c].frame);
            wall->report(carried[c].source, false, wall->data);
        }
    }
}

static bool is_same_place(const SceneCell *a, const SceneCell *b)
{
    return memcmp(&a->rect, &b->rect, sizeof a->rect) == 0;
}

static bool is_same_arrangement(const Scene *a, const Scene *b)
{
    if (a == NULL || a->program->width != b->program->width ||
        a->program->height != b->program->height || a->cell_count != b->cell_count) {
        return false;
    }
    for (size_t i = 0; i < a->cell_count; i++) {
        if (!is_same_place(&a->cells[i], &b->cells[i])) {
            return false;
        }
    }
    return true;
}

static void set_cell(Wall *wall, size_t index, const Scene *scene)
{
    WallCell *cell = &wall->cells[index];
    *cell = (WallCell){.source = scene_source(scene, index)};
    cell->is_label_due = cell->is_card_due = cell->source != 0;
}

static void arrange_anew(Wall *wall, const Scene *scene)
{
    LayoutRect rects[LIMIT_LAYOUT_CELLS];
    const Program *program = scene->program;
    const I420 *canvas = wall_picture(wall);
    if (canvas == NULL || canvas->width != program->width || canvas->height != program->height) {
        mosaic_free(wall->mosaic);
        wall->mosaic = mosaic_new(program->width, program->height);
    }
    wall->cell_count = MIN(scene->cell_count, LIMIT_LAYOUT_CELLS);
    for (size_t i = 0; i < wall->cell_count; i++) {
        rects[i] = scene->cells[i].rect;
        set_cell(wall, i, scene);
    }
    mosaic_arrange(wall->mosaic, rects, wall->cell_count);
}

static bool is_same_text(const ProgramSeat *a, const ProgramSeat *b)
{
    return strcmp(a->name, b->name) == 0 && strcmp(a->note, b->note) == 0 &&
           a->is_muted == b->is_muted && a->is_present == b->is_present;
}

static void change_cells(Wall *wall, const Scene *scene)
{
    for (size_t i = 0; i < wall->cell_count; i++) {
        const ProgramSeat *before = wall->scene->cells[i].seat;
        const ProgramSeat *after = scene->cells[i].seat;
        if (wall->cells[i].source != scene_source(scene, i)) {
            mosaic_clear_cell(wall->mosaic, i);
            set_cell(wall, i, scene);
        } else if (after != NULL && !is_same_text(before, after)) {
            wall->cells[i].is_label_due = wall->cells[i].is_card_due = true;
        }
    }
}

void wall_set_scene(Wall *wall, Scene *scene)
{
    Carried carried[LIMIT_LAYOUT_CELLS];
    size_t count = take_down(wall, carried);
    if (is_same_arrangement(wall->scene, scene)) {
        change_cells(wall, scene);
    } else {
        arrange_anew(wall, scene);
    }
    scene_ref(scene);
    scene_unref(wall->scene);
    wall->scene = scene;
    put_up(wall, carried, count);
}

static void lose(Wall *wall, size_t index)
{
    mosaic_set_frame(wall->mosaic, index, NULL);
    wall->report(wall->cells[index].source, false, wall->data);
}

static void refresh(Wall *wall, size_t index, int64_t now_us)
{
    WallCell *cell = &wall->cells[index];
    Frame *frame = NULL;
    bool was_live = mosaic_frame(wall->mosaic, index) != NULL;
    GalleryState state = gallery_take(wall->gallery, cell->source, &frame);
    if (state == GALLERY_NEW) {
        mosaic_set_frame(wall->mosaic, index, frame);
        cell->fresh_us = now_us;
        if (!was_live) {
            wall->report(cell->source, true, wall->data);
        }
    } else if (was_live && (state == GALLERY_NONE || now_us - cell->fresh_us > WALL_STALE_US)) {
        lose(wall, index);
    }
}

static bool draw_missing(Wall *wall, size_t index)
{
    WallCell *cell = &wall->cells[index];
    const ProgramSeat *seat = wall->scene->cells[index].seat;
    LayoutRect rect = wall->scene->cells[index].rect;
    if (mosaic_frame(wall->mosaic, index) != NULL && cell->is_label_due) {
        cell->is_label_due = false;
        mosaic_set_label(wall->mosaic, index,
                         label_new(seat->name, seat->is_muted, rect.w, rect.h));
        return true;
    }
    if (mosaic_frame(wall->mosaic, index) == NULL && cell->is_card_due) {
        cell->is_card_due = false;
        CardText text = {seat->name, seat->note, seat->is_muted && seat->is_present};
        I420 card = card_draw(&text, rect.w, rect.h);
        mosaic_set_card(wall->mosaic, index, &card);
        return true;
    }
    return false;
}

size_t wall_tick(Wall *wall, int64_t now_us)
{
    size_t drawings = 0;
    for (size_t i = 0; i < wall->cell_count; i++) {
        if (wall->cells[i].source == 0) {
            continue;
        }
        refresh(wall, i, now_us);
        if (drawings < WALL_DRAWINGS_PER_TICK && draw_missing(wall, i)) {
            drawings++;
        }
    }
    return wall->mosaic == NULL ? 0 : mosaic_paint(wall->mosaic);
}

const I420 *wall_picture(const Wall *wall)
{
    return wall->mosaic == NULL ? NULL : mosaic_canvas(wall->mosaic);
}

void wall_report_all(Wall *wall)
{
    for (size_t i = 0; i < wall->cell_count; i++) {
        if (mosaic_frame(wall->mosaic, i) != NULL) {
            wall->report(wall->cells[i].source, true, wall->data);
        }
    }
}
