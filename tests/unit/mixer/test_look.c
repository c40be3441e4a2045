#include <criterion/criterion.h>
#include <glib.h>

#include "bridge/mixer/look.h"
#include "tests/unit/mixer/clip.h"

#define FRAME_US INT64_C(40000)
#define SECOND INT64_C(1000000)

/* A room: walls, a table, some texture; the same every time, but for the sensor's noise. */
static void draw_room(I420 *room, GRand *sensor, double noise)
{
    GRand *texture = g_rand_new_with_seed(7);
    for (int y = 0; y < room->height; y++) {
        for (int x = 0; x < room->width; x++) {
            double luma = 70 + 90.0 * x / room->width + (y > room->height / 2 ? -30 : 10) +
                          g_rand_double_range(texture, -6, 6);
            for (int i = 0; i < 4 && sensor != NULL; i++) {
                luma += g_rand_double_range(sensor, -noise, noise) * 0.87;
            }
            room->plane[0][y * room->stride[0] + x] = (uint8_t)CLAMP(luma, 16, 235);
        }
    }
    g_rand_free(texture);
}

static I420 new_room(int width, int height)
{
    I420 room = i420_alloc(width, height);
    i420_fill(&room, i420_color(0x808080));
    draw_room(&room, NULL, 0);
    return room;
}

/* The look after so many seconds of this picture, which stays as it is. */
static Look look_after(LookWatch *watch, const I420 *picture, int64_t *now_us, int64_t seconds)
{
    for (int64_t end_us = *now_us + seconds * SECOND; *now_us < end_us; *now_us += FRAME_US) {
        look_watch(watch, picture, *now_us);
    }
    return watch->look;
}

Test(look, notices_black_and_covered_and_frozen_within_ten_seconds)
{
    I420 picture = new_room(320, 180);
    I420 black = i420_alloc(320, 180);
    I420 blue = i420_alloc(320, 180);
    i420_fill(&black, i420_color(0x050505));
    i420_fill(&blue, i420_color(0x2030c0));
    const struct {
        const I420 *picture;
        Look look;
    } cases[] = {{&black, LOOK_DARK}, {&blue, LOOK_COVERED}, {&picture, LOOK_FROZEN}};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        LookWatch watch = {0};
        int64_t now_us = SECOND;
        cr_expect_eq(look_after(&watch, cases[i].picture, &now_us, 4), LOOK_FINE, "not at once");
        cr_expect_eq(look_after(&watch, cases[i].picture, &now_us, 5), cases[i].look);
    }
    i420_release(&picture);
    i420_release(&black);
    i420_release(&blue);
}

Test(look, is_fine_again_when_the_picture_is)
{
    LookWatch watch = {0};
    int64_t now_us = SECOND;
    GRand *sensor = g_rand_new_with_seed(1);
    I420 room = new_room(320, 180);
    cr_expect_eq(look_after(&watch, &room, &now_us, 9), LOOK_FROZEN);
    for (int i = 0; i < 100; i++) {
        draw_room(&room, sensor, 2);
        look_watch(&watch, &room, now_us += FRAME_US);
    }
    cr_expect_eq(watch.look, LOOK_FINE);
    i420_release(&room);
    g_rand_free(sensor);
}

Test(look, does_not_flap_when_a_key_frame_stirs_a_frozen_picture)
{
    LookWatch watch = {0};
    int64_t now_us = SECOND;
    I420 room = new_room(320, 180);
    look_after(&watch, &room, &now_us, 9);
    for (int i = 0; i < 25; i++) { /* Refined for a second. */
        for (int x = 0; x < 320 * 180; x++) {
            room.plane[0][x] ^= 1;
        }
        look_watch(&watch, &room, now_us += FRAME_US);
        cr_expect_eq(watch.look, LOOK_FROZEN);
    }
    cr_expect_eq(look_after(&watch, &room, &now_us, 3), LOOK_FROZEN);
    i420_release(&room);
}

Test(look, lets_a_short_darkness_pass)
{
    LookWatch watch = {0};
    int64_t now_us = SECOND;
    I420 black = i420_alloc(320, 180);
    i420_fill(&black, i420_color(0));
    GRand *sensor = g_rand_new_with_seed(1);
    I420 room = new_room(320, 180);
    for (int i = 0; i < 5; i++) {
        cr_expect_eq(look_after(&watch, &black, &now_us, 4), LOOK_FINE);
        draw_room(&room, sensor, 2);
        look_after(&watch, &room, &now_us, 1);
    }
    i420_release(&black);
    i420_release(&room);
    g_rand_free(sensor);
}

Test(look, takes_pictures_of_any_size)
{
    static const int sizes[][2] = {{2, 2}, {8, 8}, {16, 16}, {1920, 1088}};
    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
        LookWatch watch = {0};
        I420 picture = i420_alloc(sizes[i][0], sizes[i][1]);
        int64_t now_us = SECOND;
        look_after(&watch, &picture, &now_us, 1);
        i420_release(&picture);
    }
}

/* Through a real encoder and decoder, as a site's picture comes. Returns the look at the end and in
 * *ret_alarms how many times it was anything but fine. */
static Look look_through_codec(int width, int height, int kbps, double noise, int *ret_alarms)
{
    ClipEncoder *encoder = clip_encoder_new(width, height, kbps);
    ClipDecoder *decoder = clip_decoder_new();
    GRand *sensor = g_rand_new_with_seed(3);
    I420 room = new_room(width, height);
    LookWatch watch = {0};
    *ret_alarms = 0;
    for (int i = 0; i < 12 * 25; i++) {
        if (noise > 0) {
            draw_room(&room, sensor, noise);
        }
        GPtrArray *packets = clip_encode(encoder, &room);
        for (guint p = 0; p < packets->len; p++) {
            gsize size;
            const uint8_t *rtp = g_bytes_get_data(g_ptr_array_index(packets, p), &size);
            clip_decode(decoder, rtp, size);
        }
        g_ptr_array_unref(packets);
        const I420 *picture = clip_picture(decoder);
        if (picture != NULL) {
            bool is_news = look_watch(&watch, picture, SECOND + i * FRAME_US);
            *ret_alarms += is_news && watch.look != LOOK_FINE;
        }
    }
    i420_release(&room);
    g_rand_free(sensor);
    clip_encoder_free(encoder);
    clip_decoder_free(decoder);
    return watch.look;
}

static const struct {
    int width, height, kbps;
} senders[] = {{126, 76, 40}, {320, 180, 100}, {640, 360, 400}};

Test(look, raises_no_alarm_for_a_still_room_behind_a_codec, .init = clip_init)
{
    for (size_t i = 0; i < G_N_ELEMENTS(senders); i++) {
        int alarms;
        look_through_codec(senders[i].width, senders[i].height, senders[i].kbps, 1.5, &alarms);
        cr_expect_eq(alarms, 0, "%d×%d", senders[i].width, senders[i].height);
    }
}

Test(look, notices_a_frozen_camera_behind_a_codec, .init = clip_init)
{
    for (size_t i = 0; i < G_N_ELEMENTS(senders); i++) {
        int alarms;
        Look look =
            look_through_codec(senders[i].width, senders[i].height, senders[i].kbps, 0, &alarms);
        cr_expect_eq(look, LOOK_FROZEN, "%d×%d", senders[i].width, senders[i].height);
    }
}
