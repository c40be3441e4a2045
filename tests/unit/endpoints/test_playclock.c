#include <criterion/criterion.h>
#include <stdlib.h>

#include "bridge/base/clock.h"
#include "endpoints/device/playclock.h"

static const uint32_t clock_hz[PLAY_CLOCK_STREAMS] = {48000, 90000};

/* The sender's wall clock is far from ours. */
#define SENDER_EPOCH_S 3900000000u

static uint64_t ntp_of_ms(int64_t ms)
{
    uint64_t seconds = SENDER_EPOCH_S + (uint64_t)ms / 1000;
    return seconds << 32 | (((uint64_t)ms % 1000) << 32) / 1000;
}

Test(playclock, spaces_frames_by_their_timestamps_not_by_their_arrival)
{
    PlayClock clock;
    play_clock_init(&clock, clock_hz);
    int64_t first_us = play_clock_on_packet(&clock, 1, 1000, 5000000);
    int64_t second_us = play_clock_on_packet(&clock, 1, 1000 + 3600, 5000000 + 55000);
    cr_assert_eq(first_us, 5000000);
    cr_assert_float_eq((double)(second_us - first_us), 40000, 10);
}

Test(playclock, follows_the_least_delay)
{
    PlayClock clock;
    play_clock_init(&clock, clock_hz);
    srand(2);
    int64_t due_us = 0;
    int64_t sent_us = 0;
    for (int i = 0; i < 1000; i++) {
        sent_us = 10 * CLOCK_US_PER_S + i * INT64_C(20000);
        due_us =
            play_clock_on_packet(&clock, 0, (uint32_t)(i * 960), sent_us + 5000 + rand() % 30000);
    }
    cr_assert_float_eq((double)(due_us - sent_us), 5000, 2000);
}

Test(playclock, keeps_sound_and_picture_of_one_moment_together)
{
    PlayClock clock;
    play_clock_init(&clock, clock_hz);
    play_clock_on_report(&clock, 0, ntp_of_ms(1000), 48000 * 7);
    play_clock_on_report(&clock, 1, ntp_of_ms(1000), 12345);
    int64_t audio_us = 0;
    int64_t video_us = 0;
    for (int i = 0; i < 500; i++) {
        /* The picture takes 60 ms longer on its way. */
        int64_t sent_us = 50 * CLOCK_US_PER_S + i * INT64_C(20000);
        audio_us = play_clock_on_packet(&clock, 0, 48000 * 7 + (uint32_t)i * 960, sent_us);
        video_us = play_clock_on_packet(&clock, 1, 12345 + (uint32_t)i * 1800, sent_us + 60000);
    }
    cr_assert_float_eq((double)(audio_us - video_us), 0, 1500);
}

Test(playclock, survives_the_wrap_of_timestamps)
{
    PlayClock clock;
    play_clock_init(&clock, clock_hz);
    int64_t before_us = play_clock_on_packet(&clock, 1, UINT32_MAX - 1799, 1000000);
    int64_t after_us = play_clock_on_packet(&clock, 1, 1800, 1040000);
    cr_assert_float_eq((double)(after_us - before_us), 40000, 10);
}

Test(playclock, moves_slowly_when_the_path_grows_longer)
{
    PlayClock clock;
    play_clock_init(&clock, clock_hz);
    int64_t before_us = 0;
    for (int i = 0; i < 1500; i++) {
        int64_t sent_us = 10 * CLOCK_US_PER_S + i * INT64_C(20000);
        int64_t path_us = i < 250 ? 5000 : 105000;
        int64_t due_us = play_clock_on_packet(&clock, 0, (uint32_t)(i * 960), sent_us + path_us);
        if (i > 0) {
            cr_assert_float_eq((double)(due_us - before_us), 20000, 500);
        }
        before_us = due_us;
        if (i == 1499) {
            cr_assert_float_eq((double)(due_us - sent_us), 105000, 2000);
        }
    }
}

Test(playclock, jumps_when_it_is_wrong_altogether)
{
    PlayClock clock;
    play_clock_init(&clock, clock_hz);
    play_clock_on_report(&clock, 1, ntp_of_ms(0), 0);
    play_clock_on_packet(&clock, 1, 0, 1000000);
    play_clock_on_report(&clock, 1, ntp_of_ms(3600000), 3600);
    int64_t due_us = play_clock_on_packet(&clock, 1, 3600, 1040000);
    cr_assert_float_eq((double)due_us, 1040000, 1000);
}
