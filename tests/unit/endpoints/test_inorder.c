#include <criterion/criterion.h>
#include <string.h>

#include "endpoints/device/inorder.h"

#define PATIENCE_US 100000
#define SEEN_MAX 2048

typedef struct Seen {
    size_t count;
    uint16_t seqs[SEEN_MAX];
    bool after_loss[SEEN_MAX];
} Seen;

static void on_packet(const InOrderPacket *packet, void *data)
{
    Seen *seen = data;
    cr_assert_lt(seen->count, SEEN_MAX);
    cr_assert_eq(packet->size, 2);
    cr_assert_eq(packet->payload[0], packet->seq >> 8);
    cr_assert_eq(packet->payload[1], packet->seq & 0xff);
    seen->seqs[seen->count] = packet->seq;
    seen->after_loss[seen->count++] = packet->after_loss;
}

static bool push(InOrder *order, uint16_t seq, int64_t now_us)
{
    uint8_t payload[] = {seq >> 8, seq & 0xff};
    InOrderPacket packet = {.seq = seq, .payload = payload, .size = sizeof payload};
    return in_order_push(order, &packet, now_us);
}

static void expect(const Seen *seen, size_t count, uint16_t first)
{
    cr_assert_eq(seen->count, count, "%zu", seen->count);
    for (size_t i = 0; i < count; i++) {
        cr_assert_eq(seen->seqs[i], (uint16_t)(first + i));
    }
}

Test(inorder, delivers_what_comes_in_order_at_once)
{
    Seen seen = {0};
    InOrder *order = in_order_new(PATIENCE_US, on_packet, &seen);
    for (unsigned i = 0; i < 1000; i++) {
        cr_assert(push(order, (uint16_t)(65000 + i), i));
        cr_assert_eq(in_order_deadline_us(order), -1);
    }
    expect(&seen, 1000, 65000);
    in_order_free(order);
}

Test(inorder, swaps_neighbours_back_without_asking)
{
    Seen seen = {0};
    uint16_t seqs[8];
    InOrder *order = in_order_new(PATIENCE_US, on_packet, &seen);
    push(order, 10, 0);
    push(order, 12, 1000);
    expect(&seen, 1, 10);
    cr_assert_eq(in_order_take_missing(order, 1000 + IN_ORDER_TOLERANCE_US - 1, seqs, 8), 0);
    push(order, 11, 2000);
    expect(&seen, 3, 10);
    cr_assert_not(seen.after_loss[1]);
    cr_assert_eq(in_order_deadline_us(order), -1);
    in_order_free(order);
}

Test(inorder, asks_for_what_is_missing_and_again_later)
{
    Seen seen = {0};
    uint16_t seqs[8];
    InOrder *order = in_order_new(PATIENCE_US, on_packet, &seen);
    push(order, 10, 0);
    push(order, 14, 0);
    push(order, 12, 0);
    cr_assert_eq(in_order_deadline_us(order), IN_ORDER_TOLERANCE_US);
    cr_assert_eq(in_order_take_missing(order, IN_ORDER_TOLERANCE_US, seqs, 8), 2);
    cr_assert_eq(seqs[0], 11);
    cr_assert_eq(seqs[1], 13);
    cr_assert_eq(in_order_take_missing(order, IN_ORDER_TOLERANCE_US + 1, seqs, 8), 0);
    int64_t again_us = IN_ORDER_TOLERANCE_US + IN_ORDER_ASK_AGAIN_US;
    cr_assert_eq(in_order_take_missing(order, again_us, seqs, 1), 1);
    in_order_free(order);
}

Test(inorder, gives_up_after_its_patience_and_says_so)
{
    Seen seen = {0};
    InOrder *order = in_order_new(PATIENCE_US, on_packet, &seen);
    push(order, 10, 0);
    push(order, 12, 0);
    push(order, 13, 0);
    in_order_expire(order, PATIENCE_US - 1);
    cr_assert_eq(seen.count, 1);
    in_order_expire(order, PATIENCE_US);
    cr_assert_eq(seen.count, 3);
    cr_assert(seen.after_loss[1]);
    cr_assert_not(seen.after_loss[2]);
    cr_assert_not(push(order, 11, PATIENCE_US), "it comes too late");
    in_order_free(order);
}

Test(inorder, refuses_duplicates_and_giants)
{
    Seen seen = {0};
    uint8_t giant[2000] = {0};
    InOrder *order = in_order_new(PATIENCE_US, on_packet, &seen);
    InOrderPacket packet = {.seq = 9, .payload = giant, .size = sizeof giant};
    cr_assert_not(in_order_push(order, &packet, 0));
    cr_assert(push(order, 10, 0));
    cr_assert_not(push(order, 10, 0));
    cr_assert(push(order, 12, 0));
    cr_assert_not(push(order, 12, 0));
    cr_assert_not(push(order, 5, 0));
    expect(&seen, 1, 10);
    in_order_free(order);
}

Test(inorder, does_not_grow_over_a_gap_that_is_too_wide)
{
    Seen seen = {0};
    InOrder *order = in_order_new(PATIENCE_US, on_packet, &seen);
    push(order, 10, 0);
    push(order, 12, 0);
    push(order, (uint16_t)(12 + IN_ORDER_PACKETS), 0);
    cr_assert_eq(seen.count, 2, "the gap before 12 is given up");
    cr_assert_eq(seen.seqs[1], 12);
    cr_assert(seen.after_loss[1]);
    push(order, 30000, 0);
    in_order_expire(order, PATIENCE_US);
    cr_assert_eq(seen.seqs[seen.count - 1], 30000);
    cr_assert(seen.after_loss[seen.count - 1]);
    cr_assert_eq(in_order_deadline_us(order), -1);
    in_order_free(order);
}

Test(inorder, delivers_everything_once_whatever_the_order)
{
    Seen seen = {0};
    InOrder *order = in_order_new(PATIENCE_US, on_packet, &seen);
    push(order, 0, 0);
    for (unsigned block = 0; block < 100; block++) {
        for (unsigned i = 0; i < 10; i++) {
            push(order, (uint16_t)(1 + block * 10 + (9 - i)), 0);
        }
    }
    expect(&seen, 1001, 0);
    in_order_free(order);
}
