#include <criterion/criterion.h>

#include "bridge/base/vp8.h"

static const uint8_t key[] = {0x50, 0x42, 0x00, 0x9d, 0x01, 0x2a, 0xa8, 0x01, 0xf0, 0x00};

Test(vp8, reads_the_size_of_a_key_frame)
{
    Vp8Header header;
    cr_assert(vp8_read_header(key, sizeof key, &header));
    cr_expect(header.is_keyframe && header.is_shown);
    cr_expect_eq(header.width, 424);
    cr_expect_eq(header.height, 240);
}

Test(vp8, leaves_out_the_scale_bits_of_the_size)
{
    uint8_t scaled[] = {0x50, 0x42, 0x00, 0x9d, 0x01, 0x2a, 0xa8, 0x41, 0xf0, 0xc0};
    Vp8Header header;
    cr_assert(vp8_read_header(scaled, sizeof scaled, &header));
    cr_expect_eq(header.width, 424);
    cr_expect_eq(header.height, 240);
}

Test(vp8, reads_a_delta_frame_of_three_bytes)
{
    Vp8Header header;
    cr_assert(vp8_read_header((uint8_t[]){0x11, 0x02, 0x00}, 3, &header));
    cr_expect_not(header.is_keyframe);
    cr_expect(header.is_shown);
    cr_assert(vp8_read_header((uint8_t[]){0x01, 0x02, 0x00}, 3, &header));
    cr_expect_not(header.is_shown);
}

Test(vp8, refuses_what_is_cut_short)
{
    Vp8Header header;
    for (size_t size = 0; size < sizeof key; size++) {
        cr_expect_not(vp8_read_header(key, size, &header), "%zu bytes", size);
    }
    cr_expect_not(vp8_read_header((uint8_t[]){0x11, 0x02}, 2, &header));
}

Test(vp8, refuses_a_wrong_start_code)
{
    uint8_t wrong[] = {0x50, 0x42, 0x00, 0x9d, 0x01, 0x2b, 0xa8, 0x01, 0xf0, 0x00};
    Vp8Header header;
    cr_expect_not(vp8_read_header(wrong, sizeof wrong, &header));
}

Test(vp8, finds_the_first_packet_of_a_key_frame)
{
    cr_expect(vp8_payload_starts_keyframe((uint8_t[]){0x10, 0x50}, 2));
    cr_expect_not(vp8_payload_starts_keyframe((uint8_t[]){0x10, 0x51}, 2), "a delta frame");
    cr_expect_not(vp8_payload_starts_keyframe((uint8_t[]){0x00, 0x50}, 2), "not its start");
    cr_expect_not(vp8_payload_starts_keyframe((uint8_t[]){0x11, 0x50}, 2), "another partition");
    cr_expect_not(vp8_payload_starts_keyframe((uint8_t[]){0x10}, 1));
    cr_expect_not(vp8_payload_starts_keyframe((uint8_t[]){0x10}, 0));
}

Test(vp8, steps_over_every_descriptor_extension)
{
    cr_expect(vp8_payload_starts_keyframe((uint8_t[]){0x90, 0x80, 0x7f, 0x50}, 4));
    cr_expect(vp8_payload_starts_keyframe((uint8_t[]){0x90, 0x80, 0xff, 0xff, 0x50}, 5));
    cr_expect(vp8_payload_starts_keyframe((uint8_t[]){0x90, 0xf0, 0x81, 0x01, 1, 1, 0x50}, 7));
    cr_expect(vp8_payload_starts_keyframe((uint8_t[]){0x90, 0x10, 0x01, 0x50}, 4));
    cr_expect_not(vp8_payload_starts_keyframe((uint8_t[]){0x90, 0x80, 0xff, 0xff}, 4));
    cr_expect_not(vp8_payload_starts_keyframe((uint8_t[]){0x90}, 1));
}

Test(vp8, sees_the_start_of_a_vp8_key_frame)
{
    cr_assert(vp8_payload_starts_keyframe((const uint8_t[]){0x10, 0x50}, 2));
    cr_assert_not(vp8_payload_starts_keyframe((const uint8_t[]){0x10, 0x51}, 2), "inter frame");
    cr_assert_not(vp8_payload_starts_keyframe((const uint8_t[]){0x00, 0x50}, 2), "continuation");
    cr_assert_not(vp8_payload_starts_keyframe((const uint8_t[]){0x11, 0x50}, 2),
                  "second partition");
}

Test(vp8, passes_over_every_vp8_descriptor_option)
{
    cr_assert(vp8_payload_starts_keyframe((const uint8_t[]){0x90, 0x80, 0x11, 0x50}, 4));
    cr_assert(vp8_payload_starts_keyframe((const uint8_t[]){0x90, 0x80, 0x81, 0x11, 0x50}, 5));
    cr_assert(
        vp8_payload_starts_keyframe((const uint8_t[]){0x90, 0xe0, 0x81, 0x11, 3, 5, 0x50}, 7));
    cr_assert(vp8_payload_starts_keyframe((const uint8_t[]){0x90, 0x10, 5, 0x50}, 4));
    cr_assert(vp8_payload_starts_keyframe((const uint8_t[]){0x90, 0x00, 0x50}, 3));
}

Test(vp8, calls_a_truncated_vp8_payload_no_key_frame)
{
    const uint8_t bytes[] = {0x90, 0xf0, 0x80, 0x00, 0x00, 0x00, 0x00};
    cr_assert(vp8_payload_starts_keyframe(bytes, sizeof bytes));
    for (size_t size = 0; size < sizeof bytes; size++) {
        cr_assert_not(vp8_payload_starts_keyframe(bytes, size));
    }
}

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
