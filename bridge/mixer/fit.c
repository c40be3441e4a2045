#include "bridge/mixer/fit.h"

#include <glib.h>

static int even(double pixels, int most)
{
    return CLAMP((int)(pixels / 2 + 0.5) * 2, 2, most);
}

static bool may_trim(int pixels, int cell_pixels)
{
    return pixels >= cell_pixels && pixels - cell_pixels <= pixels * FIT_TRIM_MAX;
}

static Fit trim(int width, int height, int cell_width, int cell_height)
{
    return (Fit){
        .crop_x = (width - cell_width) / 2 & ~1,
        .crop_y = (height - cell_height) / 2 & ~1,
        .crop_w = cell_width,
        .crop_h = cell_height,
        .w = cell_width,
        .h = cell_height,
        .is_exact = true,
    };
}

Fit fit_picture(int width, int height, int cell_width, int cell_height)
{
    if (may_trim(width, cell_width) && may_trim(height, cell_height)) {
        return trim(width, height, cell_width, cell_height);
    }
    Fit fit = {.crop_w = width, .crop_h = height, .w = cell_width, .h = cell_height};
    /* Over 1: the picture is wider than the cell. */
    double wider = (double)width * cell_height / ((double)height * cell_width);
    double lost = 1 - MIN(wider, 1 / wider);
    if (lost <= FIT_CROP_MAX && wider > 1) {
        fit.crop_w = width / wider;
        fit.crop_x = (width - fit.crop_w) / 2;
    } else if (lost <= FIT_CROP_MAX) {
        fit.crop_h = height * wider;
        fit.crop_y = (height - fit.crop_h) / 2;
    } else if (wider > 1) {
        fit.h = even(cell_height / wider, cell_height);
        fit.y = (cell_height - fit.h) / 2 & ~1;
    } else {
        fit.w = even(cell_width * wider, cell_width);
        fit.x = (cell_width - fit.w) / 2 & ~1;
    }
    fit.has_bars = fit.w < cell_width || fit.h < cell_height;
    return fit;
}
