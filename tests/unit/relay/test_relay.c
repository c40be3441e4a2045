/* The real relay process, with a real client before it and a mixer of the test's own behind it. */
#include <criterion/criterion.h>
#include <jansson.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bridge/base/clock.h"
#include "bridge/rtc/rtcp.h"
#include "tests/unit/relay/relay_process.h"

#define SECOND_US CLOCK_US_PER_S
#define NOTHING_US (300 * CLOCK_US_PER_MS)
#define LEVEL_ID 1 /* audio level, in every offer of ours */

static const uint8_t keyframe[] = {0x10, 0x50, 0x01, 0x00, 0x9d, 0x01,
                                   0x2a, 0x40, 0x01, 0xb4, 0x00};
static const uint8_t interframe[] = {0x10, 0x51, 0x01, 0x00, 0x01, 0x02, 0x03};
static const uint8_t continuation[] = {0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88};

static int extension_id(RtcClient *client, SdpKind kind, const char *which)
{
    const SdpSession *answer = rtc_client_answer(client);
    for (size_t i = 0; i < answer->media_count; i++) {
        const SdpMedia *media = &answer->media[i];
        if (media->kind == kind) {
            return strcmp(which, "mid") == 0 ? media->ext_mid : media->ext_abs_send_time;
        }
    }
    return 0;
}

static uint32_t answered_ssrc(RtcClient *client, SdpKind kind)
{
    const SdpSession *answer = rtc_client_answer(client);
    for (size_t i = 0; i < answer->media_count; i++) {
        if (answer->media[i].kind == kind) {
            return answer->media[i].ssrc;
        }
    }
    return 0;
}

static bool send_opus(RtcClient *client, uint16_t seq, uint8_t level)
{
    uint8_t packet[256];
    RtpHeader header = {
        .payload_type = RTC_CLIENT_OPUS,
        .seq = seq,
        .timestamp = seq * 960U,
        .ssrc = rtc_client_audio_ssrc(client),
        .extension_count = 1,
        .extensions = {{.id = LEVEL_ID, .size = 1, .bytes = &level}},
    };
    size_t size = rtp_write_header(&header, packet, sizeof packet);
    memset(packet + size, 0x5a, 80);
    packet[size] = (uint8_t)seq;
    return rtc_client_send_rtp(client, packet, size + 80);
}

static bool send_vp8(RtcClient *client, uint16_t seq, const uint8_t *payload, size_t payload_size)
{
    uint8_t packet[256];
    RtpHeader header = {
        .marker = true,
        .payload_type = RTC_CLIENT_VP8,
        .seq = seq,
        .timestamp = seq * 3600U,
        .ssrc = rtc_client_video_ssrc(client),
    };
    size_t size = rtp_write_header(&header, packet, sizeof packet);
    memcpy(packet + size, payload, payload_size);
    return rtc_client_send_rtp(client, packet, size + payload_size);
}

/* The next RTP packet of this payload type, parsed. */
static bool receive_rtp(RtcClient *client, int payload_type, RtcClientPacket *packet,
                        RtpPacket *ret_rtp, int64_t timeout_us)
{
    int64_t until_us = clock_now_us() + timeout_us;
    int64_t left_us;
    while ((left_us = until_us - clock_now_us()) > 0 &&
           rtc_client_receive(client, packet, left_us)) {
        if (!packet->is_rtcp && rtp_parse(packet->bytes, packet->size, ret_rtp) &&
            ret_rtp->payload_type == payload_type) {
            return true;
        }
    }
    return false;
}

/* The next RTCP item of this kind about this stream. */
static bool receive_rtcp(RtcClient *client, RtcpKind kind, uint32_t ssrc, RtcpItem *ret_item,
                         int64_t timeout_us)
{
    RtcClientPacket packet;
    int64_t until_us = clock_now_us() + timeout_us;
    int64_t left_us;
    while ((left_us = until_us - clock_now_us()) > 0 &&
           rtc_client_receive(client, &packet, left_us)) {
        RtcpReader reader = rtcp_reader(packet.bytes, packet.size);
        while (packet.is_rtcp && rtcp_next(&reader, ret_item)) {
            uint32_t about = kind == RTCP_SENDER_INFO    ? ret_item->sender_ssrc
                             : kind == RTCP_REPORT_BLOCK ? ret_item->report.ssrc
                                                         : ret_item->media_ssrc;
            if (ret_item->kind == kind && about == ssrc) {
                return true;
            }
        }
    }
    return false;
}

/* Takes what has come already. */
static void drain(RtcClient *client)
{
    RtcClientPacket packet;
    while (rtc_client_receive(client, &packet, 20 * CLOCK_US_PER_MS)) {
    }
}

