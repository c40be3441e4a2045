#include "bridge/mixer/badge.h"

#include <glib.h>

#include "bridge/mixer/drawing.h"
#include "bridge/mixer/layer.h"
#include "bridge/mixer/lettering.h"

/* Parts of the cell's height. */
#define LETTERS_PART 0.09
#define LETTERS_MAX 44
#define HEIGHT_PART 0.33
#define MARGIN_PART 0.033
#define PAD_PART 0.35
#define TEXT_BYTES 32
#define SECONDS_SHOWN_MAX (99 * 60 + 59)

static const struct {
    uint32_t ground_argb, text_rgb;
} looks[] = {
    [BADGE_CALM] = {0xd0141a21, 0xf5f7fa},
    [BADGE_SOON_OVER] = {0xfff2a93b, 0x14110a},
    [BADGE_OVER] = {0xffd8353b, 0xffffff},
};

struct Badge {
    LayoutRect rect;
    Layer *layer;
};

BadgeLook badge_look(int64_t used_s, int64_t limit_s)
{
    if (limit_s == 0 || used_s * 5 < limit_s * 4) {
        return BADGE_CALM;
    }
    return used_s <= limit_s ? BADGE_SOON_OVER : BADGE_OVER;
}

static void write_text(char text[TEXT_BYTES], int64_t used_s, int64_t limit_s)
{
    int used = (int)MIN(used_s, SECONDS_SHOWN_MAX);
    int limit = (int)MIN(limit_s, SECONDS_SHOWN_MAX);
    if (limit == 0) {
        g_snprintf(text, TEXT_BYTES, "%02d:%02d", used / 60, used % 60);
    } else {
        g_snprintf(text, TEXT_BYTES, "%02d:%02d / %02d:%02d", used / 60, used % 60, limit / 60,
                   limit % 60);
    }
}

static int even_up(int pixels)
{
    return (pixels + 1) & ~1;
}

Badge *badge_new(int64_t used_s, int64_t limit_s, int cell_width, int cell_height)
{
    char text[TEXT_BYTES];
    BadgeLook look = badge_look(used_s, limit_s);
    int size = CLAMP((int)(cell_height * LETTERS_PART), 8, LETTERS_MAX);
    int pad = (int)(size * PAD_PART);
    int margin = (int)(cell_height * MARGIN_PART) & ~1;
    write_text(text, used_s, limit_s);
    Lettering *lettering =
        lettering_new(text, &(LetteringBox){.width = MAX(4, cell_width - 2 * (margin + pad)),
                                            .height = MAX(4, (int)(cell_height * HEIGHT_PART)),
                                            .size = size,
                                            .size_min = 6,
                                            .lines_max = 1,
                                            .is_bold = true});
    Badge *badge = g_new0(Badge, 1);
    badge->rect.w = MIN(even_up(lettering_width(lettering) + 2 * pad), cell_width & ~1);
    badge->rect.h = MIN(even_up(lettering_height(lettering)), cell_height & ~1);
    badge->rect.x = MAX(0, (cell_width - margin - badge->rect.w) & ~1);
    badge->rect.y = MIN(margin, (cell_height - badge->rect.h) & ~1);
    Drawing *drawing = drawing_new(badge->rect.w, badge->rect.h);
    drawing_box(drawing, (DrawingBox){0, 0, badge->rect.w, badge->rect.h, pad},
                looks[look].ground_argb);
    lettering_draw(lettering, drawing_cairo(drawing), pad, 0, looks[look].text_rgb);
    badge->layer = drawing_to_layer(drawing);
    drawing_free(drawing);
    lettering_free(lettering);
    return badge;
}

void badge_free(Badge *badge)
{
    if (badge == NULL) {
        return;
    }
    layer_free(badge->layer);
    g_free(badge);
}

LayoutRect badge_rect(const Badge *badge)
{
    return badge->rect;
}

void badge_blend(const Badge *badge, const I420 *cell)
{
    I420 under = i420_part(cell, badge->rect);
    layer_blend(badge->layer, &under);
}
