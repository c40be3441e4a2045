/* The performer with real clips: a small film made from a test pattern, the synthesised voice. */
#include <criterion/criterion.h>
#include <glib/gstdio.h>
#include <string.h>

#include "bridge/base/clock.h"
#include "bridge/base/vp8.h"
#include "bridge/rtc/rtcp.h"
#include "bridge/rtc/rtp.h"
#include "endpoints/fleet/performer.h"
#include "tests/support/gstreamer_plugins.h"

#define MS CLOCK_US_PER_MS
#define AUDIO_SSRC 11U
#define VIDEO_SSRC 13U
#define RTX_SSRC 15U
#define PACKETS_MAX 4096

typedef struct Sent {
    uint32_t ssrc;
    uint16_t seq;
    uint32_t timestamp;
    bool is_marked;
    bool starts_keyframe;
    uint8_t level;
    size_t payload_size;
} Sent;

typedef struct Stage {
    char *cache;
    Studio studio;
    Performer *performer;
    int64_t now_us;
    size_t count;
    Sent sent[PACKETS_MAX];
} Stage;

static const char *const plugins[] = {
    "app", "coreelements", "videoconvertscale", "videorate", "videotestsrc", "vpx", NULL};

static const SdpMedia audio = {.kind = SDP_AUDIO,
                               .receives = true,
                               .codec_type = 111,
                               .rtx_type = -1,
                               .ext_audio_level_received = 1};
static const SdpMedia video = {
    .kind = SDP_VIDEO, .receives = true, .codec_type = 96, .rtx_type = 97};
static const Demand small = {.width = 64, .height = 48, .fps = 5, .kbps = 60};

static void on_packet(uint8_t *bytes, size_t size, size_t capacity, void *data)
{
    Stage *stage = data;
    RtpPacket packet;
    cr_assert(rtp_parse(bytes, size, &packet));
    cr_assert_geq(capacity, size + 144, "room for SRTP");
    cr_assert_lt(stage->count, PACKETS_MAX);
    Sent *sent = &stage->sent[stage->count++];
    *sent = (Sent){
        .ssrc = packet.ssrc,
        .seq = packet.seq,
        .timestamp = packet.timestamp,
        .is_marked = packet.marker,
        .starts_keyframe = vp8_payload_starts_keyframe(packet.payload, packet.payload_size),
        .payload_size = packet.payload_size,
    };
    bool is_voice = false;
    const RtpExtension *level = rtp_find_extension(&packet, 1);
    if (level != NULL) {
        rtp_read_audio_level(level, &sent->level, &is_voice);
    }
}

static Stage *stage_open(bool sends_silence)
{
    gstreamer_load(plugins);
    Stage *stage = g_new0(Stage, 1);
    stage->cache = g_dir_make_tmp("fleet-performer-XXXXXX", NULL);
    stage->studio.sends_silence = sends_silence;
    stage->studio.shelf = shelf_new(stage->cache, NULL, NULL);
    stage->studio.speech = speech_new(stage->cache, NULL, NULL);
    cr_assert_not_null(stage->studio.shelf);
    cr_assert_not_null(stage->studio.speech);
    stage->now_us = clock_now_us();
    const PerformerOptions options = {
        .studio = &stage->studio,
        .cname = "test",
        .audio_ssrc = AUDIO_SSRC,
        .video_ssrc = VIDEO_SSRC,
        .rtx_ssrc = RTX_SSRC,
        .emit = on_packet,
        .data = stage,
    };
    stage->performer = performer_new(&options, stage->now_us);
    return stage;
}

static void stage_close(Stage *stage)
{
    performer_free(stage->performer);
    shelf_free(stage->studio.shelf);
    speech_free(stage->studio.speech);
    g_autoptr(GDir) dir = g_dir_open(stage->cache, 0, NULL);
    const char *name = NULL;
    while ((name = g_dir_read_name(dir)) != NULL) {
        g_autofree char *path = g_build_filename(stage->cache, name, NULL);
        g_unlink(path);
    }
    g_rmdir(stage->cache);
    g_free(stage->cache);
    g_free(stage);
}

