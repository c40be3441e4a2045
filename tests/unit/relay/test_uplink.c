#include <criterion/criterion.h>
#include <string.h>

#include "bridge/relay/uplink.h"

#define MS INT64_C(1000)
#define START (1000 * MS)
#define RTT (40 * MS)
#define OPUS 111
#define VP8 96
#define RTX 97
#define LEVEL_ID 1
#define MID_ID 4
#define AUDIO_SSRC 1001
#define VIDEO_SSRC 2002
#define FORWARDED_MAX 64

static const uint8_t keyframe[] = {0x10, 0x50, 0x01, 0x00, 0x9d, 0x01,
                                   0x2a, 0x40, 0x01, 0xb4, 0x00};
static const uint8_t interframe[] = {0x10, 0x51, 0x01, 0x00, 0x01};

typedef struct Rig {
    Speakers speakers;
    Pool *pool;
    Counters counters;
    Uplink *uplink;
    size_t count;
    UplinkPacket forwarded[FORWARDED_MAX];
} Rig;

static void on_forward(const UplinkPacket *packet, void *data)
{
    Rig *rig = data;
    cr_assert_lt(rig->count, FORWARDED_MAX);
    rig->forwarded[rig->count++] = *packet;
}

static Rig *make_rig(bool is_muted, bool is_video_wanted)
{
    Rig *rig = g_new0(Rig, 1);
    rig->pool = pool_new(64, LIMIT_DATAGRAM_BYTES);
    SdpMedia audio = {.kind = SDP_AUDIO,
                      .mid = "a",
                      .codec_type = OPUS,
                      .rtx_type = -1,
                      .ext_mid = MID_ID,
                      .ext_audio_level = LEVEL_ID};
    SdpMedia video = {
        .kind = SDP_VIDEO, .mid = "v", .codec_type = VP8, .rtx_type = RTX, .ext_mid = MID_ID};
    UplinkOptions options = {
        .source = 5,
        .audio = &audio,
        .video = &video,
        .is_muted = is_muted,
        .is_video_wanted = is_video_wanted,
        .speakers = &rig->speakers,
        .pool = rig->pool,
        .counters = &rig->counters,
        .forward = on_forward,
        .data = rig,
    };
    rig->uplink = uplink_new(&options);
    return rig;
}

static void free_rig(Rig *rig)
{
    uplink_free(rig->uplink);
    cr_expect_eq(rig->speakers.count, 0);
    cr_expect_eq(pool_free_count(rig->pool), 64);
    pool_free(rig->pool);
    g_free(rig);
}

static void send_audio(Rig *rig, uint16_t seq, const uint8_t *level, int64_t now_us)
{
    static const uint8_t payload[60];
    RtpPacket packet = {.payload_type = OPUS,
                        .seq = seq,
                        .timestamp = seq * 960U,
                        .ssrc = AUDIO_SSRC,
                        .payload = payload,
                        .payload_size = sizeof payload};
    if (level != NULL) {
        packet.extensions[packet.extension_count++] =
            (RtpExtension){.id = LEVEL_ID, .size = 1, .bytes = level};
    }
    uplink_on_rtp(rig->uplink, &packet, now_us);
}

static RtpPacket video_packet(uint16_t seq, const uint8_t *payload, size_t size)
{
    return (RtpPacket){.payload_type = VP8,
                       .seq = seq,
                       .timestamp = seq * 3600U,
                       .ssrc = VIDEO_SSRC,
                       .marker = true,
                       .payload = payload,
                       .payload_size = size};
}

static void send_video(Rig *rig, uint16_t seq, int64_t now_us)
{
    RtpPacket packet = video_packet(seq, interframe, sizeof interframe);
    uplink_on_rtp(rig->uplink, &packet, now_us);
}

static bool tick(Rig *rig, int64_t now_us, RtcpItem *ret_item)
{
    uint8_t bytes[512];
    ByteWriter writer = byte_writer(bytes, sizeof bytes);
    if (!uplink_on_tick(rig->uplink, 1, now_us, RTT, &writer)) {
        return false;
    }
    RtcpReader reader = rtcp_reader(bytes, byte_writer_size(&writer));
    return rtcp_next(&reader, ret_item);
}

Test(uplink, passes_on_a_ranked_voice)
{
    Rig *rig = make_rig(false, false);
    const uint8_t level = 30;
    send_audio(rig, 9, &level, START);
    cr_assert_eq(rig->count, 1);
    cr_expect_not(rig->forwarded[0].is_video);
    cr_expect_eq(rig->forwarded[0].source, 5);
    cr_expect_eq(rig->forwarded[0].ssrc, AUDIO_SSRC);
    cr_expect_eq(rig->forwarded[0].packet.seq, 9);
    cr_expect_eq(rig->forwarded[0].packet.arrival_us, START);
    free_rig(rig);
}