static void send_nack(RtcClient *client, uint32_t media_ssrc, uint16_t seq)
{
    uint8_t bytes[128];
    ByteWriter writer = byte_writer(bytes, sizeof bytes);
    rtcp_write_receiver_report(&writer, rtc_client_audio_ssrc(client), NULL, 0);
    rtcp_write_nack(&writer, rtc_client_audio_ssrc(client), media_ssrc, &seq, 1);
    rtc_client_send_rtcp(client, bytes, byte_writer_size(&writer));
}

static void send_picture(int mixer, uint16_t seq, const uint8_t *payload, size_t size)
{
    MixerPacket packet = {
        .seq = seq, .timestamp = seq * 3600U, .ends_frame = true, .payload = payload, .size = size};
    cr_assert(mixer_send_picture(mixer, &packet));
}

static void send_sound(int mixer, uint32_t source, uint16_t seq, uint32_t timestamp)
{
    char payload[32];
    int size = snprintf(payload, sizeof payload, "mix of %u at %u", source, timestamp);
    MixerPacket packet = {.source = source,
                          .seq = seq,
                          .timestamp = timestamp,
                          .payload = payload,
                          .size = (size_t)size};
    cr_assert(mixer_send_sound(mixer, &packet));
}

Test(relay, carries_speech_to_the_mixer_and_the_mix_back)
{
    RelayProcess *process = relay_process_start();
    RtcClient *client = relay_process_join(process, 7, 3);
    cr_assert_not_null(client);
    int mixer = relay_process_mixer(process, 1);
    json_t *event = relay_process_wait(process, "mixer", NULL, NULL);
    cr_assert(json_is_true(json_object_get(event, "attached")));
    json_decref(event);

    cr_assert(send_opus(client, 100, 30));
    MixerMessage message;
    cr_assert(mixer_receive(mixer, MEDIALINK_AUDIO_IN, &message, SECOND_US));
    RtpPacket rtp;
    cr_assert(rtp_parse(message.body, message.size, &rtp));
    cr_expect_eq(message.header.source, 3);
    cr_expect_eq(rtp.payload_type, MEDIALINK_OPUS_PAYLOAD_TYPE);
    cr_expect_eq(rtp.seq, 100);
    cr_expect_eq(rtp.timestamp, 96000);
    cr_expect_eq(rtp.extension_count, 0);
    cr_expect_eq(rtp.payload_size, 80);
    cr_expect_eq(rtp.payload[0], 100);

    RtcClientPacket packet;
    send_sound(mixer, 0, 1, 960);
    cr_assert(receive_rtp(client, RTC_CLIENT_OPUS, &packet, &rtp, SECOND_US));
    cr_expect_eq(rtp.ssrc, answered_ssrc(client, SDP_AUDIO));
    cr_expect_arr_eq(rtp.payload, "mix of 0 at 960", rtp.payload_size);
    const RtpExtension *mid =
        rtp_find_extension(&rtp, (uint8_t)extension_id(client, SDP_AUDIO, "mid"));
    cr_assert_not_null(mid);
    cr_expect_eq(mid->bytes[0], '0');
    close(mixer);
    rtc_client_free(client);
    relay_process_stop(process);
}

Test(relay, gives_a_speaker_its_own_mix_exactly_once_a_tick)
{
    RelayProcess *process = relay_process_start();
    RtcClient *client = relay_process_join(process, 7, 3);
    int mixer = relay_process_mixer(process, 1);
    json_decref(relay_process_wait(process, "mixer", NULL, NULL));
    /* Ticks 1 and 2 without, 3 to 5 with an own mix, 6 and 7 without again. */
    for (uint32_t tick = 1; tick <= 7; tick++) {
        if (tick >= 3 && tick <= 5) {
            send_sound(mixer, 3, (uint16_t)(500 + tick), tick * 960);
        }
        send_sound(mixer, 0, (uint16_t)tick, tick * 960);
    }
    RtcClientPacket packet;
    RtpPacket rtp;
    uint16_t first_seq = 0;
    uint32_t first_timestamp = 0;
    for (uint32_t tick = 1; tick <= 7; tick++) {
        cr_assert(receive_rtp(client, RTC_CLIENT_OPUS, &packet, &rtp, SECOND_US));
        first_seq = tick == 1 ? rtp.seq : first_seq;
        first_timestamp = tick == 1 ? rtp.timestamp : first_timestamp;
        cr_expect_eq(rtp.seq, (uint16_t)(first_seq + tick - 1));
        cr_expect_eq(rtp.timestamp, first_timestamp + (tick - 1) * 960);
        bool is_own = tick >= 3 && tick <= 5;
        cr_expect_eq(rtp.payload[7], is_own ? '3' : '0', "tick %u", tick);
    }
    cr_expect_not(receive_rtp(client, RTC_CLIENT_OPUS, &packet, &rtp, NOTHING_US));
    close(mixer);
    rtc_client_free(client);
    relay_process_stop(process);
}

