/* When a booking comes round, and whether two of them meet. */
#include <criterion/criterion.h>

#include "signalling/booking.h"

#define MINUTE INT64_C(60000)
#define WEEK (7 * 24 * 60 * MINUTE)
#define MONDAY (100 * WEEK)

static Booking make(int64_t start_ms, int minutes, bool is_weekly)
{
    return (Booking){.start_ms = start_ms, .minutes = minutes, .is_weekly = is_weekly};
}

Test(booking, the_next_time_is_one_that_has_not_ended)
{
    Booking once = make(MONDAY, 60, false);
    cr_assert_eq(booking_next(&once, 0), MONDAY);
    cr_assert_eq(booking_next(&once, MONDAY + 60 * MINUTE - 1), MONDAY);
    cr_assert_eq(booking_next(&once, MONDAY + 60 * MINUTE), BOOKING_NEVER);
}

Test(booking, a_weekly_one_comes_every_week_for_ever)
{
    Booking weekly = make(MONDAY, 60, true);
    cr_assert_eq(booking_next(&weekly, MONDAY + 60 * MINUTE), MONDAY + WEEK);
    cr_assert_eq(booking_next(&weekly, MONDAY + WEEK + 59 * MINUTE), MONDAY + WEEK);
    cr_assert_eq(booking_next(&weekly, MONDAY + 520 * WEEK + 60 * MINUTE), MONDAY + 521 * WEEK);
}

Test(booking, times_that_only_touch_do_not_overlap)
{
    int64_t at;
    Booking first = make(MONDAY, 60, false);
    Booking second = make(MONDAY + 60 * MINUTE, 60, false);
    Booking third = make(MONDAY + 59 * MINUTE, 60, false);
    cr_assert_not(booking_overlaps(&first, &second, &at));
    cr_assert_not(booking_overlaps(&second, &first, &at));
    cr_assert(booking_overlaps(&first, &third, &at));
    cr_assert_eq(at, third.start_ms);
    cr_assert(booking_overlaps(&third, &first, &at));
    cr_assert_eq(at, first.start_ms);
}

Test(booking, a_weekly_one_meets_what_comes_in_a_later_week)
{
    int64_t at;
    Booking weekly = make(MONDAY, 60, true);
    Booking later = make(MONDAY + 7 * WEEK + 30 * MINUTE, 10, false);
    Booking before = make(MONDAY - WEEK, 60, false);
    Booking beside = make(MONDAY + 7 * WEEK + 60 * MINUTE, 10, false);
    cr_assert(booking_overlaps(&later, &weekly, &at));
    cr_assert_eq(at, MONDAY + 7 * WEEK);
    cr_assert(booking_overlaps(&weekly, &later, &at));
    cr_assert_eq(at, later.start_ms);
    cr_assert_not(booking_overlaps(&weekly, &before, &at), "it began after that");
    cr_assert_not(booking_overlaps(&weekly, &beside, &at));
    Booking ahead = make(MONDAY + 7 * WEEK - 10 * MINUTE, 10, false);
    cr_assert_not(booking_overlaps(&weekly, &ahead, &at));
}

Test(booking, two_weekly_ones_meet_across_weeks)
{
    int64_t at;
    Booking first = make(MONDAY, 120, true);
    Booking second = make(MONDAY + 3 * WEEK - 30 * MINUTE, 60, true);
    Booking third = make(MONDAY + 3 * WEEK + 120 * MINUTE, 60, true);
    cr_assert(booking_overlaps(&first, &second, &at));
    cr_assert(booking_overlaps(&second, &first, &at));
    cr_assert_eq(at, MONDAY + 3 * WEEK);
    cr_assert_not(booking_overlaps(&first, &third, &at));
}
