/* Which rung a receiver gets, with the real relay process between a real client and a mixer of the
 * test's own. */
#include <criterion/criterion.h>
#include <jansson.h>
#include <string.h>
#include <unistd.h>

#include "bridge/base/clock.h"
#include "bridge/rtc/rtcp.h"
#include "tests/unit/relay/relay_process.h"

#define SECOND_US CLOCK_US_PER_S
#define NOTHING_US (300 * CLOCK_US_PER_MS)
#define PEER 7
#define H264_TYPE RTC_CLIENT_VP8 /* under the number that our client's offer has */

static const uint8_t keyframe[] = {0x10, 0x50, 0x01, 0x00, 0x9d, 0x01,
                                   0x2a, 0x40, 0x01, 0xb4, 0x00};
static const uint8_t interframe[] = {0x10, 0x51, 0x01, 0x00, 0x01, 0x02, 0x03};
static const uint8_t parameter_set[] = {0x67, 0x42, 0xe0, 0x1f, 0x11};

/* Views 0 and 1; view 0 has the rungs 0 (1500 kbit/s), 1 (500), 2 (150) and 3 (H.264), view 1 has
 * rung 8. */
static void say_views(RelayProcess *process)
{
    static const char views[] =
        "{\"meeting\":1,\"views\":[{\"id\":0,\"rungs\":["
        "{\"id\":0,\"codec\":\"VP8\",\"width\":1280,\"height\":720,\"fps\":25,\"kbps\":1500},"
        "{\"id\":1,\"codec\":\"VP8\",\"width\":640,\"height\":360,\"fps\":25,\"kbps\":500},"
        "{\"id\":2,\"codec\":\"VP8\",\"width\":320,\"height\":180,\"fps\":25,\"kbps\":150},"
        "{\"id\":3,\"codec\":\"H264\",\"width\":1280,\"height\":720,\"fps\":25,\"kbps\":1500}]},"
        "{\"id\":1,\"rungs\":["
        "{\"id\":8,\"codec\":\"VP8\",\"width\":640,\"height\":360,\"fps\":25,\"kbps\":500}]}]}";
    json_t *ok = relay_process_call(process, "meeting.views", json_loads(views, 0, NULL));
    cr_assert_not_null(ok, "%s", relay_process_error(process));
    json_decref(ok);
}

static void update(RelayProcess *process, const char *field, int value)
{
    json_t *ok = relay_process_call(process, "peer.update",
                                    json_pack("{s:i, s:i}", "peer", PEER, field, value));
    cr_assert_not_null(ok, "%s", relay_process_error(process));
    json_decref(ok);
}

typedef struct Rig {
    RelayProcess *process;
    RtcClient *client;
    int mixer;
    uint16_t seqs[16]; /* of each rung */
} Rig;

static void make_rig(Rig *rig)
{
    rig->process = relay_process_start();
    rig->client = relay_process_join(rig->process, PEER, 3);
    say_views(rig->process);
    rig->mixer = relay_process_mixer(rig->process, 1);
    json_decref(relay_process_wait(rig->process, "mixer", NULL, NULL));
}

static void free_rig(Rig *rig)
{
    close(rig->mixer);
    rtc_client_free(rig->client);
    relay_process_stop(rig->process);
}

static void send_picture(Rig *rig, uint16_t rung, const uint8_t *payload, size_t size)
{
    uint16_t seq = ++rig->seqs[rung];
    MixerPacket packet = {
        .rung = rung,
        .is_h264 = rung == 3,
        .seq = seq,
        .timestamp = seq * 3600U,
        .ends_frame = true,
        .payload = payload,
        .size = size,
    };
    cr_assert(mixer_send_picture(rig->mixer, &packet));
}

static bool receive(Rig *rig, RtcClientPacket *packet, RtpPacket *ret_rtp, int64_t timeout_us)
{
    int64_t until_us = clock_now_us() + timeout_us;
    int64_t left_us;
    while ((left_us = until_us - clock_now_us()) > 0 &&
           rtc_client_receive(rig->client, packet, left_us)) {
        if (!packet->is_rtcp && rtp_parse(packet->bytes, packet->size, ret_rtp) &&
            ret_rtp->payload_type == RTC_CLIENT_VP8) {
            return true;
        }
    }
    return false;
}

/* The list of rungs that the relay says next, as "0 8". */
static const char *wanted(Rig *rig, int64_t timeout_us)
{
    static char text[128];
    MixerMessage message;
    text[0] = '\0';
    if (!mixer_receive(rig->mixer, MEDIALINK_RUNGS, &message, timeout_us)) {
        return "nothing said";
    }
    for (size_t i = 0; i + 1 < message.size; i += 2) {
        size_t length = strlen(text);
        snprintf(text + length, sizeof text - length, "%s%d", i == 0 ? "" : " ",
                 message.body[i] << 8 | message.body[i + 1]);
    }
    return text;
}

