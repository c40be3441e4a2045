#include <criterion/criterion.h>
#include <string.h>

#include "bridge/base/clock.h"
#include "bridge/relay/outstream.h"
#include "bridge/rtc/rtp.h"

#define MS INT64_C(1000)
#define START (1000 * MS)
#define VIDEO_HZ 90000
#define MID_ID 4
#define TIME_ID 3

static OutStream make_stream(uint32_t clock_hz, uint32_t grid_ticks)
{
    OutStream stream = {0};
    outstream_init(&stream, clock_hz, grid_ticks);
    stream.ssrc = 0xdecade;
    OutHeadOptions options = {.ssrc = stream.ssrc,
                              .payload_type = 96,
                              .mid = "video",
                              .ext_mid = MID_ID,
                              .ext_abs_send_time = TIME_ID};
    cr_assert(outhead_init(&stream.head, &options));
    return stream;
}

typedef struct Sent {
    size_t size;
    RtpPacket rtp;
    uint8_t bytes[256];
} Sent;

static bool send(OutStream *stream, OutPacket packet, int64_t now_us, Sent *ret_sent)
{
    packet.payload = (const uint8_t *)"payload";
    packet.size = 7;
    ret_sent->size =
        outstream_write(stream, &packet, now_us, ret_sent->bytes, sizeof ret_sent->bytes);
    return ret_sent->size > 0 && rtp_parse(ret_sent->bytes, ret_sent->size, &ret_sent->rtp);
}

Test(outstream, writes_a_well_formed_packet_with_its_extensions)
{
    OutStream stream = make_stream(VIDEO_HZ, 1);
    Sent sent;
    OutPacket packet = {.index = 5, .timestamp = 77, .time_us = START, .marker = true};
    cr_assert(send(&stream, packet, START, &sent));
    cr_expect_eq(sent.rtp.ssrc, 0xdecade);
    cr_expect_eq(sent.rtp.payload_type, 96);
    cr_expect(sent.rtp.marker);
    cr_expect_eq(sent.rtp.payload_size, 7);
    cr_expect_arr_eq(sent.rtp.payload, "payload", 7);
    const RtpExtension *mid = rtp_find_extension(&sent.rtp, MID_ID);
    cr_assert_not_null(mid);
    cr_expect_eq(mid->size, 5);
    cr_expect_arr_eq(mid->bytes, "video", 5);
    const RtpExtension *time = rtp_find_extension(&sent.rtp, TIME_ID);
    uint8_t expected[3];
    rtp_write_abs_send_time(START, expected);
    cr_assert_not_null(time);
    cr_expect_arr_eq(time->bytes, expected, 3);
}

Test(outstream, keeps_the_distances_of_one_feed)
{
    OutStream stream = make_stream(VIDEO_HZ, 1);
    Sent first;
    Sent sent;
    cr_assert(send(&stream, (OutPacket){.index = 5, .timestamp = 1000}, START, &first));
    cr_assert(send(&stream, (OutPacket){.index = 6, .timestamp = 1000}, START, &sent));
    cr_expect_eq(sent.rtp.seq, (uint16_t)(first.rtp.seq + 1));
    cr_expect_eq(sent.rtp.timestamp, first.rtp.timestamp);
    cr_assert(send(&stream, (OutPacket){.index = 9, .timestamp = 4600}, START, &sent));
    cr_expect_eq(sent.rtp.seq, (uint16_t)(first.rtp.seq + 4), "a hole stays a hole");
    cr_expect_eq(sent.rtp.timestamp, first.rtp.timestamp + 3600);
}

Test(outstream, begins_low_enough_not_to_roll_over_at_once)
{
    for (int i = 0; i < 100; i++) {
        OutStream stream = make_stream(VIDEO_HZ, 1);
        cr_expect_lt(stream.seq, 0x8000);
    }
}

Test(outstream, changes_the_rung_without_a_seam)
{
    OutStream stream = make_stream(VIDEO_HZ, 1);
    Sent before;
    Sent after;
    OutPacket packet = {
        .feed = 0, .index = 100, .timeline = 0, .timestamp = 5000, .time_us = START};
    cr_assert(send(&stream, packet, START, &before));
    packet = (OutPacket){
        .feed = 1, .index = 7, .timeline = 1, .timestamp = 4000000000U, .time_us = START + 40 * MS};
    cr_assert(send(&stream, packet, START + 45 * MS, &after));
    cr_expect_eq(after.rtp.seq, (uint16_t)(before.rtp.seq + 1));
    cr_expect_eq(after.rtp.timestamp, before.rtp.timestamp + 3600);
}

Test(outstream, changes_the_mix_on_one_timeline_to_the_tick)
{
    OutStream stream = make_stream(48000, 960);
    Sent before;
    Sent after;
    OutPacket packet = {.feed = 0, .index = 10, .timestamp = 960, .time_us = START};
    cr_assert(send(&stream, packet, START, &before));
    /* The picture clock is late by 7 ms: the timestamps still say 20 ms. */
    packet = (OutPacket){.feed = 3, .index = 900, .timestamp = 1920, .time_us = START + 27 * MS};
    cr_assert(send(&stream, packet, START + 27 * MS, &after));
    cr_expect_eq(after.rtp.seq, (uint16_t)(before.rtp.seq + 1));
    cr_expect_eq(after.rtp.timestamp, before.rtp.timestamp + 960);
}

