/* The small pictures that say something about a seat: microphone off, hand raised and its place in
 * the queue, poor link. Drawn in a row beside its name. A plain value; one thread. */
#pragma once

#include <stdbool.h>

typedef struct _cairo cairo_t;

typedef struct Icons {
    bool is_muted;
    int hand; /* Place in the queue; 0: not raised. */
    bool has_poor_link;
} Icons;

/* In pixels, with the space after each; 0 without icons. `size` is that of one of them. */
int icon_row_width(const Icons *icons, int size);
void icon_row_draw(const Icons *icons, cairo_t *cairo, double x, double y, int size);
