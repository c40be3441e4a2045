#include "bridge/rtc/replay.h"

#include <string.h>

#define ROUND_PACKETS 65536

uint64_t replay_index(const ReplayWindow *window, uint16_t seq)
{
    if (!window->has_begun) {
        return seq;
    }
    int16_t step = (int16_t)(seq - (uint16_t)window->newest);
    bool is_before_all = step < 0 && window->newest < (uint64_t)-step;
    return window->newest + (uint64_t)(step + (is_before_all ? ROUND_PACKETS : 0));
}

static uint64_t bit_of(uint64_t index)
{
    return UINT64_C(1) << index % 64;
}

static uint64_t *word_of(ReplayWindow *window, uint64_t index)
{
    return &window->seen[index % REPLAY_WINDOW_PACKETS / 64];
}

bool replay_is_new(const ReplayWindow *window, uint64_t index)
{
    if (!window->has_begun || index > window->newest) {
        return true;
    }
    return window->newest - index < REPLAY_WINDOW_PACKETS &&
           (window->seen[index % REPLAY_WINDOW_PACKETS / 64] & bit_of(index)) == 0;
}

static void advance(ReplayWindow *window, uint64_t index)
{
    if (!window->has_begun || index - window->newest >= REPLAY_WINDOW_PACKETS) {
        memset(window->seen, 0, sizeof window->seen);
    } else {
        for (uint64_t i = window->newest + 1; i < index; i++) {
            *word_of(window, i) &= ~bit_of(i);
        }
    }
    window->has_begun = true;
    window->newest = index;
}

void replay_note(ReplayWindow *window, uint64_t index)
{
    if (!window->has_begun || index > window->newest) {
        advance(window, index);
    }
    *word_of(window, index) |= bit_of(index);
}
