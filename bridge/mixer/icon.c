#include "bridge/mixer/icon.h"

#include <cairo.h>
#include <glib.h>
#include <math.h>

#include "bridge/mixer/lettering.h"

#define MUTED_RGB 0xe5484d
#define HAND_RGB 0xf2c94c
#define POOR_RGB 0xff8b3d
#define FAINT_RGB 0x6b7683
#define GROUND_RGB 0x141a21
#define SPACE_PART 0.3
#define LINK_BARS 3
#define PLACE_BYTES 8

static void set_color(cairo_t *cairo, uint32_t rgb)
{
    cairo_set_source_rgb(cairo, (rgb >> 16 & 255) / 255.0, (rgb >> 8 & 255) / 255.0,
                         (rgb & 255) / 255.0);
}

static void line(cairo_t *cairo, double x1, double y1, double x2, double y2)
{
    cairo_move_to(cairo, x1, y1);
    cairo_line_to(cairo, x2, y2);
    cairo_stroke(cairo);
}

/* The drawings below are in units of the icon's size. */

static void draw_microphone(cairo_t *cairo)
{
    set_color(cairo, MUTED_RGB);
    cairo_set_line_width(cairo, 0.26);
    line(cairo, 0.5, 0.21, 0.5, 0.45);
    cairo_set_line_width(cairo, 0.08);
    cairo_arc(cairo, 0.5, 0.45, 0.25, 0, G_PI);
    cairo_stroke(cairo);
    line(cairo, 0.5, 0.7, 0.5, 0.9);
    line(cairo, 0.36, 0.92, 0.64, 0.92);
}

static void draw_muted(cairo_t *cairo)
{
    draw_microphone(cairo);
    cairo_set_line_width(cairo, 0.22);
    set_color(cairo, GROUND_RGB);
    line(cairo, 0.15, 0.12, 0.85, 0.88);
    cairo_set_line_width(cairo, 0.1);
    set_color(cairo, MUTED_RGB);
    line(cairo, 0.15, 0.12, 0.85, 0.88);
}

static void draw_hand(cairo_t *cairo)
{
    set_color(cairo, HAND_RGB);
    cairo_set_line_width(cairo, 0.13);
    line(cairo, 0.34, 0.55, 0.34, 0.24);
    line(cairo, 0.5, 0.55, 0.5, 0.13);
    line(cairo, 0.66, 0.55, 0.66, 0.2);
    line(cairo, 0.81, 0.55, 0.81, 0.33);
    line(cairo, 0.34, 0.72, 0.16, 0.5);
    cairo_move_to(cairo, 0.28, 0.5);
    cairo_line_to(cairo, 0.87, 0.5);
    cairo_line_to(cairo, 0.87, 0.66);
    cairo_arc(cairo, 0.6, 0.66, 0.27, 0, G_PI);
    cairo_close_path(cairo);
    cairo_fill(cairo);
}

/* One of three bars is left. */
static void draw_link(cairo_t *cairo)
{
    cairo_set_line_width(cairo, 0.16);
    for (int bar = 0; bar < LINK_BARS; bar++) {
        double x = 0.22 + 0.28 * bar;
        set_color(cairo, bar == 0 ? POOR_RGB : FAINT_RGB);
        line(cairo, x, 0.84, x, 0.62 - 0.22 * bar);
    }
}

typedef void (*Draw)(cairo_t *cairo);

static double draw_icon(Draw draw, cairo_t *cairo, double x, double y, int size)
{
    cairo_save(cairo);
    cairo_translate(cairo, x, y);
    cairo_scale(cairo, size, size);
    cairo_set_line_cap(cairo, CAIRO_LINE_CAP_ROUND);
    draw(cairo);
    cairo_restore(cairo);
    return x + size * (1 + SPACE_PART);
}

static Lettering *letter_place(const Icons *icons, int size)
{
    char text[PLACE_BYTES];
    g_snprintf(text, sizeof text, "%d", icons->hand);
    return lettering_new(text, &(LetteringBox){.width = 4 * size,
                                               .height = 2 * size,
                                               .size = size,
                                               .size_min = size,
                                               .lines_max = 1,
                                               .is_bold = true});
}

int icon_row_width(const Icons *icons, int size)
{
    int count = icons->is_muted + (icons->hand > 0) + icons->has_poor_link;
    double width = count * size * (1 + SPACE_PART);
    if (icons->hand > 0) {
        Lettering *place = letter_place(icons, size);
        width += lettering_width(place) + size * SPACE_PART;
        lettering_free(place);
    }
    return (int)ceil(width);
}

void icon_row_draw(const Icons *icons, cairo_t *cairo, double x, double y, int size)
{
    if (icons->is_muted) {
        x = draw_icon(draw_muted, cairo, x, y, size);
    }
    if (icons->hand > 0) {
        x = draw_icon(draw_hand, cairo, x, y, size) - size * SPACE_PART / 2;
        Lettering *place = letter_place(icons, size);
        double top = y + (size - lettering_height(place)) / 2.0;
        lettering_draw(place, cairo, (int)x, (int)top, HAND_RGB);
        x += lettering_width(place) + size * SPACE_PART * 3 / 2;
        lettering_free(place);
    }
    if (icons->has_poor_link) {
        draw_icon(draw_link, cairo, x, y, size);
    }
}
