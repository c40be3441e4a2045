#include <criterion/criterion.h>

#include "bridge/base/medialink.h"

Test(medialink, reads_back_the_header_it_wrote)
{
    MedialinkHeader header = {.type = MEDIALINK_PICTURE,
                              .flags = MEDIALINK_FLAG_FRAME_END | MEDIALINK_FLAG_KEYFRAME,
                              .rung = 2,
                              .source = 0x01020304,
                              .time_us = INT64_C(0x0102030405060708)};
    uint8_t bytes[MEDIALINK_HEADER_BYTES];
    medialink_write(&header, bytes);
    MedialinkHeader back;
    cr_assert(medialink_read(bytes, sizeof bytes, &back));
    cr_assert_eq(back.type, header.type);
    cr_assert_eq(back.flags, header.flags);
    cr_assert_eq(back.rung, header.rung);
    cr_assert_eq(back.source, header.source);
    cr_assert_eq(back.time_us, header.time_us);
}

Test(medialink, refuses_a_short_message)
{
    uint8_t bytes[MEDIALINK_HEADER_BYTES] = {MEDIALINK_HELLO};
    MedialinkHeader header;
    for (size_t size = 0; size < MEDIALINK_HEADER_BYTES; size++) {
        cr_assert(!medialink_read(bytes, size, &header));
    }
}

Test(medialink, refuses_an_unknown_type)
{
    uint8_t bytes[MEDIALINK_HEADER_BYTES] = {0};
    MedialinkHeader header;
    cr_assert(!medialink_read(bytes, sizeof bytes, &header));
    bytes[0] = MEDIALINK_RUNGS + 1;
    cr_assert(!medialink_read(bytes, sizeof bytes, &header));
}
