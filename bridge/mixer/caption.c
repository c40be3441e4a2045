#include "bridge/mixer/caption.h"

#include <glib.h>
#include <string.h>
#include <time.h>

#include "bridge/base/clock.h"
#include "bridge/mixer/drawing.h"
#include "bridge/mixer/layer.h"
#include "bridge/mixer/lettering.h"
#include "bridge/mixer/strips.h"

#define HEADER_RGB 0x141a21
#define TITLE_RGB 0xf5f7fa
#define CLOCK_RGB 0xf5f7fa
#define RECORDING_RGB 0xff6b6e
#define BANNER_RGB 0xf2c94c
#define BANNER_TEXT_RGB 0x14110a
#define RECORDING_TEXT "● ĐANG GHI"
#define CLOCK_WIDEST "00:00:00"
#define CLOCK_BYTES sizeof CLOCK_WIDEST
/* Parts of the header's height. */
#define LETTERS_PART 0.64
#define PAD_PART 0.3
#define TITLE_LETTERS_MIN_PART 0.4

/* One text in its place. */
typedef struct Word {
    char *text; /* NULL: none. */
    LayoutRect rect;
    LetteringBox box;
    uint32_t rgb, ground_rgb;
    bool is_right; /* Ends at its right edge. */
    bool is_due;
} Word;

typedef enum WordKind { WORD_TITLE, WORD_RECORDING, WORD_CLOCK, WORD_BANNER, WORDS } WordKind;

struct Caption {
    Word words[WORDS];
    LayoutRect header;
    bool is_header_due;
    int64_t second; /* That the clock shows. */
    char clock[CLOCK_BYTES];
};

Caption *caption_new(void)
{
    return g_new0(Caption, 1);
}

void caption_free(Caption *caption)
{
    if (caption == NULL) {
        return;
    }
    for (int i = 0; i < WORDS; i++) {
        g_free(caption->words[i].text);
    }
    g_free(caption);
}

static bool is_same_place(const Word *a, const Word *b)
{
    return memcmp(&a->rect, &b->rect, sizeof a->rect) == 0 && a->box.size == b->box.size;
}

static void put(Caption *caption, WordKind kind, Word word, const char *text)
{
    Word *known = &caption->words[kind];
    bool is_same =
        !known->is_due && g_strcmp0(known->text, text) == 0 && is_same_place(known, &word);
    char *copy = g_strdup(text);
    g_free(known->text);
    *known = word;
    known->text = copy;
    known->is_due = !is_same;
}

static int width_of(const char *text, int size)
{
    LetteringBox box = {.width = 1 << 14,
                        .height = 1 << 14,
                        .size = size,
                        .size_min = size,
                        .lines_max = 1,
                        .is_bold = true};
    Lettering *lettering = lettering_new(text, &box);
    int width = lettering_width(lettering);
    lettering_free(lettering);
    return (width + 2) & ~1;
}

/* A word at the right of what is left of the header; takes its room away. */
static Word word_at_right(LayoutRect *left, int text_width, int size, uint32_t rgb)
{
    int width = MIN(left->w, (text_width + (int)(left->h * PAD_PART) + 1) & ~1);
    left->w -= width;
    return (Word){
        .rect = {left->x + left->w, left->y, width, left->h},
        .box = {.width = width,
                .height = left->h,
                .size = size,
                .size_min = 1,
                .lines_max = 1,
                .is_bold = true},
        .rgb = rgb,
        .ground_rgb = HEADER_RGB,
        .is_right = true,
    };
}

static void set_clock(Caption *caption, bool is_shown, LayoutRect *left, int size)
{
    Word word = {0};
    if (is_shown) {
        word = word_at_right(left, width_of(CLOCK_WIDEST, size), size, CLOCK_RGB);
    }
    put(caption, WORD_CLOCK, word, is_shown ? caption->clock : NULL);
}

static void set_mark(Caption *caption, bool is_shown, LayoutRect *left, int size)
{
    Word word = {0};
    if (is_shown) {
        word = word_at_right(left, width_of(RECORDING_TEXT, size), size, RECORDING_RGB);
    }
    put(caption, WORD_RECORDING, word, is_shown ? RECORDING_TEXT : NULL);
}

