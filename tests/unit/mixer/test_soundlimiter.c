#include "bridge/mixer/soundlimiter.h"

#include <criterion/criterion.h>
#include <math.h>

#include "tests/unit/mixer/test_sound_support.h"

#define AHEAD SOUND_LIMITER_AHEAD
#define SAMPLES SOUND_LIMITER_SAMPLES
#define CEILING 23198

/* Runs a signal through, tick by tick, as the mix does. */
static void run(const int32_t *in, size_t ticks, int16_t *ret_out)
{
    SoundLimiter limiter;
    int32_t mix[AHEAD + SAMPLES] = {0};
    sound_limiter_init(&limiter);
    for (size_t i = 0; i < ticks; i++) {
        memmove(mix, mix + SAMPLES, AHEAD * sizeof *mix);
        memcpy(mix + AHEAD, in + i * SAMPLES, SAMPLES * sizeof *mix);
        sound_limiter_run(&limiter, mix, ret_out + i * SAMPLES);
    }
}

Test(soundlimiter, only_delays_what_fits)
{
    int32_t in[SAMPLES * 4];
    int16_t out[SAMPLES * 4];
    for (int i = 0; i < SAMPLES * 4; i++) {
        in[i] = (int32_t)lrint(23000 * sin(i * 0.05));
    }
    run(in, 4, out);
    for (int i = AHEAD; i < SAMPLES * 4; i++) {
        cr_assert_eq(out[i], in[i - AHEAD], "sample %d", i);
    }
}

Test(soundlimiter, never_passes_the_ceiling_whatever_comes)
{
    enum { TICKS = 200 };
    int32_t *in = g_new0(int32_t, SAMPLES * TICKS);
    int16_t *out = g_new0(int16_t, SAMPLES * TICKS);
    GRand *random = g_rand_new_with_seed(9);
    int32_t loudness = 0;
    for (int i = 0; i < SAMPLES * TICKS; i++) {
        if (i % 100 == 0) {
            loudness = 1 + g_rand_int_range(random, 0, 8) * 65000;
        }
        in[i] = g_rand_int_range(random, -loudness, loudness);
    }
    run(in, TICKS, out);
    for (int i = 0; i < SAMPLES * TICKS; i++) {
        cr_assert_leq(ABS(out[i]), CEILING + 1, "sample %d", i);
    }
    g_rand_free(random);
    g_free(in);
    g_free(out);
}

Test(soundlimiter, keeps_the_shape_of_a_loud_tone)
{
    enum { TICKS = 50 };
    int32_t in[SAMPLES * TICKS];
    int16_t out[SAMPLES * TICKS];
    for (int i = 0; i < SAMPLES * TICKS; i++) {
        in[i] = (int32_t)lrint(90000 * sin(2 * M_PI * 500 * i / RATE));
    }
    run(in, TICKS, out);
    double first = tone_level(out + SAMPLES, SAMPLES * (TICKS - 1), 500);
    double third = tone_level(out + SAMPLES, SAMPLES * (TICKS - 1), 1500);
    cr_expect_gt(first, CEILING * 0.95);
    cr_expect_lt(decibel(third, first), -60, "%.1f dB", decibel(third, first));
}

Test(soundlimiter, comes_back_to_unity_within_half_a_second)
{
    enum { TICKS = 60 };
    int32_t in[SAMPLES * TICKS];
    int16_t out[SAMPLES * TICKS];
    for (int i = 0; i < SAMPLES * TICKS; i++) {
        in[i] = i < SAMPLES * 10 ? 200000 : 1000;
    }
    run(in, TICKS, out);
    cr_expect_lt(out[SAMPLES * 11], 300);
    cr_expect_eq(out[SAMPLES * 35], 1000);
}

Test(soundlimiter, is_down_before_the_peak_comes)
{
    int32_t in[SAMPLES * 2] = {0};
    int16_t out[SAMPLES * 2];
    for (int i = 0; i < SAMPLES * 2; i++) {
        in[i] = i >= 1500 ? 120000 : 10000;
    }
    run(in, 2, out);
    cr_expect_leq(out[1500 + AHEAD - 1], 10000 * CEILING / 120000 + 1200);
    cr_expect_leq(out[1500 + AHEAD], CEILING + 1);
}
