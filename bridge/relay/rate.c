#include "bridge/relay/rate.h"

#include "bridge/base/clock.h"

bool rate_take(Rate *rate, unsigned limit_per_s, int64_t now_us)
{
    if (now_us - rate->second_us >= CLOCK_US_PER_S) {
        rate->second_us = now_us;
        rate->count = 0;
    }
    if (rate->count >= limit_per_s) {
        return false;
    }
    rate->count++;
    return true;
}
