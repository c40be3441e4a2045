#include <criterion/criterion.h>

#include "endpoints/fleet/turns.h"

#define S INT64_C(1000000)

static size_t talkers_at(const Turns *turns, int64_t at_us)
{
    size_t count = 0;
    for (size_t site = 0; site < turns->sites; site++) {
        count += turns_has_floor(turns, site, at_us);
    }
    return count;
}

Test(fleet_turns, lets_exactly_so_many_talk_at_any_time)
{
    const size_t talkers[] = {0, 1, 2, 3, 6};
    for (size_t i = 0; i < 5; i++) {
        const Turns turns = {.sites = 207, .talkers = talkers[i], .turn_us = 8 * S};
        for (int64_t at_us = 0; at_us < 4000 * S; at_us += 3 * S + 700000) {
            cr_assert_eq(talkers_at(&turns, at_us), talkers[i]);
        }
    }
}

Test(fleet_turns, lets_everybody_talk_once_before_anybody_again)
{
    const Turns turns = {.sites = 10, .talkers = 2, .turn_us = S};
    size_t turns_taken[10] = {0};
    /* One round is five turns; the middle of each, for both speakers. */
    for (int64_t turn = 1; turn <= 5; turn++) {
        for (size_t site = 0; site < 10; site++) {
            turns_taken[site] += turns_has_floor(&turns, site, turn * S + S / 4);
        }
    }
    for (size_t site = 0; site < 10; site++) {
        cr_assert_eq(turns_taken[site], 1, "site %zu: %zu", site, turns_taken[site]);
    }
}

Test(fleet_turns, gives_each_turn_its_whole_time)
{
    const Turns turns = {.sites = 5, .talkers = 1, .turn_us = 2 * S};
    for (int64_t at_us = 0; at_us < 20 * S; at_us += S / 10) {
        for (size_t site = 0; site < 5; site++) {
            bool expected = (size_t)((at_us / (2 * S) + 1) % 5) == site;
            cr_assert_eq(turns_has_floor(&turns, site, at_us), expected);
        }
    }
}

Test(fleet_turns, does_not_change_all_talkers_at_once)
{
    const Turns turns = {.sites = 100, .talkers = 4, .turn_us = 8 * S};
    size_t changes_max = 0;
    for (int64_t at_us = 0; at_us < 100 * S; at_us += S / 2) {
        size_t changes = 0;
        for (size_t site = 0; site < 100; site++) {
            changes += turns_has_floor(&turns, site, at_us) &&
                       !turns_has_floor(&turns, site, at_us + S / 2);
        }
        changes_max = changes > changes_max ? changes : changes_max;
    }
    cr_assert_eq(changes_max, 1);
}

Test(fleet_turns, lets_all_talk_when_there_are_no_more_sites_than_talkers)
{
    const Turns turns = {.sites = 3, .talkers = 4, .turn_us = S};
    cr_assert_eq(talkers_at(&turns, 12345678), 3);
}

Test(fleet_turns, knows_no_site_beyond_the_last)
{
    const Turns turns = {.sites = 3, .talkers = 4, .turn_us = S};
    cr_assert_not(turns_has_floor(&turns, 3, S));
}

Test(fleet_turns, survives_nonsense)
{
    cr_assert_not(turns_has_floor(&(Turns){.sites = 4, .talkers = 1, .turn_us = 0}, 0, S));
    cr_assert_not(turns_has_floor(&(Turns){.sites = 4, .talkers = 1, .turn_us = S}, 0, -1));
    cr_assert_not(turns_has_floor(&(Turns){0}, 0, 0));
}
