#include "bridge/mixer/voicestretch.h"

#include <criterion/criterion.h>

#include "tests/unit/mixer/test_sound_support.h"

#define COUNT 2000

static void tone(int16_t *pcm, size_t count, double hz)
{
    for (size_t i = 0; i < count; i++) {
        pcm[i] = (int16_t)lrint(8000 * sin(2 * M_PI * hz * (double)i / RATE));
    }
}

static void noise(int16_t *pcm, size_t count)
{
    GRand *random = g_rand_new_with_seed(3);
    for (size_t i = 0; i < count; i++) {
        pcm[i] = (int16_t)g_rand_int_range(random, -8000, 8000);
    }
    g_rand_free(random);
}

/* A tone that stays whole has no step larger than its own steepest slope. */
static int largest_step(const int16_t *pcm, size_t count)
{
    int largest = 0;
    for (size_t i = 1; i < count; i++) {
        largest = MAX(largest, ABS(pcm[i] - pcm[i - 1]));
    }
    return largest;
}

Test(voicestretch, takes_whole_periods_out_of_a_tone)
{
    const double hz[] = {80, 133, 220, 390};
    for (size_t i = 0; i < G_N_ELEMENTS(hz); i++) {
        int16_t pcm[COUNT];
        tone(pcm, COUNT, hz[i]);
        int steepest = largest_step(pcm, COUNT);
        size_t count = voice_stretch_shorten(pcm, COUNT, false);
        double periods = (double)(COUNT - count) * hz[i] / RATE;
        cr_expect_lt(count, COUNT);
        cr_expect_float_eq(periods, round(periods), 0.02, "%g Hz: %g periods", hz[i], periods);
        cr_expect_leq(largest_step(pcm, count), steepest + 40, "%g Hz", hz[i]);
    }
}

Test(voicestretch, puts_whole_periods_into_a_tone)
{
    const double hz[] = {80, 133, 220, 390};
    for (size_t i = 0; i < G_N_ELEMENTS(hz); i++) {
        int16_t pcm[COUNT + VOICE_STRETCH_MOST];
        tone(pcm, COUNT, hz[i]);
        int steepest = largest_step(pcm, COUNT);
        size_t count = voice_stretch_lengthen(pcm, COUNT, false);
        double periods = (double)(count - COUNT) * hz[i] / RATE;
        cr_expect_gt(count, COUNT);
        cr_expect_leq(count, COUNT + VOICE_STRETCH_MOST);
        cr_expect_float_eq(periods, round(periods), 0.02, "%g Hz: %g periods", hz[i], periods);
        cr_expect_leq(largest_step(pcm, count), steepest + 40, "%g Hz", hz[i]);
    }
}

Test(voicestretch, leaves_noise_alone_unless_it_must)
{
    int16_t pcm[COUNT + VOICE_STRETCH_MOST];
    noise(pcm, COUNT);
    cr_expect_eq(voice_stretch_shorten(pcm, COUNT, false), COUNT);
    cr_expect_eq(voice_stretch_lengthen(pcm, COUNT, false), COUNT);
    cr_expect_gt(voice_stretch_lengthen(pcm, COUNT, true), COUNT);
    cr_expect_lt(voice_stretch_shorten(pcm, COUNT, true), COUNT);
}

Test(voicestretch, cuts_silence_freely)
{
    int16_t pcm[COUNT] = {0};
    cr_expect_lt(voice_stretch_shorten(pcm, COUNT, false), COUNT);
}

Test(voicestretch, does_nothing_to_less_than_it_needs)
{
    int16_t pcm[VOICE_STRETCH_NEEDED - 1] = {0};
    cr_expect_eq(voice_stretch_shorten(pcm, VOICE_STRETCH_NEEDED - 1, true),
                 VOICE_STRETCH_NEEDED - 1);
    cr_expect_eq(voice_stretch_lengthen(pcm, VOICE_STRETCH_NEEDED - 1, true),
                 VOICE_STRETCH_NEEDED - 1);
}

Test(voicestretch, keeps_within_the_least_it_needs)
{
    int16_t *pcm = g_new0(int16_t, VOICE_STRETCH_NEEDED);
    noise(pcm, VOICE_STRETCH_NEEDED);
    size_t count = voice_stretch_shorten(pcm, VOICE_STRETCH_NEEDED, true);
    cr_expect_geq(count, VOICE_STRETCH_NEEDED - VOICE_STRETCH_MOST);
    g_free(pcm);
}
