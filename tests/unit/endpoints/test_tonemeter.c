#include <criterion/criterion.h>
#include <math.h>

#include "endpoints/device/tonemeter.h"

#define HZ 48000
#define COUNT 960

static double share_of(double hz, double amplitude, double noise)
{
    int16_t samples[COUNT];
    unsigned random = 1;
    for (int i = 0; i < COUNT; i++) {
        random = random * 1103515245U + 12345U;
        double hiss = ((double)(random >> 16 & 0x7fff) / 16384.0 - 1.0) * noise;
        samples[i] = (int16_t)lround(amplitude * sin(2 * M_PI * hz * i / HZ) + hiss);
    }
    return tone_share(samples, COUNT, 1000, HZ);
}

Test(tonemeter, a_pure_tone_is_all_of_the_sound)
{
    cr_assert_gt(share_of(1000, 8000, 0), 0.99);
    cr_assert_gt(share_of(1000, 100, 0), 0.99, "however quiet");
}

Test(tonemeter, another_tone_and_noise_are_none_of_it)
{
    cr_assert_lt(share_of(1500, 8000, 0), 0.01);
    cr_assert_lt(share_of(440, 8000, 0), 0.05);
    cr_assert_lt(share_of(0, 0, 8000), 0.05);
    cr_assert_eq(share_of(0, 0, 0), 0, "silence");
}

Test(tonemeter, a_tone_in_a_noisy_room_is_heard)
{
    cr_assert_gt(share_of(1000, 3000, 3000), 0.3);
}
