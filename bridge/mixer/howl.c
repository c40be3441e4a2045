#include "bridge/mixer/howl.h"

#include <glib.h>
#include <math.h>

/* To 8 kHz: there the formants of a voice differ from a tone. */
#define DECIMATE 6
#define SAMPLES_MAX 160
/* -35 dBov, as mean square: feedback is loud. */
#define LOUD_POWER (32768.0F * 32768.0F * 3.2e-4F)
/* What one tone does not explain: -17 dB. */
#define REST_MAX 0.02F
/* The tone may drift so much from tick to tick, and miss so many ticks. */
#define DRIFT_MAX 0.03F
#define GAP_TICKS 5

static size_t decimate(const int16_t *pcm, size_t count, float *out)
{
    size_t made = 0;
    for (size_t i = 0; i + DECIMATE <= count && made < SAMPLES_MAX; i += DECIMATE) {
        float sum = 0;
        for (size_t j = 0; j < DECIMATE; j++) {
            sum += pcm[i + j];
        }
        out[made++] = sum / DECIMATE;
    }
    return made;
}

/* A tone obeys x[n+1] + x[n-1] = a x[n] with a = 2 cos(angle). Finds `a`, and the part of the power
 * that is left; 0 when that is too much, or the sound too faint. */
static float find_tone(const float *x, size_t count)
{
    float power = 0;
    float cross = 0;
    float both = 0;
    for (size_t n = 1; n + 1 < count; n++) {
        float sum = x[n + 1] + x[n - 1];
        power += x[n] * x[n];
        cross += sum * x[n];
        both += sum * sum;
    }
    if (power < LOUD_POWER * (float)count) {
        return 0;
    }
    float tone = cross / power;
    float rest = both - tone * cross;
    /* Low hum is not feedback, and so smooth that anything explains it. */
    bool is_hum = tone > 1.96F;
    return !is_hum && rest < REST_MAX * power * (4.0F - tone * tone) ? tone : 0;
}

static void follow(Howl *howl, float tone)
{
    bool is_same = tone != 0 && fabsf(tone - howl->tone) < DRIFT_MAX;
    if (is_same) {
        howl->ticks++;
        howl->gap = 0;
        howl->tone = tone;
    } else if (++howl->gap > GAP_TICKS) {
        howl->ticks = tone != 0;
        howl->gap = 0;
        howl->tone = tone;
    }
    howl->quiet = is_same ? 0 : howl->quiet + 1;
}

bool howl_tick(Howl *howl, const int16_t *pcm, size_t count)
{
    float x[SAMPLES_MAX];
    follow(howl, pcm == NULL ? 0 : find_tone(x, decimate(pcm, count, x)));
    bool was_on = howl->is_on;
    if (!was_on && howl->ticks >= HOWL_TICKS) {
        howl->is_on = true;
    } else if (was_on && howl->quiet >= HOWL_OVER_TICKS) {
        howl->is_on = false;
    }
    return howl->is_on != was_on;
}
