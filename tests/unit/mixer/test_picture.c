#include <criterion/criterion.h>
#include <pthread.h>
#include <stdlib.h>

#include "bridge/base/clock.h"
#include "bridge/mixer/picture.h"
#include "tests/unit/mixer/clip.h"

#define PATIENCE_US (20 * CLOCK_US_PER_S)

/* What the picture thread sent, under a lock: the test looks from another thread. */
typedef struct Sent {
    pthread_mutex_t lock;
    int frames[2];
    int keyframes[2];
    int64_t first_us;
    int64_t last_us;
    int off_grid;
} Sent;

static bool on_packet(const RungPacket *packet, void *data)
{
    Sent *sent = data;
    if (!packet->ends_frame) {
        return true;
    }
    pthread_mutex_lock(&sent->lock);
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
    Program *program = g_atomic_rc_box_new0(Program);
    program->width = 320;
    program->height = 180;
    program->fps = 25;
    program->rung_count = 2;
    program->rungs[0] = (ProgramRung){0, width, 180, 25, kbps};
    program->rungs[1] = (ProgramRung){1, 160, 90, 25, 100};
    program->layout = g_malloc0(sizeof(Layout) + sizeof(LayoutCell));
    program->layout->cell_count = 1;
    program->layout->cells[0] = (LayoutCell){.role = LAYOUT_ROLE_FLOOR, .w = 1, .h = 1};
    program->seats[0] = (ProgramSeat){
        .source = 1, .name = g_strdup("Xã A"), .note = g_strdup(""), .is_present = true};
    program->seat_count = 1;
    Scene *scene = scene_new(program, (uint32_t[]){1});
    program_unref(program);
    return scene;
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
