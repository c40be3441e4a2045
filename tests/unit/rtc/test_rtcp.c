#include "bridge/rtc/rtcp.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

/* How many items a packet yields; checks that it is read from an exact copy. */
static size_t count_items(const uint8_t *bytes, size_t size, bool *ret_malformed)
{
    uint8_t *copy = malloc(size + (size == 0));
    memcpy(copy, bytes, size);
    RtcpReader reader = rtcp_reader(copy, size);
    RtcpItem item;
    size_t count = 0;
    while (rtcp_next(&reader, &item)) {
        count++;
    }
    *ret_malformed = reader.malformed;
    free(copy);
    return count;
}

static void assert_malformed(const uint8_t *bytes, size_t size)
{
    bool malformed;
    count_items(bytes, size, &malformed);
    cr_assert(malformed);
}

static void assert_same_block(const RtcpReportBlock *a, const RtcpReportBlock *b)
{
    cr_assert_eq(a->ssrc, b->ssrc);
    cr_assert_eq(a->fraction_lost, b->fraction_lost);
    cr_assert_eq(a->packets_lost, b->packets_lost);
    cr_assert_eq(a->highest_seq, b->highest_seq);
    cr_assert_eq(a->jitter, b->jitter);
    cr_assert_eq(a->last_sr, b->last_sr);
    cr_assert_eq(a->delay_since_last_sr, b->delay_since_last_sr);
}

Test(rtcp, reads_back_a_compound_of_everything_it_writes)
{
    uint8_t bytes[512];
    ByteWriter writer = byte_writer(bytes, sizeof bytes);
    RtcpSenderInfo info = {
        .ntp = 0x0102030405060708, .rtp_timestamp = 90000, .packets = 7, .octets = 900};
    RtcpReportBlock block = {.ssrc = 5,
                             .fraction_lost = 64,
                             .packets_lost = -3,
                             .highest_seq = 0x10002,
                             .jitter = 12,
                             .last_sr = 0xabcdef01,
                             .delay_since_last_sr = 65536};
    const uint16_t lost[] = {65534, 0, 14, 15};
    const uint32_t media[] = {5, 6};
    cr_assert(rtcp_write_sender_report(&writer, 1, &info, &block, 1));
    cr_assert(rtcp_write_cname(&writer, 1, "bridge"));
    cr_assert(rtcp_write_receiver_report(&writer, 2, &block, 1));
    cr_assert(rtcp_write_nack(&writer, 1, 5, lost, 4));
    cr_assert(rtcp_write_pli(&writer, 1, 6));
    cr_assert(rtcp_write_remb(&writer, 1, 300000, media, 2));
    cr_assert(rtcp_write_bye(&writer, 9));

    RtcpReader reader = rtcp_reader(bytes, byte_writer_size(&writer));
    RtcpItem item;
    cr_assert(rtcp_next(&reader, &item));
    cr_assert_eq(item.kind, RTCP_SENDER_INFO);
    cr_assert_eq(item.sender_ssrc, 1);
    cr_assert_eq(item.sender_info.ntp, info.ntp);
    cr_assert_eq(item.sender_info.rtp_timestamp, 90000);
    cr_assert_eq(item.sender_info.packets, 7);
    cr_assert_eq(item.sender_info.octets, 900);
    for (uint32_t sender = 1; sender <= 2; sender++) {
        cr_assert(rtcp_next(&reader, &item));
        cr_assert_eq(item.kind, RTCP_REPORT_BLOCK);
        cr_assert_eq(item.sender_ssrc, sender);
        assert_same_block(&item.report, &block);
    }
    cr_assert(rtcp_next(&reader, &item));
    cr_assert_eq(item.kind, RTCP_NACK);
    cr_assert_eq(item.media_ssrc, 5);
    cr_assert_eq(item.nack.packet_id, 65534);
    cr_assert_eq(item.nack.following_mask, 1 << 1 | 1 << 15);
    cr_assert(rtcp_next(&reader, &item));
    cr_assert_eq(item.nack.packet_id, 15);
    cr_assert_eq(item.nack.following_mask, 0);
    cr_assert(rtcp_next(&reader, &item));
    cr_assert_eq(item.kind, RTCP_PLI);
    cr_assert_eq(item.media_ssrc, 6);
    cr_assert(rtcp_next(&reader, &item));
    cr_assert_eq(item.kind, RTCP_REMB);
    cr_assert_eq(item.remb_bps, 300000 / 2 * 2);
    cr_assert(rtcp_next(&reader, &item));
    cr_assert_eq(item.kind, RTCP_BYE);
    cr_assert_eq(item.media_ssrc, 9);
    cr_assert_not(rtcp_next(&reader, &item));
    cr_assert_not(reader.malformed);
}

