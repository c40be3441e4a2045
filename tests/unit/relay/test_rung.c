/* The rung with its history and pacer. */
#include <criterion/criterion.h>
#include <string.h>

#include "bridge/base/clock.h"
#include "bridge/relay/pacer.h"
#include "bridge/relay/rung.h"

#define MS INT64_C(1000)
#define START (1000 * MS)
#define FRAME_US (40 * MS)
#define PACKET_BYTES 1100

static const uint8_t keyframe_start[] = {0x10, 0x50, 0x01, 0x00, 0x9d, 0x01,
                                         0x2a, 0x40, 0x01, 0xb4, 0x00};

static bool put(Rung *rung, uint16_t seq, size_t size, bool ends_frame, int64_t now_us)
{
    uint8_t payload[LIMIT_RTP_BYTES + 1] = {0};
    RtpPacket packet = {
        .seq = seq, .timestamp = 9, .payload = payload, .payload_size = size, .marker = ends_frame};
    return rung_on_packet(rung, &packet, ends_frame, now_us);
}

static void put_frame(Rung *rung, uint16_t *seq, size_t packets, int64_t now_us)
{
    for (size_t i = 0; i < packets; i++) {
        cr_assert(put(rung, (*seq)++, PACKET_BYTES, i + 1 == packets, now_us));
    }
}

Test(rung, lets_only_whole_frames_go)
{
    Rung *rung = rung_new(0, VIDEO_VP8);
    uint64_t paced = 0;
    uint64_t start = rung_limit(rung);
    put(rung, 1, 100, false, START);
    rung_pace(rung, START, &paced);
    cr_expect_eq(rung_limit(rung), start);
    put(rung, 2, 100, true, START);
    cr_expect_not(rung_pace(rung, START, &paced));
    cr_expect_eq(rung_limit(rung), start + 2);
    cr_expect_not_null(rung_find(rung, start));
    cr_expect_eq(paced, 0);
    rung_free(rung);
}

Test(rung, ordinary_frames_are_never_delayed)
{
    Rung *rung = rung_new(0, VIDEO_VP8);
    uint64_t paced = 0;
    uint16_t seq = 0;
    for (int i = 0; i < 500; i++) {
        int64_t now_us = START + i * FRAME_US;
        put_frame(rung, &seq, (size_t)(4 + i % 5), now_us);
        cr_assert_not(rung_pace(rung, now_us, &paced), "frame %d", i);
    }
    rung_free(rung);
}

Test(rung, a_large_frame_is_spread_and_still_ends_in_time)
{
    Rung *rung = rung_new(0, VIDEO_VP8);
    uint64_t paced = 0;
    uint16_t seq = 0;
    int64_t now_us = START;
    for (int i = 0; i < 100; i++, now_us += FRAME_US) {
        put_frame(rung, &seq, 5, now_us);
        rung_pace(rung, now_us, &paced);
    }
    double rate = rung_rate_bps(rung, now_us) / 8;
    uint64_t before = rung_limit(rung);
    put_frame(rung, &seq, 60, now_us);
    int64_t began_us = now_us;
    cr_assert(rung_pace(rung, now_us, &paced));
    cr_expect_leq((double)(rung_limit(rung) - before) * PACKET_BYTES,
                  rate * PACER_FACTOR * 0.04 + PACKET_BYTES, "the first burst");
    while (rung_pace(rung, now_us, &paced)) {
        uint64_t limit = rung_limit(rung);
        now_us += PACER_SLOT_US;
        cr_assert_leq(now_us - began_us, PACER_DELAY_MAX_US + PACER_SLOT_US);
        cr_expect_leq(limit - before, 60);
    }
    cr_expect_gt(now_us - began_us, FRAME_US);
    cr_expect_gt(paced, 0);
    rung_free(rung);
}

Test(rung, tells_its_rate_only_while_it_is_encoded)
{
    Rung *rung = rung_new(0, VIDEO_VP8);
    uint64_t paced = 0;
    uint16_t seq = 0;
    int64_t now_us = START;
    put_frame(rung, &seq, 5, now_us);
    rung_pace(rung, now_us, &paced);
    cr_expect_eq(rung_rate_bps(rung, now_us), 0, "too early to say");
    for (int i = 0; i < 100; i++, now_us += FRAME_US) {
        put_frame(rung, &seq, 5, now_us);
        rung_pace(rung, now_us, &paced);
    }
    double expected_bps = 5.0 * PACKET_BYTES * 8 * 1e6 / FRAME_US;
    cr_expect_float_eq(rung_rate_bps(rung, now_us), expected_bps, expected_bps / 10);
    cr_expect_eq(rung_rate_bps(rung, now_us + 5 * CLOCK_US_PER_S), 0);
    rung_free(rung);
}

/* What a rung that is encoded again after a pause, or a mixer that lies, may send. */
Test(rung, a_number_from_elsewhere_is_a_new_beginning_and_never_a_long_hole)
{
    static const uint16_t jumps[] = {30000, 61000, 20000, 52000, 1, 33000, 500, 65535, 40000};
    Rung *rung = rung_new(0, VIDEO_VP8);
    uint64_t paced = 0;
    int64_t now_us = START;
    for (size_t i = 0; i < sizeof jumps / sizeof jumps[0]; i++, now_us += FRAME_US) {
        uint64_t before = rung_limit(rung);
        uint32_t timeline = before > 1 ? rung_find(rung, before - 1)->timeline : UINT32_MAX;
        cr_assert(put(rung, jumps[i], 100, true, now_us), "%u", jumps[i]);
        cr_assert_not(rung_pace(rung, now_us, &paced));
        cr_assert_eq(rung_limit(rung), before + 1, "%u", jumps[i]);
        cr_expect_neq(rung_find(rung, before)->timeline, timeline);
    }
    rung_free(rung);
}

