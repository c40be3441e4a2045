#include <criterion/criterion.h>

#include "bridge/relay/keyframe.h"

#define MS INT64_C(1000)
#define START (1000 * MS)

Test(keyframe, asks_for_nothing_while_nobody_wants_one)
{
    KeyframeGovernor governor = {0};
    cr_expect_not(keyframe_take(&governor, START));
    cr_expect_eq(keyframe_due_us(&governor), -1);
}

Test(keyframe, two_hundred_requests_at_once_are_one)
{
    KeyframeGovernor governor = {0};
    unsigned asked = 0;
    for (int i = 0; i < 200; i++) {
        keyframe_want(&governor);
        asked += keyframe_take(&governor, START + i * 100);
    }
    cr_expect_eq(asked, 1);
}

Test(keyframe, a_new_request_waits_for_the_interval)
{
    KeyframeGovernor governor = {0};
    keyframe_want(&governor);
    cr_assert(keyframe_take(&governor, START));
    keyframe_on_arrival(&governor);
    keyframe_want(&governor);
    cr_expect_not(keyframe_take(&governor, START + 499 * MS));
    cr_expect_eq(keyframe_due_us(&governor), START + 500 * MS);
    cr_expect(keyframe_take(&governor, START + 500 * MS));
}

Test(keyframe, asks_again_while_none_comes_and_backs_off)
{
    KeyframeGovernor governor = {0};
    int64_t asked_us[8];
    size_t count = 0;
    keyframe_want(&governor);
    for (int64_t now_us = START; count < 8; now_us += 10 * MS) {
        if (keyframe_take(&governor, now_us)) {
            asked_us[count++] = now_us;
        }
    }
    cr_expect_eq(asked_us[1] - asked_us[0], 500 * MS);
    cr_expect_eq(asked_us[3] - asked_us[2], 500 * MS);
    cr_expect_eq(asked_us[4] - asked_us[3], 1000 * MS);
    cr_expect_eq(asked_us[5] - asked_us[4], 2000 * MS);
    cr_expect_eq(asked_us[6] - asked_us[5], 3000 * MS);
    cr_expect_eq(asked_us[7] - asked_us[6], 3000 * MS);
}

Test(keyframe, stops_asking_when_one_arrives)
{
    KeyframeGovernor governor = {0};
    keyframe_want(&governor);
    cr_assert(keyframe_take(&governor, START));
    keyframe_on_arrival(&governor);
    cr_expect_not(keyframe_take(&governor, START + 10000 * MS));
}
