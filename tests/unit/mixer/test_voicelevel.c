#include "bridge/mixer/voicelevel.h"

#include <criterion/criterion.h>

#include "tests/unit/mixer/test_sound_support.h"

/* Amplitude of a tone after so many seconds of levelling; `loud_share` of the ticks hold it. */
static double level_after(double amplitude, double seconds, int every)
{
    VoiceLevel level;
    int16_t pcm[960];
    double phase = 0;
    voice_level_init(&level);
    for (int tick = 0; tick <= (int)(seconds * 50); tick++) {
        bool is_loud = tick % every == 0;
        for (int i = 0; i < 960; i++, phase += 2 * M_PI * 400 / RATE) {
            pcm[i] = (int16_t)lrint(is_loud ? amplitude * sin(phase) : 20 * sin(phase));
        }
        voice_level_run(&level, pcm, 960);
    }
    return tone_level(pcm, 960, 400);
}

Test(voicelevel, leaves_a_good_level_alone)
{
    cr_expect_float_eq(level_after(4600, 20, 1), 4600, 2);
    cr_expect_float_eq(level_after(6500, 20, 1), 6500, 2);
    cr_expect_float_eq(level_after(3200, 20, 1), 3200, 2);
}

Test(voicelevel, lifts_a_faint_voice_but_not_without_bounds)
{
    cr_expect_float_eq(decibel(level_after(1000, 20, 1), 1000), 9, 0.3);
    cr_expect_float_eq(decibel(level_after(300, 20, 1), 300), 9, 0.3);
}

Test(voicelevel, tames_a_voice_that_is_too_loud)
{
    double level = level_after(20000, 20, 1);
    cr_expect_float_eq(decibel(level, 20000), -8.7, 0.5, "%.2f dB", decibel(level, 20000));
}

Test(voicelevel, moves_no_faster_than_2_db_a_second)
{
    cr_expect_leq(decibel(level_after(1000, 1, 1), 1000), 2.1);
    cr_expect_geq(decibel(level_after(30000, 1, 1), 30000), -2.1);
}

Test(voicelevel, listens_for_half_a_second_before_it_judges)
{
    cr_expect_float_eq(level_after(20000, 0.4, 1), 20000, 2);
}

Test(voicelevel, does_not_lift_what_is_no_speech)
{
    cr_expect_float_eq(level_after(150, 60, 1), 150, 2);
    cr_expect_float_eq(level_after(0, 60, 1), 0, 0);
}

Test(voicelevel, does_not_take_pauses_for_a_faint_voice)
{
    cr_expect_float_eq(level_after(4600, 20, 10), 4600, 2);
}
