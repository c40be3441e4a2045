#include "bridge/mixer/drawing.h"

#include <cairo.h>
#include <glib.h>

#define MUTED_ARGB 0xffe5484d

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

/* In units of the icon's size. */
static void draw_microphone(Drawing *drawing)
{
    cairo_t *cairo = drawing->cairo;
    drawing_box(drawing, (DrawingBox){0.37, 0.08, 0.26, 0.5, 0.13}, MUTED_ARGB);
    cairo_set_line_width(cairo, 0.08);
    cairo_set_line_cap(cairo, CAIRO_LINE_CAP_ROUND);
    cairo_arc(cairo, 0.5, 0.45, 0.25, 0, G_PI);
    cairo_stroke(cairo);
    cairo_move_to(cairo, 0.5, 0.7);
    cairo_line_to(cairo, 0.5, 0.9);
    cairo_move_to(cairo, 0.36, 0.92);
    cairo_line_to(cairo, 0.64, 0.92);
    cairo_stroke(cairo);
}

void drawing_muted_icon(Drawing *drawing, double x, double y, double size)
{
    cairo_t *cairo = drawing->cairo;
    cairo_save(cairo);
    cairo_translate(cairo, x, y);
    cairo_scale(cairo, size, size);
    draw_microphone(drawing);
    cairo_set_line_width(cairo, 0.22);
    cairo_set_source_rgb(cairo, 0.08, 0.1, 0.13);
    cairo_move_to(cairo, 0.15, 0.12);
    cairo_line_to(cairo, 0.85, 0.88);
    cairo_stroke(cairo);
    cairo_set_line_width(cairo, 0.1);
    set_color(cairo, MUTED_ARGB);
    cairo_move_to(cairo, 0.15, 0.12);
    cairo_line_to(cairo, 0.85, 0.88);
    cairo_stroke(cairo);
    cairo_restore(cairo);
}

Layer *drawing_to_layer(Drawing *drawing)
{
    cairo_surface_flush(drawing->surface);
    int stride = cairo_image_surface_get_stride(drawing->surface);
    const void *pixels = cairo_image_surface_get_data(drawing->surface);
    return layer_new(pixels, stride / (int)sizeof(uint32_t), drawing->width, drawing->height);
}
