#include "bridge/mixer/sound.h"

#include <criterion/criterion.h>
#include <stdatomic.h>

#include "bridge/base/clock.h"
#include "bridge/base/limits.h"
#include "tests/unit/mixer/test_sound_support.h"

typedef struct Heard {
    atomic_int common;
    atomic_int own;
    atomic_int is_held; /* The sound thread stands still while it is. */
    int64_t last_us;
    bool grid_is_wrong;
} Heard;

static void on_send(uint32_t source, const uint8_t *rtp, size_t size, int64_t time_us, void *data)
{
    Heard *heard = data;
    if (source != 0) {
        heard->own++;
        return;
    }
    if (heard->last_us != 0 && (time_us - heard->last_us) % 20000 != 0) {
        heard->grid_is_wrong = true;
    }
    heard->last_us = time_us;
    heard->common++;
    while (heard->is_held) {
        g_usleep(1000);
    }
}

static void wait_for(atomic_int *count, int least)
{
    int64_t until_us = clock_now_us() + 10 * CLOCK_US_PER_S;
    while (*count < least && clock_now_us() < until_us) {
        g_usleep(1000);
    }
    cr_assert_geq(*count, least);
}

Test(sound, mixes_what_is_posted_on_a_grid_of_20_ms)
{
    Heard heard = {0};
    Talker talker = talker_of(500, 5000);
    Sound *sound = sound_new(&(SoundOptions){.send = on_send, .data = &heard});
    for (int i = 0; i < 3; i++) {
        uint8_t rtp[RTP_MAX];
        size_t size = talker_write(&talker, rtp);
        cr_expect(sound_post_packet(sound, 7, rtp, size, clock_now_us()));
    }
    wait_for(&heard.own, 5);
    SoundStats stats;
    sound_read_stats(sound, &stats);
    cr_expect_eq(stats.packets_in, 3);
    cr_expect_eq(stats.speakers_now, 1);
    sound_post_gone(sound, 7);
    int common = heard.common;
    wait_for(&heard.common, common + 3);
    sound_read_stats(sound, &stats);
    cr_expect_eq(stats.voices_now, 0);
    sound_free(sound);
    cr_expect_not(heard.grid_is_wrong);
    talker_clear(&talker);
}

Test(sound, tells_who_speaks)
{
    Heard heard = {0};
    uint32_t speaker = 0;
    Talker talker = talker_of(500, 5000);
    Sound *sound = sound_new(&(SoundOptions){.send = on_send, .data = &heard});
    bool is_told = false;
    for (int i = 0; i < 500 && !is_told; i++) {
        uint8_t rtp[RTP_MAX];
        size_t size = talker_write(&talker, rtp);
        sound_post_packet(sound, 7, rtp, size, clock_now_us());
        wait_for(&heard.common, heard.common + 1);
        is_told = sound_take_speaker(sound, &speaker);
    }
    cr_expect(is_told);
    cr_expect_eq(speaker, 7);
    sound_free(sound);
    talker_clear(&talker);
}

Test(sound, lets_a_stall_go_and_counts_it)
{
    Heard heard = {.is_held = 1};
    Sound *sound = sound_new(&(SoundOptions){.send = on_send, .data = &heard});
    wait_for(&heard.common, 1);
    g_usleep(300000);
    heard.is_held = 0;
    wait_for(&heard.common, 20);
    SoundStats stats;
    sound_read_stats(sound, &stats);
    sound_free(sound);
    cr_expect_geq(stats.stalls, 1);
    cr_expect_geq(stats.tick_late_max_us, 200000);
    cr_expect_not(heard.grid_is_wrong);
}

Test(sound, refuses_packets_that_are_empty_or_too_large)
{
    Heard heard = {0};
    uint8_t bytes[1501] = {0};
    Sound *sound = sound_new(&(SoundOptions){.send = on_send, .data = &heard});
    cr_expect_not(sound_post_packet(sound, 7, bytes, 0, clock_now_us()));
    cr_expect_not(sound_post_packet(sound, 7, bytes, 1501, clock_now_us()));
    SoundStats stats;
    sound_read_stats(sound, &stats);
    cr_expect_eq(stats.packets_unposted, 2);
    sound_free(sound);
}

Test(sound, drops_and_counts_what_its_mailbox_can_not_hold)
{
    Heard heard = {.is_held = 1};
    uint8_t bytes[100] = {0};
    Sound *sound = sound_new(&(SoundOptions){.send = on_send, .data = &heard});
    wait_for(&heard.common, 1);
    int posted = 0;
    while (posted <= LIMIT_SOUND_QUEUE && sound_post_packet(sound, 7, bytes, 100, 1)) {
        posted++;
    }
    SoundStats stats;
    sound_read_stats(sound, &stats);
    cr_expect_leq(posted, LIMIT_SOUND_QUEUE);
    cr_expect_eq(stats.packets_unposted, 1);
    heard.is_held = 0;
    sound_free(sound);
}

Test(sound, may_be_freed_when_it_never_was)
{
    sound_free(NULL);
}