static void report_loss(Rig *rig, double loss)
{
    uint8_t bytes[128];
    ByteWriter writer = byte_writer(bytes, sizeof bytes);
    const SdpSession *answer = rtc_client_answer(rig->client);
    RtcpReportBlock block = {.ssrc = sdp_find_media(answer, SDP_VIDEO)->ssrc,
                             .fraction_lost = (uint8_t)(loss * 256)};
    rtcp_write_receiver_report(&writer, rtc_client_audio_ssrc(rig->client), &block, 1);
    rtc_client_send_rtcp(rig->client, bytes, byte_writer_size(&writer));
}

Test(rungs, only_what_somebody_watches_is_encoded)
{
    Rig rig = {.process = relay_process_start()};
    json_decref(relay_process_call(rig.process, "meeting.add", json_pack("{s:i}", "meeting", 1)));
    say_views(rig.process);
    rig.mixer = relay_process_mixer(rig.process, 1);
    cr_expect_str_eq(wanted(&rig, SECOND_US), "");
    rig.client = relay_process_join(rig.process, PEER, 3);
    cr_expect_str_eq(wanted(&rig, SECOND_US), "0");
    cr_expect_str_eq(wanted(&rig, NOTHING_US), "nothing said");
    json_decref(relay_process_call(rig.process, "peer.remove", json_pack("{s:i}", "peer", PEER)));
    cr_expect_str_eq(wanted(&rig, 8 * SECOND_US), "", "some time after the last one has left");
    free_rig(&rig);
}

Test(rungs, another_view_takes_over_at_its_key_frame_and_the_old_one_goes_on_until_then)
{
    Rig rig = {0};
    make_rig(&rig);
    cr_expect_str_eq(wanted(&rig, SECOND_US), "0");
    send_picture(&rig, 0, keyframe, sizeof keyframe);
    RtcClientPacket packet;
    RtpPacket rtp;
    cr_assert(receive(&rig, &packet, &rtp, SECOND_US));
    uint16_t seq = rtp.seq;
    uint32_t timestamp = rtp.timestamp;

    update(rig.process, "view", 1);
    cr_expect_str_eq(wanted(&rig, SECOND_US), "0 8");
    MixerMessage asked;
    cr_assert(mixer_receive(rig.mixer, MEDIALINK_RUNG_KEYFRAME, &asked, SECOND_US));
    cr_expect_eq(asked.header.rung, 8);
    send_picture(&rig, 8, interframe, sizeof interframe);
    send_picture(&rig, 0, interframe, sizeof interframe);
    cr_assert(receive(&rig, &packet, &rtp, SECOND_US));
    cr_expect_eq(rtp.payload_size, sizeof interframe);
    cr_expect_eq(rtp.seq, (uint16_t)(seq + 1));

    send_picture(&rig, 8, keyframe, sizeof keyframe);
    cr_assert(receive(&rig, &packet, &rtp, SECOND_US));
    cr_expect_eq(rtp.payload_size, sizeof keyframe);
    cr_expect_eq(rtp.seq, (uint16_t)(seq + 2), "without a hole");
    cr_expect_lt(rtp.timestamp - timestamp, 90000, "and on the same line of time");
    send_picture(&rig, 0, interframe, sizeof interframe);
    cr_expect_not(receive(&rig, &packet, &rtp, NOTHING_US), "no more of the old view");
    free_rig(&rig);
}

/* Do the statistics say so within ten seconds? */
static bool becomes_stats_rung(RelayProcess *process, int rung)
{
    for (int i = 0; i < 10; i++) {
        json_t *stats = relay_process_wait(process, "stats", NULL, NULL);
        json_t *peer = json_array_get(json_object_get(stats, "peers"), 0);
        bool is_so = json_integer_value(json_object_get(peer, "rung")) == rung;
        json_decref(stats);
        if (is_so) {
            return true;
        }
    }
    return false;
}

