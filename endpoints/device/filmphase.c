#include "endpoints/device/filmphase.h"

int64_t film_phase_position_us(int64_t wall_us, int64_t duration_us)
{
    if (duration_us <= 0) {
        return 0;
    }
    int64_t position_us = wall_us % duration_us;
    return position_us < 0 ? position_us + duration_us : position_us;
}

bool film_phase_is_off(int64_t offset_then_us, int64_t offset_now_us)
{
    int64_t moved_us = offset_now_us - offset_then_us;
    return moved_us > FILM_PHASE_OFF_US_MAX || moved_us < -FILM_PHASE_OFF_US_MAX;
}
