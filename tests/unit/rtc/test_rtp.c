#include "bridge/rtc/rtp.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

static const uint8_t plain[] = {0x80, 0xef, 0x12, 0x34, 0x00, 0x01, 0xe2, 0x40,
                                0xca, 0xfe, 0xba, 0xbe, 'o',  'p',  'u',  's'};

static bool parse(const void *bytes, size_t size, RtpPacket *packet)
{
    /* An exact copy on the heap, so that a read past the end is seen by the address sanitizer. */
    uint8_t *copy = malloc(size + (size == 0));
    memcpy(copy, bytes, size);
    bool ok = rtp_parse(copy, size, packet);
    free(copy);
    return ok;
}

Test(rtp, reads_a_plain_packet)
{
    RtpPacket packet;
    cr_assert(rtp_parse(plain, sizeof plain, &packet));
    cr_assert(packet.marker);
    cr_assert_eq(packet.payload_type, 0x6f);
    cr_assert_eq(packet.seq, 0x1234);
    cr_assert_eq(packet.timestamp, 123456);
    cr_assert_eq(packet.ssrc, 0xcafebabe);
    cr_assert_eq(packet.header_size, 12);
    cr_assert_eq(packet.payload_size, 4);
    cr_assert_eq(memcmp(packet.payload, "opus", 4), 0);
    cr_assert_eq(packet.extension_count, 0);
}

Test(rtp, refuses_every_truncation_of_the_header)
{
    RtpPacket packet;
    for (size_t size = 0; size < RTP_HEADER_BYTES; size++) {
        cr_assert_not(parse(plain, size, &packet), "%zu bytes", size);
    }
    cr_assert(parse(plain, RTP_HEADER_BYTES, &packet));
    cr_assert_eq(packet.payload_size, 0);
}

Test(rtp, refuses_another_version)
{
    uint8_t bytes[sizeof plain];
    RtpPacket packet;
    for (int version = 0; version < 4; version++) {
        memcpy(bytes, plain, sizeof plain);
        bytes[0] = (uint8_t)(version << 6);
        cr_assert_eq(parse(bytes, sizeof bytes, &packet), version == 2);
    }
}

Test(rtp, passes_over_csrcs_and_refuses_missing_ones)
{
    uint8_t bytes[12 + 8 + 1] = {0x82, 96};
    RtpPacket packet;
    cr_assert(parse(bytes, sizeof bytes, &packet));
    cr_assert_eq(packet.header_size, 20);
    cr_assert_eq(packet.payload_size, 1);
    cr_assert_not(parse(bytes, 19, &packet));
    bytes[0] = 0x8f;
    cr_assert_not(parse(bytes, sizeof bytes, &packet));
}

Test(rtp, strips_padding)
{
    uint8_t bytes[16] = {0xa0, 96};
    RtpPacket packet;
    bytes[15] = 3;
    cr_assert(parse(bytes, sizeof bytes, &packet));
    cr_assert_eq(packet.payload_size, 1);
    bytes[15] = 4;
    cr_assert(parse(bytes, sizeof bytes, &packet));
    cr_assert_eq(packet.payload_size, 0);
}

Test(rtp, refuses_padding_that_is_zero_or_longer_than_the_payload)
{
    uint8_t bytes[16] = {0xa0, 96};
    RtpPacket packet;
    cr_assert_not(parse(bytes, sizeof bytes, &packet));
    bytes[15] = 5;
    cr_assert_not(parse(bytes, sizeof bytes, &packet));
    cr_assert_not(parse(bytes, 12, &packet), "no room for a padding count");
}

