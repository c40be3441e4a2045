#include "tests/unit/mixer/golden.h"

#include <cairo.h>
#include <glib.h>
#include <stdlib.h>

#define DIFFERENT 255.0
#define BLOCK_PIXELS 16

static uint32_t pixel_at(const I420 *picture, int x, int y)
{
    int c = picture->plane[0][y * picture->stride[0] + x] - 16;
    int u = picture->plane[1][y / 2 * picture->stride[1] + x / 2] - 128;
    int v = picture->plane[2][y / 2 * picture->stride[2] + x / 2] - 128;
    int r = CLAMP((298 * c + 409 * v + 128) >> 8, 0, 255);
    int g = CLAMP((298 * c - 100 * u - 208 * v + 128) >> 8, 0, 255);
    int b = CLAMP((298 * c + 516 * u + 128) >> 8, 0, 255);
    return (uint32_t)(r << 16 | g << 8 | b);
}

static uint32_t *row_of(cairo_surface_t *surface, int y)
{
    unsigned char *data = cairo_image_surface_get_data(surface);
    return (uint32_t *)(void *)(data + (ptrdiff_t)y * cairo_image_surface_get_stride(surface));
}

static cairo_surface_t *to_surface(const I420 *picture)
{
    cairo_surface_t *surface =
        cairo_image_surface_create(CAIRO_FORMAT_RGB24, picture->width, picture->height);
    for (int y = 0; y < picture->height; y++) {
        for (int x = 0; x < picture->width; x++) {
            row_of(surface, y)[x] = pixel_at(picture, x, y);
        }
    }
    cairo_surface_mark_dirty(surface);
    return surface;
}

static double block_difference(cairo_surface_t *a, cairo_surface_t *b, int x, int y)
{
    int right = MIN(x + BLOCK_PIXELS, cairo_image_surface_get_width(a));
    int bottom = MIN(y + BLOCK_PIXELS, cairo_image_surface_get_height(a));
    int sum = 0;
    for (int row = y; row < bottom; row++) {
        for (int at = x; at < right; at++) {
            for (int shift = 0; shift < 24; shift += 8) {
                int one = (int)(row_of(a, row)[at] >> shift & 255);
                int other = (int)(row_of(b, row)[at] >> shift & 255);
                sum += abs(one - other);
            }
        }
    }
    return (double)sum / (3.0 * (right - x) * (bottom - y));
}

static double difference(cairo_surface_t *a, cairo_surface_t *b)
{
    int width = cairo_image_surface_get_width(a);
    int height = cairo_image_surface_get_height(a);
    double worst = 0;
    if (cairo_surface_status(b) != CAIRO_STATUS_SUCCESS ||
        cairo_image_surface_get_width(b) != width || cairo_image_surface_get_height(b) != height) {
        return DIFFERENT;
    }
    for (int y = 0; y < height; y += BLOCK_PIXELS) {
        for (int x = 0; x < width; x += BLOCK_PIXELS) {
            worst = MAX(worst, block_difference(a, b, x, y));
        }
    }
    return worst;
}

double golden_difference(const I420 *picture, const char *name)
{
    const char *write_to = g_getenv("DIEMCAU_GOLDEN_WRITE");
    const char *directory = write_to != NULL ? write_to : DIEMCAU_GOLDEN;
    g_autofree char *path = g_strdup_printf("%s/%s.png", directory, name);
    cairo_surface_t *now = to_surface(picture);
    double result = 0;
    if (write_to != NULL) {
        cairo_surface_write_to_png(now, path);
    } else {
        cairo_surface_t *kept = cairo_image_surface_create_from_png(path);
        result = difference(now, kept);
        cairo_surface_destroy(kept);
    }
    cairo_surface_destroy(now);
    return result;
}