Test(relay, goes_on_without_a_seam_when_the_mixer_is_replaced)
{
    RelayProcess *process = relay_process_start();
    RtcClient *client = relay_process_join(process, 7, 3);
    int mixer = relay_process_mixer(process, 1);
    json_decref(relay_process_wait(process, "mixer", NULL, NULL));
    RtcClientPacket packet;
    RtpPacket before;
    RtpPacket after;
    send_sound(mixer, 0, 1000, 777777);
    cr_assert(receive_rtp(client, RTC_CLIENT_OPUS, &packet, &before, SECOND_US));
    send_picture(mixer, 5000, keyframe, sizeof keyframe);
    RtpPacket picture_before;
    cr_assert(receive_rtp(client, RTC_CLIENT_VP8, &packet, &picture_before, SECOND_US));
    close(mixer);
    json_t *event = relay_process_wait(process, "mixer", NULL, NULL);
    cr_expect(json_is_false(json_object_get(event, "attached")));
    json_decref(event);

    mixer = relay_process_mixer(process, 1);
    json_decref(relay_process_wait(process, "mixer", NULL, NULL));
    send_sound(mixer, 0, 1, 55);
    cr_assert(receive_rtp(client, RTC_CLIENT_OPUS, &packet, &after, SECOND_US));
    cr_expect_eq(after.seq, (uint16_t)(before.seq + 1));
    cr_expect_eq((after.timestamp - before.timestamp) % 960, 0);
    cr_expect_lt(after.timestamp - before.timestamp, 5 * 48000);
    send_picture(mixer, 9, keyframe, sizeof keyframe);
    cr_assert(receive_rtp(client, RTC_CLIENT_VP8, &packet, &after, SECOND_US));
    cr_expect_eq(after.seq, (uint16_t)(picture_before.seq + 1));
    close(mixer);
    rtc_client_free(client);
    relay_process_stop(process);
}

Test(relay, begins_a_picture_with_a_key_frame_and_sends_again_by_rtx)
{
    RelayProcess *process = relay_process_start();
    RtcClient *client = relay_process_join(process, 7, 3);
    int mixer = relay_process_mixer(process, 1);
    MixerMessage message;
    cr_assert(mixer_receive(mixer, MEDIALINK_RUNG_KEYFRAME, &message, 2 * SECOND_US));
    cr_expect_eq(message.header.rung, 0);
    send_picture(mixer, 1, interframe, sizeof interframe);
    send_picture(mixer, 2, keyframe, sizeof keyframe);
    send_picture(mixer, 3, interframe, sizeof interframe);

    RtcClientPacket packet;
    RtpPacket first;
    RtpPacket second;
    cr_assert(receive_rtp(client, RTC_CLIENT_VP8, &packet, &first, SECOND_US));
    cr_expect_eq(first.payload_size, sizeof keyframe);
    cr_expect(first.marker);
    cr_expect_eq(first.ssrc, answered_ssrc(client, SDP_VIDEO));
    cr_assert_not_null(
        rtp_find_extension(&first, (uint8_t)extension_id(client, SDP_VIDEO, "abs-send-time")));
    uint32_t first_timestamp = first.timestamp;
    uint16_t first_seq = first.seq;
    cr_assert(receive_rtp(client, RTC_CLIENT_VP8, &packet, &second, SECOND_US));
    cr_expect_eq(second.seq, (uint16_t)(first_seq + 1));
    cr_expect_eq(second.timestamp, first_timestamp + 3600);

    send_nack(client, answered_ssrc(client, SDP_VIDEO), first_seq);
    RtpPacket again;
    cr_assert(receive_rtp(client, RTC_CLIENT_RTX, &packet, &again, SECOND_US));
    cr_expect_neq(again.ssrc, answered_ssrc(client, SDP_VIDEO));
    cr_expect_eq(again.payload[0] << 8 | again.payload[1], first_seq);
    cr_expect_eq(again.timestamp, first_timestamp);
    cr_expect_arr_eq(again.payload + 2, keyframe, sizeof keyframe);
    cr_expect_eq(rtc_client_rejected(client), 0);
    close(mixer);
    rtc_client_free(client);
    relay_process_stop(process);
}

