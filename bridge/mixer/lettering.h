/* Text made to fit a box: as large as asked when it fits, smaller or on more lines when not, cut in
 * the middle only at the least size. Plain text: nothing in it is markup. Owned by whoever made it;
 * one thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

typedef struct _cairo cairo_t;
typedef struct Lettering Lettering;

typedef struct LetteringBox {
    int width, height;  /* Pixels. */
    int size, size_min; /* Of the font, in pixels. */
    int lines_max;
    bool is_bold;
    bool is_centred;
} LetteringBox;

Lettering *lettering_new(const char *text, const LetteringBox *box);
void lettering_free(Lettering *lettering);

/* Of everything that is inked, and of the lines. */
int lettering_width(const Lettering *lettering);
int lettering_height(const Lettering *lettering);
int lettering_size(const Lettering *lettering);
bool lettering_is_cut(const Lettering *lettering);
/* Characters that no font here can show. */
int lettering_unknown_glyphs(const Lettering *lettering);
/* With its left upper corner at x, y; `rgb` is 0xRRGGBB. */
void lettering_draw(const Lettering *lettering, cairo_t *cairo, int x, int y, uint32_t rgb);
