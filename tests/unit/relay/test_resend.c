#include <criterion/criterion.h>
#include <string.h>

#include "bridge/relay/resend.h"

#define MS INT64_C(1000)
#define START (1000 * MS)
#define RTT (50 * MS)
#define STREAM_BPS 1000000.0

Test(resend, answers_the_same_packet_once_per_round_trip)
{
    Resend resend = {0};
    cr_expect(resend_take(&resend, 7, 1000, START, RTT, STREAM_BPS));
    cr_expect_not(resend_take(&resend, 7, 1000, START + RTT - MS, RTT, STREAM_BPS));
    cr_expect(resend_take(&resend, 8, 1000, START + RTT - MS, RTT, STREAM_BPS));
    cr_expect(resend_take(&resend, 7, 1000, START + RTT, RTT, STREAM_BPS));
}

Test(resend, takes_no_more_than_its_share)
{
    Resend resend = {0};
    size_t bytes = 0;
    for (int i = 0; i < 10000; i++) {
        int64_t now_us = START + i * MS;
        bytes += resend_take(&resend, (uint16_t)i, 1000, now_us, RTT, STREAM_BPS) ? 1000 : 0;
    }
    double share = STREAM_BPS * RESEND_SHARE / 8 * 10;
    cr_expect_gt(bytes, share * 0.9);
    cr_expect_lt(bytes, share * 1.1);
}

Test(resend, has_an_allowance_even_before_the_rate_is_known)
{
    Resend resend = {0};
    cr_expect(resend_take(&resend, 7, 1200, START, RTT, 0));
}

Test(resend, the_ring_gives_back_the_very_bytes)
{
    SentRing *ring = sent_ring_new();
    uint8_t bytes[100];
    size_t size = 0;
    memset(bytes, 0xab, sizeof bytes);
    sent_ring_put(ring, 65535, bytes, sizeof bytes);
    const uint8_t *found = sent_ring_find(ring, 65535, &size);
    cr_assert_not_null(found);
    cr_expect_eq(size, sizeof bytes);
    cr_expect_arr_eq(found, bytes, size);
    sent_ring_free(ring);
}

Test(resend, the_ring_forgets_the_oldest_and_knows_it)
{
    SentRing *ring = sent_ring_new();
    uint8_t byte = 1;
    size_t size;
    cr_expect_null(sent_ring_find(ring, 0, &size));
    sent_ring_put(ring, 5, &byte, 1);
    sent_ring_put(ring, 5 + SENT_RING_PACKETS, &byte, 1);
    cr_expect_null(sent_ring_find(ring, 5, &size));
    cr_expect_not_null(sent_ring_find(ring, 5 + SENT_RING_PACKETS, &size));
    sent_ring_free(ring);
}

Test(resend, the_ring_takes_nothing_too_long)
{
    static uint8_t bytes[LIMIT_DATAGRAM_BYTES + 1];
    SentRing *ring = sent_ring_new();
    size_t size;
    sent_ring_put(ring, 5, bytes, sizeof bytes);
    cr_expect_null(sent_ring_find(ring, 5, &size));
    sent_ring_free(ring);
}
