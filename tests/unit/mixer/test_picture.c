#include <criterion/criterion.h>
#include <pthread.h>
#include <stdlib.h>

#include "bridge/base/clock.h"
#include "bridge/mixer/picture.h"
#include "tests/unit/mixer/clip.h"
#include "tests/unit/mixer/fixture.h"

#define PATIENCE_US (20 * CLOCK_US_PER_S)

/* What the picture thread sent, under a lock: the test looks from another thread. */
typedef struct Sent {
    pthread_mutex_t lock;
    int frames[16]; /* By rung. */
    int keyframes[16];
    ClipDecoder *decoders[16]; /* NULL: not looked at. */
    int64_t first_us;
    int64_t last_us;
    int off_grid;
} Sent;

static bool on_packet(const RungPacket *packet, void *data)
{
    Sent *sent = data;
    pthread_mutex_lock(&sent->lock);
    if (sent->decoders[packet->rung] != NULL) {
        clip_decode(sent->decoders[packet->rung], packet->rtp, packet->size);
    }
    if (!packet->ends_frame) {
        pthread_mutex_unlock(&sent->lock);
        return true;
    }
    sent->frames[packet->rung]++;
    sent->keyframes[packet->rung] += packet->is_keyframe;
    sent->first_us = sent->first_us == 0 ? packet->time_us : sent->first_us;
    sent->off_grid += (packet->time_us - sent->first_us) % 40000 != 0;
    sent->off_grid += packet->time_us < sent->last_us;
    sent->last_us = packet->time_us;
    pthread_mutex_unlock(&sent->lock);
    return true;
}

static int read_count(Sent *sent, const int *count)
{
    pthread_mutex_lock(&sent->lock);
    int value = *count;
    pthread_mutex_unlock(&sent->lock);
    return value;
}

static bool await(Sent *sent, const int *count, int wanted)
{
    int64_t end_us = clock_now_us() + PATIENCE_US;
    while (read_count(sent, count) < wanted && clock_now_us() < end_us) {
        g_usleep(2000);
    }
    return read_count(sent, count) >= wanted;
}

static Scene *scene_of(int kbps, int width)
{
    Program *program = fixture_program(1, 320, 180);
    Watch watch = fixture_watch((uint16_t[]){0, 1}, 2);
    fixture_row(program, 0, LAYOUT_ROLE_FLOOR, 1);
    fixture_seat(program, 1);
    fixture_rung(program, 0, width, 180, kbps);
    fixture_rung(program, 0, 160, 90, 100);
    return fixture_scene(program, (uint32_t[]){1}, 1, &watch);
}

static void set_scene(Picture *picture, int kbps, int width)
{
    Scene *scene = scene_of(kbps, width);
    picture_set_scene(picture, scene);
    scene_unref(scene);
}

static Picture *open_picture(Sent *sent, Gallery *gallery)
{
    clip_init();
    pthread_mutex_init(&sent->lock, NULL);
    return picture_new(&(PictureOptions){gallery, on_packet, sent});
}

Test(picture, ticks_on_a_grid_that_does_not_drift)
{
    Sent sent = {0};
    Gallery *gallery = gallery_new();
    Picture *picture = open_picture(&sent, gallery);
    set_scene(picture, 300, 320);
    cr_assert(await(&sent, &sent.frames[0], 20));
    picture_free(picture);
    cr_expect_eq(sent.off_grid, 0);
    cr_expect(abs(sent.frames[0] - sent.frames[1]) <= 1);
    gallery_free(gallery);
}

Test(picture, keeps_its_encoders_over_a_change_that_does_not_concern_them)
{
    Sent sent = {0};
    Gallery *gallery = gallery_new();
    Picture *picture = open_picture(&sent, gallery);
    set_scene(picture, 300, 320);
    cr_assert(await(&sent, &sent.frames[0], 15));
    set_scene(picture, 300, 320);
    set_scene(picture, 200, 320);
    cr_assert(await(&sent, &sent.frames[0], 30));
    cr_expect_eq(read_count(&sent, &sent.keyframes[0]), 1);
    set_scene(picture, 200, 240);
    cr_assert(await(&sent, &sent.keyframes[0], 2), "another size, another encoder");
    cr_expect_eq(read_count(&sent, &sent.keyframes[1]), 1);
    picture_free(picture);
    gallery_free(gallery);
}

Test(picture, gives_a_key_frame_to_the_rung_that_asks)
{
    Sent sent = {0};
    Gallery *gallery = gallery_new();
    Picture *picture = open_picture(&sent, gallery);
    set_scene(picture, 300, 320);
    cr_assert(await(&sent, &sent.frames[0], 1));
    cr_assert(await(&sent, &sent.frames[1], 1), "its encoder is made beside the picture");
    picture_ask_keyframe(picture, 1);
    picture_ask_keyframe(picture, 77);
    cr_assert(await(&sent, &sent.keyframes[1], 2));
    cr_expect_eq(read_count(&sent, &sent.keyframes[0]), 1);
    picture_ask_keyframe(picture, PICTURE_ALL_RUNGS);
    cr_assert(await(&sent, &sent.keyframes[0], 2));
    cr_assert(await(&sent, &sent.keyframes[1], 3));
    picture_free(picture);
    gallery_free(gallery);
}