Test(rung, an_old_number_is_dropped)
{
    Rung *rung = rung_new(0, VIDEO_VP8);
    cr_assert(put(rung, 100, 100, true, START));
    cr_expect_not(put(rung, 100, 100, true, START));
    cr_expect_not(put(rung, 99, 100, true, START));
    cr_expect(put(rung, 101, 100, true, START));
    rung_free(rung);
}

Test(rung, an_unheard_of_frame_waits_no_longer_than_the_bound)
{
    Rung *rung = rung_new(0, VIDEO_VP8);
    uint64_t paced = 0;
    uint16_t seq = 0;
    int64_t now_us = START;
    put_frame(rung, &seq, 400, now_us);
    while (rung_pace(rung, now_us, &paced)) {
        now_us += PACER_SLOT_US;
        cr_assert_leq(now_us - START, PACER_DELAY_MAX_US + PACER_SLOT_US);
    }
    rung_free(rung);
}

Test(rung, a_lost_packet_leaves_a_hole)
{
    Rung *rung = rung_new(0, VIDEO_VP8);
    uint64_t paced = 0;
    uint64_t start = rung_limit(rung);
    put(rung, 65535, 100, false, START);
    put(rung, 1, 100, true, START);
    rung_pace(rung, START, &paced);
    cr_expect_eq(rung_limit(rung), start + 3);
    cr_expect_null(rung_find(rung, start + 1));
    cr_expect_not_null(rung_find(rung, start + 2));
    rung_free(rung);
}

Test(rung, refuses_old_empty_and_oversized_packets)
{
    Rung *rung = rung_new(0, VIDEO_VP8);
    cr_expect(put(rung, 10, 100, true, START));
    cr_expect_not(put(rung, 10, 100, true, START));
    cr_expect_not(put(rung, 9, 100, true, START));
    cr_expect_not(put(rung, 11, 0, true, START));
    cr_expect_not(put(rung, 11, LIMIT_RTP_BYTES + 1, true, START));
    cr_expect(put(rung, 11, LIMIT_RTP_BYTES, true, START));
    rung_free(rung);
}

Test(rung, keeps_the_newest_packets_and_knows_which)
{
    Rung *rung = rung_new(0, VIDEO_VP8);
    uint64_t first = rung_limit(rung);
    for (int i = 0; i < LIMIT_HISTORY_PACKETS + 1; i++) {
        cr_assert(put(rung, (uint16_t)i, 100, true, START));
    }
    cr_expect_null(rung_find(rung, first));
    cr_expect_not_null(rung_find(rung, first + 1));
    cr_expect_not_null(rung_find(rung, first + LIMIT_HISTORY_PACKETS));
    cr_expect_null(rung_find(rung, first + LIMIT_HISTORY_PACKETS + 1));
    cr_expect_null(rung_find(rung, 0));
    rung_free(rung);
}

Test(rung, a_new_mixer_goes_on_where_the_last_whole_frame_ended)
{
    Rung *rung = rung_new(0, VIDEO_VP8);
    uint64_t paced = 0;
    put(rung, 100, 100, true, START);
    put(rung, 101, 100, false, START);
    put(rung, 102, 100, false, START);
    rung_pace(rung, START, &paced);
    uint64_t limit = rung_limit(rung);
    const HistoryPacket *old = rung_find(rung, limit - 1);
    uint32_t old_timeline = old->timeline;
    rung_restart(rung);
    cr_expect_null(rung_find(rung, limit), "half a frame is void");
    cr_expect_null(rung_find(rung, limit + 1));
    cr_expect(put(rung, 5, 50, true, START + MS));
    rung_pace(rung, START + MS, &paced);
    cr_expect_eq(rung_limit(rung), limit + 1);
    cr_expect_neq(rung_find(rung, limit)->timeline, old_timeline);
    cr_expect_not_null(rung_find(rung, limit - 1), "what was sent can be sent again");
    rung_free(rung);
}

Test(rung, knows_where_a_key_frame_starts_and_that_it_came)
{
    Rung *rung = rung_new(0, VIDEO_VP8);
    uint64_t index = rung_limit(rung);
    keyframe_want(rung_governor(rung));
    cr_expect(keyframe_take(rung_governor(rung), START));
    RtpPacket packet = {.seq = 1, .payload = keyframe_start, .payload_size = sizeof keyframe_start};
    cr_assert(rung_on_packet(rung, &packet, true, START));
    cr_expect(rung_find(rung, index)->starts_keyframe);
    cr_expect_eq(keyframe_due_us(rung_governor(rung)), -1);
    rung_free(rung);
}

Test(rung, a_mixer_that_never_ends_a_frame_is_not_waited_for)
{
    Rung *rung = rung_new(0, VIDEO_VP8);
    uint64_t paced = 0;
    uint64_t start = rung_limit(rung);
    for (int i = 0; i < LIMIT_HISTORY_PACKETS; i++) {
        put(rung, (uint16_t)i, 100, false, START);
    }
    rung_pace(rung, START, &paced);
    cr_expect_gt(rung_limit(rung), start);
    rung_free(rung);
}
