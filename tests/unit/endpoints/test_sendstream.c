#include <criterion/criterion.h>
#include <string.h>

#include "bridge/base/clock.h"
#include "bridge/base/limits.h"
#include "bridge/rtc/rtcp.h"
#include "bridge/rtc/rtp.h"
#include "endpoints/device/sendstream.h"

#define NOW_US INT64_C(1000000000)

static SdpMedia answer(void)
{
    SdpMedia media = {
        .kind = SDP_VIDEO,
        .sends = true,
        .receives = true,
        .codec_type = 96,
        .rtx_type = 97,
        .h264_type = -1,
        .ext_mid = 4,
        .ext_abs_send_time = 3,
        .ext_audio_level_received = 1,
    };
    strcpy(media.mid, "1");
    return media;
}

static SendStream *accepted(void)
{
    SendStreamOptions options = {
        .ssrc = 0x11111111, .rtx_ssrc = 0x22222222, .clock_hz = 90000, .cname = "box"};
    SdpMedia media = answer();
    SendStream *stream = send_stream_new(&options);
    cr_assert(send_stream_accept(stream, &media));
    return stream;
}

static Outgoing piece(uint8_t first)
{
    Outgoing outgoing = {.kind = OUTGOING_VIDEO,
                         .marker = true,
                         .rtp_timestamp = 3600,
                         .captured_us = NOW_US,
                         .size = 3};
    memcpy(outgoing.payload, (const uint8_t[]){first, 2, 3}, 3);
    return outgoing;
}

typedef struct Wire {
    uint8_t bytes[LIMIT_RTP_BYTES];
    size_t size;
    RtpPacket packet;
} Wire;

static Wire sent(SendStream *stream, const Outgoing *outgoing, int64_t now_us)
{
    Wire wire;
    ByteWriter writer = byte_writer(wire.bytes, sizeof wire.bytes);
    wire.size = send_stream_write(stream, outgoing, now_us, &writer);
    cr_assert_gt(wire.size, 0);
    cr_assert(rtp_parse(wire.bytes, wire.size, &wire.packet));
    return wire;
}

static size_t resent(SendStream *stream, uint16_t seq, int64_t now_us, Wire *wire)
{
    ByteWriter writer = byte_writer(wire->bytes, sizeof wire->bytes);
    wire->size = send_stream_resend(stream, seq, now_us, &writer);
    if (wire->size > 0) {
        cr_assert(rtp_parse(wire->bytes, wire->size, &wire->packet));
    }
    return wire->size;
}

Test(sendstream, numbers_packets_without_a_gap)
{
    SendStream *stream = accepted();
    Outgoing outgoing = piece(1);
    Wire first = sent(stream, &outgoing, NOW_US);
    Wire second = sent(stream, &outgoing, NOW_US);
    cr_assert_eq((uint16_t)(second.packet.seq - first.packet.seq), 1);
    cr_assert_eq(first.packet.ssrc, 0x11111111);
    cr_assert_eq(first.packet.payload_type, 96);
    cr_assert(first.packet.marker);
    cr_assert_eq(first.packet.payload_size, 3);
    cr_assert_eq(first.packet.payload[0], 1);
    send_stream_free(stream);
}

Test(sendstream, carries_the_negotiated_extensions)
{
    SendStream *stream = accepted();
    Outgoing outgoing = piece(1);
    uint8_t send_time[3];
    Wire wire = sent(stream, &outgoing, NOW_US);
    const RtpExtension *mid = rtp_find_extension(&wire.packet, 4);
    const RtpExtension *time = rtp_find_extension(&wire.packet, 3);
    cr_assert_not_null(mid);
    cr_assert(mid->size == 1 && mid->bytes[0] == '1');
    rtp_write_abs_send_time(NOW_US, send_time);
    cr_assert(time != NULL && memcmp(time->bytes, send_time, 3) == 0);
    cr_assert_null(rtp_find_extension(&wire.packet, 1), "video has no audio level");
    send_stream_free(stream);
}

Test(sendstream, tells_the_level_of_sound)
{
    SendStream *stream = accepted();
    Outgoing outgoing = piece(1);
    outgoing.kind = OUTGOING_AUDIO;
    outgoing.level = 35;
    Wire wire = sent(stream, &outgoing, NOW_US);
    uint8_t level = 0;
    bool voice = true;
    cr_assert(rtp_read_audio_level(rtp_find_extension(&wire.packet, 1), &level, &voice));
    cr_assert_eq(level, 35);
    send_stream_free(stream);
}

Test(sendstream, leaves_out_extensions_that_were_not_negotiated)
{
    SendStreamOptions options = {.ssrc = 1, .clock_hz = 48000, .cname = "box"};
    SdpMedia media = answer();
    media.ext_mid = media.ext_abs_send_time = media.ext_audio_level_received = 0;
    SendStream *stream = send_stream_new(&options);
    cr_assert(send_stream_accept(stream, &media));
    Outgoing outgoing = piece(1);
    cr_assert_eq(sent(stream, &outgoing, NOW_US).size, RTP_HEADER_BYTES + 3);
    send_stream_free(stream);
}

Test(sendstream, is_not_accepted_by_a_peer_that_does_not_want_it)
{
    SendStreamOptions options = {.ssrc = 1, .clock_hz = 48000, .cname = "box"};
    SendStream *stream = send_stream_new(&options);
    SdpMedia media = answer();
    media.rejected = true;
    cr_assert_not(send_stream_accept(stream, &media));
    media = answer();
    media.receives = false;
    cr_assert_not(send_stream_accept(stream, &media));
    media = answer();
    media.codec_type = -1;
    cr_assert_not(send_stream_accept(stream, &media));
    cr_assert_not(send_stream_is_accepted(stream));
    send_stream_free(stream);
}