Test(uplink, drops_silence_before_the_mixer)
{
    Rig *rig = make_rig(false, false);
    const uint8_t level = 127;
    send_audio(rig, 9, &level, START);
    cr_expect_eq(rig->count, 0);
    cr_expect_eq(rig->counters.audio_unranked, 1);
    free_rig(rig);
}

Test(uplink, a_voice_that_does_not_tell_its_level_is_heard)
{
    Rig *rig = make_rig(false, false);
    send_audio(rig, 9, NULL, START);
    cr_expect_eq(rig->count, 1);
    free_rig(rig);
}

Test(uplink, measures_a_microphone_also_when_it_is_not_ranked)
{
    Rig *rig = make_rig(false, false);
    cr_expect_eq(uplink_take_mic_level(rig->uplink), UPLINK_MIC_NONE);
    const uint8_t levels[] = {127, 88, 95};
    for (uint16_t i = 0; i < 3; i++) {
        send_audio(rig, i, &levels[i], START);
    }
    cr_expect_eq(uplink_take_mic_level(rig->uplink), 88, "the loudest");
    cr_expect_eq(uplink_take_mic_level(rig->uplink), UPLINK_MIC_NONE);
    send_audio(rig, 9, NULL, START);
    cr_expect_eq(uplink_take_mic_level(rig->uplink), UPLINK_MIC_UNTOLD);
    free_rig(rig);
}

Test(uplink, a_flood_of_sound_does_not_reach_the_mixer)
{
    Rig *rig = make_rig(false, false);
    const uint8_t level = 20;
    for (uint16_t seq = 0; seq < 1000; seq++) {
        rig->count = 0;
        send_audio(rig, seq, &level, START + seq);
    }
    cr_expect_eq(rig->counters.audio_to_mixer, LIMIT_PEER_AUDIO_PER_S);
    cr_expect_eq(rig->counters.packets_limited, 1000 - LIMIT_PEER_AUDIO_PER_S);
    free_rig(rig);
}

Test(uplink, a_muted_source_is_never_ranked)
{
    Rig *rig = make_rig(true, false);
    const uint8_t level = 0;
    for (uint16_t seq = 0; seq < 50; seq++) {
        send_audio(rig, seq, &level, START + seq * 20 * MS);
    }
    cr_expect_eq(rig->count, 0);
    cr_expect_eq(rig->speakers.count, 0);
    free_rig(rig);
}

Test(uplink, a_mute_takes_the_voice_out_at_once)
{
    Rig *rig = make_rig(false, false);
    const uint8_t level = 20;
    send_audio(rig, 1, &level, START);
    cr_assert_eq(rig->speakers.count, 1);
    uplink_set_muted(rig->uplink, true);
    cr_expect_eq(rig->speakers.count, 0);
    send_audio(rig, 2, &level, START + 20 * MS);
    cr_expect_eq(rig->count, 1);
    free_rig(rig);
}

Test(uplink, drops_video_that_is_in_no_cell)
{
    Rig *rig = make_rig(false, false);
    send_video(rig, 1, START);
    cr_expect_eq(rig->count, 0);
    cr_expect_eq(rig->counters.video_unwanted, 1);
    cr_expect_not(uplink_is_busy(rig->uplink));
    free_rig(rig);
}

Test(uplink, asks_for_a_key_frame_when_video_becomes_wanted)
{
    Rig *rig = make_rig(false, false);
    RtcpItem item;
    send_video(rig, 1, START);
    uplink_set_video_wanted(rig->uplink, true);
    cr_expect(uplink_is_busy(rig->uplink));
    cr_assert(tick(rig, START + 20 * MS, &item));
    cr_expect_eq(item.kind, RTCP_PLI);
    cr_expect_eq(item.media_ssrc, VIDEO_SSRC);
    RtpPacket packet = video_packet(2, keyframe, sizeof keyframe);
    uplink_on_rtp(rig->uplink, &packet, START + 30 * MS);
    cr_expect_not(uplink_is_busy(rig->uplink));
    cr_expect_not(tick(rig, START + 5000 * MS, &item));
    free_rig(rig);
}

Test(uplink, asks_nothing_before_it_knows_whom)
{
    Rig *rig = make_rig(false, true);
    RtcpItem item;
    cr_expect_not(tick(rig, START, &item));
    free_rig(rig);
}

