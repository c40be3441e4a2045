#include "bridge/mixer/lettering.h"

#include <pango/pangocairo.h>

#define FONT_FAMILY "Noto Sans"
/* Below this part of the size asked for, two lines look better than one. */
#define ONE_LINE_SIZE 0.8

struct Lettering {
    PangoLayout *layout;
    PangoFontDescription *font;
    LetteringBox box;
    int size;
    PangoRectangle bounds; /* Ink and lines together. */
};

static void set_size(Lettering *lettering, int size)
{
    lettering->size = size;
    pango_font_description_set_absolute_size(lettering->font, (double)size * PANGO_SCALE);
    pango_layout_set_font_description(lettering->layout, lettering->font);
}

static void measure(Lettering *lettering)
{
    PangoRectangle ink, lines;
    pango_layout_get_pixel_extents(lettering->layout, &ink, &lines);
    int left = MIN(ink.x, lines.x);
    int top = MIN(ink.y, lines.y);
    int right = MAX(ink.x + ink.width, lines.x + lines.width);
    int bottom = MAX(ink.y + ink.height, lines.y + lines.height);
    lettering->bounds = (PangoRectangle){left, top, right - left, bottom - top};
}

static bool is_inside(const Lettering *lettering)
{
    return lettering->bounds.width <= lettering->box.width &&
           lettering->bounds.height <= lettering->box.height;
}

static bool fits_on_one_line(Lettering *lettering)
{
    pango_layout_set_width(lettering->layout, -1);
    measure(lettering);
    return is_inside(lettering);
}

static bool fits_on_lines(Lettering *lettering)
{
    pango_layout_set_width(lettering->layout, lettering->box.width * PANGO_SCALE);
    pango_layout_set_wrap(lettering->layout, PANGO_WRAP_WORD);
    measure(lettering);
    return is_inside(lettering) &&
           pango_layout_get_line_count(lettering->layout) <= lettering->box.lines_max;
}

static bool fits(Lettering *lettering, int size)
{
    const LetteringBox *box = &lettering->box;
    set_size(lettering, size);
    if (fits_on_one_line(lettering)) {
        return true;
    }
    bool may_wrap = box->lines_max > 1 && (size <= box->size * ONE_LINE_SIZE || box->is_centred);
    return may_wrap && fits_on_lines(lettering);
}

static int lines_that_fit(Lettering *lettering)
{
    pango_layout_set_width(lettering->layout, -1);
    int line = 1;
    pango_layout_get_pixel_size(lettering->layout, NULL, &line);
    return CLAMP(lettering->box.height / MAX(line, 1), 1, lettering->box.lines_max);
}

static void cut(Lettering *lettering)
{
    int lines = lines_that_fit(lettering);
    pango_layout_set_width(lettering->layout, lettering->box.width * PANGO_SCALE);
    pango_layout_set_wrap(lettering->layout, PANGO_WRAP_WORD_CHAR);
    pango_layout_set_height(lettering->layout, -lines);
    pango_layout_set_ellipsize(lettering->layout, PANGO_ELLIPSIZE_MIDDLE);
    measure(lettering);
}

Lettering *lettering_new(const char *text, const LetteringBox *box)
{
    Lettering *lettering = g_new0(Lettering, 1);
    PangoContext *context = pango_font_map_create_context(pango_cairo_font_map_get_default());
    lettering->box = *box;
    lettering->layout = pango_layout_new(context);
    lettering->font = pango_font_description_from_string(FONT_FAMILY);
    g_object_unref(context);
    if (box->is_bold) {
        pango_font_description_set_weight(lettering->font, PANGO_WEIGHT_SEMIBOLD);
    }
    pango_layout_set_text(lettering->layout, text, -1);
    pango_layout_set_single_paragraph_mode(lettering->layout, TRUE);
    if (box->is_centred) {
        pango_layout_set_alignment(lettering->layout, PANGO_ALIGN_CENTER);
    }
    for (int size = box->size; size >= box->size_min; size--) {
        if (fits(lettering, size)) {
            return lettering;
        }
    }
    cut(lettering);
    return lettering;
}

void lettering_free(Lettering *lettering)
{
    if (lettering == NULL) {
        return;
    }
    g_object_unref(lettering->layout);
    pango_font_description_free(lettering->font);
    g_free(lettering);
}

int lettering_width(const Lettering *lettering)
{
    return lettering->bounds.width;
}

int lettering_height(const Lettering *lettering)
{
    return lettering->bounds.height;
}

int lettering_size(const Lettering *lettering)
{
    return lettering->size;
}

bool lettering_is_cut(const Lettering *lettering)
{
    return pango_layout_is_ellipsized(lettering->layout);
}

int lettering_unknown_glyphs(const Lettering *lettering)
{
    return pango_layout_get_unknown_glyphs_count(lettering->layout);
}

void lettering_draw(const Lettering *lettering, cairo_t *cairo, int x, int y, uint32_t rgb)
{
    cairo_set_source_rgb(cairo, (rgb >> 16 & 255) / 255.0, (rgb >> 8 & 255) / 255.0,
                         (rgb & 255) / 255.0);
    cairo_move_to(cairo, x - lettering->bounds.x, y - lettering->bounds.y);
    pango_cairo_show_layout(cairo, lettering->layout);
}
