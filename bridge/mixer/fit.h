/* How a picture of one shape fills a cell of another: aspect kept, edges cropped when that loses
 * little, else bars beside it. A pure function. Any thread. */
#pragma once

#include <stdbool.h>

/* More than this of the picture is never cropped away. */
#define FIT_CROP_MAX 0.10
/* A picture larger than the cell by no more than this is cropped rather than scaled: sharper, and
 * twenty times cheaper. */
#define FIT_TRIM_MAX 0.03

typedef struct Fit {
    double crop_x, crop_y, crop_w, crop_h; /* The part of the picture that is shown, in pixels. */
    int x, y, w, h;                        /* Where in the cell it is shown; even. */
    bool has_bars;
    bool is_exact; /* The shown part has the cell's size: whole pixels, at an even position. */
} Fit;

/* All sizes in pixels, at least 1; the cell's are even. */
Fit fit_picture(int width, int height, int cell_width, int cell_height);
