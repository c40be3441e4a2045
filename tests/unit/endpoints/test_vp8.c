#include <criterion/criterion.h>

#include "endpoints/device/vp8.h"

static const uint8_t key_head[] = {0x10, 0x00, 0x00, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0x68, 0x41};

Test(vp8, reads_the_size_of_a_key_frame_without_its_scaling_hint)
{
    int width = 0;
    int height = 0;
    cr_assert(vp8_read_key_frame(key_head, sizeof key_head, &width, &height));
    cr_assert_eq(width, 640);
    cr_assert_eq(height, 360);
}

Test(vp8, takes_nothing_else_for_a_key_frame)
{
    int width = 0;
    int height = 0;
    cr_assert_not(vp8_read_key_frame(key_head, sizeof key_head - 1, &width, &height));
    cr_assert_not(vp8_read_key_frame(NULL, 0, &width, &height));
    for (size_t i = 0; i < 6; i++) {
        uint8_t bytes[sizeof key_head];
        __builtin_memcpy(bytes, key_head, sizeof bytes);
        bytes[i] ^= 1;
        cr_assert_eq(vp8_read_key_frame(bytes, sizeof bytes, &width, &height), i == 1 || i == 2);
    }
    uint8_t flat[] = {0x10, 0, 0, 0x9d, 0x01, 0x2a, 0, 0, 0x68, 0x41};
    cr_assert_not(vp8_read_key_frame(flat, sizeof flat, &width, &height));
}

static size_t descriptor(const uint8_t *bytes, size_t size, bool *ret_starts)
{
    return vp8_read_descriptor(bytes, size, ret_starts);
}

Test(vp8, reads_short_and_extended_descriptors)
{
    bool starts = false;
    cr_assert_eq(descriptor((const uint8_t[]){0x10, 1}, 2, &starts), 1);
    cr_assert(starts);
    cr_assert_eq(descriptor((const uint8_t[]){0x00, 1}, 2, &starts), 1);
    cr_assert_not(starts);
    cr_assert_eq(descriptor((const uint8_t[]){0x11, 1}, 2, &starts), 1);
    cr_assert_not(starts, "the second partition does not start a frame");
    cr_assert_eq(descriptor((const uint8_t[]){0x90, 0x80, 0x12, 1}, 4, &starts), 3);
    cr_assert(starts);
    cr_assert_eq(descriptor((const uint8_t[]){0x90, 0x80, 0x92, 0x34, 1}, 5, &starts), 4);
    cr_assert_eq(descriptor((const uint8_t[]){0x90, 0xf0, 0x92, 0x34, 7, 8, 1}, 7, &starts), 6);
    cr_assert_eq(descriptor((const uint8_t[]){0x90, 0x20, 8, 1}, 4, &starts), 3);
}

Test(vp8, refuses_descriptors_that_end_early)
{
    bool starts = false;
    cr_assert_eq(descriptor(NULL, 0, &starts), 0);
    cr_assert_eq(descriptor((const uint8_t[]){0x10}, 1, &starts), 0, "no payload");
    cr_assert_eq(descriptor((const uint8_t[]){0x90}, 1, &starts), 0);
    cr_assert_eq(descriptor((const uint8_t[]){0x90, 0x80}, 2, &starts), 0);
    cr_assert_eq(descriptor((const uint8_t[]){0x90, 0x80, 0x80}, 3, &starts), 0);
    cr_assert_eq(descriptor((const uint8_t[]){0x90, 0x80, 0x80, 1}, 4, &starts), 0);
    cr_assert_eq(descriptor((const uint8_t[]){0x90, 0x40}, 2, &starts), 0);
    cr_assert_eq(descriptor((const uint8_t[]){0x90, 0x10, 1}, 3, &starts), 0);
}
