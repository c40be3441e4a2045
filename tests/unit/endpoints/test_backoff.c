#include <criterion/criterion.h>

#include "bridge/base/clock.h"
#include "endpoints/client/backoff.h"

Test(backoff, draws_the_first_attempts_from_half_a_second)
{
    Backoff backoff = {0};
    for (int i = 0; i < BACKOFF_EAGER_ATTEMPTS; i++) {
        cr_assert_eq(backoff_window_us(&backoff), BACKOFF_FIRST_US);
        backoff_next_us(&backoff, 0.5);
    }
    cr_assert_eq(backoff_window_us(&backoff), 2 * BACKOFF_FIRST_US);
}

Test(backoff, finds_a_server_that_was_away_for_a_second_within_two_on_average)
{
    Backoff backoff = {0};
    int64_t waited_us = 0;
    while (waited_us < CLOCK_US_PER_S) {
        waited_us += backoff_next_us(&backoff, 0.5);
    }
    cr_assert_lt(waited_us, 2 * CLOCK_US_PER_S);
}

Test(backoff, jitters_over_the_whole_window)
{
    Backoff low = {.attempts = BACKOFF_EAGER_ATTEMPTS + 1};
    Backoff high = low;
    int64_t window_us = backoff_window_us(&low);
    cr_assert_eq(backoff_next_us(&low, 0.0), 0);
    int64_t longest_us = backoff_next_us(&high, 0.999999);
    cr_assert_lt(longest_us, window_us);
    cr_assert_gt(longest_us, window_us * 99 / 100);
}

Test(backoff, doubles_up_to_twenty_seconds_and_no_further)
{
    Backoff backoff = {0};
    int64_t before_us = 0;
    for (int i = 0; i < 1000; i++) {
        int64_t window_us = backoff_window_us(&backoff);
        cr_assert_geq(window_us, before_us);
        cr_assert_leq(window_us, BACKOFF_LONGEST_US);
        before_us = window_us;
        backoff_next_us(&backoff, 0.5);
    }
    cr_assert_eq(before_us, BACKOFF_LONGEST_US);
}

Test(backoff, begins_anew_after_a_connection_that_lasted)
{
    Backoff backoff = {.attempts = 20};
    backoff_on_good(&backoff, 1000);
    backoff_on_lost(&backoff, 1000 + BACKOFF_SETTLED_US);
    cr_assert_eq(backoff_window_us(&backoff), BACKOFF_FIRST_US);
}

Test(backoff, does_not_hurry_back_to_a_server_that_throws_it_out_at_once)
{
    Backoff backoff = {.attempts = 20};
    backoff_on_good(&backoff, 1000);
    backoff_on_lost(&backoff, 1000 + BACKOFF_SETTLED_US - 1);
    cr_assert_eq(backoff_window_us(&backoff), BACKOFF_LONGEST_US);
    backoff_on_lost(&backoff, 1000 + 10 * BACKOFF_SETTLED_US);
    cr_assert_eq(backoff_window_us(&backoff), BACKOFF_LONGEST_US);
}