Test(uplink, takes_a_retransmission_in_its_place)
{
    Rig *rig = make_rig(false, true);
    send_video(rig, 1, START);
    send_video(rig, 3, START);
    uint8_t payload[2 + sizeof interframe] = {0, 2};
    memcpy(payload + 2, interframe, sizeof interframe);
    RtpPacket packet = video_packet(900, payload, sizeof payload);
    packet.payload_type = RTX;
    packet.ssrc = 3003;
    uplink_on_rtp(rig->uplink, &packet, START + 40 * MS);
    cr_assert_eq(rig->count, 3);
    cr_expect_eq(rig->forwarded[1].packet.seq, 2);
    cr_expect_eq(rig->forwarded[1].packet.size, sizeof interframe);
    cr_expect_eq(rig->forwarded[2].packet.seq, 3);
    free_rig(rig);
}

Test(uplink, an_empty_retransmission_is_nothing)
{
    Rig *rig = make_rig(false, true);
    send_video(rig, 1, START);
    RtpPacket packet = video_packet(900, (const uint8_t *)"\0", 1);
    packet.payload_type = RTX;
    uplink_on_rtp(rig->uplink, &packet, START);
    packet.payload_size = 0;
    uplink_on_rtp(rig->uplink, &packet, START);
    cr_expect_eq(rig->count, 1);
    free_rig(rig);
}

Test(uplink, gives_up_a_lost_packet_and_asks_for_a_key_frame)
{
    Rig *rig = make_rig(false, true);
    RtcpItem item;
    RtpPacket packet = video_packet(1, keyframe, sizeof keyframe);
    uplink_on_rtp(rig->uplink, &packet, START);
    send_video(rig, 3, START);
    cr_assert(tick(rig, START + 20 * MS, &item));
    cr_expect_eq(item.kind, RTCP_NACK);
    cr_assert(tick(rig, START + 4 * RTT, &item));
    cr_expect_eq(item.kind, RTCP_PLI);
    cr_expect_eq(rig->count, 2);
    cr_expect_eq(rig->counters.video_lost, 1);
    free_rig(rig);
}

Test(uplink, padding_leaves_no_hole_for_the_mixer)
{
    Rig *rig = make_rig(false, true);
    send_video(rig, 1, START);
    RtpPacket padding = video_packet(2, interframe, 0);
    uplink_on_rtp(rig->uplink, &padding, START);
    send_video(rig, 3, START);
    cr_assert_eq(rig->count, 2);
    cr_expect_eq(rig->forwarded[1].packet.seq, 2);
    cr_expect_not(uplink_is_busy(rig->uplink) && rig->counters.video_lost > 0);
    free_rig(rig);
}

Test(uplink, a_second_stream_beside_a_living_one_is_not_taken_up)
{
    Rig *rig = make_rig(false, true);
    send_video(rig, 1, START);
    RtpPacket other = video_packet(7000, interframe, sizeof interframe);
    other.ssrc = 4004;
    uplink_on_rtp(rig->uplink, &other, START + 100 * MS);
    cr_expect_eq(rig->count, 1);
    cr_expect_eq(rig->counters.rtp_unknown, 1);
    uplink_on_rtp(rig->uplink, &other, START + 700 * MS);
    cr_assert_eq(rig->count, 2);
    cr_expect_eq(rig->forwarded[1].ssrc, 4004);
    free_rig(rig);
}

Test(uplink, refuses_a_payload_type_that_was_not_negotiated_and_a_wrong_mid)
{
    Rig *rig = make_rig(false, true);
    RtpPacket packet = video_packet(1, interframe, sizeof interframe);
    packet.payload_type = 120;
    uplink_on_rtp(rig->uplink, &packet, START);
    packet.payload_type = VP8;
    packet.extension_count = 1;
    packet.extensions[0] = (RtpExtension){.id = MID_ID, .size = 1, .bytes = (const uint8_t *)"x"};
    uplink_on_rtp(rig->uplink, &packet, START);
    cr_expect_eq(rig->count, 0);
    cr_expect_eq(rig->counters.rtp_unknown, 2);
    free_rig(rig);
}

Test(uplink, reports_on_both_streams)
{
    Rig *rig = make_rig(false, false);
    RtcpReportBlock blocks[UPLINK_BLOCKS_MAX];
    cr_expect_eq(uplink_write_blocks(rig->uplink, START, blocks), 0);
    send_audio(rig, 1, NULL, START);
    send_video(rig, 1, START);
    cr_assert_eq(uplink_write_blocks(rig->uplink, START, blocks), 2);
    cr_expect_eq(blocks[0].ssrc, AUDIO_SSRC);
    cr_expect_eq(blocks[1].ssrc, VIDEO_SSRC);
    free_rig(rig);
}