static void play(Stage *stage, int64_t duration_us)
{
    int64_t until_us = stage->now_us + duration_us;
    for (; stage->now_us < until_us; stage->now_us += 5 * MS) {
        performer_tick(stage->performer, stage->now_us);
    }
}

/* The clip is made on a worker thread; its end is told on the main loop. */
static void await_clip(Stage *stage)
{
    for (int i = 0; i < 3000 && shelf_waiting(stage->studio.shelf) > 0; i++) {
        g_main_context_iteration(NULL, FALSE);
        g_usleep(5000);
    }
    cr_assert_eq(shelf_waiting(stage->studio.shelf), 0);
}

static size_t count_of(const Stage *stage, uint32_t ssrc)
{
    size_t count = 0;
    for (size_t i = 0; i < stage->count; i++) {
        count += stage->sent[i].ssrc == ssrc;
    }
    return count;
}

Test(fleet_performer, sends_nothing_that_was_not_negotiated)
{
    Stage *stage = stage_open(true);
    performer_set_demand(stage->performer, &small);
    await_clip(stage);
    play(stage, 500 * MS);
    cr_assert_eq(stage->count, 0);
    stage_close(stage);
}

Test(fleet_performer, sends_a_frame_of_sound_each_20_ms)
{
    Stage *stage = stage_open(true);
    performer_accept(stage->performer, &audio, NULL);
    play(stage, CLOCK_US_PER_S);
    cr_assert_eq(stage->count, 50);
    for (size_t i = 1; i < stage->count; i++) {
        cr_assert_eq((uint16_t)(stage->sent[i].seq - stage->sent[i - 1].seq), 1);
        cr_assert_eq(stage->sent[i].timestamp - stage->sent[i - 1].timestamp, 960);
        cr_assert_eq(stage->sent[i].level, 127);
    }
    stage_close(stage);
}

Test(fleet_performer, rests_between_frames_of_silence_in_dtx)
{
    Stage *stage = stage_open(false);
    performer_accept(stage->performer, &audio, NULL);
    play(stage, 2 * CLOCK_US_PER_S);
    cr_assert_eq(stage->count, 5);
    cr_assert_eq(stage->sent[1].timestamp - stage->sent[0].timestamp, 20 * 960);
    cr_assert_eq((uint16_t)(stage->sent[1].seq - stage->sent[0].seq), 1);
    stage_close(stage);
}

Test(fleet_performer, tells_the_level_of_its_voice)
{
    Stage *stage = stage_open(true);
    performer_accept(stage->performer, &audio, NULL);
    performer_set_talking(stage->performer, true);
    play(stage, CLOCK_US_PER_S);
    uint8_t loudest = 127;
    for (size_t i = 0; i < stage->count; i++) {
        loudest = MIN(loudest, stage->sent[i].level);
    }
    cr_assert_lt(loudest, 40);
    stage_close(stage);
}

Test(fleet_performer, keeps_quiet_when_it_is_muted)
{
    Stage *stage = stage_open(true);
    performer_accept(stage->performer, &audio, NULL);
    performer_set_talking(stage->performer, true);
    performer_set_muted(stage->performer, true);
    play(stage, CLOCK_US_PER_S);
    cr_assert_eq(stage->count, 0);
    stage_close(stage);
}

Test(fleet_performer, does_not_make_up_for_a_long_stall)
{
    Stage *stage = stage_open(true);
    performer_accept(stage->performer, &audio, NULL);
    play(stage, 100 * MS);
    size_t before = stage->count;
    stage->now_us += 10 * CLOCK_US_PER_S;
    play(stage, 100 * MS);
    cr_assert_leq(stage->count - before, 6);
    uint32_t jump = stage->sent[before].timestamp - stage->sent[before - 1].timestamp;
    cr_assert_gt(jump, 400 * 960, "time goes on all the same");
    stage_close(stage);
}

