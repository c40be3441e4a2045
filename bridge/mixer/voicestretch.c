#include "bridge/mixer/voicestretch.h"

#include <math.h>
#include <string.h>

#define PERIOD_MIN 120
#define PERIOD_MAX VOICE_STRETCH_MOST
#define OVERLAP (VOICE_STRETCH_NEEDED - PERIOD_MAX)
/* The coarse search looks at every fourth sample and period: 1/16 of the work. */
#define COARSE 4
/* Normalised correlation from which a period counts as repeated. */
#define SIMILAR 0.7F
/* Mean square below which nothing can be heard: -55 dBFS. */
#define QUIET (58.0F * 58.0F)

static float energy(const int16_t *pcm, size_t step)
{
    float sum = 0;
    for (size_t i = 0; i < OVERLAP; i += step) {
        sum += (float)pcm[i] * (float)pcm[i];
    }
    return sum;
}

static float similarity(const int16_t *pcm, size_t period, size_t step)
{
    float product = 0;
    for (size_t i = 0; i < OVERLAP; i += step) {
        product += (float)pcm[i] * (float)pcm[i + period];
    }
    float energies = energy(pcm, step) * energy(pcm + period, step);
    return product / sqrtf(energies + 1.0F);
}

static size_t most_similar(const int16_t *pcm, size_t from, size_t to, size_t step)
{
    size_t best = from;
    float best_similarity = -1.0F;
    for (size_t period = from; period <= to; period += step) {
        float candidate = similarity(pcm, period, step);
        if (candidate > best_similarity) {
            best_similarity = candidate;
            best = period;
        }
    }
    return best;
}

/* The period at which the wave repeats itself best; 0 when it does not. */
static size_t find_period(const int16_t *pcm, bool must)
{
    size_t coarse = most_similar(pcm, PERIOD_MIN, PERIOD_MAX, COARSE);
    size_t from = coarse > PERIOD_MIN + COARSE ? coarse - COARSE : PERIOD_MIN;
    size_t to = coarse + COARSE < PERIOD_MAX ? coarse + COARSE : PERIOD_MAX;
    size_t period = most_similar(pcm, from, to, 1);
    bool is_quiet = energy(pcm, 1) + energy(pcm + period, 1) < QUIET * 2 * OVERLAP;
    return must || is_quiet || similarity(pcm, period, 1) >= SIMILAR ? period : 0;
}

static void cross_fade(int16_t *ret, const int16_t *from, const int16_t *to)
{
    for (int i = 0; i < OVERLAP; i++) {
        ret[i] = (int16_t)((from[i] * (OVERLAP - i) + to[i] * i) / OVERLAP);
    }
}

size_t voice_stretch_shorten(int16_t *pcm, size_t count, bool must)
{
    size_t period = count < VOICE_STRETCH_NEEDED ? 0 : find_period(pcm, must);
    if (period == 0) {
        return count;
    }
    cross_fade(pcm, pcm, pcm + period);
    size_t rest = count - period - OVERLAP;
    memmove(pcm + OVERLAP, pcm + OVERLAP + period, rest * sizeof *pcm);
    return count - period;
}

size_t voice_stretch_lengthen(int16_t *pcm, size_t count, bool must)
{
    size_t period = count < VOICE_STRETCH_NEEDED ? 0 : find_period(pcm, must);
    if (period == 0) {
        return count;
    }
    int16_t joint[OVERLAP];
    cross_fade(joint, pcm + period, pcm);
    memmove(pcm + period + OVERLAP, pcm + OVERLAP, (count - OVERLAP) * sizeof *pcm);
    memcpy(pcm + period, joint, sizeof joint);
    return count + period;
}