static void set_title(Caption *caption, const char *title, LayoutRect left, int size)
{
    Word word = {
        .rect = left,
        .box = {.width = left.w,
                .height = left.h,
                .size = size,
                .size_min = MAX(1, (int)(left.h * TITLE_LETTERS_MIN_PART)),
                .lines_max = 1,
                .is_bold = true},
        .rgb = TITLE_RGB,
        .ground_rgb = HEADER_RGB,
    };
    put(caption, WORD_TITLE, word, title);
}

/* From the right: the clock, the mark, the title in what is left. When one of them changes, all are
 * painted anew: they share the room. */
static void set_header(Caption *caption, const Program *program, const ProgramView *view,
                       LayoutRect header)
{
    int size = (int)(header.h * LETTERS_PART);
    int pad = (int)(header.h * PAD_PART) & ~1;
    bool has_header = header.h > 0;
    LayoutRect left = header;
    left.x += pad;
    left.w = MAX(0, left.w - 2 * pad);
    set_clock(caption, has_header && view->has_clock, &left, size);
    set_mark(caption, has_header && program->is_recorded, &left, size);
    set_title(caption, has_header && view->shows_title ? program->title : NULL, left, size);
    caption->header = header;
    for (int i = 0; i < WORD_BANNER; i++) {
        caption->is_header_due = caption->is_header_due || caption->words[i].is_due;
    }
    for (int i = 0; i < WORD_BANNER; i++) {
        caption->words[i].is_due = caption->is_header_due;
    }
}

static void set_banner(Caption *caption, const ProgramView *view, const Strips *strips)
{
    int pad = strips->banner_size;
    Word word = {
        .rect = strips->banner,
        .box = {.width = MAX(8, strips->banner.w - pad),
                .height = strips->banner.h,
                .size = strips->banner_size,
                .size_min = MAX(1, strips->banner_size / 2),
                .lines_max = strips->banner_lines,
                .is_bold = true,
                .is_centred = true},
        .rgb = BANNER_TEXT_RGB,
        .ground_rgb = BANNER_RGB,
    };
    put(caption, WORD_BANNER, word, view->banner);
}

void caption_set(Caption *caption, const Program *program, const ProgramView *view, bool is_bare)
{
    Strips strips = strips_plan(program, view);
    for (int i = 0; is_bare && i < WORDS; i++) {
        caption->words[i].is_due = true;
    }
    set_header(caption, program, view, strips.header);
    set_banner(caption, view, &strips);
}

static void tell_time(Caption *caption, int64_t real_us)
{
    Word *word = &caption->words[WORD_CLOCK];
    int64_t second = real_us / CLOCK_US_PER_S;
    if (word->text == NULL || (second == caption->second && word->text[0] != '\0')) {
        return;
    }
    struct tm local;
    time_t at = (time_t)second;
    localtime_r(&at, &local);
    strftime(caption->clock, sizeof caption->clock, "%H:%M:%S", &local);
    g_free(word->text);
    word->text = g_strdup(caption->clock);
    word->is_due = true;
    caption->second = second;
}

static void draw(const Word *word, const I420 *canvas)
{
    I420 place = i420_part(canvas, word->rect);
    i420_fill(&place, i420_color(word->ground_rgb));
    Drawing *drawing = drawing_new(word->rect.w, word->rect.h);
    Lettering *lettering = lettering_new(word->text, &word->box);
    int spare_x = word->rect.w - lettering_width(lettering);
    int spare_y = word->rect.h - lettering_height(lettering);
    int x = word->is_right ? spare_x : word->box.is_centred ? spare_x / 2 : 0;
    lettering_draw(lettering, drawing_cairo(drawing), MAX(0, x), spare_y / 2, word->rgb);
    Layer *layer = drawing_to_layer(drawing);
    layer_blend(layer, &place);
    layer_free(layer);
    lettering_free(lettering);
    drawing_free(drawing);
}

size_t caption_paint(Caption *caption, const I420 *canvas, int64_t real_us)
{
    size_t painted = 0;
    tell_time(caption, real_us);
    if (caption->is_header_due && caption->header.h > 0) {
        I420 header = i420_part(canvas, caption->header);
        i420_fill(&header, i420_color(HEADER_RGB));
    }
    caption->is_header_due = false;
    for (int i = 0; i < WORDS; i++) {
        Word *word = &caption->words[i];
        if (word->is_due && word->text != NULL && word->rect.w > 0) {
            draw(word, canvas);
            painted++;
        }
        word->is_due = false;
    }
    return painted;
}