Test(sendstream, sends_a_packet_again_on_its_own_stream)
{
    SendStream *stream = accepted();
    Outgoing outgoing = piece(77);
    Wire first = sent(stream, &outgoing, NOW_US);
    Wire again;
    cr_assert_gt(resent(stream, first.packet.seq, NOW_US + SEND_STREAM_RESEND_US, &again), 0);
    cr_assert_eq(again.packet.ssrc, 0x22222222);
    cr_assert_eq(again.packet.payload_type, 97);
    cr_assert_eq(again.packet.timestamp, first.packet.timestamp);
    cr_assert_eq(again.packet.payload_size, 5);
    cr_assert_eq(again.packet.payload[0], first.packet.seq >> 8);
    cr_assert_eq(again.packet.payload[1], first.packet.seq & 0xff);
    cr_assert_eq(again.packet.payload[2], 77);
    send_stream_free(stream);
}

Test(sendstream, does_not_flood_a_peer_that_asks_too_often)
{
    SendStream *stream = accepted();
    Outgoing outgoing = piece(1);
    Wire first = sent(stream, &outgoing, NOW_US);
    Wire again;
    cr_assert_eq(resent(stream, first.packet.seq, NOW_US + SEND_STREAM_RESEND_US - 1, &again), 0);
    cr_assert_gt(resent(stream, first.packet.seq, NOW_US + SEND_STREAM_RESEND_US, &again), 0);
    cr_assert_eq(resent(stream, first.packet.seq, NOW_US + SEND_STREAM_RESEND_US + 1, &again), 0);
    send_stream_free(stream);
}

Test(sendstream, has_forgotten_what_is_long_past_or_never_was)
{
    SendStream *stream = accepted();
    Outgoing outgoing = piece(1);
    Wire again;
    int64_t later_us = NOW_US + CLOCK_US_PER_S;
    Wire first = sent(stream, &outgoing, NOW_US);
    cr_assert_eq(resent(stream, (uint16_t)(first.packet.seq + 1), later_us, &again), 0);
    for (int i = 0; i < SEND_STREAM_HISTORY; i++) {
        sent(stream, &outgoing, NOW_US);
    }
    cr_assert_eq(resent(stream, first.packet.seq, later_us, &again), 0);
    send_stream_free(stream);
}

Test(sendstream, sends_nothing_again_without_rtx)
{
    SendStreamOptions options = {.ssrc = 1, .rtx_ssrc = 2, .clock_hz = 90000, .cname = "box"};
    SdpMedia media = answer();
    media.rtx_type = -1;
    SendStream *stream = send_stream_new(&options);
    cr_assert(send_stream_accept(stream, &media));
    Outgoing outgoing = piece(1);
    Wire first = sent(stream, &outgoing, NOW_US);
    Wire again;
    cr_assert_eq(resent(stream, first.packet.seq, NOW_US + CLOCK_US_PER_S, &again), 0);
    send_stream_free(stream);
}

Test(sendstream, fits_the_largest_payload_and_its_retransmission)
{
    SendStream *stream = accepted();
    Outgoing outgoing = piece(1);
    Wire again;
    outgoing.size = OUTGOING_PAYLOAD_BYTES;
    Wire first = sent(stream, &outgoing, NOW_US);
    cr_assert_gt(resent(stream, first.packet.seq, NOW_US + CLOCK_US_PER_S, &again), 0);
    cr_assert_leq(again.size, LIMIT_RTP_BYTES);
    send_stream_free(stream);
}

Test(sendstream, writes_nothing_into_too_little_room)
{
    SendStream *stream = accepted();
    Outgoing outgoing = piece(1);
    uint8_t small[20];
    for (size_t room = 0; room < sizeof small; room++) {
        ByteWriter writer = byte_writer(small, room);
        cr_assert_eq(send_stream_write(stream, &outgoing, NOW_US, &writer), 0);
    }
    send_stream_free(stream);
}

Test(sendstream, ties_its_timestamps_to_the_clock_in_sender_reports)
{
    SendStream *stream = accepted();
    Outgoing outgoing = piece(1);
    uint8_t bytes[200];
    ByteWriter early = byte_writer(bytes, sizeof bytes);
    cr_assert_not(send_stream_report(stream, NOW_US, &early), "nothing was sent yet");
    Wire wire = sent(stream, &outgoing, NOW_US);
    ByteWriter writer = byte_writer(bytes, sizeof bytes);
    cr_assert(send_stream_report(stream, NOW_US + 100000, &writer));
    RtcpReader reader = rtcp_reader(bytes, byte_writer_size(&writer));
    RtcpItem item;
    cr_assert(rtcp_next(&reader, &item));
    cr_assert_eq(item.kind, RTCP_SENDER_INFO);
    cr_assert_eq(item.sender_ssrc, 0x11111111);
    cr_assert_eq(item.sender_info.ntp, clock_ntp(NOW_US + 100000));
    cr_assert_eq(item.sender_info.rtp_timestamp, wire.packet.timestamp + 9000);
    cr_assert_eq(item.sender_info.packets, 1);
    cr_assert_eq(item.sender_info.octets, 3);
    send_stream_free(stream);
}
