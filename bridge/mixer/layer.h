/* A bitmap with transparency that is laid over pictures: I420 multiplied by its own alpha, made
 * once and blended often. Owned by whoever made it. Any thread, one at a time. */
#pragma once

#include "bridge/mixer/i420.h"

typedef struct Layer {
    I420 color;      /* Owned; even size; already multiplied by alpha. */
    uint8_t *alpha;  /* width × height */
    uint8_t *alpha2; /* width/2 × height/2, for chroma */
} Layer;

/* From pixels 0xAARRGGBB, colours already multiplied by alpha; width and height even. */
Layer *layer_new(const uint32_t *pixels, int stride_pixels, int width, int height);
void layer_free(Layer *layer);
/* Over all of `picture`, which has the layer's size. */
void layer_blend(const Layer *layer, const I420 *picture);
