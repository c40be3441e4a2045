#include "bridge/mixer/label.h"

#include <glib.h>

#include "bridge/mixer/drawing.h"
#include "bridge/mixer/layer.h"
#include "bridge/mixer/lettering.h"

#define BAR_ARGB 0xb0141a21
#define NAME_RGB 0xf5f7fa
#define LINES_MAX 2

/* Sizes in pixels for a cell of some height: readable in the smallest rung that will be made. */
typedef struct Metrics {
    int font, font_min;
    int pad;
    int margin;
    int icons; /* Width of all of them; 0: none. */
} Metrics;

struct Label {
    LayoutRect rect;
    Layer *layer;
    bool is_cut;
};

static Metrics metrics_for(int cell_height, const Icons *icons)
{
    Metrics m;
    m.font = CLAMP(cell_height * 8 / 100, 11, 40);
    m.font_min = CLAMP(m.font * 6 / 10, 9, 16);
    m.pad = MAX(2, m.font * 3 / 10);
    m.margin = cell_height < 120 ? 0 : cell_height / 60 * 2;
    m.icons = icon_row_width(icons, m.font);
    return m;
}

static int even_up(int pixels)
{
    return (pixels + 1) & ~1;
}

static void draw(Label *label, const Lettering *lettering, const Icons *icons, const Metrics *m)
{
    Drawing *drawing = drawing_new(label->rect.w, label->rect.h);
    DrawingBox bar = {0, 0, label->rect.w, label->rect.h, m->margin > 0 ? m->pad : 0};
    drawing_box(drawing, bar, BAR_ARGB);
    icon_row_draw(icons, drawing_cairo(drawing), m->pad, (label->rect.h - m->font) / 2.0, m->font);
    lettering_draw(lettering, drawing_cairo(drawing), m->pad + m->icons,
                   (label->rect.h - lettering_height(lettering)) / 2, NAME_RGB);
    label->layer = drawing_to_layer(drawing);
    drawing_free(drawing);
}

Label *label_new(const char *name, const Icons *icons, int cell_width, int cell_height)
{
    Metrics m = metrics_for(cell_height, icons);
    int width_max = MAX(8, cell_width - 2 * m.margin);
    LetteringBox box = {
        .width = MAX(4, width_max - 2 * m.pad - m.icons),
        .height = MAX(4, cell_height / 2 - m.pad),
        .size = m.font,
        .size_min = m.font_min,
        .lines_max = LINES_MAX,
        .is_bold = true,
    };
    Lettering *lettering = lettering_new(name, &box);
    Label *label = g_new0(Label, 1);
    int width = even_up(lettering_width(lettering) + 2 * m.pad + m.icons);
    int height = even_up(lettering_height(lettering) + m.pad);
    label->rect.w = CLAMP(width, 2, cell_width & ~1);
    label->rect.h = CLAMP(height, 2, cell_height & ~1);
    label->rect.x = MIN(m.margin, (cell_width - label->rect.w) & ~1);
    label->rect.y = MAX(0, (cell_height - m.margin - label->rect.h) & ~1);
    label->is_cut = lettering_is_cut(lettering);
    draw(label, lettering, icons, &m);
    lettering_free(lettering);
    return label;
}

void label_free(Label *label)
{
    if (label == NULL) {
        return;
    }
    layer_free(label->layer);
    g_free(label);
}

LayoutRect label_rect(const Label *label)
{
    return label->rect;
}

bool label_is_cut(const Label *label)
{
    return label->is_cut;
}

void label_blend(const Label *label, const I420 *cell)
{
    I420 under = i420_part(cell, label->rect);
    layer_blend(label->layer, &under);
}
