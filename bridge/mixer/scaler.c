#include "bridge/mixer/scaler.h"

#include <glib.h>
#include <string.h>

/* Weights of one output pixel sum up to this. */
#define WEIGHT_ONE 256
#define WEIGHT_BITS 8

/* Axes that repeat the same simple sum, for which there are faster loops. */
typedef enum AxisKind { AXIS_GENERAL, AXIS_COPY, AXIS_HALVE } AxisKind;

/* Along one axis: output pixel i is the weighted sum of the `taps` source pixels from first[i]. */
typedef struct Axis {
    AxisKind kind;
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

/* How much of a source pixel goes into an output pixel that covers `span` source pixels: a shrink
 * takes the part it covers, a growth interpolates between the two neighbours. */
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

static bool is_tap_used(const Axis *axis, int tap)
{
    for (int i = 0; i < axis->to; i++) {
        if (axis->weights[i * axis->taps + tap] != 0) {
            return true;
        }
    }
    return false;
}

/* Taps that weigh nothing anywhere cost time all the same. */
static void trim_taps(Axis *axis)
{
    int taps = axis->taps;
    while (taps > 1 && !is_tap_used(axis, taps - 1)) {
        taps--;
    }
    for (int i = 0; i < axis->to; i++) {
        memmove(axis->weights + (ptrdiff_t)i * taps, axis->weights + (ptrdiff_t)i * axis->taps,
                (size_t)taps * sizeof *axis->weights);
    }
    axis->taps = taps;
}

static bool has_stride(const Axis *axis, int stride)
{
    for (int i = 0; i < axis->to; i++) {
        if (axis->first[i] != i * stride ||
            axis->weights[i * axis->taps] != WEIGHT_ONE / axis->taps) {
            return false;
        }
    }
    return axis->taps == stride;
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
    trim_taps(axis);
    axis->kind = has_stride(axis, 1) ? AXIS_COPY : has_stride(axis, 2) ? AXIS_HALVE : AXIS_GENERAL;
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

/* The first two taps of a vertical sum, then one more at a time. */
static void set_two(uint16_t *restrict row, const uint8_t *restrict a, const uint8_t *restrict b,
                    const uint16_t *weights, int width)
{
    uint16_t weight_a = weights[0];
    uint16_t weight_b = weights[1];
    for (int x = 0; x < width; x++) {
        row[x] = (uint16_t)(a[x] * weight_a + b[x] * weight_b);
    }
}

static void add_one(uint16_t *restrict row, const uint8_t *restrict a, uint16_t weight, int width)
{
    for (int x = 0; x < width; x++) {
        row[x] = (uint16_t)(row[x] + a[x] * weight);
    }
}

static void set_one(uint16_t *restrict row, const uint8_t *restrict a, int width)
{
    for (int x = 0; x < width; x++) {
        row[x] = (uint16_t)(a[x] << WEIGHT_BITS);
    }
}

static void sum_rows(const uint8_t *source, int stride, const Axis *down, int index, uint16_t *row,
                     int width)
{
    const uint16_t *weights = down->weights + (size_t)index * (size_t)down->taps;
    const uint8_t *at = source + (ptrdiff_t)down->first[index] * stride;
    if (down->taps == 1) {
        set_one(row, at, width);
        return;
    }
    set_two(row, at, at + stride, weights, width);
    for (int t = 2; t < down->taps; t++) {
        if (weights[t] != 0) {
            add_one(row, at + (ptrdiff_t)t * stride, weights[t], width);
        }
    }
}

/* With `taps` a constant where it is called, so that the inner loop unrolls. */
static inline __attribute__((always_inline)) void
sum_taps(const uint16_t *restrict row, const Axis *across, int taps, uint8_t *restrict out)
{
    const uint16_t *weights = across->weights;
    const int *first = across->first;
    for (int i = 0; i < across->to; i++, weights += taps) {
        const uint16_t *at = row + first[i];
        uint32_t sum = 1 << (2 * WEIGHT_BITS - 1);
        for (int t = 0; t < taps; t++) {
            sum += (uint32_t)at[t] * weights[t];
        }
        out[i] = (uint8_t)(sum >> 2 * WEIGHT_BITS);
    }
}

static void copy_columns(const uint16_t *restrict row, int width, uint8_t *restrict out)
{
    for (int i = 0; i < width; i++) {
        out[i] = (uint8_t)((row[i] + (1 << (WEIGHT_BITS - 1))) >> WEIGHT_BITS);
    }
}

static void halve_columns(const uint16_t *restrict row, int width, uint8_t *restrict out)
{
    for (int i = 0; i < width; i++) {
        uint32_t sum = (uint32_t)row[2 * i] + row[2 * i + 1] + (1 << WEIGHT_BITS);
        out[i] = (uint8_t)(sum >> (WEIGHT_BITS + 1));
    }
}

static void sum_columns(const uint16_t *row, const Axis *across, uint8_t *out)
{
    if (across->kind == AXIS_COPY) {
        copy_columns(row, across->to, out);
    } else if (across->kind == AXIS_HALVE) {
        halve_columns(row, across->to, out);
    } else if (across->taps == 2) {
        sum_taps(row, across, 2, out);
    } else if (across->taps == 3) {
        sum_taps(row, across, 3, out);
    } else if (across->taps == 4) {
        sum_taps(row, across, 4, out);
    } else {
        sum_taps(row, across, across->taps, out);
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
