#include <criterion/criterion.h>
#include <glib.h>

#include "bridge/mixer/ladder.h"
#include "tests/unit/mixer/clip.h"
#include "tests/unit/mixer/fixture.h"

#define TICK_US 40000
#define RUNGS 4

typedef struct Tower {
    Ladder *ladder;
    ClipDecoder *decoders[RUNGS];
    int frames[RUNGS];
    int keyframes[RUNGS];
    uint64_t tick;
    I420 picture;
} Tower;

static bool on_packet(const RungPacket *packet, void *data)
{
    Tower *tower = data;
    cr_assert_lt(packet->rung, RUNGS);
    tower->frames[packet->rung] += packet->ends_frame;
    tower->keyframes[packet->rung] += packet->ends_frame && packet->is_keyframe;
    clip_decode(tower->decoders[packet->rung], packet->rtp, packet->size);
    return true;
}

static void set_rungs(Tower *tower, const uint16_t *rungs, size_t count)
{
    Program *program = fixture_program(1, 640, 360);
    fixture_row(program, 0, LAYOUT_ROLE_RECENT, 1);
    fixture_rung(program, 0, 640, 360, 500);
    fixture_rung(program, 0, 320, 180, 300);
    fixture_rung(program, 0, 160, 90, 150);
    fixture_rung(program, 0, 320, 180, 150);
    Watch watch = fixture_watch(rungs, count);
    Scene *scene = fixture_scene(program, (uint32_t[]){0}, 1, &watch);
    ladder_set_scene(tower->ladder, scene, &scene->views[0]);
    scene_unref(scene);
}

static Tower *open_tower(void)
{
    clip_init();
    Tower *tower = g_new0(Tower, 1);
    tower->ladder = ladder_new(NULL, on_packet, tower);
    for (int i = 0; i < RUNGS; i++) {
        tower->decoders[i] = clip_decoder_new();
    }
    tower->picture = i420_alloc(640, 360);
    I420 left = i420_part(&tower->picture, (LayoutRect){0, 0, 320, 360});
    I420 right = i420_part(&tower->picture, (LayoutRect){320, 0, 320, 360});
    i420_fill(&left, i420_color(0xc03030));
    i420_fill(&right, i420_color(0x3050c0));
    return tower;
}

static void close_tower(Tower *tower)
{
    ladder_free(tower->ladder);
    for (int i = 0; i < RUNGS; i++) {
        clip_decoder_free(tower->decoders[i]);
    }
    i420_release(&tower->picture);
    g_free(tower);
}

static void encode(Tower *tower, int ticks)
{
    for (int i = 0; i < ticks; i++) {
        tower->tick++;
        ladder_encode(tower->ladder, &tower->picture, tower->tick, (int64_t)tower->tick * TICK_US);
    }
}

static void expect_picture(const Tower *tower, int rung, int width)
{
    const I420 *picture = clip_picture(tower->decoders[rung]);
    cr_assert_not_null(picture);
    cr_expect_eq(picture->width, width);
    cr_expect(clip_is_color(picture, (LayoutRect){8, 8, width / 4, width / 4}, 0xc03030));
    cr_expect(
        clip_is_color(picture, (LayoutRect){width / 2 + 8, 8, width / 4, width / 4}, 0x3050c0));
}

Test(ladder, encodes_nothing_that_nobody_asked_for)
{
    Tower *tower = open_tower();
    set_rungs(tower, NULL, 0);
    encode(tower, 3);
    set_rungs(tower, (uint16_t[]){2, 9}, 2);
    encode(tower, 5);
    cr_expect_eq(tower->frames[2], 5);
    cr_expect_eq(tower->frames[0] + tower->frames[1] + tower->frames[3], 0);
    close_tower(tower);
}

Test(ladder, makes_every_size_whichever_others_are_made)
{
    Tower *tower = open_tower();
    set_rungs(tower, (uint16_t[]){0, 1, 2, 3}, 4);
    encode(tower, 5);
    expect_picture(tower, 0, 640);
    expect_picture(tower, 1, 320);
    expect_picture(tower, 2, 160);
    expect_picture(tower, 3, 320);
    set_rungs(tower, (uint16_t[]){2}, 1);
    encode(tower, 5);
    cr_expect_eq(tower->frames[2], 10);
    expect_picture(tower, 2, 160);
    close_tower(tower);
}

Test(ladder, goes_on_with_a_rung_that_stays_and_begins_a_new_one_with_a_key_frame)
{
    Tower *tower = open_tower();
    set_rungs(tower, (uint16_t[]){0, 1}, 2);
    encode(tower, 5);
    set_rungs(tower, (uint16_t[]){1, 2}, 2);
    encode(tower, 5);
    cr_expect_eq(tower->frames[0], 5);
    cr_expect_eq(tower->frames[1], 10);
    cr_expect_eq(tower->keyframes[1], 1);
    cr_expect_eq(tower->keyframes[2], 1);
    set_rungs(tower, (uint16_t[]){0, 1}, 2);
    encode(tower, 1);
    cr_expect_eq(tower->keyframes[0], 2, "it was away");
    close_tower(tower);
}

Test(ladder, passes_a_key_frame_request_to_its_rung)
{
    Tower *tower = open_tower();
    set_rungs(tower, (uint16_t[]){0, 1}, 2);
    encode(tower, 20);
    ladder_ask_keyframe(tower->ladder, 1);
    ladder_ask_keyframe(tower->ladder, 77);
    encode(tower, 20);
    cr_expect(tower->keyframes[0] == 1 && tower->keyframes[1] == 2);
    ladder_ask_keyframe(tower->ladder, -1);
    encode(tower, 1);
    cr_expect(tower->keyframes[0] == 2 && tower->keyframes[1] == 3);
    close_tower(tower);
}
