/* What a receiver's reports do; what is sent is tested with the process. */
#include <criterion/criterion.h>

#include "bridge/base/clock.h"
#include "bridge/relay/downlink.h"

#define MS CLOCK_US_PER_MS
#define START (1000 * CLOCK_US_PER_S)

typedef struct Rig {
    Counters counters;
    Rung *rung;
    Downlink *downlink;
} Rig;

static void make_rig(Rig *rig)
{
    SdpMedia audio = {.mid = "0", .codec_type = 111, .rtx_type = -1};
    SdpMedia video = {.mid = "1", .codec_type = 96, .rtx_type = 97, .feedback_nack = true};
    DownlinkOptions options = {.audio = &audio, .video = &video, .counters = &rig->counters};
    rig->rung = rung_new(0, VIDEO_VP8);
    rig->downlink = downlink_new(&options);
    downlink_watch(rig->downlink, rig->rung);
    keyframe_on_arrival(rung_governor(rig->rung));
}

static void free_rig(Rig *rig)
{
    downlink_free(rig->downlink);
    rung_free(rig->rung);
}

static bool asks_for_keyframe(Rig *rig, uint32_t ssrc, int64_t now_us)
{
    RtcpItem item = {.kind = RTCP_PLI, .media_ssrc = ssrc};
    downlink_on_rtcp(rig->downlink, NULL, &item, now_us);
    bool is_wanted = rung_governor(rig->rung)->is_wanted;
    keyframe_on_arrival(rung_governor(rig->rung));
    return is_wanted;
}

static void report(Rig *rig, uint32_t ssrc, int64_t rtt_us, int64_t now_us)
{
    int64_t held_us = 500 * MS;
    RtcpItem item = {
        .kind = RTCP_REPORT_BLOCK,
        .report = {.ssrc = ssrc,
                   .fraction_lost = 64,
                   .last_sr = clock_ntp_compact(now_us - held_us - rtt_us),
                   .delay_since_last_sr = (uint32_t)(held_us * 65536 / CLOCK_US_PER_S)},
    };
    downlink_on_rtcp(rig->downlink, NULL, &item, now_us);
}

Test(downlink, has_three_different_ssrcs)
{
    Rig rig = {0};
    make_rig(&rig);
    cr_expect_neq(downlink_audio_ssrc(rig.downlink), downlink_video_ssrc(rig.downlink));
    cr_expect_neq(downlink_video_ssrc(rig.downlink), downlink_rtx_ssrc(rig.downlink));
    cr_expect_neq(downlink_rtx_ssrc(rig.downlink), 0);
    free_rig(&rig);
}

Test(downlink, passes_on_a_request_for_a_key_frame_of_its_own_stream_only)
{
    Rig rig = {0};
    make_rig(&rig);
    cr_expect_not(asks_for_keyframe(&rig, 12345, START));
    cr_expect(asks_for_keyframe(&rig, downlink_video_ssrc(rig.downlink), START));
    free_rig(&rig);
}

Test(downlink, one_receiver_gets_three_key_frames_at_once_and_then_one_in_three_seconds)
{
    Rig rig = {0};
    make_rig(&rig);
    unsigned granted = 0;
    for (int i = 0; i < 600; i++) {
        granted += asks_for_keyframe(&rig, downlink_video_ssrc(rig.downlink), START + i * 50 * MS);
    }
    cr_expect_geq(granted, 3 + 8);
    cr_expect_leq(granted, 3 + 10);
    free_rig(&rig);
}

Test(downlink, measures_the_round_trip_from_its_own_reports)
{
    Rig rig = {0};
    make_rig(&rig);
    cr_expect_not(downlink_has_rtt(rig.downlink));
    report(&rig, 12345, 70 * MS, START);
    cr_expect_not(downlink_has_rtt(rig.downlink), "a report on another's stream");
    report(&rig, downlink_video_ssrc(rig.downlink), 70 * MS, START);
    cr_expect(downlink_has_rtt(rig.downlink));
    cr_expect_float_eq((double)downlink_rtt_us(rig.downlink), 70.0 * MS, 1.0 * MS);
    cr_expect_float_eq(downlink_loss_fraction(rig.downlink), 0.25, 0.001);
    free_rig(&rig);
}

Test(downlink, does_not_believe_an_impossible_round_trip)
{
    Rig rig = {0};
    make_rig(&rig);
    report(&rig, downlink_video_ssrc(rig.downlink), -400 * MS, START);
    report(&rig, downlink_video_ssrc(rig.downlink), 60 * CLOCK_US_PER_S, START);
    cr_expect_not(downlink_has_rtt(rig.downlink));
    free_rig(&rig);
}

Test(downlink, keeps_the_receivers_estimate)
{
    Rig rig = {0};
    make_rig(&rig);
    RtcpItem item = {.kind = RTCP_REMB, .remb_bps = 750000};
    downlink_on_rtcp(rig.downlink, NULL, &item, START);
    cr_expect_eq(downlink_estimate_bps(rig.downlink), 750000);
    free_rig(&rig);
}

Test(downlink, reports_as_a_receiver_before_it_sends)
{
    Rig rig = {0};
    make_rig(&rig);
    uint8_t bytes[256];
    ByteWriter writer = byte_writer(bytes, sizeof bytes);
    RtcpReportBlock block = {.ssrc = 77};
    downlink_write_reports(rig.downlink, &block, 1, START, &writer);
    RtcpReader reader = rtcp_reader(bytes, byte_writer_size(&writer));
    RtcpItem item;
    cr_assert(rtcp_next(&reader, &item));
    cr_expect_eq(item.kind, RTCP_REPORT_BLOCK);
    cr_expect_eq(item.sender_ssrc, downlink_audio_ssrc(rig.downlink));
    cr_expect_eq(item.report.ssrc, 77);
    free_rig(&rig);
}