Test(rtp, reads_one_byte_extensions_with_padding_between)
{
    uint8_t bytes[] = {0x90, 96, 0,    0,    0, 0,    0,   0, 0, 0,    0,    0,    0xbe, 0xde,
                       0,    3,  0x10, 0x85, 0, 0x32, 'a', 1, 2, 0x40, 0x37, 0x00, 0,    0};
    RtpPacket packet;
    cr_assert(rtp_parse(bytes, sizeof bytes, &packet));
    cr_assert_eq(packet.extension_count, 3);
    uint8_t level;
    bool voice;
    cr_assert(rtp_read_audio_level(rtp_find_extension(&packet, 1), &level, &voice));
    cr_assert_eq(level, 5);
    cr_assert(voice);
    cr_assert_eq(rtp_find_extension(&packet, 3)->size, 3);
    cr_assert_eq(rtp_find_extension(&packet, 4)->bytes[0], 0x37);
    cr_assert_null(rtp_find_extension(&packet, 2));
    cr_assert_eq(packet.header_size, sizeof bytes);
}

Test(rtp, stops_at_extension_id_fifteen)
{
    uint8_t bytes[] = {0x90, 96, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xbe, 0xde, 0, 1, 0xf0, 1, 0x10, 2};
    RtpPacket packet;
    cr_assert(rtp_parse(bytes, sizeof bytes, &packet));
    cr_assert_eq(packet.extension_count, 0);
}

Test(rtp, reads_two_byte_extensions)
{
    uint8_t bytes[] = {0x90, 96,   0, 0, 0, 0, 0,   0,   0,   0,  0, 0,
                       0x10, 0x00, 0, 2, 5, 3, 'x', 'y', 'z', 77, 1, 9};
    RtpPacket packet;
    cr_assert(rtp_parse(bytes, sizeof bytes, &packet));
    cr_assert_eq(packet.extension_count, 1, "ids over 14 are passed over");
    cr_assert_eq(memcmp(rtp_find_extension(&packet, 5)->bytes, "xyz", 3), 0);
    bytes[21] = 7;
    bytes[22] = 2;
    cr_assert_not(parse(bytes, sizeof bytes, &packet));
}

Test(rtp, refuses_extensions_that_overrun)
{
    uint8_t bytes[] = {0x90, 96, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xbe, 0xde, 0, 1, 0, 0, 0x11, 2};
    RtpPacket packet;
    cr_assert_not(parse(bytes, sizeof bytes, &packet), "the element");
    bytes[18] = 0;
    cr_assert_not(parse(bytes, sizeof bytes - 1, &packet), "the block");
    bytes[14] = 0xff;
    cr_assert_not(parse(bytes, sizeof bytes, &packet), "the length");
    cr_assert_not(parse(bytes, 14, &packet), "half a block header");
}

Test(rtp, ignores_an_extension_profile_it_does_not_know)
{
    uint8_t bytes[] = {0x90, 96, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xab, 0xac, 0, 1, 0x1f, 0, 0, 0};
    RtpPacket packet;
    cr_assert(rtp_parse(bytes, sizeof bytes, &packet));
    cr_assert_eq(packet.extension_count, 0);
}

Test(rtp, keeps_no_more_extensions_than_it_has_room_for)
{
    uint8_t bytes[12 + 4 + 40] = {0x90, 96, [12] = 0xbe, [13] = 0xde, [15] = 10};
    for (size_t i = 0; i < 20; i++) {
        bytes[16 + 2 * i] = 0x10;
    }
    RtpPacket packet;
    cr_assert(rtp_parse(bytes, sizeof bytes, &packet));
    cr_assert_eq(packet.extension_count, RTP_EXTENSIONS_MAX);
}

Test(rtp, reads_back_the_header_it_writes)
{
    uint8_t time[3] = {1, 2, 3};
    RtpHeader header = {
        .marker = true,
        .payload_type = 96,
        .seq = 65535,
        .timestamp = 0xfffffff0,
        .ssrc = 7,
        .extension_count = 2,
        .extensions = {{.id = 4, .size = 1, .bytes = (const uint8_t *)"1"},
                       {.id = 14, .size = 3, .bytes = time}},
    };
    uint8_t bytes[64];
    size_t size = rtp_write_header(&header, bytes, sizeof bytes);
    cr_assert_eq(size, 12 + 4 + 8);
    RtpPacket packet;
    cr_assert(rtp_parse(bytes, size, &packet));
    cr_assert(packet.marker);
    cr_assert_eq(packet.seq, 65535);
    cr_assert_eq(packet.timestamp, 0xfffffff0);
    cr_assert_eq(packet.extension_count, 2);
    cr_assert_eq(memcmp(rtp_find_extension(&packet, 14)->bytes, time, 3), 0);
    cr_assert_eq(rtp_write_header(&header, bytes, size - 1), 0);
}

