/* Scales I420 pictures from one fixed size to another: the mean of the covered pixels when it
 * shrinks, bilinear when it grows. All tables are made when the scaler is, so that a run costs
 * arithmetic only. Owned by whoever made it; used by one thread at a time. */
#pragma once

#include "bridge/mixer/i420.h"

typedef struct Scaler Scaler;

typedef struct ScalerShape {
    int from_width, from_height;
    double crop_x, crop_y, crop_w, crop_h; /* The part that is taken, inside the source. */
    int to_width, to_height;
} ScalerShape;

Scaler *scaler_new(const ScalerShape *shape);
void scaler_free(Scaler *scaler);
/* Was it made for this shape? */
bool scaler_fits(const Scaler *scaler, const ScalerShape *shape);
/* Sizes as in the shape. */
void scaler_run(Scaler *scaler, const I420 *from, const I420 *to);
