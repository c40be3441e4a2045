#include "endpoints/device/tonemeter.h"

#include <math.h>

double tone_share(const int16_t *samples, size_t count, double tone_hz, double sample_hz)
{
    double turn = 2.0 * cos(2.0 * M_PI * tone_hz / sample_hz);
    double last = 0;
    double before = 0;
    double energy = 0;
    for (size_t i = 0; i < count; i++) {
        double next = samples[i] + turn * last - before;
        before = last;
        last = next;
        energy += (double)samples[i] * samples[i];
    }
    if (energy == 0) {
        return 0;
    }
    /* A pure tone of amplitude A has energy nA²/2 and gives a power of (nA/2)². */
    double power = last * last + before * before - turn * last * before;
    double share = power / (energy * (double)count / 2.0);
    return share < 1 ? share : 1;
}
