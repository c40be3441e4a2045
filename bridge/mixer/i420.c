#include "bridge/mixer/i420.h"

#include <glib.h>
#include <string.h>

#define ROUND_UP(value, step) (((value) + (step)-1) / (step) * (step))

/* BT.601, 8 bits of fraction. */
I420Color i420_color(uint32_t rgb)
{
    int r = rgb >> 16 & 255;
    int g = rgb >> 8 & 255;
    int b = rgb & 255;
    return (I420Color){
        .y = (uint8_t)(16 + ((66 * r + 129 * g + 25 * b + 128) >> 8)),
        .u = (uint8_t)(128 + ((-38 * r - 74 * g + 112 * b + 128) >> 8)),
        .v = (uint8_t)(128 + ((112 * r - 94 * g - 18 * b + 128) >> 8)),
    };
}

int i420_plane_width(const I420 *picture, int plane)
{
    return plane == 0 ? picture->width : (picture->width + 1) / 2;
}

int i420_plane_height(const I420 *picture, int plane)
{
    return plane == 0 ? picture->height : (picture->height + 1) / 2;
}

static size_t luma_bytes(int width, int height)
{
    return (size_t)ROUND_UP(width, 4) * (size_t)ROUND_UP(height, 2);
}

static size_t chroma_bytes(int width, int height)
{
    return (size_t)ROUND_UP(ROUND_UP(width, 2) / 2, 4) * (size_t)(ROUND_UP(height, 2) / 2);
}

size_t i420_size_bytes(int width, int height)
{
    return luma_bytes(width, height) + 2 * chroma_bytes(width, height);
}

I420 i420_alloc(int width, int height)
{
    I420 picture = {.width = width, .height = height};
    picture.stride[0] = ROUND_UP(width, 4);
    picture.stride[1] = picture.stride[2] = ROUND_UP(ROUND_UP(width, 2) / 2, 4);
    picture.plane[0] = g_malloc0(i420_size_bytes(width, height));
    picture.plane[1] = picture.plane[0] + luma_bytes(width, height);
    picture.plane[2] = picture.plane[1] + chroma_bytes(width, height);
    return picture;
}

void i420_release(I420 *picture)
{
    g_free(picture->plane[0]);
    *picture = (I420){0};
}

I420 i420_part(const I420 *picture, LayoutRect rect)
{
    I420 part = *picture;
    part.width = rect.w;
    part.height = rect.h;
    for (int p = 0; p < 3; p++) {
        int shift = p == 0 ? 0 : 1;
        part.plane[p] += (rect.y >> shift) * picture->stride[p] + (rect.x >> shift);
    }
    return part;
}

void i420_fill(const I420 *picture, I420Color color)
{
    const uint8_t values[3] = {color.y, color.u, color.v};
    for (int p = 0; p < 3; p++) {
        for (int row = 0; row < i420_plane_height(picture, p); row++) {
            memset(picture->plane[p] + row * picture->stride[p], values[p],
                   (size_t)i420_plane_width(picture, p));
        }
    }
}

void i420_copy(const I420 *from, const I420 *to)
{
    for (int p = 0; p < 3; p++) {
        size_t width = (size_t)i420_plane_width(to, p);
        for (int row = 0; row < i420_plane_height(to, p); row++) {
            memcpy(to->plane[p] + row * to->stride[p], from->plane[p] + row * from->stride[p],
                   width);
        }
    }
}