Test(rungs, loss_moves_a_receiver_down)
{
    Rig rig = {0};
    make_rig(&rig);
    send_picture(&rig, 0, keyframe, sizeof keyframe);
    RtcClientPacket packet;
    RtpPacket rtp;
    cr_assert(receive(&rig, &packet, &rtp, SECOND_US));
    cr_expect_str_eq(wanted(&rig, SECOND_US), "0");
    for (int i = 0; i < 6; i++) {
        send_picture(&rig, 0, interframe, sizeof interframe);
        report_loss(&rig, 0.5);
        g_usleep(500 * 1000);
    }
    cr_expect_str_eq(wanted(&rig, SECOND_US), "0 2", "nearly nothing gets through");
    send_picture(&rig, 2, keyframe, sizeof keyframe);
    cr_expect(becomes_stats_rung(rig.process, 2));
    cr_expect_eq(relay_process_counter(rig.process, "rung_changes"), 1);
    free_rig(&rig);
}

Test(rungs, a_cap_holds_and_none_means_no_picture)
{
    Rig rig = {0};
    make_rig(&rig);
    cr_expect_str_eq(wanted(&rig, SECOND_US), "0");
    update(rig.process, "view_kbps", 600);
    cr_expect_str_eq(wanted(&rig, SECOND_US), "0 1");
    send_picture(&rig, 1, keyframe, sizeof keyframe);
    RtcClientPacket packet;
    RtpPacket rtp;
    cr_assert(receive(&rig, &packet, &rtp, SECOND_US));
    update(rig.process, "view_kbps", 0);
    send_picture(&rig, 1, interframe, sizeof interframe);
    cr_expect_not(receive(&rig, &packet, &rtp, NOTHING_US));
    update(rig.process, "view_kbps", 600);
    send_picture(&rig, 1, keyframe, sizeof keyframe);
    cr_expect(receive(&rig, &packet, &rtp, SECOND_US), "at once again");
    free_rig(&rig);
}

Test(rungs, who_offers_only_h264_gets_the_h264_rung)
{
    Rig rig = {.process = relay_process_start()};
    json_decref(relay_process_call(rig.process, "meeting.add", json_pack("{s:i}", "meeting", 1)));
    say_views(rig.process);
    rig.mixer = relay_process_mixer(rig.process, 1);
    rig.client = rtc_client_new();
    g_autofree char *offer = rtc_client_offer(rig.client);
    g_autoptr(GString) h264 = g_string_new(offer);
    g_string_replace(h264, "VP8/90000\r\n",
                     "H264/90000\r\na=fmtp:96 packetization-mode=1;profile-level-id=42e01f\r\n", 0);
    json_t *ok = relay_process_call(rig.process, "peer.add",
                                    json_pack("{s:i, s:i, s:i, s:s}", "peer", PEER, "meeting", 1,
                                              "source", 3, "sdp", h264->str));
    cr_assert_not_null(ok, "%s", relay_process_error(rig.process));
    const char *answer = json_string_value(json_object_get(ok, "sdp"));
    cr_expect_not_null(strstr(answer, "a=rtpmap:96 H264/90000"));
    cr_expect_not_null(strstr(answer, "packetization-mode=1;profile-level-id=42e01f"));
    cr_assert(rtc_client_set_answer(rig.client, answer));
    json_decref(ok);
    cr_assert(rtc_client_connect(rig.client, 5 * SECOND_US));
    cr_expect_str_eq(wanted(&rig, SECOND_US), "");
    cr_expect_str_eq(wanted(&rig, SECOND_US), "3");
    send_picture(&rig, 3, parameter_set, sizeof parameter_set);
    RtcClientPacket packet;
    RtpPacket rtp;
    cr_assert(receive(&rig, &packet, &rtp, SECOND_US));
    cr_expect_eq(rtp.payload_type, H264_TYPE);
    cr_expect_arr_eq(rtp.payload, parameter_set, sizeof parameter_set);
    free_rig(&rig);
}

Test(rungs, bad_views_change_nothing)
{
    Rig rig = {0};
    make_rig(&rig);
    json_t *bad = json_loads("{\"meeting\":1,\"views\":[{\"id\":0,\"rungs\":[]}]}", 0, NULL);
    cr_expect_null(relay_process_call(rig.process, "meeting.views", bad));
    cr_expect_str_eq(relay_process_error(rig.process), "bad_field");
    json_t *unknown =
        json_loads("{\"meeting\":9,\"views\":[{\"id\":0,\"rungs\":[{\"id\":0,"
                   "\"codec\":\"VP8\",\"width\":2,\"height\":2,\"fps\":1,\"kbps\":1}]}]}",
                   0, NULL);
    cr_expect_null(relay_process_call(rig.process, "meeting.views", unknown));
    cr_expect_str_eq(relay_process_error(rig.process), "not_found");
    send_picture(&rig, 0, keyframe, sizeof keyframe);
    RtcClientPacket packet;
    RtpPacket rtp;
    cr_expect(receive(&rig, &packet, &rtp, SECOND_US));
    free_rig(&rig);
}
