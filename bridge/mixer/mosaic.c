#include "bridge/mixer/mosaic.h"

#include <glib.h>

#include "bridge/base/limits.h"
#include "bridge/mixer/card.h"
#include "bridge/mixer/fit.h"
#include "bridge/mixer/scaler.h"

/* Between the cells, and beside a picture of another shape. */
#define GROUND_RGB 0x0c1117
#define BORDER_RGB 0x3fb950
/* A border is this part of its cell's height, and still to be seen in a rung of 180 lines. */
#define BORDER_PART 60
#define BORDER_PIXELS_MIN 4

typedef struct MosaicCell {
    LayoutRect rect;
    Frame *frame;
    Label *label;
    Badge *badge;
    I420 card; /* plane[0] NULL: none. */
    Scaler *scaler;
    bool has_border;
    bool is_dirty;
} MosaicCell;

struct Mosaic {
    I420 canvas;
    bool has_overlaps;
    size_t cell_count;
    MosaicCell cells[LIMIT_LAYOUT_CELLS];
};

Mosaic *mosaic_new(int width, int height)
{
    Mosaic *mosaic = g_new0(Mosaic, 1);
    mosaic->canvas = i420_alloc(width, height);
    i420_fill(&mosaic->canvas, i420_color(GROUND_RGB));
    return mosaic;
}

void mosaic_clear_cell(Mosaic *mosaic, size_t index)
{
    MosaicCell *cell = &mosaic->cells[index];
    g_clear_pointer(&cell->frame, frame_unref);
    g_clear_pointer(&cell->label, label_free);
    g_clear_pointer(&cell->badge, badge_free);
    g_clear_pointer(&cell->scaler, scaler_free);
    i420_release(&cell->card);
    cell->has_border = false;
    cell->is_dirty = true;
}

void mosaic_free(Mosaic *mosaic)
{
    if (mosaic == NULL) {
        return;
    }
    for (size_t i = 0; i < mosaic->cell_count; i++) {
        mosaic_clear_cell(mosaic, i);
    }
    i420_release(&mosaic->canvas);
    g_free(mosaic);
}

static bool overlap(const MosaicCell *a, const MosaicCell *b)
{
    return a->rect.x < b->rect.x + b->rect.w && b->rect.x < a->rect.x + a->rect.w &&
           a->rect.y < b->rect.y + b->rect.h && b->rect.y < a->rect.y + a->rect.h;
}

/* Whoever lies on top of this cell has been painted over. */
static bool dirty_those_above(Mosaic *mosaic, size_t index)
{
    bool has_any = false;
    for (size_t i = index + 1; i < mosaic->cell_count; i++) {
        if (overlap(&mosaic->cells[index], &mosaic->cells[i])) {
            mosaic->cells[i].is_dirty = true;
            has_any = true;
        }
    }
    return has_any;
}

void mosaic_arrange(Mosaic *mosaic, const LayoutRect *rects, size_t count)
{
    for (size_t i = 0; i < mosaic->cell_count; i++) {
        mosaic_clear_cell(mosaic, i);
    }
    mosaic->cell_count = MIN(count, LIMIT_LAYOUT_CELLS);
    for (size_t i = 0; i < mosaic->cell_count; i++) {
        mosaic->cells[i] = (MosaicCell){.rect = rects[i], .is_dirty = true};
    }
    mosaic->has_overlaps = false;
    for (size_t i = 0; i < mosaic->cell_count; i++) {
        mosaic->has_overlaps |= dirty_those_above(mosaic, i);
    }
    i420_fill(&mosaic->canvas, i420_color(GROUND_RGB));
}

void mosaic_set_frame(Mosaic *mosaic, size_t index, Frame *frame)
{
    MosaicCell *cell = &mosaic->cells[index];
    if (cell->frame == NULL && frame == NULL) {
        return;
    }
    frame_unref(cell->frame);
    cell->frame = frame;
    cell->is_dirty = true;
}

Frame *mosaic_frame(const Mosaic *mosaic, size_t index)
{
    return mosaic->cells[index].frame;
}

void mosaic_set_label(Mosaic *mosaic, size_t index, Label *label)
{
    MosaicCell *cell = &mosaic->cells[index];
    label_free(cell->label);
    cell->label = label;
    cell->is_dirty = true;
}

