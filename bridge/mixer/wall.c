#include "bridge/mixer/wall.h"

#include <glib.h>
#include <string.h>

#include "bridge/base/clock.h"
#include "bridge/base/limits.h"
#include "bridge/mixer/badge.h"
#include "bridge/mixer/caption.h"
#include "bridge/mixer/card.h"
#include "bridge/mixer/label.h"
#include "bridge/mixer/mosaic.h"

/* A picture of this part of its cell's width is good enough to begin with. */
#define SIZE_ENOUGH 0.75
#define NO_TIMER (-1)

typedef struct WallCell {
    uint32_t source; /* 0: nobody. */
    uint64_t number; /* Of the frame that it shows. */
    int64_t timer_s; /* That its badge shows, of limit_us; NO_TIMER. */
    int64_t limit_us;
    bool is_label_due;
    bool is_card_due;
} WallCell;

/* A view of a scene. */
typedef struct Sight {
    Scene *scene; /* NULL: none. */
    size_t view;
} Sight;

struct Wall {
    Sight now;
    Sight next;          /* Waits for its pictures. */
    int64_t next_due_us; /* 0: the wait has not begun. */
    Mosaic *mosaic;
    Caption *caption;
    size_t cell_count;
    WallCell cells[LIMIT_LAYOUT_CELLS];
};

Wall *wall_new(void)
{
    Wall *wall = g_new0(Wall, 1);
    wall->caption = caption_new();
    return wall;
}

void wall_free(Wall *wall)
{
    if (wall == NULL) {
        return;
    }
    mosaic_free(wall->mosaic);
    caption_free(wall->caption);
    scene_unref(wall->now.scene);
    scene_unref(wall->next.scene);
    g_free(wall);
}

void wall_prepare(void)
{
    label_free(label_new("Ủy ban nhân dân", &(Icons){.hand = 1}, 320, 180));
}

static const SceneView *view_of(const Sight *sight)
{
    return &sight->scene->views[sight->view];
}

static bool is_same_size(const Sight *a, const Sight *b)
{
    const ProgramView *va = view_of(a)->view;
    const ProgramView *vb = view_of(b)->view;
    return va->width == vb->width && va->height == vb->height;
}

static bool is_same_arrangement(const Sight *a, const Sight *b)
{
    if (a->scene == NULL || !is_same_size(a, b)) {
        return false;
    }
    const SceneView *va = view_of(a);
    const SceneView *vb = view_of(b);
    if (va->cell_count != vb->cell_count) {
        return false;
    }
    for (size_t i = 0; i < va->cell_count; i++) {
        if (memcmp(&va->cells[i].rect, &vb->cells[i].rect, sizeof(LayoutRect)) != 0) {
            return false;
        }
    }
    return true;
}

static void set_cell(Wall *wall, size_t index, const SceneView *view)
{
    WallCell *cell = &wall->cells[index];
    *cell = (WallCell){.source = scene_source(view, index), .timer_s = NO_TIMER};
    cell->is_label_due = cell->is_card_due = cell->source != 0;
}

static void arrange_anew(Wall *wall, const SceneView *view)
{
    LayoutRect rects[LIMIT_LAYOUT_CELLS];
    const I420 *canvas = wall_picture(wall);
    if (canvas == NULL || canvas->width != view->view->width ||
        canvas->height != view->view->height) {
        mosaic_free(wall->mosaic);
        wall->mosaic = mosaic_new(view->view->width, view->view->height);
    }
    wall->cell_count = view->cell_count;
    for (size_t i = 0; i < wall->cell_count; i++) {
        rects[i] = view->cells[i].rect;
        set_cell(wall, i, view);
    }
    mosaic_arrange(wall->mosaic, rects, wall->cell_count);
}

static bool is_same_text(const ProgramSeat *a, const ProgramSeat *b)
{
    return strcmp(a->name, b->name) == 0 && strcmp(a->note, b->note) == 0 &&
           g_strcmp0(a->warning, b->warning) == 0 && a->is_muted == b->is_muted &&
           a->is_present == b->is_present && a->hand == b->hand &&
           a->has_poor_link == b->has_poor_link;
}

