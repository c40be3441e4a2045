/* The composed picture: an I420 canvas and its cells. A cell shows its latest frame under a label,
 * or else its card, or else an empty ground. Only cells whose looks changed are painted. Owned by
 * the picture thread and used on it; it never waits. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "bridge/base/layout.h"
#include "bridge/mixer/badge.h"
#include "bridge/mixer/frame.h"
#include "bridge/mixer/i420.h"
#include "bridge/mixer/label.h"

typedef struct Mosaic Mosaic;

/* Sizes even. No cells yet. */
Mosaic *mosaic_new(int width, int height);
void mosaic_free(Mosaic *mosaic);

/* New cells at these places (even, inside the canvas), at most LIMIT_LAYOUT_CELLS; all are empty.
 * Where cells overlap the later one lies on top. */
void mosaic_arrange(Mosaic *mosaic, const LayoutRect *rects, size_t count);
/* Empties one cell. */
void mosaic_clear_cell(Mosaic *mosaic, size_t cell);

/* Takes over the frame; NULL takes the picture away. */
void mosaic_set_frame(Mosaic *mosaic, size_t cell, Frame *frame);
/* Borrowed; NULL when the cell has no picture. */
Frame *mosaic_frame(const Mosaic *mosaic, size_t cell);
/* Take over a label and a card of the cell's size; NULL is none. The card is released. */
void mosaic_set_label(Mosaic *mosaic, size_t cell, Label *label);
void mosaic_set_card(Mosaic *mosaic, size_t cell, I420 *card);
/* Takes over a badge of the cell's size; NULL is none. */
void mosaic_set_badge(Mosaic *mosaic, size_t cell, Badge *badge);
/* A bright border inside the cell's edge. */
void mosaic_set_border(Mosaic *mosaic, size_t cell, bool has_border);

/* Paints what changed; returns how many cells that were. */
size_t mosaic_paint(Mosaic *mosaic);
/* Good until the next paint. Its memory is one block of i420_alloc. */
const I420 *mosaic_canvas(const Mosaic *mosaic);
