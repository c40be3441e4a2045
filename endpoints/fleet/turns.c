#include "endpoints/fleet/turns.h"

/* Speaker k of the `talkers` at a time serves the sites k, k + talkers, …, and changes k / talkers
 * of a turn later than speaker 0. */
bool turns_has_floor(const Turns *turns, size_t site, int64_t at_us)
{
    if (turns->talkers == 0 || turns->turn_us <= 0 || at_us < 0 || site >= turns->sites) {
        return false;
    }
    if (turns->talkers >= turns->sites) {
        return true;
    }
    size_t speaker = site % turns->talkers;
    size_t served = (turns->sites - speaker - 1) / turns->talkers + 1;
    int64_t stagger_us = turns->turn_us * (int64_t)speaker / (int64_t)turns->talkers;
    int64_t shifted_us = at_us + turns->turn_us - stagger_us;
    size_t turn = (size_t)(shifted_us / turns->turn_us);
    return turn % served == site / turns->talkers;
}
