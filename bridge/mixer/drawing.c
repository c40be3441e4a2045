#include "bridge/mixer/drawing.h"

#include <cairo.h>
#include <glib.h>

struct Drawing {
    cairo_surface_t *surface;
    cairo_t *cairo;
    int width, height;
};

Drawing *drawing_new(int width, int height)
{
    Drawing *drawing = g_new0(Drawing, 1);
    drawing->width = width;
    drawing->height = height;
    drawing->surface = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, width, height);
    drawing->cairo = cairo_create(drawing->surface);
    cairo_font_options_t *options = cairo_font_options_create();
    cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
    cairo_set_font_options(drawing->cairo, options);
    cairo_font_options_destroy(options);
    return drawing;
}

void drawing_free(Drawing *drawing)
{
    if (drawing == NULL) {
        return;
    }
    cairo_destroy(drawing->cairo);
    cairo_surface_destroy(drawing->surface);
    g_free(drawing);
}

cairo_t *drawing_cairo(Drawing *drawing)
{
    return drawing->cairo;
}

static void set_color(cairo_t *cairo, uint32_t argb)
{
    cairo_set_source_rgba(cairo, (argb >> 16 & 255) / 255.0, (argb >> 8 & 255) / 255.0,
                          (argb & 255) / 255.0, (argb >> 24) / 255.0);
}

void drawing_box(Drawing *drawing, DrawingBox box, uint32_t argb)
{
    cairo_t *cairo = drawing->cairo;
    double r = MIN(box.radius, MIN(box.w, box.h) / 2);
    double right = box.x + box.w - r;
    double bottom = box.y + box.h - r;
    cairo_new_sub_path(cairo);
    cairo_arc(cairo, right, box.y + r, r, -G_PI / 2, 0);
    cairo_arc(cairo, right, bottom, r, 0, G_PI / 2);
    cairo_arc(cairo, box.x + r, bottom, r, G_PI / 2, G_PI);
    cairo_arc(cairo, box.x + r, box.y + r, r, G_PI, 3 * G_PI / 2);
    cairo_close_path(cairo);
    set_color(cairo, argb);
    cairo_fill(cairo);
}

static void add_stop(cairo_pattern_t *pattern, double offset, uint32_t rgb)
{
    cairo_pattern_add_color_stop_rgb(pattern, offset, (rgb >> 16 & 255) / 255.0,
                                     (rgb >> 8 & 255) / 255.0, (rgb & 255) / 255.0);
}

void drawing_gradient(Drawing *drawing, uint32_t rgb_top, uint32_t rgb_bottom)
{
    cairo_pattern_t *pattern = cairo_pattern_create_linear(0, 0, 0, drawing->height);
    add_stop(pattern, 0, rgb_top);
    add_stop(pattern, 1, rgb_bottom);
    cairo_set_source(drawing->cairo, pattern);
    cairo_paint(drawing->cairo);
    cairo_pattern_destroy(pattern);
}

Layer *drawing_to_layer(Drawing *drawing)
{
    cairo_surface_flush(drawing->surface);
    int stride = cairo_image_surface_get_stride(drawing->surface);
    const void *pixels = cairo_image_surface_get_data(drawing->surface);
    return layer_new(pixels, stride / (int)sizeof(uint32_t), drawing->width, drawing->height);
}
