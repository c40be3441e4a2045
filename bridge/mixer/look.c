#include "bridge/mixer/look.h"

#include <glib.h>

#define ROWS 48
#define COLUMNS 64
/* Luma 16 is black; a sensor in the dark has noise above it. */
#define DARK_LUMA 32
#define DARK_PART 0.98
/* Variance of luma: one colour but for noise and the lens. */
#define FLAT_VARIANCE 6.0
/* Pixels that change in half a second, measured through VP8: 2 % of a picture that is always the
 * same, 25 % and more of a still room seen by a good sensor. */
#define STILL_PART 0.03
/* A frozen picture changes for a moment after a key frame. */
#define MOVES_MIN 5

G_STATIC_ASSERT(ROWS *COLUMNS == LOOK_SAMPLES_MAX);

typedef struct Sample {
    int count, dark, changed;
    int64_t sum, squares;
} Sample;

static void sample_pixel(LookWatch *watch, Sample *sample, uint8_t luma)
{
    uint8_t *known = &watch->samples[sample->count++];
    sample->changed += *known != luma;
    sample->dark += luma <= DARK_LUMA;
    sample->sum += luma;
    sample->squares += luma * luma;
    *known = luma;
}

static Sample take_sample(LookWatch *watch, const I420 *picture)
{
    Sample sample = {0};
    int rows = MIN(ROWS, picture->height);
    int columns = MIN(COLUMNS, picture->width);
    for (int row = 0; row < rows; row++) {
        const uint8_t *luma =
            picture->plane[0] + (ptrdiff_t)(row * picture->height / rows) * picture->stride[0];
        for (int column = 0; column < columns; column++) {
            sample_pixel(watch, &sample, luma[column * picture->width / columns]);
        }
    }
    return sample;
}

static void follow_changes(LookWatch *watch, const Sample *sample, int64_t now_us)
{
    bool is_still = watch->count == sample->count && sample->changed < STILL_PART * sample->count;
    watch->count = sample->count;
    watch->moves = is_still ? 0 : watch->moves + 1;
    watch->still_us = is_still ? watch->still_us : now_us;
}

static Look judge(const LookWatch *watch, const Sample *sample, int64_t now_us)
{
    double mean = (double)sample->sum / sample->count;
    double variance = (double)sample->squares / sample->count - mean * mean;
    if (sample->dark >= DARK_PART * sample->count) {
        return LOOK_DARK;
    }
    if (variance < FLAT_VARIANCE) {
        return LOOK_COVERED;
    }
    bool is_same = now_us - watch->still_us >= LOOK_FROZEN_US;
    bool was_frozen = watch->look == LOOK_FROZEN && watch->moves < MOVES_MIN;
    return is_same || was_frozen ? LOOK_FROZEN : LOOK_FINE;
}

static int64_t least_time_us(Look look)
{
    return look == LOOK_FINE ? LOOK_FINE_US : look == LOOK_FROZEN ? 0 : LOOK_DARK_US;
}

bool look_watch(LookWatch *watch, const I420 *picture, int64_t now_us)
{
    if (watch->sampled_us != 0 && now_us - watch->sampled_us < LOOK_PERIOD_US) {
        return false;
    }
    Sample sample = take_sample(watch, picture);
    watch->sampled_us = now_us;
    follow_changes(watch, &sample, now_us);
    Look seen = judge(watch, &sample, now_us);
    if (seen != watch->seen) {
        watch->seen = seen;
        watch->seen_us = now_us;
    }
    if (seen == watch->look || now_us - watch->seen_us < least_time_us(seen)) {
        return false;
    }
    watch->look = seen;
    return true;
}

const char *look_name(Look look)
{
    static const char *const names[] = {[LOOK_FINE] = NULL,
                                        [LOOK_DARK] = "dark",
                                        [LOOK_COVERED] = "covered",
                                        [LOOK_FROZEN] = "frozen"};
    return names[look];
}