Test(outstream, keeps_the_grid_over_a_restart_of_the_mixer)
{
    OutStream stream = make_stream(48000, 960);
    Sent before;
    Sent after;
    OutPacket packet = {.index = 10, .timestamp = 960, .time_us = START};
    cr_assert(send(&stream, packet, START, &before));
    packet = (OutPacket){
        .index = 0, .timeline = 1, .timestamp = 0x80000000, .time_us = START + 1507 * MS};
    cr_assert(send(&stream, packet, START + 1507 * MS, &after));
    cr_expect_eq(after.rtp.seq, (uint16_t)(before.rtp.seq + 1));
    cr_expect_eq(after.rtp.timestamp, before.rtp.timestamp + 75 * 960);
}

Test(outstream, never_sends_a_number_twice)
{
    OutStream stream = make_stream(VIDEO_HZ, 1);
    Sent sent;
    cr_assert(send(&stream, (OutPacket){.index = 10}, START, &sent));
    cr_assert(send(&stream, (OutPacket){.index = 11}, START, &sent));
    uint16_t seq = sent.rtp.seq;
    cr_expect_not(send(&stream, (OutPacket){.index = 11}, START, &sent));
    cr_expect_not(send(&stream, (OutPacket){.index = 10}, START, &sent));
    cr_assert(send(&stream, (OutPacket){.index = 12}, START, &sent));
    cr_expect_eq(sent.rtp.seq, (uint16_t)(seq + 1));
}

Test(outstream, a_leap_of_a_feed_becomes_one_step)
{
    OutStream stream = make_stream(VIDEO_HZ, 1);
    Sent before;
    Sent after;
    cr_assert(send(&stream, (OutPacket){.index = 10}, START, &before));
    cr_assert(send(&stream, (OutPacket){.index = 40000}, START, &after));
    cr_expect_eq(after.rtp.seq, (uint16_t)(before.rtp.seq + 1));
}

Test(outstream, an_unbelievable_picture_time_does_no_harm)
{
    OutStream stream = make_stream(VIDEO_HZ, 1);
    Sent before;
    Sent after;
    cr_assert(send(&stream, (OutPacket){.time_us = INT64_MAX / 2}, START, &before));
    OutPacket packet = {.index = 1, .timeline = 1, .time_us = -INT64_MAX / 2};
    cr_assert(send(&stream, packet, START + 40 * MS, &after));
    cr_expect_eq(after.rtp.timestamp, before.rtp.timestamp + 3600);
}

Test(outstream, finds_what_was_sent_over_a_change_of_feed)
{
    OutStream stream = make_stream(VIDEO_HZ, 1);
    Sent old;
    Sent young;
    cr_assert(send(&stream, (OutPacket){.feed = 0, .index = 70000, .timestamp = 1}, START, &old));
    cr_assert(send(&stream, (OutPacket){.feed = 0, .index = 70003}, START, &old));
    OutPacket packet = {.feed = 1, .index = 7, .timeline = 1, .time_us = START};
    cr_assert(send(&stream, packet, START, &young));
    uint64_t index;
    const OutSpan *span = outstream_find(&stream, young.rtp.seq, &index);
    cr_assert_not_null(span);
    cr_expect_eq(span->feed, 1);
    cr_expect_eq(index, 7);
    span = outstream_find(&stream, (uint16_t)(old.rtp.seq - 2), &index);
    cr_assert_not_null(span);
    cr_expect_eq(span->feed, 0);
    cr_expect_eq(index, 70001);
    cr_expect_eq(0 + span->timestamp_offset, old.rtp.timestamp);
}

Test(outstream, finds_nothing_that_was_never_sent)
{
    OutStream stream = make_stream(VIDEO_HZ, 1);
    Sent sent;
    uint64_t index;
    cr_expect_null(outstream_find(&stream, 5, &index));
    cr_assert(send(&stream, (OutPacket){.index = 10}, START, &sent));
    cr_expect_null(outstream_find(&stream, (uint16_t)(sent.rtp.seq + 1), &index));
    cr_expect_null(outstream_find(&stream, (uint16_t)(sent.rtp.seq - 1), &index));
}

Test(outstream, reports_the_rtp_time_of_now)
{
    OutStream stream = make_stream(VIDEO_HZ, 1);
    Sent sent;
    RtcpSenderInfo info;
    cr_expect_not(outstream_sender_info(&stream, START, &info));
    OutPacket packet = {.timestamp = 500, .time_us = START - 30 * MS};
    cr_assert(send(&stream, packet, START, &sent));
    cr_assert(outstream_sender_info(&stream, START + 970 * MS, &info));
    cr_expect_eq(info.ntp, clock_ntp(START + 970 * MS));
    cr_expect_eq(info.rtp_timestamp, sent.rtp.timestamp + VIDEO_HZ);
    cr_expect_eq(info.packets, 1);
    cr_expect_eq(info.octets, 7);
}

Test(outstream, writes_nothing_that_does_not_fit)
{
    OutStream stream = make_stream(VIDEO_HZ, 1);
    uint8_t bytes[20];
    OutPacket packet = {.payload = (const uint8_t *)"payload", .size = 7};
    cr_expect_eq(outstream_write(&stream, &packet, START, bytes, sizeof bytes), 0);
}
