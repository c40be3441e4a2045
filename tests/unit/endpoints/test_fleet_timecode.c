#include <criterion/criterion.h>
#include <glib.h>
#include <string.h>

#include "endpoints/fleet/timecode.h"

#define WIDTH 320
#define HEIGHT 180
#define GROUND 90

static TimecodePlane plane_new(int width, int height)
{
    TimecodePlane plane = {.stride = (size_t)width + 16, .width = width, .height = height};
    plane.bytes = g_malloc(plane.stride * (size_t)height);
    memset(plane.bytes, GROUND, plane.stride * (size_t)height);
    return plane;
}

static TimecodePlane drawn(uint32_t time_ms, uint16_t sender)
{
    TimecodePlane plane = plane_new(WIDTH, HEIGHT);
    cr_assert(timecode_draw(&plane, time_ms, sender));
    return plane;
}

Test(fleet_timecode, reads_what_was_drawn)
{
    const uint32_t times[] = {0, 1, 0xffffffff, 0x80000000, 1234567890, 0x55555555};
    for (size_t i = 0; i < G_N_ELEMENTS(times); i++) {
        TimecodePlane plane = drawn(times[i], 3);
        uint32_t read = 42;
        cr_assert(timecode_read(&plane, 3, &read));
        cr_assert_eq(read, times[i]);
        g_free(plane.bytes);
    }
}

Test(fleet_timecode, fits_into_every_size_that_is_large_enough)
{
    for (int width = TIMECODE_WIDTH_MIN; width <= 640; width += 30) {
        for (int height = TIMECODE_HEIGHT_MIN; height <= 400; height += 26) {
            TimecodePlane plane = plane_new(width, height);
            uint32_t read = 0;
            cr_assert(timecode_draw(&plane, 987654321, 1));
            cr_assert(timecode_read(&plane, 1, &read), "%dx%d", width, height);
            cr_assert_eq(read, 987654321);
            g_free(plane.bytes);
        }
    }
}

Test(fleet_timecode, survives_blur_noise_and_less_contrast)
{
    TimecodePlane plane = drawn(1234567890, 2);
    TimecodePlane coded = plane_new(WIDTH, HEIGHT);
    for (int y = 2; y < HEIGHT - 2; y++) {
        for (int x = 2; x < WIDTH - 2; x++) {
            int sum = 0;
            for (int dy = -2; dy <= 2; dy++) {
                for (int dx = -2; dx <= 2; dx++) {
                    sum += plane.bytes[(size_t)(y + dy) * plane.stride + (size_t)(x + dx)];
                }
            }
            int noise = (x * 7919 + y * 104729) % 41 - 20;
            coded.bytes[(size_t)y * coded.stride + (size_t)x] =
                (uint8_t)(40 + sum / 25 * 170 / 255 + noise);
        }
    }
    uint32_t read = 0;
    cr_assert(timecode_read(&coded, 2, &read));
    cr_assert_eq(read, 1234567890);
    g_free(plane.bytes);
    g_free(coded.bytes);
}

Test(fleet_timecode, leaves_the_border_and_the_lower_part_alone)
{
    TimecodePlane plane = drawn(0xffffffff, 1);
    for (int x = 0; x < WIDTH; x++) {
        cr_assert_eq(plane.bytes[x], GROUND);
        cr_assert_eq(plane.bytes[(size_t)(HEIGHT * 10 / 16) * plane.stride + (size_t)x], GROUND);
    }
    for (int y = 0; y < HEIGHT; y++) {
        cr_assert_eq(plane.bytes[(size_t)y * plane.stride], GROUND);
        cr_assert_eq(plane.bytes[(size_t)y * plane.stride + WIDTH - 1], GROUND);
    }
    g_free(plane.bytes);
}

Test(fleet_timecode, does_not_take_another_senders_time)
{
    TimecodePlane plane = drawn(1234567890, 1);
    uint32_t read = 0;
    for (uint16_t sender = 0; sender < 1000; sender++) {
        cr_assert_eq(timecode_read(&plane, sender, &read), sender == 1);
    }
    g_free(plane.bytes);
}

Test(fleet_timecode, sees_nothing_in_a_plain_picture)
{
    for (int value = 0; value < 256; value++) {
        TimecodePlane plane = plane_new(WIDTH, HEIGHT);
        memset(plane.bytes, value, plane.stride * HEIGHT);
        uint32_t read = 0;
        cr_assert_not(timecode_read(&plane, 0, &read), "value %d", value);
        g_free(plane.bytes);
    }
}

Test(fleet_timecode, sees_nothing_when_one_block_is_wrong)
{
    TimecodePlane plane = drawn(1234567890, 1);
    /* The whole first block turned round. */
    for (int y = HEIGHT / 16; y < HEIGHT / 16 + HEIGHT * 9 / 16 / TIMECODE_ROWS; y++) {
        for (int x = WIDTH / 16; x < WIDTH / 16 + WIDTH * 14 / 16 / TIMECODE_COLUMNS; x++) {
            uint8_t *pixel = &plane.bytes[(size_t)y * plane.stride + (size_t)x];
            *pixel = (uint8_t)(251 - *pixel);
        }
    }
    uint32_t read = 0;
    cr_assert_not(timecode_read(&plane, 1, &read));
    g_free(plane.bytes);
}

Test(fleet_timecode, sees_nothing_in_the_wrong_place)
{
    TimecodePlane plane = drawn(1234567890, 1);
    TimecodePlane shifted = plane;
    shifted.bytes += WIDTH / 4;
    shifted.width -= WIDTH / 4;
    uint32_t read = 0;
    cr_assert_not(timecode_read(&shifted, 1, &read));
    g_free(plane.bytes);
}

Test(fleet_timecode, sees_nothing_while_one_time_fades_into_the_next)
{
    TimecodePlane a = drawn(0x0f0f0f0f, 1);
    TimecodePlane b = drawn(0xf0f0f0f0, 1);
    for (size_t i = 0; i < a.stride * HEIGHT; i++) {
        a.bytes[i] = (uint8_t)((a.bytes[i] + b.bytes[i]) / 2);
    }
    uint32_t read = 0;
    cr_assert_not(timecode_read(&a, 1, &read));
    g_free(a.bytes);
    g_free(b.bytes);
}

Test(fleet_timecode, refuses_a_picture_without_room)
{
    TimecodePlane plane = plane_new(WIDTH, HEIGHT);
    uint32_t read = 0;
    plane.width = TIMECODE_WIDTH_MIN - 1;
    cr_assert_not(timecode_draw(&plane, 1, 1));
    cr_assert_not(timecode_read(&plane, 1, &read));
    plane.width = WIDTH;
    plane.height = TIMECODE_HEIGHT_MIN - 1;
    cr_assert_not(timecode_draw(&plane, 1, 1));
    cr_assert_not(timecode_read(&plane, 1, &read));
    g_free(plane.bytes);
}