Test(relay, sends_the_same_bytes_again_to_a_peer_without_rtx)
{
    RelayProcess *process = relay_process_start();
    json_decref(relay_process_call(process, "meeting.add", json_pack("{s:i}", "meeting", 1)));
    RtcClient *client = rtc_client_new();
    char *offer = rtc_client_offer(client);
    GString *without = g_string_new(NULL);
    char **lines = g_strsplit(offer, "\r\n", -1);
    for (size_t i = 0; lines[i] != NULL && lines[i][0] != '\0'; i++) {
        if (strstr(lines[i], ":97 ") == NULL && strstr(lines[i], "FID") == NULL) {
            char *end = g_str_has_prefix(lines[i], "m=video") ? strstr(lines[i], " 97") : NULL;
            g_string_append_len(without, lines[i],
                                end == NULL ? (gssize)strlen(lines[i]) : end - lines[i]);
            g_string_append(without, "\r\n");
        }
    }
    json_t *ok = relay_process_call(process, "peer.add",
                                    json_pack("{s:i, s:i, s:i, s:s}", "peer", 7, "meeting", 1,
                                              "source", 3, "sdp", without->str));
    cr_assert_not_null(ok, "%s", relay_process_error(process));
    cr_assert(rtc_client_set_answer(client, json_string_value(json_object_get(ok, "sdp"))));
    cr_assert(rtc_client_connect(client, 5 * SECOND_US));
    int mixer = relay_process_mixer(process, 1);
    json_decref(relay_process_wait(process, "mixer", NULL, NULL));
    send_picture(mixer, 2, keyframe, sizeof keyframe);
    RtcClientPacket packet;
    RtpPacket rtp;
    cr_assert(receive_rtp(client, RTC_CLIENT_VP8, &packet, &rtp, SECOND_US));
    send_nack(client, answered_ssrc(client, SDP_VIDEO), rtp.seq);
    /* The very same datagram: our SRTP context has seen it and says so. */
    cr_expect_not(receive_rtp(client, RTC_CLIENT_VP8, &packet, &rtp, NOTHING_US));
    cr_expect_eq(rtc_client_rejected(client), 1);
    cr_expect_eq(relay_process_counter(process, "resent"), 1);
    json_decref(ok);
    g_strfreev(lines);
    g_string_free(without, TRUE);
    g_free(offer);
    close(mixer);
    rtc_client_free(client);
    relay_process_stop(process);
}

Test(relay, puts_video_in_order_and_asks_for_what_is_missing)
{
    RelayProcess *process = relay_process_start();
    RtcClient *client = relay_process_join(process, 7, 3);
    int mixer = relay_process_mixer(process, 1);
    json_decref(relay_process_wait(process, "mixer", NULL, NULL));
    cr_assert(send_vp8(client, 10, keyframe, sizeof keyframe));
    cr_assert(send_vp8(client, 12, interframe, sizeof interframe));
    RtcpItem nack;
    cr_assert(receive_rtcp(client, RTCP_NACK, rtc_client_video_ssrc(client), &nack, SECOND_US));
    cr_expect_eq(nack.nack.packet_id, 11);
    cr_assert(send_vp8(client, 11, continuation, sizeof continuation));
    for (uint16_t seq = 10; seq <= 12; seq++) {
        MixerMessage message;
        RtpPacket rtp;
        cr_assert(mixer_receive(mixer, MEDIALINK_VIDEO_IN, &message, SECOND_US));
        cr_assert(rtp_parse(message.body, message.size, &rtp));
        cr_expect_eq(rtp.seq, seq);
        cr_expect_eq(rtp.payload_type, MEDIALINK_VP8_PAYLOAD_TYPE);
    }
    close(mixer);
    rtc_client_free(client);
    relay_process_stop(process);
}

Test(relay, asks_the_camera_for_a_key_frame_when_the_mixer_attaches_or_asks)
{
    RelayProcess *process = relay_process_start();
    RtcClient *client = relay_process_join(process, 7, 3);
    RtcpItem pli;
    cr_assert(receive_rtcp(client, RTCP_PLI, rtc_client_video_ssrc(client), &pli, 2 * SECOND_US));
    cr_assert(send_vp8(client, 10, keyframe, sizeof keyframe));
    cr_assert_eq(relay_process_counter(process, "video_to_mixer"), 1);
    drain(client); /* it may have asked again before the key frame came */
    cr_expect_not(receive_rtcp(client, RTCP_PLI, rtc_client_video_ssrc(client), &pli, SECOND_US));
    int mixer = relay_process_mixer(process, 1);
    cr_assert(receive_rtcp(client, RTCP_PLI, rtc_client_video_ssrc(client), &pli, 2 * SECOND_US));
    close(mixer);
    rtc_client_free(client);
    relay_process_stop(process);
}

