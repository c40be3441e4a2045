#include <criterion/criterion.h>
#include <string.h>

#include "bridge/base/clock.h"
#include "bridge/relay/clip.h"

#define START (1000 * CLOCK_US_PER_S)
#define PACKET_BYTES 1000

static const uint8_t keyframe[PACKET_BYTES] = {0x10, 0x50, 0x01, 0x00, 0x9d, 0x01,
                                               0x2a, 0x40, 0x01, 0xb4, 0x00};
static const uint8_t interframe[PACKET_BYTES] = {0x10, 0x51, 0x01, 0x00, 0x01};

/* Sends at a steady rate; how much of it passes, as a rate. A key frame every second. */
static double pass_kbps(Clip *clip, double kbps, int64_t from_us, int64_t seconds)
{
    int64_t step_us = (int64_t)(PACKET_BYTES * 8 * 1000 / kbps);
    int64_t next_key_us = 0;
    double bytes = 0;
    for (int64_t at_us = 0; at_us < seconds * CLOCK_US_PER_S; at_us += step_us) {
        bool is_key = at_us >= next_key_us;
        next_key_us += is_key ? CLOCK_US_PER_S : 0;
        bytes += clip_pass(clip, is_key ? keyframe : interframe, PACKET_BYTES, from_us + at_us)
                     ? PACKET_BYTES
                     : 0;
    }
    return bytes * 8 / 1000 / (double)seconds;
}

Test(clip, passes_everything_without_a_limit)
{
    Clip clip = {0};
    cr_expect_float_eq(pass_kbps(&clip, 8000, START, 10), 8000, 10);
}

Test(clip, passes_a_sender_that_sends_somewhat_more)
{
    Clip clip = {0};
    clip_set_kbps(&clip, 500, START);
    cr_expect_float_eq(pass_kbps(&clip, 1400, START, 30), 1400, 10);
}

Test(clip, holds_a_sender_far_above_to_three_times_its_rate)
{
    Clip clip = {0};
    clip_set_kbps(&clip, 500, START);
    pass_kbps(&clip, 8000, START, 5);
    double kbps = pass_kbps(&clip, 8000, START + 5 * CLOCK_US_PER_S, 60);
    cr_expect_leq(kbps, 1500 * 1.05, "%.0f kbit/s", kbps);
    cr_expect_geq(kbps, 500, "%.0f kbit/s", kbps);
}

Test(clip, gives_a_sender_time_to_obey)
{
    Clip clip = {0};
    clip_set_kbps(&clip, 100, START);
    for (int64_t at_us = 0; at_us < CLIP_GRACE_US; at_us += 1000) {
        cr_assert(clip_pass(&clip, interframe, PACKET_BYTES, START + at_us));
    }
}

Test(clip, begins_again_only_with_a_key_frame)
{
    Clip clip = {0};
    clip_set_kbps(&clip, 100, START);
    int64_t now_us = START + CLIP_GRACE_US;
    while (clip_pass(&clip, interframe, PACKET_BYTES, now_us)) {
    }
    cr_expect(clip_is_on(&clip));
    now_us += 60 * CLOCK_US_PER_S;
    cr_expect_not(clip_pass(&clip, interframe, PACKET_BYTES, now_us));
    cr_expect(clip_pass(&clip, keyframe, PACKET_BYTES, now_us));
    cr_expect(clip_pass(&clip, interframe, PACKET_BYTES, now_us));
    cr_expect_not(clip_is_on(&clip));
}
