#include "bridge/mixer/layer.h"

#include <glib.h>

/* An alpha of 0 to 255 as a weight of 0 to 256. */
#define WEIGHT(alpha) ((alpha) + ((alpha) >> 7))

typedef struct Sum {
    int a, r, g, b;
} Sum;

static void add(Sum *sum, uint32_t pixel)
{
    sum->a += (int)(pixel >> 24);
    sum->r += (int)(pixel >> 16 & 255);
    sum->g += (int)(pixel >> 8 & 255);
    sum->b += (int)(pixel & 255);
}

/* BT.601 as in i420_color, with the offsets scaled by alpha. */
static uint8_t luma_of(const Sum *s)
{
    return (uint8_t)((66 * s->r + 129 * s->g + 25 * s->b + 16 * 256 * s->a / 255 + 128) >> 8);
}

static void set_chroma(Layer *layer, int x, int y, const Sum *four)
{
    Sum s = {(four->a + 2) / 4, (four->r + 2) / 4, (four->g + 2) / 4, (four->b + 2) / 4};
    int offset = 128 * 256 * s.a / 255 + 128;
    I420 *color = &layer->color;
    int u = (-38 * s.r - 74 * s.g + 112 * s.b + offset) >> 8;
    int v = (112 * s.r - 94 * s.g - 18 * s.b + offset) >> 8;
    color->plane[1][y * color->stride[1] + x] = (uint8_t)CLAMP(u, 0, 255);
    color->plane[2][y * color->stride[2] + x] = (uint8_t)CLAMP(v, 0, 255);
    layer->alpha2[y * (color->width / 2) + x] = (uint8_t)s.a;
}

static void set_block(Layer *layer, const uint32_t *pixels, int stride_pixels, int x, int y)
{
    Sum four = {0};
    for (int i = 0; i < 4; i++) {
        int px = x + (i & 1);
        int py = y + (i >> 1);
        uint32_t pixel = pixels[(ptrdiff_t)py * stride_pixels + px];
        Sum one = {0};
        add(&one, pixel);
        add(&four, pixel);
        layer->color.plane[0][py * layer->color.stride[0] + px] = luma_of(&one);
        layer->alpha[py * layer->color.width + px] = (uint8_t)one.a;
    }
    set_chroma(layer, x / 2, y / 2, &four);
}

Layer *layer_new(const uint32_t *pixels, int stride_pixels, int width, int height)
{
    Layer *layer = g_new0(Layer, 1);
    layer->color = i420_alloc(width, height);
    layer->alpha = g_malloc((size_t)width * (size_t)height);
    layer->alpha2 = g_malloc((size_t)width * (size_t)height / 4);
    for (int y = 0; y < height; y += 2) {
        for (int x = 0; x < width; x += 2) {
            set_block(layer, pixels, stride_pixels, x, y);
        }
    }
    return layer;
}

void layer_free(Layer *layer)
{
    if (layer == NULL) {
        return;
    }
    i420_release(&layer->color);
    g_free(layer->alpha);
    g_free(layer->alpha2);
    g_free(layer);
}

static void blend_row(const uint8_t *color, const uint8_t *alpha, uint8_t *out, int width)
{
    for (int x = 0; x < width; x++) {
        unsigned under = 256u - WEIGHT(alpha[x]);
        out[x] = (uint8_t)(color[x] + (out[x] * under >> 8));
    }
}

void layer_blend(const Layer *layer, const I420 *picture)
{
    for (int p = 0; p < 3; p++) {
        const uint8_t *alpha = p == 0 ? layer->alpha : layer->alpha2;
        int width = i420_plane_width(picture, p);
        for (int y = 0; y < i420_plane_height(picture, p); y++) {
            blend_row(layer->color.plane[p] + y * layer->color.stride[p], alpha + y * width,
                      picture->plane[p] + y * picture->stride[p], width);
        }
    }
}