Test(fleet_performer, sends_its_film_as_demanded_beginning_with_a_keyframe)
{
    Stage *stage = stage_open(true);
    performer_accept(stage->performer, NULL, &video);
    play(stage, 100 * MS);
    cr_assert_eq(stage->count, 0, "nothing is demanded");
    performer_set_demand(stage->performer, &small);
    await_clip(stage);
    stage->now_us = clock_now_us();
    play(stage, 2 * CLOCK_US_PER_S);
    size_t frames = 0;
    for (size_t i = 0; i < stage->count; i++) {
        frames += stage->sent[i].is_marked;
    }
    cr_assert(stage->sent[0].starts_keyframe);
    cr_assert(frames >= 9 && frames <= 11, "%zu frames", frames);
    performer_set_demand(stage->performer, &(Demand){0});
    size_t before = stage->count;
    play(stage, CLOCK_US_PER_S);
    cr_assert_eq(stage->count, before);
    stage_close(stage);
}

Test(fleet_performer, jumps_to_a_keyframe_when_asked)
{
    Stage *stage = stage_open(true);
    performer_accept(stage->performer, NULL, &video);
    performer_set_demand(stage->performer, &small);
    await_clip(stage);
    stage->now_us = clock_now_us();
    play(stage, 450 * MS);
    size_t before = stage->count;
    performer_on_keyframe_request(stage->performer, stage->now_us);
    play(stage, 250 * MS);
    cr_assert_gt(stage->count, before);
    cr_assert(stage->sent[before].starts_keyframe);
    stage_close(stage);
}

Test(fleet_performer, sends_a_lost_packet_again_on_its_own_stream)
{
    Stage *stage = stage_open(true);
    performer_accept(stage->performer, NULL, &video);
    performer_set_demand(stage->performer, &small);
    await_clip(stage);
    stage->now_us = clock_now_us();
    play(stage, 300 * MS);
    Sent first = stage->sent[0];
    performer_on_nack(stage->performer, VIDEO_SSRC, first.seq, stage->now_us + CLOCK_US_PER_S);
    Sent again = stage->sent[stage->count - 1];
    cr_assert_eq(again.ssrc, RTX_SSRC);
    cr_assert_eq(again.payload_size, first.payload_size + 2);
    cr_assert_eq(again.timestamp, first.timestamp);
    size_t before = stage->count;
    performer_on_nack(stage->performer, 999, first.seq, stage->now_us + 2 * CLOCK_US_PER_S);
    performer_on_nack(stage->performer, VIDEO_SSRC, (uint16_t)(first.seq - 1), stage->now_us);
    cr_assert_eq(stage->count, before, "another stream, and a packet that never was");
    stage_close(stage);
}

Test(fleet_performer, reports_what_it_sends)
{
    Stage *stage = stage_open(true);
    uint8_t bytes[512];
    ByteWriter writer = byte_writer(bytes, sizeof bytes);
    performer_report(stage->performer, stage->now_us, &writer);
    cr_assert_eq(byte_writer_size(&writer), 0, "nothing was sent");
    performer_accept(stage->performer, &audio, NULL);
    play(stage, 200 * MS);
    performer_report(stage->performer, stage->now_us, &writer);
    RtcpReader reader = rtcp_reader(bytes, byte_writer_size(&writer));
    RtcpItem item;
    cr_assert(rtcp_next(&reader, &item));
    cr_assert_eq(item.kind, RTCP_SENDER_INFO);
    cr_assert_eq(item.sender_ssrc, AUDIO_SSRC);
    cr_assert_eq(item.sender_info.packets, count_of(stage, AUDIO_SSRC));
    stage_close(stage);
}
