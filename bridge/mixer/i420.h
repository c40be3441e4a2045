/* I420 pictures: three planes, chroma halved both ways (rounded up for odd sizes), BT.601 limited
 * range. An I420 is a plain value that borrows its memory, so a part of a picture is an I420 too;
 * only i420_alloc makes one that owns. Any thread, one at a time. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "bridge/base/layout.h"

typedef struct I420 {
    int width;
    int height;
    int stride[3];
    uint8_t *plane[3];
} I420;

typedef struct I420Color {
    uint8_t y, u, v;
} I420Color;

/* From 0xRRGGBB. */
I420Color i420_color(uint32_t rgb);

/* Width and height of a plane. */
int i420_plane_width(const I420 *picture, int plane);
int i420_plane_height(const I420 *picture, int plane);

/* The three planes in one block, laid out as GStreamer's default I420. Release with i420_release.
 */
I420 i420_alloc(int width, int height);
void i420_release(I420 *picture);
/* Size of the block of i420_alloc, which begins at plane[0]. */
size_t i420_size_bytes(int width, int height);

/* The part of `picture` inside `rect` (even position, inside the picture); borrows. */
I420 i420_part(const I420 *picture, LayoutRect rect);
void i420_fill(const I420 *picture, I420Color color);
/* Both have the same size. */
void i420_copy(const I420 *from, const I420 *to);