Test(picture, reports_who_is_seen)
{
    Sent sent = {0};
    Gallery *gallery = gallery_new();
    Picture *picture = open_picture(&sent, gallery);
    PictureReport report = {0};
    I420 frame = i420_alloc(320, 180);
    set_scene(picture, 300, 320);
    gallery_put(gallery, 1, frame_new_from_i420(&frame));
    cr_assert(await(&sent, &sent.frames[0], 3));
    cr_assert(picture_take_report(picture, &report));
    cr_expect(report.source == 1 && report.is_live);
    cr_expect_not(picture_take_report(picture, &report));
    picture_ask_reports(picture);
    cr_assert(await(&sent, &sent.frames[0], read_count(&sent, &sent.frames[0]) + 3));
    cr_assert(picture_take_report(picture, &report), "the next server wants to know, too");
    picture_free(picture);
    gallery_free(gallery);
}

/* View 0 has sources 1 and 2 beside each other, view 1 the other way round. */
static void set_two_views(Picture *picture, const Watch *watch)
{
    Program *program = fixture_program(2, 320, 180);
    for (size_t v = 0; v < 2; v++) {
        fixture_row(program, v, LAYOUT_ROLE_RECENT, 2);
        fixture_rung(program, v, 320, 180, 300);
    }
    fixture_seat(program, 1);
    fixture_seat(program, 2);
    Arrangement arrangements[2] = {{.cells = {1, 2}}, {.cells = {2, 1}}};
    Scene *scene = scene_new(
        &(SceneOptions){.program = program, .arrangements = arrangements, .watch = watch});
    picture_set_scene(picture, scene);
    scene_unref(scene);
    program_unref(program);
}

static void put_color(Gallery *gallery, uint32_t source, uint32_t rgb)
{
    I420 frame = i420_alloc(158, 180);
    i420_fill(&frame, i420_color(rgb));
    gallery_put(gallery, source, frame_new_from_i420(&frame));
}

static bool shows(Sent *sent, int rung, uint32_t left, uint32_t right)
{
    pthread_mutex_lock(&sent->lock);
    const I420 *picture = clip_picture(sent->decoders[rung]);
    bool is_there = picture != NULL &&
                    clip_is_color(picture, (LayoutRect){20, 40, 100, 60}, left) &&
                    clip_is_color(picture, (LayoutRect){190, 40, 100, 60}, right);
    pthread_mutex_unlock(&sent->lock);
    return is_there;
}

Test(picture, shows_the_same_sources_in_the_cells_of_two_views_at_once)
{
    Sent sent = {0};
    Gallery *gallery = gallery_new();
    Picture *picture = open_picture(&sent, gallery);
    Watch both = fixture_watch((uint16_t[]){0, 8}, 2);
    sent.decoders[0] = clip_decoder_new();
    sent.decoders[8] = clip_decoder_new();
    set_two_views(picture, &both);
    put_color(gallery, 1, 0xc03030);
    put_color(gallery, 2, 0x3050c0);
    cr_assert(await(&sent, &sent.frames[0], 10));
    cr_assert(await(&sent, &sent.frames[8], 10));
    cr_expect(shows(&sent, 0, 0xc03030, 0x3050c0));
    cr_expect(shows(&sent, 8, 0x3050c0, 0xc03030));
    picture_free(picture);
    clip_decoder_free(sent.decoders[0]);
    clip_decoder_free(sent.decoders[8]);
    gallery_free(gallery);
}

Test(picture, encodes_no_view_that_nobody_watches)
{
    Sent sent = {0};
    Gallery *gallery = gallery_new();
    Picture *picture = open_picture(&sent, gallery);
    Watch one = fixture_watch((uint16_t[]){8}, 1);
    Watch other = fixture_watch((uint16_t[]){0}, 1);
    set_two_views(picture, &one);
    cr_assert(await(&sent, &sent.frames[8], 5));
    cr_expect_eq(read_count(&sent, &sent.frames[0]), 0);
    set_two_views(picture, &other);
    cr_assert(await(&sent, &sent.frames[0], 5));
    cr_expect_eq(read_count(&sent, &sent.keyframes[0]), 1);
    int frames = read_count(&sent, &sent.frames[8]);
    cr_assert(await(&sent, &sent.frames[0], 10));
    cr_expect_eq(read_count(&sent, &sent.frames[8]), frames);
    picture_free(picture);
    gallery_free(gallery);
}

Test(picture, ends_before_it_has_begun)
{
    Sent sent = {0};
    Gallery *gallery = gallery_new();
    Picture *picture = open_picture(&sent, gallery);
    picture_ask_keyframe(picture, 0);
    picture_ask_reports(picture);
    picture_free(picture);
    cr_expect_eq(sent.frames[0], 0);
    gallery_free(gallery);
}
