#include <criterion/criterion.h>
#include <stdlib.h>

#include "bridge/mixer/layer.h"
#include "tests/unit/mixer/clip.h"

#define SIDE 8

static Layer *layer_of(uint32_t argb)
{
    uint32_t alpha = argb >> 24;
    uint32_t pixel = alpha << 24 | (argb >> 16 & 255) * alpha / 255 << 16 |
                     (argb >> 8 & 255) * alpha / 255 << 8 | (argb & 255) * alpha / 255;
    uint32_t pixels[SIDE * SIDE];
    for (int i = 0; i < SIDE * SIDE; i++) {
        pixels[i] = pixel;
    }
    return layer_new(pixels, SIDE, SIDE, SIDE);
}

static I420 blend(uint32_t argb, uint32_t under_rgb)
{
    I420 picture = i420_alloc(SIDE, SIDE);
    i420_fill(&picture, i420_color(under_rgb));
    Layer *layer = layer_of(argb);
    layer_blend(layer, &picture);
    layer_free(layer);
    return picture;
}

Test(layer, changes_nothing_when_transparent)
{
    I420 picture = blend(0x00ffffff, 0x3080c0);
    I420Color is = clip_mean(&picture, (LayoutRect){0, 0, SIDE, SIDE});
    I420Color should = i420_color(0x3080c0);
    cr_expect_eq(is.y, should.y);
    cr_expect_eq(is.u, should.u);
    cr_expect_eq(is.v, should.v);
    i420_release(&picture);
}

Test(layer, covers_when_opaque)
{
    I420 picture = blend(0xffe04020, 0x3080c0);
    cr_expect(clip_is_color(&picture, (LayoutRect){0, 0, SIDE, SIDE}, 0xe04020));
    i420_release(&picture);
}

Test(layer, mixes_half_and_half)
{
    I420 picture = blend(0x80000000, 0xffffff);
    I420Color is = clip_mean(&picture, (LayoutRect){0, 0, SIDE, SIDE});
    cr_expect(abs(is.y - 126) <= 3, "%d", is.y);
    cr_expect(abs(is.u - 128) <= 2 && abs(is.v - 128) <= 2, "%d %d", is.u, is.v);
    i420_release(&picture);
}

Test(layer, never_wraps_around)
{
    static const uint32_t extremes[] = {0x000000, 0xffffff, 0xff0000, 0x00ff00, 0x0000ff};
    for (uint32_t alpha = 0; alpha < 256; alpha += 5) {
        for (size_t a = 0; a < 5; a++) {
            for (size_t b = 0; b < 5; b++) {
                I420 picture = blend(alpha << 24 | extremes[a], extremes[b]);
                I420Color is = clip_mean(&picture, (LayoutRect){0, 0, SIDE, SIDE});
                I420Color over = i420_color(extremes[a]);
                I420Color under = i420_color(extremes[b]);
                cr_expect(is.y + 3 >= MIN(over.y, under.y) && is.y <= MAX(over.y, under.y) + 3);
                cr_expect(is.u + 3 >= MIN(over.u, under.u) && is.u <= MAX(over.u, under.u) + 3);
                cr_expect(is.v + 3 >= MIN(over.v, under.v) && is.v <= MAX(over.v, under.v) + 3);
                i420_release(&picture);
            }
        }
    }
}
