#include "bridge/rtc/replay.h"

#include <criterion/criterion.h>

Test(replay, counts_rounds)
{
    ReplayWindow window = {0};
    cr_expect_eq(replay_index(&window, 65530), 65530u);
    replay_note(&window, 65530);
    cr_expect_eq(replay_index(&window, 65531), 65531u);
    cr_expect_eq(replay_index(&window, 2), 65538u);
    replay_note(&window, 65538);
    cr_expect_eq(replay_index(&window, 65535), 65535u);
    cr_expect_eq(replay_index(&window, 3), 65539u);
}

Test(replay, goes_on_rather_than_to_before_the_beginning)
{
    ReplayWindow window = {0};
    replay_note(&window, 3);
    cr_expect_eq(replay_index(&window, 2), 2u);
    cr_expect_eq(replay_index(&window, 65535), 65535u);
}

Test(replay, remembers_each_of_its_window)
{
    ReplayWindow window = {0};
    cr_expect(replay_is_new(&window, 0));
    for (uint64_t index = 5000; index < 9000; index += 3) {
        cr_assert(replay_is_new(&window, index));
        replay_note(&window, index);
        cr_assert(!replay_is_new(&window, index));
        cr_assert(replay_is_new(&window, index - 1));
    }
    for (uint64_t index = 8999; index > 8999 - REPLAY_WINDOW_PACKETS; index--) {
        cr_assert_eq(replay_is_new(&window, index), (index - 5000) % 3 != 0, "%llu",
                     (unsigned long long)index);
    }
    cr_expect(!replay_is_new(&window, window.newest - REPLAY_WINDOW_PACKETS));
}

Test(replay, forgets_all_in_a_far_jump)
{
    ReplayWindow window = {0};
    for (uint64_t index = 0; index < 2000; index++) {
        replay_note(&window, index);
    }
    replay_note(&window, 1999 + REPLAY_WINDOW_PACKETS);
    for (uint64_t index = 2000; index < 1999 + REPLAY_WINDOW_PACKETS; index++) {
        cr_assert(replay_is_new(&window, index));
    }
}