Test(rtp, refuses_to_write_an_extension_that_cannot_be_said)
{
    uint8_t value[17] = {0};
    uint8_t bytes[64];
    RtpHeader header = {.extension_count = 1,
                        .extensions = {{.id = 1, .size = 17, .bytes = value}}};
    cr_assert_eq(rtp_write_header(&header, bytes, sizeof bytes), 0);
    header.extensions[0].size = 0;
    cr_assert_eq(rtp_write_header(&header, bytes, sizeof bytes), 0);
    header.extensions[0].size = 16;
    cr_assert_neq(rtp_write_header(&header, bytes, sizeof bytes), 0);
    header.extensions[0].id = 15;
    cr_assert_eq(rtp_write_header(&header, bytes, sizeof bytes), 0);
    header.extensions[0].id = 0;
    cr_assert_eq(rtp_write_header(&header, bytes, sizeof bytes), 0);
}

Test(rtp, tells_rtp_from_rtcp_from_others)
{
    cr_assert(rtp_is_packet(plain, sizeof plain));
    cr_assert_not(rtp_is_rtcp(plain, sizeof plain));
    cr_assert(rtp_is_rtcp((const uint8_t[]){0x81, 201}, 2));
    cr_assert_not(rtp_is_rtcp((const uint8_t[]){0x80, 191}, 2));
    cr_assert_not(rtp_is_rtcp((const uint8_t[]){0x80, 224}, 2));
    cr_assert_not(rtp_is_packet((const uint8_t[]){127, 200}, 2));
    cr_assert_not(rtp_is_packet((const uint8_t[]){192, 200}, 2));
    cr_assert_not(rtp_is_packet(plain, 1));
}

Test(rtp, writes_absolute_send_time_as_6_18_fixed_point)
{
    uint8_t bytes[3];
    rtp_write_abs_send_time(1500000, bytes);
    cr_assert_eq(memcmp(bytes, (const uint8_t[]){0x06, 0x00, 0x00}, 3), 0);
    rtp_write_abs_send_time(INT64_C(64) * 1000000 + 500000, bytes);
    cr_assert_eq(memcmp(bytes, (const uint8_t[]){0x02, 0x00, 0x00}, 3), 0);
    rtp_write_abs_send_time(INT64_MAX, bytes);
}

Test(rtp, compares_serial_numbers_over_the_wrap)
{
    cr_assert(rtp_seq_is_newer(0, 65535));
    cr_assert_not(rtp_seq_is_newer(65535, 0));
    cr_assert_not(rtp_seq_is_newer(9, 9));
    cr_assert(rtp_timestamp_is_newer(5, 0xfffffff0));
    cr_assert_not(rtp_timestamp_is_newer(0xfffffff0, 5));
}

Test(rtp, unwraps_in_both_directions)
{
    RtpUnwrapper unwrapper = {0};
    uint64_t first = rtp_unwrap(&unwrapper, 2);
    cr_assert_eq((uint16_t)first, 2);
    cr_assert_eq(rtp_unwrap(&unwrapper, 65535), first - 3);
    cr_assert_eq(unwrapper.highest, first);
    cr_assert_eq(rtp_unwrap(&unwrapper, 30000), first + 29998);
    cr_assert_eq(rtp_unwrap(&unwrapper, 60000), first + 59998);
    cr_assert_eq(rtp_unwrap(&unwrapper, 1), first + 65535);
    cr_assert_eq(rtp_unwrap(&unwrapper, 60001), first + 59999);
}

Test(rtp, reads_no_level_from_nothing)
{
    uint8_t level;
    bool voice;
    cr_assert_not(rtp_read_audio_level(NULL, &level, &voice));
    cr_assert_not(rtp_read_audio_level(&(RtpExtension){.id = 1}, &level, &voice));
}
