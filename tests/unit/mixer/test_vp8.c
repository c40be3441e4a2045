#include <criterion/criterion.h>

#include "bridge/mixer/vp8.h"

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
