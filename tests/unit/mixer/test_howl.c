#include <criterion/criterion.h>
#include <glib.h>
#include <math.h>

#include "bridge/mixer/howl.h"

#define SAMPLES 960
#define RATE 48000.0

typedef double (*Voice)(double seconds, GRand *chance);

static double tone(double hz, double seconds)
{
    return sin(2 * G_PI * hz * seconds);
}

static double feedback(double seconds, GRand *chance)
{
    return 9000 * tone(1870, seconds) + g_rand_double_range(chance, -300, 300);
}

/* Vowels that change four times a second, with a glottis and three formants. */
static double speech(double seconds, GRand *chance)
{
    static const double formants[][3] = {
        {730, 1090, 2440}, {270, 2290, 3010}, {530, 1840, 2480}, {300, 870, 2240}};
    const double *f = formants[(int)(seconds * 4) % 4];
    double pitch = 120 + 25 * sin(3 * seconds);
    double sum = 0;
    for (int n = 1; n <= 25; n++) {
        double gain = 0.05;
        for (int i = 0; i < 3; i++) {
            double off = (n * pitch - f[i]) / 120;
            gain += exp(-off * off) / (i + 1);
        }
        sum += gain * tone(n * pitch, seconds) / n;
    }
    double syllable = 0.5 + 0.5 * sin(2 * G_PI * 3.5 * seconds);
    return 6000 * sum * syllable + g_rand_double_range(chance, -100, 100);
}

/* One vowel, held. */
static double held_vowel(double seconds, GRand *chance)
{
    double sum = 0;
    for (int n = 1; n <= 20; n++) {
        double off = (n * 150.0 - 700) / 200;
        sum += (0.1 + exp(-off * off)) * tone(n * 150, seconds);
    }
    return 3000 * sum + g_rand_double_range(chance, -100, 100);
}

/* Another tone each half second. */
static double tune(double seconds, GRand *chance)
{
    static const double notes[] = {523, 587, 659, 698, 784};
    return 8000 * tone(notes[(int)(seconds * 2) % 5], seconds) +
           g_rand_double_range(chance, -100, 100);
}

static double hum(double seconds, GRand *chance)
{
    return 6000 * tone(50, seconds) + g_rand_double_range(chance, -100, 100);
}

static double hiss(double seconds, GRand *chance)
{
    return g_rand_double_range(chance, -9000, 9000);
}

static double faint(double seconds, GRand *chance)
{
    return feedback(seconds, chance) / 100;
}

/* Returns how often it changed its mind. */
static int hear(Howl *howl, Voice voice, double seconds)
{
    GRand *chance = g_rand_new_with_seed(5);
    int changes = 0;
    for (int tick = 0; tick < (int)(seconds * 50); tick++) {
        int16_t pcm[SAMPLES];
        for (int i = 0; i < SAMPLES; i++) {
            double value = voice((tick * SAMPLES + i) / RATE, chance);
            pcm[i] = (int16_t)CLAMP(value, -32768, 32767);
        }
        changes += howl_tick(howl, pcm, SAMPLES);
    }
    g_rand_free(chance);
    return changes;
}

Test(howl, notices_feedback_within_ten_seconds_and_its_end)
{
    Howl howl = {0};
    cr_expect_eq(hear(&howl, feedback, 2.5), 0, "a beep is none");
    cr_expect_eq(hear(&howl, feedback, 2), 1);
    cr_expect(howl.is_on);
    cr_expect_eq(hear(&howl, speech, 3), 1);
    cr_expect_not(howl.is_on);
    hear(&howl, feedback, 4);
    cr_expect(howl.is_on);
    for (int i = 0; i < HOWL_OVER_TICKS; i++) {
        howl_tick(&howl, NULL, 0);
    }
    cr_expect_not(howl.is_on, "silence ends it");
}

Test(howl, takes_nothing_else_for_it)
{
    static const Voice voices[] = {speech, held_vowel, tune, hum, hiss, faint};
    for (size_t i = 0; i < G_N_ELEMENTS(voices); i++) {
        Howl howl = {0};
        cr_expect_eq(hear(&howl, voices[i], 20), 0, "voice %zu", i);
    }
}
