/* The order in which hands are asked. */
#include <criterion/criterion.h>

#include "signalling/handqueue.h"

static HandQueue three_hands(void)
{
    HandQueue queue = {0};
    handqueue_raise(&queue, 7, 100);
    handqueue_raise(&queue, 3, 200);
    handqueue_raise(&queue, 9, 300);
    return queue;
}

static void check_order(const HandQueue *queue, uint32_t first, uint32_t second, uint32_t third)
{
    const uint32_t wanted[] = {first, second, third};
    cr_assert_eq(handqueue_count(queue), 3);
    for (guint i = 0; i < 3; i++) {
        cr_assert_eq(handqueue_at(queue, i)->source, wanted[i], "place %u", i + 1);
        cr_assert_eq(handqueue_place(queue, wanted[i]), (int)i + 1);
    }
}

Test(handqueue, keeps_the_order_of_arrival)
{
    HandQueue queue = three_hands();
    check_order(&queue, 7, 3, 9);
    cr_assert_eq(handqueue_at(&queue, 1)->raised_ms, 200);
    handqueue_clear(&queue);
}

Test(handqueue, a_hand_that_is_up_keeps_its_place_when_it_is_raised_again)
{
    HandQueue queue = three_hands();
    cr_assert_eq(handqueue_raise(&queue, 7, 900), 1);
    check_order(&queue, 7, 3, 9);
    cr_assert_eq(handqueue_at(&queue, 0)->raised_ms, 100);
    handqueue_clear(&queue);
}

Test(handqueue, a_hand_that_goes_down_moves_the_others_up)
{
    HandQueue queue = three_hands();
    cr_assert(handqueue_lower(&queue, 7));
    cr_assert_eq(handqueue_place(&queue, 3), 1);
    cr_assert_eq(handqueue_place(&queue, 7), 0);
    cr_assert_not(handqueue_lower(&queue, 7));
    handqueue_clear(&queue);
}

Test(handqueue, moves_a_hand_up_down_and_beyond_the_end)
{
    HandQueue queue = three_hands();
    cr_assert(handqueue_move(&queue, 9, 1));
    check_order(&queue, 9, 7, 3);
    cr_assert(handqueue_move(&queue, 9, 2));
    check_order(&queue, 7, 9, 3);
    cr_assert(handqueue_move(&queue, 7, 200));
    check_order(&queue, 9, 3, 7);
    cr_assert_not(handqueue_move(&queue, 55, 1));
    handqueue_clear(&queue);
}

Test(handqueue, an_empty_queue_has_no_place_for_anybody)
{
    HandQueue queue = {0};
    cr_assert_eq(handqueue_count(&queue), 0);
    cr_assert_eq(handqueue_place(&queue, 1), 0);
    cr_assert_not(handqueue_lower(&queue, 1));
    cr_assert_not(handqueue_move(&queue, 1, 1));
    handqueue_clear(&queue);
}
