#include <criterion/criterion.h>

#include "bridge/base/videocodec.h"

Test(videocodec, knows_its_names)
{
    VideoCodec codec = VIDEO_VP8;
    cr_expect(videocodec_find("H264", &codec));
    cr_expect_eq(codec, VIDEO_H264);
    cr_expect(videocodec_find(videocodec_name(VIDEO_VP8), &codec));
    cr_expect_eq(codec, VIDEO_VP8);
    cr_expect_not(videocodec_find("h264", &codec));
    cr_expect_not(videocodec_find("", &codec));
}

Test(videocodec, finds_the_beginning_of_an_h264_key_frame_in_a_parameter_set)
{
    const uint8_t parameter_set[] = {0x67, 0x42, 0xe0, 0x1f};
    const uint8_t stap[] = {0x78, 0x00, 0x04, 0x67, 0x42, 0xe0, 0x1f};
    const uint8_t slice[] = {0x41, 0x9a};
    const uint8_t key_slice_alone[] = {0x65, 0x88};
    const uint8_t stap_of_slices[] = {0x78, 0x00, 0x04, 0x41, 0x9a, 0x00, 0x00};
    cr_expect(videocodec_starts_keyframe(VIDEO_H264, parameter_set, sizeof parameter_set));
    cr_expect(videocodec_starts_keyframe(VIDEO_H264, stap, sizeof stap));
    cr_expect_not(videocodec_starts_keyframe(VIDEO_H264, slice, sizeof slice));
    cr_expect_not(videocodec_starts_keyframe(VIDEO_H264, key_slice_alone, sizeof key_slice_alone));
    cr_expect_not(videocodec_starts_keyframe(VIDEO_H264, stap_of_slices, sizeof stap_of_slices));
}

Test(videocodec, reads_no_byte_that_is_not_there)
{
    const uint8_t bytes[] = {0x78, 0x00, 0x04};
    for (size_t size = 0; size <= sizeof bytes; size++) {
        cr_expect_not(videocodec_starts_keyframe(VIDEO_H264, bytes, size));
        cr_expect_not(videocodec_starts_keyframe(VIDEO_VP8, bytes + 1, size > 1 ? 1 : 0));
    }
}