Test(relay, a_mute_is_in_force_when_it_is_answered)
{
    RelayProcess *process = relay_process_start();
    RtcClient *client = relay_process_join(process, 7, 3);
    int mixer = relay_process_mixer(process, 1);
    json_decref(relay_process_wait(process, "mixer", NULL, NULL));
    MixerMessage message;
    cr_assert(send_opus(client, 1, 30));
    cr_assert(mixer_receive(mixer, MEDIALINK_AUDIO_IN, &message, SECOND_US));
    json_t *ok =
        relay_process_call(process, "peer.update", json_pack("{s:i, s:b}", "peer", 7, "muted", 1));
    cr_assert_not_null(ok);
    json_decref(ok);
    for (uint16_t seq = 2; seq < 20; seq++) {
        cr_assert(send_opus(client, seq, 1));
    }
    cr_expect_not(mixer_receive(mixer, MEDIALINK_AUDIO_IN, &message, NOTHING_US));
    cr_expect_eq(relay_process_counter(process, "audio_muted"), 18);
    close(mixer);
    rtc_client_free(client);
    relay_process_stop(process);
}

Test(relay, refuses_a_certificate_that_is_not_the_promised_one)
{
    RelayProcess *process = relay_process_start();
    json_decref(relay_process_call(process, "meeting.add", json_pack("{s:i}", "meeting", 1)));
    RtcClient *client = rtc_client_new();
    char *offer = rtc_client_offer(client);
    char *fingerprint = strstr(offer, "a=fingerprint:sha-256 ") + strlen("a=fingerprint:sha-256 ");
    fingerprint[0] = fingerprint[0] == '0' ? '1' : '0';
    json_t *ok = relay_process_call(
        process, "peer.add",
        json_pack("{s:i, s:i, s:i, s:s}", "peer", 7, "meeting", 1, "source", 3, "sdp", offer));
    cr_assert_not_null(ok);
    cr_assert(rtc_client_set_answer(client, json_string_value(json_object_get(ok, "sdp"))));
    rtc_client_connect(client, SECOND_US);
    json_t *gone = relay_process_wait(process, "peer", "state", "gone");
    cr_assert_not_null(gone);
    cr_expect_not_null(strstr(json_string_value(json_object_get(gone, "reason")), "fingerprint"));
    json_decref(gone);
    json_decref(ok);
    g_free(offer);
    rtc_client_free(client);
    relay_process_stop(process);
}

Test(relay, a_peer_of_the_same_source_replaces_the_old_one)
{
    RelayProcess *process = relay_process_start();
    RtcClient *old = relay_process_join(process, 7, 3);
    RtcClient *young = rtc_client_new();
    cr_assert(relay_process_add_peer(process, young, 8, 3, true));
    json_t *gone = relay_process_wait(process, "peer", "state", "gone");
    cr_assert_not_null(gone);
    cr_expect_eq(json_integer_value(json_object_get(gone, "peer")), 7);
    cr_expect_str_eq(json_string_value(json_object_get(gone, "reason")), "replaced");
    json_decref(gone);
    cr_expect(rtc_client_connect(young, 5 * SECOND_US));
    json_t *hello = relay_process_call(process, "hello", json_object());
    json_t *peers = json_object_get(hello, "peers");
    cr_assert_eq(json_array_size(peers), 1);
    cr_expect_eq(json_integer_value(json_object_get(json_array_get(peers, 0), "peer")), 8);
    cr_expect(json_is_true(json_object_get(json_array_get(peers, 0), "muted")));
    json_decref(hello);
    rtc_client_free(old);
    rtc_client_free(young);
    relay_process_stop(process);
}

Test(relay, the_same_offer_again_gets_the_same_answer)
{
    RelayProcess *process = relay_process_start();
    json_decref(relay_process_call(process, "meeting.add", json_pack("{s:i}", "meeting", 1)));
    RtcClient *client = rtc_client_new();
    char *offer = rtc_client_offer(client);
    json_t *answers[2];
    for (size_t i = 0; i < 2; i++) {
        answers[i] = relay_process_call(
            process, "peer.add",
            json_pack("{s:i, s:i, s:i, s:s}", "peer", 7, "meeting", 1, "source", 3, "sdp", offer));
        cr_assert_not_null(answers[i]);
    }
    cr_expect(json_equal(answers[0], answers[1]));
    json_decref(answers[0]);
    json_decref(answers[1]);
    g_free(offer);
    rtc_client_free(client);
    relay_process_stop(process);
}

