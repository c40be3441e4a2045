#include <criterion/criterion.h>

#include "bridge/relay/speaker.h"

#define MS INT64_C(1000)
#define PACKET (20 * MS)
#define START (1000 * MS)
#define CROWD (LIMIT_VOICES + 3)

typedef struct Scene {
    Speakers speakers;
    Voice voices[CROWD];
    uint8_t levels[CROWD]; /* 255: sends nothing */
    int64_t now_us;
} Scene;

static Scene make_scene(void)
{
    Scene scene = {.now_us = START};
    for (uint32_t i = 0; i < CROWD; i++) {
        scene.voices[i].source = i + 1;
        scene.levels[i] = 255;
    }
    return scene;
}

static void run(Scene *scene, int64_t duration_us)
{
    for (int64_t end_us = scene->now_us + duration_us; scene->now_us < end_us;
         scene->now_us += PACKET) {
        for (size_t i = 0; i < CROWD; i++) {
            if (scene->levels[i] != 255) {
                speakers_hear(&scene->speakers, &scene->voices[i], scene->levels[i], scene->now_us);
            }
        }
        speakers_expire(&scene->speakers, scene->now_us);
    }
}

Test(speaker, lets_the_first_word_through_when_there_is_room)
{
    Scene scene = make_scene();
    cr_expect(speakers_hear(&scene.speakers, &scene.voices[0], 35, START));
}

Test(speaker, does_not_rank_silence)
{
    Scene scene = make_scene();
    cr_expect_not(speakers_hear(&scene.speakers, &scene.voices[0], 127, START));
    cr_expect_not(speakers_hear(&scene.speakers, &scene.voices[0], 80, START));
    cr_expect_eq(scene.speakers.count, 0);
}

Test(speaker, never_chooses_more_than_the_limit)
{
    Scene scene = make_scene();
    for (size_t i = 0; i < CROWD; i++) {
        scene.levels[i] = 30;
    }
    run(&scene, 3000 * MS);
    cr_expect_eq(scene.speakers.count, LIMIT_VOICES);
}

Test(speaker, a_clearly_louder_voice_gets_in_within_300_ms)
{
    Scene scene = make_scene();
    for (size_t i = 0; i < LIMIT_VOICES; i++) {
        scene.levels[i] = 50;
    }
    run(&scene, 1000 * MS);
    scene.levels[CROWD - 1] = 20;
    run(&scene, 300 * MS);
    cr_expect(scene.voices[CROWD - 1].is_chosen);
    cr_expect_eq(scene.speakers.count, LIMIT_VOICES);
}

Test(speaker, a_slightly_louder_voice_does_not_push_anybody_out)
{
    Scene scene = make_scene();
    for (size_t i = 0; i < LIMIT_VOICES; i++) {
        scene.levels[i] = 40;
    }
    run(&scene, 1000 * MS);
    scene.levels[CROWD - 1] = 36;
    run(&scene, 3000 * MS);
    cr_expect_not(scene.voices[CROWD - 1].is_chosen);
}

Test(speaker, one_loud_click_does_not_push_anybody_out)
{
    Scene scene = make_scene();
    for (size_t i = 0; i < LIMIT_VOICES; i++) {
        scene.levels[i] = 35;
    }
    run(&scene, 1000 * MS);
    cr_expect_not(speakers_hear(&scene.speakers, &scene.voices[CROWD - 1], 5, scene.now_us));
}

Test(speaker, a_pause_between_sentences_costs_no_place)
{
    Scene scene = make_scene();
    scene.levels[0] = 30;
    run(&scene, 1000 * MS);
    scene.levels[0] = 90;
    run(&scene, 1200 * MS);
    cr_expect(scene.voices[0].is_chosen);
}

Test(speaker, who_falls_silent_leaves)
{
    Scene scene = make_scene();
    scene.levels[0] = 30;
    run(&scene, 1000 * MS);
    scene.levels[0] = 127;
    run(&scene, 2000 * MS);
    cr_expect_not(scene.voices[0].is_chosen);
}

Test(speaker, who_stops_sending_leaves)
{
    Scene scene = make_scene();
    scene.levels[0] = 30;
    run(&scene, 1000 * MS);
    scene.levels[0] = 255;
    run(&scene, 1100 * MS);
    cr_expect_not(scene.voices[0].is_chosen);
    cr_expect_eq(scene.speakers.count, 0);
}

Test(speaker, who_is_muted_leaves_at_once_and_frees_the_place)
{
    Scene scene = make_scene();
    for (size_t i = 0; i < LIMIT_VOICES; i++) {
        scene.levels[i] = 30;
    }
    run(&scene, 100 * MS);
    scene.levels[0] = 255;
    speakers_leave(&scene.speakers, &scene.voices[0]);
    cr_expect_not(scene.voices[0].is_chosen);
    cr_expect(speakers_hear(&scene.speakers, &scene.voices[CROWD - 1], 45, scene.now_us));
}

Test(speaker, a_level_beyond_the_scale_is_silence)
{
    Scene scene = make_scene();
    cr_expect_not(speakers_hear(&scene.speakers, &scene.voices[0], 255, START));
    cr_expect_geq(scene.voices[0].loudness, 0);
}
