#include <criterion/criterion.h>
#include <string.h>

#include "bridge/base/limits.h"
#include "bridge/relay/ingest.h"

#define MS INT64_C(1000)
#define START (1000 * MS)
#define RTT (40 * MS)
#define POOL_BUFFERS 300

typedef struct Rig {
    Pool *pool;
    Ingest *ingest;
} Rig;

static Rig make_rig(void)
{
    Rig rig = {.pool = pool_new(POOL_BUFFERS, LIMIT_DATAGRAM_BYTES)};
    rig.ingest = ingest_new(rig.pool);
    return rig;
}

static void free_rig(Rig *rig)
{
    ingest_free(rig->ingest);
    cr_expect_eq(pool_free_count(rig->pool), POOL_BUFFERS, "every buffer came back");
    pool_free(rig->pool);
}

static IngestVerdict push(Rig *rig, uint16_t seq, int64_t now_us)
{
    uint8_t payload[2] = {(uint8_t)(seq >> 8), (uint8_t)seq};
    IngestPacket packet = {.seq = seq,
                           .timestamp = seq * 10U,
                           .arrival_us = now_us,
                           .payload = payload,
                           .size = sizeof payload};
    return ingest_push(rig->ingest, &packet);
}

static void expect_pop(Rig *rig, uint16_t seq)
{
    IngestPacket packet;
    cr_assert(ingest_pop(rig->ingest, &packet), "packet %u", seq);
    cr_expect_eq(packet.seq, seq);
    cr_expect_eq(packet.timestamp, seq * 10U);
    cr_expect_eq(packet.payload[0] << 8 | packet.payload[1], seq);
}

static void expect_nothing(Rig *rig)
{
    IngestPacket packet;
    cr_expect_not(ingest_pop(rig->ingest, &packet));
}

Test(ingest, passes_packets_in_order_straight_through)
{
    Rig rig = make_rig();
    for (uint32_t seq = 65530; seq < 65550; seq++) {
        cr_expect_eq(push(&rig, (uint16_t)seq, START), INGEST_DELIVER);
        expect_nothing(&rig);
    }
    cr_expect_not(ingest_has_gap(rig.ingest));
    free_rig(&rig);
}

Test(ingest, holds_what_came_too_early_over_the_wrap)
{
    Rig rig = make_rig();
    push(&rig, 65534, START);
    cr_expect_eq(push(&rig, 0, START), INGEST_HELD);
    cr_expect_eq(push(&rig, 1, START), INGEST_HELD);
    expect_nothing(&rig);
    cr_expect_eq(push(&rig, 65535, START), INGEST_DELIVER);
    expect_pop(&rig, 0);
    expect_pop(&rig, 1);
    expect_nothing(&rig);
    cr_expect_not(ingest_has_gap(rig.ingest));
    free_rig(&rig);
}

Test(ingest, stops_at_the_next_hole)
{
    Rig rig = make_rig();
    push(&rig, 1, START);
    push(&rig, 3, START);
    push(&rig, 5, START);
    cr_expect_eq(push(&rig, 2, START), INGEST_DELIVER);
    expect_pop(&rig, 3);
    expect_nothing(&rig);
    cr_expect(ingest_has_gap(rig.ingest));
    free_rig(&rig);
}

Test(ingest, drops_duplicates_held_and_passed_on)
{
    Rig rig = make_rig();
    push(&rig, 1, START);
    push(&rig, 3, START);
    cr_expect_eq(push(&rig, 3, START), INGEST_DUPLICATE);
    cr_expect_eq(push(&rig, 1, START), INGEST_LATE);
    free_rig(&rig);
}

Test(ingest, waits_a_moment_before_it_asks)
{
    Rig rig = make_rig();
    uint16_t seqs[8];
    push(&rig, 1, START);
    push(&rig, 4, START);
    cr_expect_eq(ingest_take_nacks(rig.ingest, START + 5 * MS, RTT, seqs, 8), 0);
    cr_expect_eq(ingest_take_nacks(rig.ingest, START + 10 * MS, RTT, seqs, 8), 2);
    cr_expect_eq(seqs[0], 2);
    cr_expect_eq(seqs[1], 3);
    free_rig(&rig);
}