static void change_cells(Wall *wall, const SceneView *view)
{
    for (size_t i = 0; i < wall->cell_count; i++) {
        const ProgramSeat *before = view_of(&wall->now)->cells[i].seat;
        const ProgramSeat *after = view->cells[i].seat;
        if (wall->cells[i].source != scene_source(view, i)) {
            mosaic_clear_cell(wall->mosaic, i);
            set_cell(wall, i, view);
        } else if (after != NULL && !is_same_text(before, after)) {
            wall->cells[i].is_label_due = wall->cells[i].is_card_due = true;
        }
    }
}

/* A border around the only cell would say nothing. */
static void mark_speaker(Wall *wall, uint32_t speaker)
{
    for (size_t i = 0; i < wall->cell_count; i++) {
        bool is_marked = speaker != 0 && wall->cells[i].source == speaker && wall->cell_count > 1;
        mosaic_set_border(wall->mosaic, i, is_marked);
    }
}

static void switch_over(Wall *wall)
{
    const SceneView *view = view_of(&wall->next);
    bool is_anew = !is_same_arrangement(&wall->now, &wall->next);
    if (is_anew) {
        arrange_anew(wall, view);
    } else {
        change_cells(wall, view);
    }
    caption_set(wall->caption, wall->next.scene->program, view->view, is_anew);
    mark_speaker(wall, wall->next.scene->speaker);
    scene_unref(wall->now.scene);
    wall->now = wall->next;
    wall->next = (Sight){0};
    wall->next_due_us = 0;
}

void wall_set_scene(Wall *wall, Scene *scene, size_t view)
{
    scene_ref(scene);
    scene_unref(wall->next.scene);
    wall->next = (Sight){scene, view};
    if (wall->now.scene == NULL || !is_same_size(&wall->now, &wall->next)) {
        switch_over(wall);
    }
}

/* The cell that shows the source now, or -1. */
static int find_cell(const Wall *wall, uint32_t source)
{
    for (size_t i = 0; i < wall->cell_count; i++) {
        if (wall->cells[i].source == source) {
            return (int)i;
        }
    }
    return -1;
}

/* Would a cell of the next scene show its source as well as may be hoped for? */
static bool is_ready(const Wall *wall, const Shelf *shelf, const SceneCell *cell)
{
    if (cell->seat == NULL || !cell->seat->is_present || cell->seat->is_quarantined) {
        return true;
    }
    const ShelfItem *item = shelf_find(shelf, cell->seat->source);
    int shown = find_cell(wall, cell->seat->source);
    bool has_picture = item != NULL && item->frame != NULL;
    if (shown >= 0 && (!has_picture || view_of(&wall->now)->cells[shown].rect.w >= cell->rect.w)) {
        return true;
    }
    return has_picture && frame_picture(item->frame)->width >= (int)(cell->rect.w * SIZE_ENOUGH);
}

static bool is_next_ready(const Wall *wall, const Shelf *shelf)
{
    const SceneView *view = view_of(&wall->next);
    for (size_t i = 0; i < view->cell_count; i++) {
        if (!is_ready(wall, shelf, &view->cells[i])) {
            return false;
        }
    }
    return true;
}

static void look_at_next(Wall *wall, const Shelf *shelf, int64_t now_us)
{
    if (wall->next.scene == NULL) {
        return;
    }
    if (wall->next_due_us == 0) {
        wall->next_due_us = now_us + WALL_WAIT_US;
    }
    if (now_us >= wall->next_due_us || is_next_ready(wall, shelf)) {
        switch_over(wall);
    }
}