Test(rtcp, writes_remb_with_the_exact_mantissa_and_exponent)
{
    static const struct {
        uint64_t bps;
        uint8_t bytes[3];
    } cases[] = {
        {0, {0x00, 0x00, 0x00}},          {262143, {0x03, 0xff, 0xff}},
        {262144, {0x06, 0x00, 0x00}},     {1500000, {0x0e, 0xdc, 0x6c}}, /* 187500 << 3 */
        {UINT64_MAX, {0xbb, 0xff, 0xff}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint8_t bytes[32];
        ByteWriter writer = byte_writer(bytes, sizeof bytes);
        cr_assert(rtcp_write_remb(&writer, 1, cases[i].bps, NULL, 0));
        cr_assert_eq(byte_writer_size(&writer), 20);
        uint32_t value = (uint32_t)bytes[17] << 16 | (uint32_t)bytes[18] << 8 | bytes[19];
        uint64_t read = (uint64_t)(value & 0x3ffff) << (value >> 18);
        cr_assert_leq(read, cases[i].bps);
        cr_assert_leq(cases[i].bps - read, cases[i].bps >> 17);
        cr_assert_eq(memcmp(bytes + 17, cases[i].bytes, 3), 0);
    }
}

Test(rtcp, reads_remb_as_browsers_write_it)
{
    const uint8_t bytes[] = {0x8f, 206, 0,   5,   0, 0,    0,    1,    0, 0, 0, 0,
                             'R',  'E', 'M', 'B', 1, 0x0e, 0xdc, 0x6c, 0, 0, 0, 7};
    RtcpReader reader = rtcp_reader(bytes, sizeof bytes);
    RtcpItem item;
    cr_assert(rtcp_next(&reader, &item));
    cr_assert_eq(item.kind, RTCP_REMB);
    cr_assert_eq(item.remb_bps, UINT64_C(0x2dc6c) << 3);
    cr_assert_not(rtcp_next(&reader, &item));
    cr_assert_not(reader.malformed);
}

Test(rtcp, caps_a_remb_that_does_not_fit_64_bits)
{
    const uint8_t bytes[] = {0x8f, 206, 0,   4,   0,   0,   0, 1,    0,    0,
                             0,    0,   'R', 'E', 'M', 'B', 0, 0xff, 0xff, 0xff};
    RtcpReader reader = rtcp_reader(bytes, sizeof bytes);
    RtcpItem item;
    cr_assert(rtcp_next(&reader, &item));
    cr_assert_eq(item.remb_bps, UINT64_MAX);
}

Test(rtcp, refuses_a_remb_that_promises_more_ssrcs_than_it_has)
{
    uint8_t bytes[] = {0x8f, 206, 0, 4, 0, 0, 0, 1, 0, 0, 0, 0, 'R', 'E', 'M', 'B', 1, 0, 0, 9};
    assert_malformed(bytes, sizeof bytes);
}

Test(rtcp, passes_over_application_feedback_that_is_no_remb)
{
    const uint8_t bytes[] = {0x8f, 206, 0,    3,   0, 0, 0, 1, 0, 0, 0, 0, 'L', 'N',
                             'T',  'F', 0x81, 206, 0, 2, 0, 0, 0, 1, 0, 0, 0,   2};
    bool malformed;
    cr_assert_eq(count_items(bytes, sizeof bytes, &malformed), 1);
    cr_assert_not(malformed);
}

Test(rtcp, reads_every_fir_entry)
{
    const uint8_t bytes[] = {0x84, 206, 0, 6, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0,
                             0,    5,   3, 0, 0, 0, 0, 0, 0, 6, 4, 0, 0, 0};
    RtcpReader reader = rtcp_reader(bytes, sizeof bytes);
    RtcpItem item;
    cr_assert(rtcp_next(&reader, &item));
    cr_assert_eq(item.kind, RTCP_FIR);
    cr_assert_eq(item.media_ssrc, 5);
    cr_assert_eq(item.fir_seq, 3);
    cr_assert(rtcp_next(&reader, &item));
    cr_assert_eq(item.media_ssrc, 6);
    cr_assert_not(rtcp_next(&reader, &item));
    cr_assert_not(reader.malformed);
}

Test(rtcp, refuses_half_a_fir_entry)
{
    const uint8_t bytes[] = {0x84, 206, 0, 3, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 5};
    assert_malformed(bytes, sizeof bytes);
}

Test(rtcp, passes_over_unknown_types_and_transport_feedback)
{
    const uint8_t bytes[] = {0x80, 204, 0, 1, 1, 2, 3, 4, 0x8f, 205, 0,    3,   0, 0,
                             0,    1,   0, 0, 0, 2, 9, 9, 9,    9,   0x80, 207, 0, 0};
    bool malformed;
    cr_assert_eq(count_items(bytes, sizeof bytes, &malformed), 0);
    cr_assert_not(malformed);
}

Test(rtcp, refuses_a_length_past_the_end)
{
    const uint8_t bytes[] = {0x81, 206, 0, 3, 0, 0, 0, 1, 0, 0, 0, 2};
    assert_malformed(bytes, sizeof bytes);
}

Test(rtcp, refuses_every_truncation_of_a_report)
{
    uint8_t bytes[64];
    ByteWriter writer = byte_writer(bytes, sizeof bytes);
    RtcpReportBlock block = {.ssrc = 1};
    rtcp_write_sender_report(&writer, 1, &(RtcpSenderInfo){0}, &block, 1);
    for (size_t size = 1; size < byte_writer_size(&writer); size++) {
        assert_malformed(bytes, size);
    }
}

Test(rtcp, refuses_a_count_that_exceeds_the_body)
{
    assert_malformed((const uint8_t[]){0x81, 201, 0, 1, 0, 0, 0, 1}, 8);
    assert_malformed((const uint8_t[]){0x82, 203, 0, 1, 0, 0, 0, 1}, 8);
    assert_malformed((const uint8_t[]){0x81, 203, 0, 0}, 4);
}

Test(rtcp, refuses_reports_and_feedback_without_their_ssrcs)
{
    assert_malformed((const uint8_t[]){0x80, 201, 0, 0}, 4);
    assert_malformed((const uint8_t[]){0x81, 206, 0, 1, 0, 0, 0, 1}, 8);
    assert_malformed((const uint8_t[]){0x80, 200, 0, 1, 0, 0, 0, 1}, 8);
}

Test(rtcp, refuses_another_version)
{
    assert_malformed((const uint8_t[]){0x41, 206, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2}, 12);
}

Test(rtcp, strips_padding_and_refuses_impossible_padding)
{
    uint8_t bytes[] = {0xa1, 203, 0, 2, 0, 0, 0, 1, 0, 0, 0, 4};
    bool malformed;
    cr_assert_eq(count_items(bytes, sizeof bytes, &malformed), 1);
    cr_assert_not(malformed);
    bytes[11] = 9;
    assert_malformed(bytes, sizeof bytes);
    bytes[11] = 0;
    assert_malformed(bytes, sizeof bytes);
    assert_malformed((const uint8_t[]){0xa0, 203, 0, 0}, 4);
}

Test(rtcp, reads_an_empty_receiver_report_and_a_bye_with_a_reason)
{
    const uint8_t bytes[] = {0x80, 201, 0, 1, 0, 0, 0, 1,   0x81, 203,
                             0,    2,   0, 0, 0, 1, 3, 'e', 'n',  'd'};
    bool malformed;
    cr_assert_eq(count_items(bytes, sizeof bytes, &malformed), 1);
    cr_assert_not(malformed);
}

Test(rtcp, writes_nothing_when_there_is_no_room)
{
    uint8_t bytes[27];
    ByteWriter writer = byte_writer(bytes, sizeof bytes);
    cr_assert_not(rtcp_write_sender_report(&writer, 1, &(RtcpSenderInfo){0}, NULL, 0));
    cr_assert_not(rtcp_write_cname(&writer, 1, "a name that is too long"));
    cr_assert_eq(byte_writer_size(&writer), 0);
    cr_assert(rtcp_write_bye(&writer, 1));
    cr_assert_not(rtcp_write_receiver_report(&writer, 1, NULL, 32));
    cr_assert_not(rtcp_write_nack(&writer, 1, 2, NULL, 0));
}

Test(rtcp, ends_every_cname_with_zero_at_a_word_boundary)
{
    for (size_t length = 0; length <= 255; length++) {
        char cname[257] = {0};
        memset(cname, 'c', length);
        uint8_t bytes[300];
        ByteWriter writer = byte_writer(bytes, sizeof bytes);
        cr_assert(rtcp_write_cname(&writer, 1, cname));
        size_t size = byte_writer_size(&writer);
        cr_assert_eq(size % 4, 0);
        cr_assert_gt(size, 10 + length);
        cr_assert_leq(size, 14 + length);
        cr_assert_eq(bytes[size - 1], 0);
        cr_assert_eq((size_t)(bytes[2] << 8 | bytes[3]), size / 4 - 1);
    }
    uint8_t bytes[400];
    ByteWriter writer = byte_writer(bytes, sizeof bytes);
    char cname[257];
    memset(cname, 'c', 256);
    cname[256] = 0;
    cr_assert_not(rtcp_write_cname(&writer, 1, cname));
}
