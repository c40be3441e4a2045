#include "endpoints/fleet/continuity.h"

#include <string.h>

static void set(Continuity *continuity, uint64_t index, bool has_come)
{
    uint64_t bit = UINT64_C(1) << (index % 64);
    uint64_t *word = &continuity->seen[index % CONTINUITY_WINDOW / 64];
    *word = has_come ? *word | bit : *word & ~bit;
}

bool continuity_has(const Continuity *continuity, uint64_t index)
{
    bool is_remembered = continuity->is_started && index <= continuity->highest &&
                         continuity->highest - index < CONTINUITY_WINDOW;
    return is_remembered &&
           (continuity->seen[index % CONTINUITY_WINDOW / 64] >> (index % 64) & 1) != 0;
}

static void advance(Continuity *continuity, uint64_t index)
{
    if (index - continuity->highest >= CONTINUITY_WINDOW) {
        memset(continuity->seen, 0, sizeof continuity->seen);
    } else {
        for (uint64_t missing = continuity->highest + 1; missing < index; missing++) {
            set(continuity, missing, false);
        }
    }
    continuity->highest = index;
    set(continuity, index, true);
}

ContinuityVerdict continuity_note(Continuity *continuity, uint16_t seq, uint64_t *ret_index,
                                  uint64_t *ret_expected)
{
    uint64_t index = rtp_unwrap(&continuity->unwrapper, seq);
    *ret_index = index;
    *ret_expected = 0;
    if (!continuity->is_started) {
        continuity->is_started = true;
        continuity->first = continuity->highest = index;
        set(continuity, index, true);
        *ret_expected = 1;
        return CONTINUITY_NEW;
    }
    if (index > continuity->highest) {
        *ret_expected = index - continuity->highest;
        advance(continuity, index);
        return CONTINUITY_NEW;
    }
    bool is_old = continuity->highest - index >= CONTINUITY_WINDOW || index < continuity->first;
    if (is_old || continuity_has(continuity, index)) {
        return CONTINUITY_DUPLICATE;
    }
    set(continuity, index, true);
    return CONTINUITY_FILLS;
}