Test(relay, carries_media_on_while_the_server_restarts)
{
    RelayProcess *process = relay_process_start();
    RtcClient *client = relay_process_join(process, 7, 3);
    int mixer = relay_process_mixer(process, 1);
    json_decref(relay_process_wait(process, "mixer", NULL, NULL));
    relay_process_reclaim(process);
    json_t *hello = relay_process_call(process, "hello", json_object());
    cr_assert_not_null(hello);
    cr_expect_str_eq(json_string_value(json_object_get(hello, "process")), "relay");
    cr_expect_eq(json_array_size(json_object_get(hello, "meetings")), 1);
    cr_expect_eq(json_array_size(json_object_get(hello, "mixers")), 1);
    json_t *peer = json_array_get(json_object_get(hello, "peers"), 0);
    cr_expect_eq(json_integer_value(json_object_get(peer, "peer")), 7);
    cr_expect_str_neq(json_string_value(json_object_get(peer, "state")), "connecting");
    json_decref(hello);
    MixerMessage message;
    cr_assert(send_opus(client, 1, 30));
    cr_expect(mixer_receive(mixer, MEDIALINK_AUDIO_IN, &message, SECOND_US));
    close(mixer);
    rtc_client_free(client);
    relay_process_stop(process);
}

Test(relay, reports_for_lip_sync_and_on_what_it_receives)
{
    RelayProcess *process = relay_process_start();
    RtcClient *client = relay_process_join(process, 7, 3);
    int mixer = relay_process_mixer(process, 1);
    json_decref(relay_process_wait(process, "mixer", NULL, NULL));
    cr_assert(send_opus(client, 1, 30));
    cr_assert(send_opus(client, 3, 30));
    send_sound(mixer, 0, 1, 960);
    RtcpItem item;
    cr_assert(
        receive_rtcp(client, RTCP_SENDER_INFO, answered_ssrc(client, SDP_AUDIO), &item, NOTHING_US),
        "the first report comes at once");
    int64_t error = (int64_t)(item.sender_info.ntp - clock_ntp(clock_now_us()));
    cr_expect_lt(llabs(error), (int64_t)1 << 32);
    cr_assert(receive_rtcp(client, RTCP_REPORT_BLOCK, rtc_client_audio_ssrc(client), &item,
                           2 * SECOND_US));
    close(mixer);
    rtc_client_free(client);
    relay_process_stop(process);
}

Test(relay, a_stranger_is_neither_answered_nor_believed)
{
    RelayProcess *process = relay_process_start();
    RtcClient *client = relay_process_join(process, 7, 3);
    int mixer = relay_process_mixer(process, 1);
    json_decref(relay_process_wait(process, "mixer", NULL, NULL));
    RtcClient *stranger = rtc_client_new();
    char *offer = rtc_client_offer(client);
    SdpSession *forged = g_new(SdpSession, 1);
    *forged = *rtc_client_answer(client);
    /* Knows the ufrag (it is sent in clear), not the password. */
    char *text = g_strdup_printf(
        "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\n"
        "a=ice-lite\r\na=ice-ufrag:%s\r\na=ice-pwd:aaaaaaaaaaaaaaaaaaaaaaaa\r\n"
        "a=fingerprint:%s %s\r\na=setup:passive\r\n"
        "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\na=mid:0\r\na=rtcp-mux\r\n"
        "a=sendrecv\r\na=rtpmap:111 opus/48000/2\r\n"
        "a=candidate:1 1 udp 1 127.0.0.1 %u typ host\r\n",
        forged->ice_ufrag, forged->fingerprint_hash, forged->fingerprint,
        forged->candidates[forged->candidate_count - 1].port);
    cr_assert(rtc_client_set_answer(stranger, text));
    cr_expect_not(rtc_client_check(stranger, NOTHING_US));
    uint8_t rtp[64] = {0x80, 111, 0, 1};
    rtc_client_send_raw(stranger, rtp, sizeof rtp);
    uint8_t hello[64] = {22, 0xfe, 0xfd};
    rtc_client_send_raw(stranger, hello, sizeof hello);
    cr_expect_eq(relay_process_counter(process, "datagrams_unverified"), 2);
    send_sound(mixer, 0, 1, 960);
    RtcClientPacket packet;
    RtpPacket parsed;
    cr_expect(receive_rtp(client, RTC_CLIENT_OPUS, &packet, &parsed, SECOND_US),
              "the peer is where it was");
    g_free(text);
    g_free(forged);
    g_free(offer);
    close(mixer);
    rtc_client_free(stranger);
    rtc_client_free(client);
    relay_process_stop(process);
}

Test(relay, forged_and_replayed_packets_end_nothing)
{
    RelayProcess *process = relay_process_start();
    RtcClient *client = relay_process_join(process, 7, 3);
    int mixer = relay_process_mixer(process, 1);
    json_decref(relay_process_wait(process, "mixer", NULL, NULL));
    for (uint8_t i = 0; i < 50; i++) {
        uint8_t rtp[120] = {0x80, 111, 0, i};
        rtc_client_send_raw(client, rtp, sizeof rtp);
        uint8_t record[40] = {22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, i, 0, 27};
        rtc_client_send_raw(client, record, sizeof record);
    }
    MixerMessage message;
    cr_assert(send_opus(client, 1, 30));
    cr_expect(mixer_receive(mixer, MEDIALINK_AUDIO_IN, &message, SECOND_US));
    cr_expect_eq(relay_process_counter(process, "srtp_forged"), 50);
    close(mixer);
    rtc_client_free(client);
    relay_process_stop(process);
}

