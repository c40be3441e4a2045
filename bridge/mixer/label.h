/* The name bar at the foot of a cell: drawn once, blended whenever the cell is painted. Owned by
 * the picture thread. */
#pragma once

#include <stdbool.h>

#include "bridge/mixer/i420.h"
#include "bridge/mixer/icon.h"

typedef struct Label Label;

/* For a cell of this size (even). A name too long for it is set smaller, then on two lines, and cut
 * in the middle last of all. */
Label *label_new(const char *name, const Icons *icons, int cell_width, int cell_height);
/* NULL is fine. */
void label_free(Label *label);

/* Where in the cell it lies. */
LayoutRect label_rect(const Label *label);
bool label_is_cut(const Label *label);
/* `cell` is the picture of the cell it was made for. */
void label_blend(const Label *label, const I420 *cell);