Test(ingest, asks_once_per_round_trip_and_not_for_what_came)
{
    Rig rig = make_rig();
    uint16_t seqs[8];
    push(&rig, 1, START);
    push(&rig, 4, START);
    int64_t asked_us = START + 10 * MS;
    ingest_take_nacks(rig.ingest, asked_us, RTT, seqs, 8);
    cr_expect_eq(ingest_take_nacks(rig.ingest, asked_us + RTT - MS, RTT, seqs, 8), 0);
    push(&rig, 2, asked_us + RTT);
    cr_expect_eq(ingest_take_nacks(rig.ingest, asked_us + RTT, RTT, seqs, 8), 1);
    cr_expect_eq(seqs[0], 3);
    free_rig(&rig);
}

Test(ingest, asks_at_most_ten_times)
{
    Rig rig = make_rig();
    uint16_t seqs[8];
    size_t asked = 0;
    push(&rig, 1, START);
    push(&rig, 3, START);
    for (int64_t now_us = START; now_us < START + 5000 * MS; now_us += 10 * MS) {
        asked += ingest_take_nacks(rig.ingest, now_us, MS, seqs, 8);
    }
    cr_expect_eq(asked, LIMIT_NACK_TRIES);
    free_rig(&rig);
}

Test(ingest, gives_up_in_time_and_passes_on_what_waited)
{
    Rig rig = make_rig();
    push(&rig, 1, START);
    push(&rig, 3, START);
    push(&rig, 4, START);
    cr_expect_eq(ingest_expire(rig.ingest, START + 4 * RTT - MS, RTT), 0);
    cr_expect_eq(ingest_expire(rig.ingest, START + 4 * RTT, RTT), 1);
    expect_pop(&rig, 3);
    expect_pop(&rig, 4);
    cr_expect_not(ingest_has_gap(rig.ingest));
    cr_expect_eq(push(&rig, 2, START + 5 * RTT), INGEST_LATE);
    free_rig(&rig);
}

Test(ingest, no_picture_waits_longer_than_400_ms_however_slow_the_link)
{
    Rig rig = make_rig();
    push(&rig, 1, START);
    push(&rig, 3, START);
    cr_expect_eq(ingest_expire(rig.ingest, START + 399 * MS, 2000 * MS), 0);
    cr_expect_eq(ingest_expire(rig.ingest, START + 400 * MS, 2000 * MS), 1);
    free_rig(&rig);
}

Test(ingest, begins_anew_after_a_leap_over_the_window)
{
    Rig rig = make_rig();
    push(&rig, 1, START);
    push(&rig, 3, START);
    cr_expect_eq(push(&rig, 2 + LIMIT_INGEST_WINDOW, START), INGEST_RESTART);
    cr_expect_eq(push(&rig, 3 + LIMIT_INGEST_WINDOW, START), INGEST_DELIVER);
    cr_expect_not(ingest_has_gap(rig.ingest));
    free_rig(&rig);
}

Test(ingest, uses_the_whole_window)
{
    Rig rig = make_rig();
    push(&rig, 1, START);
    for (uint16_t seq = 3; seq < 2 + LIMIT_INGEST_WINDOW; seq++) {
        cr_assert_eq(push(&rig, seq, START), INGEST_HELD);
    }
    cr_expect_eq(push(&rig, 2, START), INGEST_DELIVER);
    for (uint16_t seq = 3; seq < 2 + LIMIT_INGEST_WINDOW; seq++) {
        expect_pop(&rig, seq);
    }
    free_rig(&rig);
}

Test(ingest, goes_on_when_the_pool_is_empty)
{
    Rig rig = make_rig();
    while (pool_take(rig.pool) != POOL_NONE) {
    }
    push(&rig, 1, START);
    cr_expect_eq(push(&rig, 3, START), INGEST_RESTART);
    cr_expect_eq(push(&rig, 4, START), INGEST_DELIVER);
    for (int i = 0; i < POOL_BUFFERS; i++) {
        pool_return(rig.pool, i);
    }
    free_rig(&rig);
}

Test(ingest, a_reset_forgets_everything)
{
    Rig rig = make_rig();
    push(&rig, 1000, START);
    push(&rig, 1003, START);
    ingest_reset(rig.ingest);
    cr_expect_not(ingest_has_gap(rig.ingest));
    cr_expect_eq(push(&rig, 7, START), INGEST_DELIVER);
    free_rig(&rig);
}