Test(relay, a_goodbye_ends_the_peer_and_tells_the_mixer)
{
    RelayProcess *process = relay_process_start();
    RtcClient *client = relay_process_join(process, 7, 3);
    int mixer = relay_process_mixer(process, 1);
    json_decref(relay_process_wait(process, "mixer", NULL, NULL));
    rtc_client_close(client);
    json_t *gone = relay_process_wait(process, "peer", "state", "gone");
    cr_assert_not_null(gone);
    cr_expect_str_eq(json_string_value(json_object_get(gone, "reason")), "closed");
    json_decref(gone);
    MixerMessage message;
    cr_assert(mixer_receive(mixer, MEDIALINK_SOURCE_GONE, &message, SECOND_US));
    cr_expect_eq(message.header.source, 3);
    close(mixer);
    rtc_client_free(client);
    relay_process_stop(process);
}

Test(relay, refuses_what_it_does_not_know)
{
    RelayProcess *process = relay_process_start();
    RtcClient *client = rtc_client_new();
    char *offer = rtc_client_offer(client);
    cr_expect_null(relay_process_call(
        process, "peer.add",
        json_pack("{s:i, s:i, s:i, s:s}", "peer", 7, "meeting", 1, "source", 3, "sdp", offer)));
    cr_expect_str_eq(relay_process_error(process), "not_found");
    json_decref(relay_process_call(process, "meeting.add", json_pack("{s:i}", "meeting", 1)));
    cr_expect_null(relay_process_call(
        process, "peer.add",
        json_pack("{s:i, s:i, s:i, s:s}", "peer", 7, "meeting", 1, "source", 3, "sdp", "v=0\r\n")));
    cr_expect_str_eq(relay_process_error(process), "bad_sdp");
    cr_expect_null(relay_process_call(process, "peer.update", json_pack("{s:i}", "peer", 9)));
    cr_expect_str_eq(relay_process_error(process), "not_found");
    cr_expect_null(relay_process_call(process, "meeting.add", json_object()));
    cr_expect_str_eq(relay_process_error(process), "bad_field");
    int mixer = relay_process_mixer(process, 99);
    MixerMessage message;
    cr_expect_not(mixer_receive(mixer, MEDIALINK_RUNG_KEYFRAME, &message, NOTHING_US));
    close(mixer);
    g_free(offer);
    rtc_client_free(client);
    relay_process_stop(process);
}

Test(relay, spreads_a_large_key_frame_and_loses_none_of_it)
{
    RelayProcess *process = relay_process_start();
    RtcClient *client = relay_process_join(process, 7, 3);
    int mixer = relay_process_mixer(process, 1);
    json_decref(relay_process_wait(process, "mixer", NULL, NULL));
    const uint16_t count = 60;
    uint8_t payload[1100] = {0};
    memcpy(payload, keyframe, sizeof keyframe);
    for (uint16_t i = 0; i < count; i++) {
        MixerPacket packet = {.seq = i,
                              .ends_frame = i + 1 == count,
                              .payload = payload,
                              .size = i + 1 == count ? 300 : sizeof payload};
        cr_assert(mixer_send_picture(mixer, &packet));
        payload[0] = 0;
    }
    RtcClientPacket packet;
    RtpPacket rtp;
    int64_t first_us = 0;
    uint16_t first_seq = 0;
    for (uint16_t i = 0; i < count; i++) {
        cr_assert(receive_rtp(client, RTC_CLIENT_VP8, &packet, &rtp, SECOND_US), "packet %u", i);
        first_us = i == 0 ? packet.arrival_us : first_us;
        first_seq = i == 0 ? rtp.seq : first_seq;
        cr_assert_eq(rtp.seq, (uint16_t)(first_seq + i));
    }
    cr_expect_gt(packet.arrival_us - first_us, 20 * CLOCK_US_PER_MS);
    cr_expect_eq(rtc_client_rejected(client), 0);
    close(mixer);
    rtc_client_free(client);
    relay_process_stop(process);
}

static void send_to_relay(int mixer, const MedialinkHeader *header, size_t body_size)
{
    uint8_t message[MEDIALINK_HEADER_BYTES + 4000] = {0};
    medialink_write(header, message);
    message[MEDIALINK_HEADER_BYTES] = 0x80;
    message[MEDIALINK_HEADER_BYTES + 1] =
        header->type == MEDIALINK_SOUND ? MEDIALINK_OPUS_PAYLOAD_TYPE : MEDIALINK_VP8_PAYLOAD_TYPE;
    size_t size = MEDIALINK_HEADER_BYTES + body_size;
    cr_assert_eq(send(mixer, message, size, MSG_NOSIGNAL), (ssize_t)size);
}