void mosaic_set_badge(Mosaic *mosaic, size_t index, Badge *badge)
{
    MosaicCell *cell = &mosaic->cells[index];
    cell->is_dirty = cell->is_dirty || cell->badge != badge;
    badge_free(cell->badge);
    cell->badge = badge;
}

void mosaic_set_card(Mosaic *mosaic, size_t index, I420 *card)
{
    MosaicCell *cell = &mosaic->cells[index];
    i420_release(&cell->card);
    if (card != NULL) {
        cell->card = *card;
        *card = (I420){0};
    }
    cell->is_dirty = cell->is_dirty || cell->frame == NULL;
}

void mosaic_set_border(Mosaic *mosaic, size_t index, bool has_border)
{
    MosaicCell *cell = &mosaic->cells[index];
    cell->is_dirty = cell->is_dirty || cell->has_border != has_border;
    cell->has_border = has_border;
}

static void scale_into(MosaicCell *cell, const I420 *from, const Fit *fit, const I420 *to)
{
    ScalerShape shape = {
        .from_width = from->width,
        .from_height = from->height,
        .crop_x = fit->crop_x,
        .crop_y = fit->crop_y,
        .crop_w = fit->crop_w,
        .crop_h = fit->crop_h,
        .to_width = fit->w,
        .to_height = fit->h,
    };
    if (cell->scaler == NULL || !scaler_fits(cell->scaler, &shape)) {
        scaler_free(cell->scaler);
        cell->scaler = scaler_new(&shape);
    }
    I420 inside = i420_part(to, (LayoutRect){fit->x, fit->y, fit->w, fit->h});
    scaler_run(cell->scaler, from, &inside);
}

static void paint_frame(MosaicCell *cell, const I420 *picture, const I420 *place)
{
    Fit fit = fit_picture(picture->width, picture->height, place->width, place->height);
    if (fit.is_exact) {
        LayoutRect shown = {(int)fit.crop_x, (int)fit.crop_y, place->width, place->height};
        I420 part = i420_part(picture, shown);
        i420_copy(&part, place);
        return;
    }
    if (fit.has_bars) {
        i420_fill(place, i420_color(GROUND_RGB));
    }
    scale_into(cell, picture, &fit, place);
}

static void paint_border(const I420 *place)
{
    int w = place->width;
    int h = place->height;
    int line = MAX(BORDER_PIXELS_MIN, h / BORDER_PART & ~1);
    if (w <= 2 * line || h <= 2 * line) {
        return;
    }
    const LayoutRect lines[] = {
        {0, 0, w, line},
        {0, h - line, w, line},
        {0, line, line, h - 2 * line},
        {w - line, line, line, h - 2 * line},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(lines); i++) {
        I420 part = i420_part(place, lines[i]);
        i420_fill(&part, i420_color(BORDER_RGB));
    }
}

static void paint_inside(MosaicCell *cell, const I420 *place)
{
    if (cell->frame == NULL && cell->card.plane[0] != NULL) {
        i420_copy(&cell->card, place);
        return;
    }
    if (cell->frame == NULL) {
        i420_fill(place, card_empty_color());
        return;
    }
    paint_frame(cell, frame_picture(cell->frame), place);
    if (cell->label != NULL) {
        label_blend(cell->label, place);
    }
}

static void paint_cell(Mosaic *mosaic, MosaicCell *cell)
{
    I420 place = i420_part(&mosaic->canvas, cell->rect);
    cell->is_dirty = false;
    paint_inside(cell, &place);
    if (cell->badge != NULL) {
        badge_blend(cell->badge, &place);
    }
    if (cell->has_border) {
        paint_border(&place);
    }
}

size_t mosaic_paint(Mosaic *mosaic)
{
    size_t painted = 0;
    for (size_t i = 0; i < mosaic->cell_count; i++) {
        if (mosaic->cells[i].is_dirty) {
            paint_cell(mosaic, &mosaic->cells[i]);
            painted++;
            if (mosaic->has_overlaps) {
                dirty_those_above(mosaic, i);
            }
        }
    }
    return painted;
}

const I420 *mosaic_canvas(const Mosaic *mosaic)
{
    return &mosaic->canvas;
}
