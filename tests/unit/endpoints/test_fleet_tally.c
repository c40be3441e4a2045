#include <criterion/criterion.h>

#include "endpoints/fleet/tally.h"

#define MS INT64_C(1000)
#define START (1000 * MS)

Test(fleet_tally, keeps_the_longest_time_between_two_frames)
{
    Tally tally = {0};
    tally_on_frame(&tally, START);
    tally_on_frame(&tally, START + 40 * MS);
    tally_on_frame(&tally, START + 150 * MS);
    tally_on_frame(&tally, START + 190 * MS);
    cr_assert_eq(tally.freeze_us[TALLY_WINDOW], 110 * MS);
    cr_assert_eq(tally.freeze_us[TALLY_SECOND], 110 * MS);
    cr_assert_eq(tally.sums.frames, 4);
}

Test(fleet_tally, counts_no_gap_while_sound_follows_on_time)
{
    Tally tally = {0};
    for (int i = 0; i < 10; i++) {
        tally_on_sound(&tally, START + i * 20 * MS);
    }
    cr_assert_eq(tally.gap_us[TALLY_WINDOW], 0);
}

Test(fleet_tally, counts_as_gap_what_a_packet_does_not_fill)
{
    Tally tally = {0};
    tally_on_sound(&tally, START);
    tally_on_sound(&tally, START + 60 * MS);
    cr_assert_eq(tally.gap_us[TALLY_WINDOW], 40 * MS);
}

Test(fleet_tally, counts_a_gap_that_is_still_open)
{
    Tally tally = {0};
    tally_on_frame(&tally, START);
    tally_on_sound(&tally, START);
    tally_settle(&tally, START + 500 * MS);
    cr_assert_eq(tally.freeze_us[TALLY_WINDOW], 500 * MS);
    cr_assert_eq(tally.gap_us[TALLY_WINDOW], 480 * MS);
}

Test(fleet_tally, counts_an_open_gap_on_into_the_next_second)
{
    Tally tally = {0};
    tally_on_frame(&tally, START);
    tally_settle(&tally, START + 900 * MS);
    tally_begin(&tally, TALLY_SECOND, START + 900 * MS);
    cr_assert_eq(tally.freeze_us[TALLY_SECOND], 0);
    tally_on_frame(&tally, START + 1500 * MS);
    cr_assert_eq(tally.freeze_us[TALLY_SECOND], 1500 * MS);
    cr_assert_eq(tally.freeze_us[TALLY_WINDOW], 1500 * MS);
}

Test(fleet_tally, forgets_before_a_window_what_was_before_it)
{
    Tally tally = {0};
    tally_on_frame(&tally, START);
    tally_on_frame(&tally, START + 700 * MS);
    tally_begin(&tally, TALLY_WINDOW, START + 710 * MS);
    tally_on_frame(&tally, START + 740 * MS);
    cr_assert_eq(tally.freeze_us[TALLY_WINDOW], 30 * MS);
}

Test(fleet_tally, does_not_count_the_time_a_site_was_away)
{
    Tally tally = {0};
    tally_on_frame(&tally, START);
    tally_on_sound(&tally, START);
    tally_on_gone(&tally);
    tally_settle(&tally, START + 5000 * MS);
    tally_on_frame(&tally, START + 9000 * MS);
    tally_on_sound(&tally, START + 9000 * MS);
    cr_assert_eq(tally.freeze_us[TALLY_WINDOW], 0);
    cr_assert_eq(tally.gap_us[TALLY_WINDOW], 0);
}

Test(fleet_tally, is_not_confused_by_what_arrives_out_of_order)
{
    Tally tally = {0};
    tally_on_sound(&tally, START + 40 * MS);
    tally_on_sound(&tally, START + 20 * MS);
    tally_on_sound(&tally, START + 60 * MS);
    cr_assert_eq(tally.gap_us[TALLY_WINDOW], 0);
}

Test(fleet_tally, subtracts_and_adds_every_field)
{
#define SET(name) .name = 5,
    const TallySums after = {TALLY_SUMS(SET)};
#undef SET
#define SET(name) .name = 3,
    const TallySums before = {TALLY_SUMS(SET)};
#undef SET
    TallySums total = tally_difference(&after, &before);
    tally_add(&total, &before);
#define CHECK(name) cr_assert_eq(total.name, 5, #name);
    TALLY_SUMS(CHECK)
#undef CHECK
}
