#include <criterion/criterion.h>

#include "endpoints/fleet/continuity.h"

typedef struct Totals {
    uint64_t expected;
    uint64_t received;
    uint64_t duplicates;
} Totals;

static ContinuityVerdict note(Continuity *continuity, uint16_t seq, Totals *totals)
{
    uint64_t index = 0;
    uint64_t expected = 0;
    ContinuityVerdict verdict = continuity_note(continuity, seq, &index, &expected);
    totals->expected += expected;
    totals->received += verdict != CONTINUITY_DUPLICATE;
    totals->duplicates += verdict == CONTINUITY_DUPLICATE;
    return verdict;
}

Test(fleet_continuity, expects_what_comes_in_order_over_the_wrap)
{
    Continuity continuity = {0};
    Totals totals = {0};
    for (unsigned i = 0; i < 70000; i++) {
        cr_assert_eq(note(&continuity, (uint16_t)(65000 + i), &totals), CONTINUITY_NEW);
    }
    cr_assert_eq(totals.expected, 70000);
    cr_assert_eq(totals.received, 70000);
}

Test(fleet_continuity, counts_a_lost_packet)
{
    Continuity continuity = {0};
    Totals totals = {0};
    note(&continuity, 10, &totals);
    note(&continuity, 12, &totals);
    cr_assert_eq(totals.expected, 3);
    cr_assert_eq(totals.received, 2);
}

Test(fleet_continuity, takes_back_a_loss_when_the_packet_comes_late)
{
    Continuity continuity = {0};
    Totals totals = {0};
    note(&continuity, 65535, &totals);
    note(&continuity, 1, &totals);
    cr_assert_eq(note(&continuity, 0, &totals), CONTINUITY_FILLS);
    cr_assert_eq(totals.expected, 3);
    cr_assert_eq(totals.received, 3);
}

Test(fleet_continuity, recognises_what_came_before)
{
    Continuity continuity = {0};
    Totals totals = {0};
    note(&continuity, 7, &totals);
    note(&continuity, 9, &totals);
    cr_assert_eq(note(&continuity, 9, &totals), CONTINUITY_DUPLICATE);
    cr_assert_eq(note(&continuity, 7, &totals), CONTINUITY_DUPLICATE);
    cr_assert_eq(note(&continuity, 8, &totals), CONTINUITY_FILLS);
    cr_assert_eq(note(&continuity, 8, &totals), CONTINUITY_DUPLICATE);
    cr_assert_eq(totals.expected, 3);
}

Test(fleet_continuity, does_not_count_what_was_sent_before_the_beginning)
{
    Continuity continuity = {0};
    Totals totals = {0};
    note(&continuity, 100, &totals);
    cr_assert_eq(note(&continuity, 99, &totals), CONTINUITY_DUPLICATE);
    cr_assert_eq(totals.expected, 1);
    cr_assert_eq(totals.received, 1);
}

Test(fleet_continuity, forgets_what_is_too_long_ago)
{
    Continuity continuity = {0};
    Totals totals = {0};
    note(&continuity, 0, &totals);
    note(&continuity, 2, &totals);
    note(&continuity, CONTINUITY_WINDOW + 1, &totals);
    cr_assert_eq(note(&continuity, 1, &totals), CONTINUITY_DUPLICATE, "nobody can tell any more");
    cr_assert_eq(note(&continuity, 3, &totals), CONTINUITY_FILLS);
}

Test(fleet_continuity, remembers_nothing_of_before_a_great_jump)
{
    Continuity continuity = {0};
    Totals totals = {0};
    note(&continuity, 5, &totals);
    note(&continuity, 6, &totals);
    note(&continuity, 6 + 5 * CONTINUITY_WINDOW, &totals);
    cr_assert_eq(totals.expected, 2 + 5 * CONTINUITY_WINDOW);
    uint64_t highest = continuity.highest;
    for (uint64_t back = 1; back < CONTINUITY_WINDOW; back++) {
        cr_assert_not(continuity_has(&continuity, highest - back));
    }
    cr_assert(continuity_has(&continuity, highest));
    cr_assert_not(continuity_has(&continuity, highest + 1));
}

Test(fleet_continuity, has_nothing_before_the_first_packet)
{
    Continuity continuity = {0};
    cr_assert_not(continuity_has(&continuity, 0));
}
