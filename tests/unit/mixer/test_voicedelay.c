#include "bridge/mixer/voicedelay.h"

#include <criterion/criterion.h>
#include <glib.h>

/* `count` packets of 20 ms, every `nth` of them `excess_us` late. */
static int64_t feed(VoiceDelay *delay, int64_t from, int64_t count, int nth, int64_t excess_us)
{
    for (int64_t i = from; i < from + count; i++) {
        voice_delay_on_packet(delay, i * 960, 1000 + i * 20000 + (i % nth == 0 ? excess_us : 0));
        voice_delay_on_frame(delay, false, 20000);
    }
    return from + count;
}

static VoiceDelay fresh(void)
{
    VoiceDelay delay;
    voice_delay_reset(&delay);
    return delay;
}

Test(voicedelay, wants_the_least_wait_on_a_quiet_network)
{
    VoiceDelay delay = fresh();
    feed(&delay, 0, 500, 1, 0);
    cr_expect_eq(voice_delay_target_us(&delay), VOICE_DELAY_MIN_US);
}

Test(voicedelay, covers_what_one_packet_in_ten_needs)
{
    VoiceDelay delay = fresh();
    feed(&delay, 1, 500, 10, 60000);
    int64_t target_us = voice_delay_target_us(&delay);
    cr_expect(target_us >= 60000 && target_us <= 75000, "%ld", target_us);
}

Test(voicedelay, does_not_wait_for_one_packet_in_a_hundred)
{
    VoiceDelay delay = fresh();
    feed(&delay, 1, 1000, 100, 150000);
    cr_expect_leq(voice_delay_target_us(&delay), 30000);
}

Test(voicedelay, grows_at_once_when_a_packet_was_late_and_shrinks_slowly)
{
    VoiceDelay delay = fresh();
    int64_t next = feed(&delay, 0, 100, 1, 0);
    voice_delay_on_late(&delay, 120000);
    cr_expect_geq(voice_delay_target_us(&delay), 120000);
    next = feed(&delay, next, 100, 1, 0);
    int64_t after_2_s = voice_delay_target_us(&delay);
    cr_expect(after_2_s < 120000 && after_2_s > 90000, "%ld", after_2_s);
    feed(&delay, next, 1000, 1, 0);
    cr_expect_eq(voice_delay_target_us(&delay), VOICE_DELAY_MIN_US);
}

Test(voicedelay, never_wants_more_than_the_most)
{
    VoiceDelay delay = fresh();
    feed(&delay, 1, 500, 2, 199000);
    cr_expect_eq(voice_delay_target_us(&delay), VOICE_DELAY_MAX_US);
    voice_delay_on_late(&delay, 5000000);
    cr_expect_eq(voice_delay_target_us(&delay), VOICE_DELAY_MAX_US);
}

Test(voicedelay, forgets_a_jam_that_no_wait_would_have_covered)
{
    VoiceDelay delay = fresh();
    int64_t next = feed(&delay, 0, 100, 1, 0);
    feed(&delay, next, 100, 1, 900000);
    cr_expect_eq(voice_delay_target_us(&delay), VOICE_DELAY_MIN_US);
}

Test(voicedelay, waits_a_frame_more_while_frames_get_lost)
{
    VoiceDelay delay = fresh();
    feed(&delay, 1, 500, 3, 30000);
    int64_t before_us = voice_delay_target_us(&delay);
    for (int i = 0; i < 20; i++) {
        voice_delay_on_frame(&delay, i % 4 == 0, 20000);
    }
    cr_expect_eq(voice_delay_target_us(&delay), before_us + 20000);
}

Test(voicedelay, follows_a_path_that_became_longer_or_shorter)
{
    VoiceDelay delay = fresh();
    int64_t next = feed(&delay, 0, 100, 1, 0);
    int64_t before_us = voice_delay_arrival_us(&delay, 0);
    next = feed(&delay, next, 600, 1, 50000);
    cr_expect_eq(voice_delay_arrival_us(&delay, 0), before_us + 50000);
    feed(&delay, next, 1, 1, -10000);
    cr_expect_eq(voice_delay_arrival_us(&delay, 0), before_us - 10000);
}

Test(voicedelay, says_by_how_much_a_packet_exceeds_the_least)
{
    VoiceDelay delay = fresh();
    cr_expect_eq(voice_delay_on_packet(&delay, 0, 7000), 0);
    cr_expect_eq(voice_delay_on_packet(&delay, 960, 7000 + 20000 + 3000), 3000);
    cr_expect_eq(voice_delay_on_packet(&delay, 1920, 7000 + 40000 - 1000), 0);
}

Test(voicedelay, turns_timestamps_into_times_and_back)
{
    VoiceDelay delay = fresh();
    voice_delay_on_packet(&delay, 4800000, 900000000);
    for (int64_t rtp_ts = 4800000; rtp_ts < 5000000; rtp_ts += 960) {
        int64_t at_us = voice_delay_arrival_us(&delay, rtp_ts);
        cr_expect_leq(ABS(voice_delay_rtp_ts(&delay, at_us) - rtp_ts), 1);
    }
}
