/* A canvas for what is drawn once and shown often: labels and placeholder cards. Transparent at
 * first. Owned by whoever made it; one thread. */
#pragma once

#include <stdint.h>

#include "bridge/mixer/layer.h"

typedef struct _cairo cairo_t;
typedef struct Drawing Drawing;

typedef struct DrawingBox {
    double x, y, w, h;
    double radius; /* Of the corners. */
} DrawingBox;

/* Width and height even. */
Drawing *drawing_new(int width, int height);
void drawing_free(Drawing *drawing);
/* For text and icons; owned by the drawing. */
cairo_t *drawing_cairo(Drawing *drawing);

/* `argb` is 0xAARRGGBB, not multiplied. */
void drawing_box(Drawing *drawing, DrawingBox box, uint32_t argb);
/* From the colour at the top to that at the bottom, over everything. */
void drawing_gradient(Drawing *drawing, uint32_t rgb_top, uint32_t rgb_bottom);

/* What has been drawn; the caller's. */
Layer *drawing_to_layer(Drawing *drawing);