static void refresh(Wall *wall, size_t index, const Shelf *shelf)
{
    WallCell *cell = &wall->cells[index];
    const ShelfItem *item = shelf_find(shelf, cell->source);
    if (item == NULL || item->frame == NULL) {
        mosaic_set_frame(wall->mosaic, index, NULL);
        cell->number = 0;
    } else if (item->number != cell->number) {
        mosaic_set_frame(wall->mosaic, index, frame_ref(item->frame));
        cell->number = item->number;
    }
}

/* Whoever is not there has none. */
static Icons icons_of(const ProgramSeat *seat)
{
    return (Icons){.is_muted = seat->is_muted && seat->is_present,
                   .hand = seat->is_present ? seat->hand : 0,
                   .has_poor_link = seat->has_poor_link && seat->is_present};
}

static char *label_text(const ProgramSeat *seat)
{
    bool has_warning = seat->warning != NULL && seat->warning[0] != '\0';
    return has_warning ? g_strdup_printf("%s – %s", seat->name, seat->warning)
                       : g_strdup(seat->name);
}

/* Returns the pixels drawn; 0 when nothing was missing. */
static int draw_missing(Wall *wall, size_t index)
{
    WallCell *cell = &wall->cells[index];
    const SceneCell *place = &view_of(&wall->now)->cells[index];
    const ProgramSeat *seat = place->seat;
    int pixels = MAX(place->rect.w * place->rect.h, WALL_DRAWN_PIXELS_MIN);
    if (mosaic_frame(wall->mosaic, index) != NULL && cell->is_label_due) {
        cell->is_label_due = false;
        Icons icons = icons_of(seat);
        g_autofree char *text = label_text(seat);
        mosaic_set_label(wall->mosaic, index,
                         label_new(text, &icons, place->rect.w, place->rect.h));
        return pixels;
    }
    if (mosaic_frame(wall->mosaic, index) == NULL && cell->is_card_due) {
        cell->is_card_due = false;
        CardText text = {seat->name, seat->note, icons_of(seat)};
        I420 card = card_draw(&text, place->rect.w, place->rect.h);
        mosaic_set_card(wall->mosaic, index, &card);
        return pixels;
    }
    return 0;
}

/* The timer of whoever has the floor, if it has gone on. */
static void time_cell(Wall *wall, size_t index, int64_t now_us)
{
    WallCell *cell = &wall->cells[index];
    const Scene *scene = wall->now.scene;
    const ProgramSpeaking *speaking = &scene->program->speaking;
    const LayoutRect *rect = &view_of(&wall->now)->cells[index].rect;
    bool is_timed = speaking->source == cell->source;
    int64_t used_us = MAX(0, now_us - scene->floor_since_us);
    int64_t used_s = is_timed ? used_us / CLOCK_US_PER_S : NO_TIMER;
    if (used_s == cell->timer_s && speaking->limit_us == cell->limit_us) {
        return;
    }
    cell->timer_s = used_s;
    cell->limit_us = speaking->limit_us;
    Badge *badge = NULL;
    if (is_timed) {
        badge = badge_new(used_s, speaking->limit_us / CLOCK_US_PER_S, rect->w, rect->h);
    }
    mosaic_set_badge(wall->mosaic, index, badge);
}

size_t wall_tick(Wall *wall, const Shelf *shelf, int64_t now_us, int64_t real_us)
{
    int drawn = 0;
    look_at_next(wall, shelf, now_us);
    for (size_t i = 0; i < wall->cell_count; i++) {
        if (wall->cells[i].source == 0) {
            continue;
        }
        refresh(wall, i, shelf);
        if (drawn < WALL_DRAWN_PIXELS_PER_TICK) {
            drawn += draw_missing(wall, i);
        }
        time_cell(wall, i, now_us);
    }
    if (wall->mosaic == NULL) {
        return 0;
    }
    size_t painted = mosaic_paint(wall->mosaic);
    caption_paint(wall->caption, mosaic_canvas(wall->mosaic), real_us);
    return painted;
}

const I420 *wall_picture(const Wall *wall)
{
    return wall->mosaic == NULL ? NULL : mosaic_canvas(wall->mosaic);
}
