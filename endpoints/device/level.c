#include "endpoints/device/level.h"

#include <math.h>

/* RFC 6465 appendix A.1: 0 dBov is the level of a full-scale square wave. */
#define OVERLOAD 32767.0

uint8_t level_of(const int16_t *samples, size_t count)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < count; i++) {
        sum += (uint64_t)((int32_t)samples[i] * samples[i]);
    }
    if (sum == 0) {
        return LEVEL_SILENCE;
    }
    double rms = sqrt((double)sum / (double)count) / OVERLOAD;
    double below = -20.0 * log10(rms);
    if (below < 0) {
        return 0;
    }
    return below > LEVEL_SILENCE ? LEVEL_SILENCE : (uint8_t)lround(below);
}
