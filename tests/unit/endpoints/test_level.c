#include <criterion/criterion.h>
#include <math.h>

#include "endpoints/device/level.h"

#define COUNT 960

static uint8_t level_of_sine(double amplitude)
{
    int16_t samples[COUNT];
    for (int i = 0; i < COUNT; i++) {
        samples[i] = (int16_t)lround(amplitude * sin(2 * M_PI * 20 * i / COUNT));
    }
    return level_of(samples, COUNT);
}

Test(level, calls_digital_silence_127)
{
    int16_t samples[COUNT] = {0};
    cr_assert_eq(level_of(samples, COUNT), 127);
    cr_assert_eq(level_of(samples, 0), 127);
}

Test(level, calls_a_full_scale_square_wave_0)
{
    int16_t samples[COUNT];
    for (int i = 0; i < COUNT; i++) {
        samples[i] = i % 2 == 0 ? 32767 : -32768;
    }
    cr_assert_eq(level_of(samples, COUNT), 0);
}

Test(level, measures_sines_to_the_decibel)
{
    /* A full-scale sine lies 3 dB below a full-scale square wave. */
    cr_assert_eq(level_of_sine(32767), 3);
    cr_assert_eq(level_of_sine(3276.7), 23);
    cr_assert_eq(level_of_sine(327.67), 43);
    cr_assert_eq(level_of_sine(32.767), 63);
}

Test(level, does_not_overflow_and_orders_by_loudness)
{
    uint8_t before = 127;
    for (double amplitude = 1; amplitude < 32767; amplitude *= 1.5) {
        uint8_t level = level_of_sine(amplitude);
        cr_assert_leq(level, before);
        before = level;
    }
    cr_assert_leq(before, 6);
}

Test(level, hears_a_single_least_sample)
{
    int16_t samples[COUNT] = {1};
    uint8_t level = level_of(samples, COUNT);
    cr_assert_lt(level, 127);
    cr_assert_gt(level, 100);
}
