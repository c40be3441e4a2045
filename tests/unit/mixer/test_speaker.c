#include <criterion/criterion.h>

#include "bridge/mixer/speaker.h"

#define TICK_US 20000
#define QUIET 1e5F
#define LOUD 1e6F

typedef struct Hall {
    Speaker speaker;
    int64_t now_us;
    int changes;
} Hall;

/* Lets voices 1 and 2 be this loud for a time; returns when the speaker changed last, in
 * milliseconds from its beginning, or -1. */
static int listen(Hall *hall, float one, float two, int duration_ms)
{
    int changed_ms = -1;
    for (int ms = 0; ms < duration_ms; ms += TICK_US / 1000) {
        SpeakerVoice voices[] = {{1, one}, {2, two}};
        uint32_t before = hall->speaker.source;
        hall->now_us += TICK_US;
        if (speaker_tick(&hall->speaker, voices, 2, hall->now_us) != before) {
            changed_ms = ms;
            hall->changes++;
        }
    }
    return changed_ms;
}

Test(speaker, is_nobody_while_all_are_silent)
{
    Hall hall = {0};
    listen(&hall, 0, 0, 5000);
    cr_expect_eq(hall.changes, 0);
    cr_expect_eq(hall.speaker.source, 0);
}

Test(speaker, changes_within_a_second_of_a_real_turn)
{
    Hall hall = {0};
    int first_ms = listen(&hall, LOUD, 0, 3000);
    cr_expect(first_ms >= 500 && first_ms <= 1000, "%d ms", first_ms);
    cr_expect_eq(hall.speaker.source, 1);
    int turn_ms = listen(&hall, 0, QUIET, 3000);
    cr_expect(turn_ms >= 500 && turn_ms <= 1000, "%d ms", turn_ms);
    cr_expect_eq(hall.speaker.source, 2);
    cr_expect_eq(hall.changes, 2);
}

Test(speaker, takes_no_cough_for_a_turn)
{
    Hall hall = {0};
    listen(&hall, LOUD, 0, 3000);
    for (int i = 0; i < 10; i++) {
        listen(&hall, LOUD, 4 * LOUD, 480);
        listen(&hall, LOUD, 0, 600);
        listen(&hall, 0, 4 * LOUD, 480);
        listen(&hall, LOUD, 0, 600);
    }
    cr_expect_eq(hall.changes, 1);
    cr_expect_eq(hall.speaker.source, 1);
}

Test(speaker, takes_speech_with_its_pauses_for_one_turn)
{
    Hall hall = {0};
    listen(&hall, LOUD, 0, 3000);
    int turn_ms = -1;
    for (int i = 0; i < 4 && turn_ms < 0; i++) {
        int ms = listen(&hall, 0, LOUD, 160);
        turn_ms = ms >= 0 ? i * 300 + ms : -1;
        listen(&hall, 0, 0, 140);
    }
    cr_expect(turn_ms > 0 && turn_ms <= 1000, "%d ms", turn_ms);
    listen(&hall, 0, 0, 1500);
    cr_expect_eq(hall.speaker.source, 2, "a pause for breath ends no turn");
}

Test(speaker, stays_while_two_speak_at_once)
{
    Hall hall = {0};
    listen(&hall, LOUD, 0, 2000);
    listen(&hall, LOUD, 2 * LOUD, 10000);
    cr_expect_eq(hall.speaker.source, 1);
    cr_expect_eq(hall.changes, 1);
}

Test(speaker, changes_to_who_is_much_louder_than_a_noisy_room)
{
    Hall hall = {0};
    listen(&hall, QUIET, 0, 2000);
    int turn_ms = listen(&hall, QUIET, 10 * QUIET, 2000);
    cr_expect(turn_ms >= 500 && turn_ms <= 1000, "%d ms", turn_ms);
}

Test(speaker, is_nobody_again_after_two_seconds_of_silence)
{
    Hall hall = {0};
    listen(&hall, LOUD, 0, 2000);
    int end_ms = listen(&hall, 0, 0, 5000);
    cr_expect(end_ms >= 1900 && end_ms <= 2100, "%d ms", end_ms);
    cr_expect_eq(hall.speaker.source, 0);
}

Test(speaker, forgets_a_voice_that_is_gone)
{
    Hall hall = {0};
    listen(&hall, LOUD, 0, 2000);
    cr_expect_eq(speaker_tick(&hall.speaker, NULL, 0, hall.now_us + 1000000), 1);
    cr_expect_eq(speaker_tick(&hall.speaker, NULL, 0, hall.now_us + 3000000), 0);
}

Test(speaker, bears_more_voices_than_it_remembers)
{
    Speaker speaker = {0};
    for (uint32_t i = 0; i < 200; i++) {
        SpeakerVoice voice = {i + 1, LOUD};
        speaker_tick(&speaker, &voice, 1, i * TICK_US);
    }
    cr_expect_eq(speaker.source, 0);
}
