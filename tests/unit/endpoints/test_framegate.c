#include <criterion/criterion.h>
#include <stdlib.h>

#include "bridge/base/clock.h"
#include "endpoints/device/framegate.h"

/* How many of `frames` frames of a source pass a gate that is asked for `fps`. */
static int count(int source_fps, int fps, int frames, int jitter_us)
{
    FrameGate gate = {0};
    int passed = 0;
    srand(1);
    for (int i = 0; i < frames; i++) {
        int64_t at_us = CLOCK_US_PER_S * 1000 + i * CLOCK_US_PER_S / source_fps;
        if (jitter_us > 0) {
            at_us += rand() % (2 * jitter_us) - jitter_us;
        }
        passed += frame_gate_pass(&gate, fps, at_us);
    }
    return passed;
}

Test(framegate, passes_the_demanded_rate)
{
    cr_assert_eq(count(25, 25, 1000, 0), 1000);
    cr_assert_float_eq(count(30, 25, 3000, 0), 2500, 5);
    cr_assert_float_eq(count(25, 12, 2500, 0), 1200, 5);
    cr_assert_float_eq(count(25, 1, 2500, 0), 100, 2);
}

Test(framegate, passes_everything_of_a_slower_source)
{
    cr_assert_eq(count(15, 25, 1500, 0), 1500);
}

Test(framegate, is_not_confused_by_a_jittering_source)
{
    cr_assert_float_eq(count(25, 25, 1000, 8000), 1000, 10);
    cr_assert_float_eq(count(30, 15, 3000, 8000), 1500, 15);
}

Test(framegate, passes_nothing_when_nothing_is_wanted)
{
    FrameGate gate = {0};
    for (int i = 0; i < 100; i++) {
        cr_assert_not(frame_gate_pass(&gate, 0, i * 40000));
    }
    cr_assert(frame_gate_pass(&gate, 25, 100 * 40000));
}

Test(framegate, spreads_what_passes_evenly)
{
    FrameGate gate = {0};
    int64_t last_us = -1;
    for (int i = 0; i < 3000; i++) {
        int64_t at_us = i * CLOCK_US_PER_S / 30;
        if (!frame_gate_pass(&gate, 10, at_us)) {
            continue;
        }
        if (last_us >= 0) {
            cr_assert_float_eq((double)(at_us - last_us), 100000, 34000);
        }
        last_us = at_us;
    }
}

Test(framegate, goes_on_after_a_pause_without_a_burst)
{
    FrameGate gate = {0};
    int passed = 0;
    cr_assert(frame_gate_pass(&gate, 5, 0));
    for (int i = 0; i < 30; i++) {
        passed += frame_gate_pass(&gate, 5, 60 * CLOCK_US_PER_S + i * CLOCK_US_PER_S / 30);
    }
    cr_assert_leq(passed, 6);
}

Test(framegate, follows_a_clock_that_was_set_back)
{
    FrameGate gate = {0};
    cr_assert(frame_gate_pass(&gate, 25, 100 * CLOCK_US_PER_S));
    cr_assert(frame_gate_pass(&gate, 25, 50 * CLOCK_US_PER_S));
}
