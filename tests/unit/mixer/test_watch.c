#include <criterion/criterion.h>

#include "bridge/mixer/watch.h"

static const ProgramView view = {.rung_count = 2, .rungs = {{.id = 8}, {.id = 9}}};

Test(watch, reads_the_whole_list)
{
    Watch watch = {0};
    cr_assert(watch_update(&watch, (uint8_t[]){0, 9, 1, 2}, 4));
    cr_expect(watch_has_rung(&watch, 9) && watch_has_rung(&watch, 0x102));
    cr_expect_not(watch_has_rung(&watch, 8));
    cr_assert(watch_update(&watch, (uint8_t[]){0, 8}, 2));
    cr_expect_not(watch_has_rung(&watch, 9));
    cr_assert(watch_update(&watch, NULL, 0));
    cr_expect_not(watch_has_rung(&watch, 8));
}

Test(watch, refuses_what_is_no_list_and_keeps_the_last)
{
    Watch watch = {0};
    uint8_t endless[2 * LIMIT_RUNGS + 2] = {0};
    cr_assert(watch_update(&watch, (uint8_t[]){0, 8}, 2));
    cr_expect_not(watch_update(&watch, (uint8_t[]){0, 9, 1}, 3));
    cr_expect_not(watch_update(&watch, endless, sizeof endless));
    cr_expect(watch_has_rung(&watch, 8));
    cr_expect(watch_update(&watch, endless, 2 * LIMIT_RUNGS));
}

Test(watch, takes_every_view_for_watched_until_one_is)
{
    Watch watch = {0};
    cr_expect(watch_has_view(&watch, &view));
    watch_update(&watch, NULL, 0);
    cr_expect(watch_has_view(&watch, &view));
    watch_update(&watch, (uint8_t[]){0, 9}, 2);
    cr_expect(watch_has_view(&watch, &view));
    watch_update(&watch, (uint8_t[]){0, 1}, 2);
    cr_expect_not(watch_has_view(&watch, &view));
    watch_update(&watch, NULL, 0);
    cr_expect_not(watch_has_view(&watch, &view), "everybody has left");
}