Test(relay, nonsense_from_a_mixer_is_counted_and_harms_nobody)
{
    RelayProcess *process = relay_process_start();
    RtcClient *client = relay_process_join(process, 7, 3);
    int mixer = relay_process_mixer(process, 1);
    json_decref(relay_process_wait(process, "mixer", NULL, NULL));
    const struct {
        MedialinkHeader header;
        size_t body_size;
    } nonsense[] = {
        {{.type = 0}, 20},
        {{.type = 200}, 20},
        {{.type = MEDIALINK_HELLO}, 8},
        {{.type = MEDIALINK_AUDIO_IN}, 40},
        {{.type = MEDIALINK_PICTURE}, 0},
        {{.type = MEDIALINK_PICTURE}, 11},
        {{.type = MEDIALINK_PICTURE}, 12},
        {{.type = MEDIALINK_PICTURE, .rung = 99}, 100},
        {{.type = MEDIALINK_PICTURE}, 1400},
        {{.type = MEDIALINK_PICTURE}, 3000},
        {{.type = MEDIALINK_SOUND}, 12},
        {{.type = MEDIALINK_SOUND}, 1400},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(nonsense); i++) {
        send_to_relay(mixer, &nonsense[i].header, nonsense[i].body_size);
    }
    MedialinkHeader unknown_source = {.type = MEDIALINK_SOURCE_KEYFRAME, .source = 4711};
    send_to_relay(mixer, &unknown_source, 0);
    cr_assert_eq(send(mixer, "short", 5, MSG_NOSIGNAL), 5);
    send_sound(mixer, 0, 1, 960);
    RtcClientPacket packet;
    RtpPacket rtp;
    cr_expect(receive_rtp(client, RTC_CLIENT_OPUS, &packet, &rtp, SECOND_US));
    cr_expect_eq(relay_process_counter(process, "mixer_bad"), G_N_ELEMENTS(nonsense) + 1);
    close(mixer);
    rtc_client_free(client);
    relay_process_stop(process);
}

Test(relay, a_second_mixer_of_a_meeting_displaces_the_first)
{
    RelayProcess *process = relay_process_start();
    RtcClient *client = relay_process_join(process, 7, 3);
    int first = relay_process_mixer(process, 1);
    json_decref(relay_process_wait(process, "mixer", NULL, NULL));
    int second = relay_process_mixer(process, 1);
    json_decref(relay_process_wait(process, "mixer", NULL, NULL));
    uint8_t byte;
    ssize_t size;
    while ((size = recv(first, &byte, 1, 0)) > 0) {
    }
    cr_expect_leq(size, 0, "the first one is told by the end of its connection");
    MixerMessage message;
    cr_assert(send_opus(client, 1, 30));
    cr_expect(mixer_receive(second, MEDIALINK_AUDIO_IN, &message, SECOND_US));
    close(first);
    close(second);
    rtc_client_free(client);
    relay_process_stop(process);
}

Test(relay, a_mixer_that_does_not_read_stops_nobody)
{
    RelayProcess *process = relay_process_start();
    RtcClient *client = relay_process_join(process, 7, 3);
    int mixer = relay_process_mixer(process, 1);
    json_decref(relay_process_wait(process, "mixer", NULL, NULL));
    RtcClientPacket packet;
    RtpPacket rtp;
    for (uint16_t seq = 0; seq < 2000; seq++) {
        cr_assert(send_vp8(client, seq, interframe, sizeof interframe));
        if (seq % 50 == 0) {
            rtc_client_receive(client, &packet, CLOCK_US_PER_MS);
        }
    }
    send_sound(mixer, 0, 1, 960);
    cr_expect(receive_rtp(client, RTC_CLIENT_OPUS, &packet, &rtp, SECOND_US));
    json_t *hello = relay_process_call(process, "hello", json_object());
    cr_expect_not_null(hello);
    json_decref(hello);
    close(mixer);
    rtc_client_free(client);
    relay_process_stop(process);
}

Test(relay, says_what_to_do_when_the_port_is_taken)
{
    RelayProcess *process = relay_process_start();
    char *said = NULL;
    cr_expect_neq(relay_process_run_second(relay_process_port(process), &said), 0);
    cr_assert_not_null(said);
    cr_expect_not_null(strstr(said, "choose another port"), "%s", said);
    cr_expect_eq(strchr(said, '\n'), said + strlen(said) - 1, "one line: %s", said);
    g_free(said);
    relay_process_stop(process);
}
