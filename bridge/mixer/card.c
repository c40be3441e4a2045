#include "bridge/mixer/card.h"

#include <glib.h>

#include "bridge/mixer/drawing.h"
#include "bridge/mixer/lettering.h"

#define TOP_RGB 0x24313f
#define BOTTOM_RGB 0x1a2430
#define EMPTY_RGB 0x161e27
#define NAME_RGB 0xe8edf2
#define NOTE_RGB 0x9db0c2
#define NAME_LINES_MAX 3
#define NOTE_LINES_MAX 2

static Lettering *letter_name(const char *name, int width, int height)
{
    int size = CLAMP(height * 10 / 100, 12, 56);
    return lettering_new(name, &(LetteringBox){
                                   .width = width * 88 / 100,
                                   .height = height * 55 / 100,
                                   .size = size,
                                   .size_min = CLAMP(size * 6 / 10, 9, 20),
                                   .lines_max = NAME_LINES_MAX,
                                   .is_bold = true,
                                   .is_centred = true,
                               });
}

static Lettering *letter_note(const char *note, int width, int height)
{
    int size = CLAMP(height * 65 / 1000, 10, 32);
    return lettering_new(note, &(LetteringBox){
                                   .width = width * 88 / 100,
                                   .height = height * 28 / 100,
                                   .size = size,
                                   .size_min = CLAMP(size * 6 / 10, 9, 16),
                                   .lines_max = NOTE_LINES_MAX,
                                   .is_centred = true,
                               });
}

static void draw_texts(Drawing *drawing, const CardText *text, int width, int height)
{
    cairo_t *cairo = drawing_cairo(drawing);
    Lettering *name = letter_name(text->name, width, height);
    Lettering *note = letter_note(text->note, width, height);
    bool has_note = text->note[0] != '\0';
    int space = has_note ? height * 3 / 100 : 0;
    int total = lettering_height(name) + (has_note ? space + lettering_height(note) : 0);
    int y = MAX(0, (height - total) / 2);
    lettering_draw(name, cairo, (width - lettering_width(name)) / 2, y, NAME_RGB);
    if (has_note) {
        lettering_draw(note, cairo, (width - lettering_width(note)) / 2,
                       y + lettering_height(name) + space, NOTE_RGB);
    }
    lettering_free(name);
    lettering_free(note);
}

I420 card_draw(const CardText *text, int width, int height)
{
    Drawing *drawing = drawing_new(width, height);
    drawing_gradient(drawing, TOP_RGB, BOTTOM_RGB);
    draw_texts(drawing, text, width, height);
    int size = CLAMP(height * 9 / 100, 11, 44);
    icon_row_draw(&text->icons, drawing_cairo(drawing), size / 3.0, height - size * 4 / 3.0, size);
    Layer *layer = drawing_to_layer(drawing);
    I420 card = i420_alloc(width, height);
    i420_copy(&layer->color, &card);
    layer_free(layer);
    drawing_free(drawing);
    return card;
}

I420Color card_empty_color(void)
{
    return i420_color(EMPTY_RGB);
}
