#include "bridge/mixer/scaler.h"

#include <glib.h>
#include <string.h>

/* Weights of one output pixel sum up to this. */
#define WEIGHT_ONE 256
#define WEIGHT_BITS 8

/* Along one axis: output pixel i is the weighted sum of the `taps` source pixels from first[i]. */
typedef struct Axis {
    int from;
    int to;
    int taps;
    int *first;
    uint16_t *weights; /* to × taps */
} Axis;

struct Scaler {
    ScalerShape shape;
    Axis across[2]; /* Luma, chroma. */
    Axis down[2];
    uint16_t *row; /* One source row after the vertical sum, 8 bits of value and 8 of fraction. */
};

/* Both filters are one: a triangle at least one source pixel wide would blur a shrink, so a shrink
 * integrates over the covered span and a growth interpolates between the two neighbours. */
static double tap_weight(int pixel, double centre, double span)
{
    if (span <= 1) {
        return MAX(0, 1 - ABS(pixel + 0.5 - centre));
    }
    double left = MAX(centre - span / 2, pixel);
    double right = MIN(centre + span / 2, pixel + 1);
    return MAX(0, right - left);
}

/* Rounded weights must not sum up to more or less than one: a flat picture stays exactly flat. */
static void set_weights(Axis *axis, int index, double centre, double span)
{
    uint16_t *weights = axis->weights + (size_t)index * (size_t)axis->taps;
    double half = MAX(span, 2) / 2;
    int first = CLAMP((int)(centre - half + (span <= 1 ? 0.5 : 0)), 0, axis->from - axis->taps);
    double total = 0;
    for (int t = 0; t < axis->taps; t++) {
        total += tap_weight(first + t, centre, span);
    }
    int largest = 0;
    int left = WEIGHT_ONE;
    for (int t = 0; t < axis->taps; t++) {
        double share = total > 0 ? tap_weight(first + t, centre, span) / total : 0;
        weights[t] = (uint16_t)(share * WEIGHT_ONE + 0.5);
        left -= weights[t];
        largest = weights[t] > weights[largest] ? t : largest;
    }
    weights[largest] = (uint16_t)(weights[largest] + left);
    axis->first[index] = first;
}

static void axis_init(Axis *axis, int from, int to, double crop_start, double crop_size)
{
    double span = crop_size / to;
    axis->from = from;
    axis->to = to;
    axis->taps = MIN(from, span <= 1 ? 2 : (int)span + 2);
    axis->first = g_new(int, to);
    axis->weights = g_new0(uint16_t, (size_t)to * (size_t)axis->taps);
    for (int i = 0; i < to; i++) {
        double centre = CLAMP(crop_start + (i + 0.5) * span, 0.5, from - 0.5);
        set_weights(axis, i, centre, span);
    }
}

static void axis_clear(Axis *axis)
{
    g_free(axis->first);
    g_free(axis->weights);
}

Scaler *scaler_new(const ScalerShape *shape)
{
    Scaler *scaler = g_new0(Scaler, 1);
    scaler->shape = *shape;
    for (int c = 0; c < 2; c++) {
        int halved = c + 1;
        axis_init(&scaler->across[c], (shape->from_width + c) / halved,
                  (shape->to_width + c) / halved, shape->crop_x / halved, shape->crop_w / halved);
        axis_init(&scaler->down[c], (shape->from_height + c) / halved,
                  (shape->to_height + c) / halved, shape->crop_y / halved, shape->crop_h / halved);
    }
    scaler->row = g_new(uint16_t, shape->from_width);
    return scaler;
}

void scaler_free(Scaler *scaler)
{
    if (scaler == NULL) {
        return;
    }
    for (int c = 0; c < 2; c++) {
        axis_clear(&scaler->across[c]);
        axis_clear(&scaler->down[c]);
    }
    g_free(scaler->row);
    g_free(scaler);
}

bool scaler_fits(const Scaler *scaler, const ScalerShape *shape)
{
    const ScalerShape *own = &scaler->shape;
    return own->from_width == shape->from_width && own->from_height == shape->from_height &&
           own->to_width == shape->to_width && own->to_height == shape->to_height &&
           own->crop_x == shape->crop_x && own->crop_y == shape->crop_y &&
           own->crop_w == shape->crop_w && own->crop_h == shape->crop_h;
}

static void sum_rows(const uint8_t *source, int stride, const Axis *down, int index, uint16_t *row,
                     int width)
{
    const uint16_t *weights = down->weights + (size_t)index * (size_t)down->taps;
    const uint8_t *at = source + (ptrdiff_t)down->first[index] * stride;
    for (int x = 0; x < width; x++) {
        row[x] = (uint16_t)(at[x] * weights[0]);
    }
    for (int t = 1; t < down->taps; t++) {
        at += stride;
        if (weights[t] == 0) {
            continue;
        }
        uint16_t weight = weights[t];
        for (int x = 0; x < width; x++) {
            row[x] = (uint16_t)(row[x] + at[x] * weight);
        }
    }
}

static void sum_columns(const uint16_t *row, const Axis *across, uint8_t *out)
{
    const uint16_t *weights = across->weights;
    for (int i = 0; i < across->to; i++, weights += across->taps) {
        const uint16_t *at = row + across->first[i];
        uint32_t sum = 1 << (2 * WEIGHT_BITS - 1);
        for (int t = 0; t < across->taps; t++) {
            sum += (uint32_t)at[t] * weights[t];
        }
        out[i] = (uint8_t)(sum >> 2 * WEIGHT_BITS);
    }
}

void scaler_run(Scaler *scaler, const I420 *from, const I420 *to)
{
    for (int p = 0; p < 3; p++) {
        const Axis *across = &scaler->across[p > 0];
        const Axis *down = &scaler->down[p > 0];
        for (int y = 0; y < down->to; y++) {
            sum_rows(from->plane[p], from->stride[p], down, y, scaler->row, across->from);
            sum_columns(scaler->row, across, to->plane[p] + (ptrdiff_t)y * to->stride[p]);
        }
    }
}
