#include "bridge/mixer/voicelevel.h"

#include <glib.h>
#include <math.h>

/* Full scale squared, times 10^(dB/10). */
#define POWER_AT(decibel) (32768.0F * 32768.0F * powf(10.0F, (decibel) / 10.0F))
/* Below this nobody speaks. */
#define SPEECH_DB (-45.0F)
/* Where speech should be, and how far off it may be before anything is done. */
#define TARGET_DB (-20.0F)
#define TOLERANCE_DB 4.0F
#define GAIN_MAX_DB 9.0F
/* 3 s of speech, and half a second before it says anything. */
#define MEMORY_TICKS 150
#define FIRST_TICKS 25
/* 2 dB a second. */
#define GAIN_STEP_DB 0.04F

static float to_decibel(float ratio)
{
    return 10.0F * log10f(ratio);
}

void voice_level_init(VoiceLevel *level)
{
    level->ticks = 0;
    level->power = 0;
    level->gain = 1.0F;
    level->heard = 0;
}

/* In dB; 0 while the level is near enough. */
static float wanted_gain(const VoiceLevel *level)
{
    float off = to_decibel(POWER_AT(TARGET_DB) / level->power);
    float beyond = MAX(fabsf(off) - TOLERANCE_DB, 0.0F);
    return copysignf(MIN(beyond, GAIN_MAX_DB), off);
}

static float mean_power(const int16_t *pcm, size_t count)
{
    float sum = 0;
    for (size_t i = 0; i < count; i++) {
        sum += (float)pcm[i] * (float)pcm[i];
    }
    return sum / (float)count;
}

/* The gain at the end of this tick. */
static float next_gain(VoiceLevel *level, float power)
{
    if (power < POWER_AT(SPEECH_DB)) {
        return level->gain;
    }
    level->ticks = MIN(level->ticks + 1, MEMORY_TICKS);
    level->power += (power - level->power) / (float)level->ticks;
    if (level->ticks < FIRST_TICKS) {
        return level->gain;
    }
    float gain_db = 2.0F * to_decibel(level->gain);
    float step_db = CLAMP(wanted_gain(level) - gain_db, -GAIN_STEP_DB, GAIN_STEP_DB);
    return powf(10.0F, (gain_db + step_db) / 20.0F);
}

void voice_level_run(VoiceLevel *level, int16_t *pcm, size_t count)
{
    float gain = level->gain;
    float power = mean_power(pcm, count);
    float end = next_gain(level, power);
    level->gain = end;
    level->heard = power < POWER_AT(SPEECH_DB) ? 0 : power * end * end;
    if (gain == 1.0F && end == 1.0F) {
        return;
    }
    float step = (end - gain) / (float)count;
    for (size_t i = 0; i < count; i++) {
        float sample = (float)pcm[i] * (gain + step * (float)i);
        pcm[i] = (int16_t)CLAMP(sample, (float)INT16_MIN, (float)INT16_MAX);
    }
}
