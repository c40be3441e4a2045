#include "bridge/relay/downlink.h"

#include <glib.h>
#include <string.h>

#include "bridge/base/clock.h"
#include "bridge/relay/feedback.h"
#include "bridge/relay/outstream.h"
#include "bridge/relay/repair.h"
#include "bridge/rtc/rtp.h"

#define AUDIO_CLOCK_HZ 48000
#define VIDEO_CLOCK_HZ 90000
#define AUDIO_PACKET_TICKS 960
/* Behind by more than this, a receiver waits for the next key frame instead. */
#define DOWNLINK_LAG_MAX (LIMIT_HISTORY_PACKETS / 2)
#define DOWNLINK_NACK_BITS 16
/* Reports that follow one another sooner say too little each. */
#define DOWNLINK_REPORT_MIN_US INT64_C(400000)
struct Downlink {
    Counters *counters;
    bool has_audio;
    bool has_video;
    OutStream audio;
    OutStream video;
    bool has_sound;
    uint32_t sound_timestamp;
    uint32_t sound_timeline;
    VideoCodec codec;
    Rung *rung;
    uint64_t cursor; /* index of the next packet of the rung */
    Rung *next_rung; /* taken from its next key frame on */
    uint64_t next_cursor;
    RungChoice choice;
    double probe_share; /* of what is sent, sent once more */
    uint64_t reported_bytes;
    int64_t reported_us;
    bool is_report_due;
    Repair repair;
    Feedback feedback;
    uint64_t bytes;
};

static uint32_t random_ssrc(void)
{
    return MAX(g_random_int(), 1);
}

static bool init_stream(OutStream *stream, const SdpMedia *media, uint32_t clock_hz,
                        uint32_t grid_ticks)
{
    stream->ssrc = random_ssrc(); /* also the sender of our reports when it has no media */
    if (media == NULL) {
        return false;
    }
    outstream_init(stream, clock_hz, grid_ticks);
    return outhead_init_for(&stream->head, media, stream->ssrc, media->codec_type);
}

Downlink *downlink_new(const DownlinkOptions *options)
{
    Downlink *downlink = g_new0(Downlink, 1);
    downlink->counters = options->counters;
    feedback_init(&downlink->feedback);
    downlink->has_audio =
        init_stream(&downlink->audio, options->audio, AUDIO_CLOCK_HZ, AUDIO_PACKET_TICKS);
    downlink->has_video = init_stream(&downlink->video, options->video, VIDEO_CLOCK_HZ, 1);
    if (downlink->has_video) {
        downlink->codec = options->video->codec;
        repair_init(&downlink->repair, options->video, options->may_keep_sent, options->counters);
    }
    return downlink;
}

void downlink_free(Downlink *downlink)
{
    if (downlink != NULL) {
        repair_clear(&downlink->repair);
        g_free(downlink);
    }
}

uint32_t downlink_audio_ssrc(const Downlink *downlink)
{
    return downlink->audio.ssrc;
}

uint32_t downlink_video_ssrc(const Downlink *downlink)
{
    return downlink->video.ssrc;
}

uint32_t downlink_rtx_ssrc(const Downlink *downlink)
{
    return downlink->repair.has_rtx ? downlink->repair.rtx_ssrc : 0;
}

bool downlink_keeps_sent(const Downlink *downlink)
{
    return downlink->repair.sent != NULL;
}

bool downlink_takes(const Downlink *downlink, VideoCodec codec)
{
    return downlink->has_video && downlink->codec == codec;
}

static size_t find_step(const Downlink *downlink, const Ladder *ladder)
{
    const Rung *rung = downlink->next_rung != NULL ? downlink->next_rung : downlink->rung;
    for (size_t i = 0; rung != NULL && i < ladder->count; i++) {
        if (ladder->steps[i].rung == rung_id(rung)) {
            return i;
        }
    }
    return ladder->count;
}

size_t downlink_choose(Downlink *downlink, const Ladder *ladder, int64_t now_us)
{
    if (ladder->count == 0) {
        downlink->choice.changed_us = 0; /* whenever there are rungs, it begins anew */
        return 0;
    }
    size_t at = find_step(downlink, ladder);
    bool is_new = at == ladder->count && (downlink->rung != NULL || downlink->next_rung != NULL ||
                                          downlink->choice.changed_us == 0);
    size_t step = is_new ? choice_start(&downlink->choice, ladder, now_us)
                         : choice_decide(&downlink->choice, ladder, at, now_us);
    double rate_bps = step < ladder->count ? ladder->steps[step].rate_bps : 0;
    double probe_bps = choice_probe_bps(&downlink->choice, ladder, step, now_us);
    downlink->probe_share = rate_bps > 0 ? probe_bps / rate_bps : 0;
    downlink->counters->rung_changes += !is_new && step != at;
    return step;
}

static void await(Downlink *downlink, Rung *rung)
{
    downlink->next_rung = rung;
    downlink->next_cursor = rung_limit(rung);
    keyframe_want(rung_governor(rung));
}

bool downlink_watch(Downlink *downlink, Rung *rung)
{
    const Rung *target = downlink->next_rung != NULL ? downlink->next_rung : downlink->rung;
    if (rung == target || !downlink->has_video) {
        return false;
    }
    if (rung == NULL) {
        downlink->rung = downlink->next_rung = NULL;
    } else if (rung == downlink->rung) {
        downlink->next_rung = NULL;
    } else {
        await(downlink, rung);
    }
    return true;
}

Rung *downlink_rung(const Downlink *downlink)
{
    return downlink->rung;
}

Rung *downlink_next_rung(const Downlink *downlink)
{
    return downlink->next_rung;
}

static size_t add_packet(Downlink *downlink, OutStream *stream, Transport *transport,
                         const OutPacket *packet, int64_t now_us)
{
    Outbox *outbox = transport_outbox(transport);
    uint8_t *bytes = outbox_reserve(outbox);
    size_t size = outstream_write(stream, packet, now_us, bytes, LIMIT_DATAGRAM_BYTES);
    if (size == 0 || !transport_protect_rtp(transport, bytes, &size)) {
        return 0;
    }
    outbox_add(outbox, size);
    downlink->bytes += size;
    return size;
}

/* Once for each timestamp, and never backwards. */
static bool is_new_sound(const Downlink *downlink, const SoundPacket *packet)
{
    return !downlink->has_sound || packet->timeline != downlink->sound_timeline ||
           rtp_timestamp_is_newer(packet->timestamp, downlink->sound_timestamp);
}

void downlink_send_sound(Downlink *downlink, Transport *transport, const SoundPacket *packet,
                         int64_t now_us)
{
    if (!downlink->has_audio || !is_new_sound(downlink, packet)) {
        return;
    }
    OutPacket out = {
        .feed = packet->mix,
        .index = packet->seq,
        .timeline = packet->timeline,
        .timestamp = packet->timestamp,
        .time_us = packet->time_us,
        .marker = packet->marker,
        .payload = packet->payload,
        .size = packet->size,
    };
    downlink->is_report_due |= !downlink->audio.is_started;
    outbox_start(transport_outbox(transport), transport_tuple(transport));
    add_packet(downlink, &downlink->audio, transport, &out, now_us);
    downlink->has_sound = true;
    downlink->sound_timestamp = packet->timestamp;
    downlink->sound_timeline = packet->timeline;
}

static OutPacket to_out(const Downlink *downlink, const HistoryPacket *packet)
{
    return (OutPacket){
        .feed = rung_id(downlink->rung),
        .index = packet->index,
        .timeline = packet->timeline,
        .timestamp = packet->timestamp,
        .time_us = packet->time_us,
        .marker = packet->marker,
        .payload = packet->payload,
        .size = packet->size,
    };
}

static size_t send_picture(Downlink *downlink, Transport *transport, const HistoryPacket *packet,
                           int64_t now_us)
{
    OutPacket out = to_out(downlink, packet);
    downlink->is_report_due |= !downlink->video.is_started;
    const uint8_t *bytes = outbox_reserve(transport_outbox(transport));
    size_t size = add_packet(downlink, &downlink->video, transport, &out, now_us);
    if (size > 0) {
        repair_keep(&downlink->repair, downlink->video.seq, bytes, size);
    }
    return size;
}

/* Goes over to the next rung when its key frame has come. */
static void cross_over(Downlink *downlink)
{
    Rung *rung = downlink->next_rung;
    for (; downlink->next_cursor < rung_limit(rung); downlink->next_cursor++) {
        const HistoryPacket *packet = rung_find(rung, downlink->next_cursor);
        if (packet != NULL && packet->starts_keyframe) {
            downlink->rung = rung;
            downlink->cursor = downlink->next_cursor;
            downlink->next_rung = NULL;
            return;
        }
    }
}

static RepairStream to_repair(const Downlink *downlink, Transport *transport)
{
    return (RepairStream){
        .stream = &downlink->video,
        .rung = downlink->rung,
        .transport = transport,
        .rtt_us = downlink_rtt_us(downlink),
    };
}

void downlink_send_pictures(Downlink *downlink, Transport *transport, Rung *rung, int64_t now_us)
{
    if (rung == downlink->next_rung) {
        cross_over(downlink);
    }
    if (rung != downlink->rung || downlink->cursor >= rung_limit(rung)) {
        return;
    }
    if (rung_limit(rung) - downlink->cursor > DOWNLINK_LAG_MAX) {
        downlink->rung = NULL;
        await(downlink, rung);
        return;
    }
    size_t sent = 0;
    outbox_start(transport_outbox(transport), transport_tuple(transport));
    for (; downlink->cursor < rung_limit(rung); downlink->cursor++) {
        const HistoryPacket *packet = rung_find(rung, downlink->cursor);
        sent += packet == NULL ? 0 : send_picture(downlink, transport, packet, now_us);
    }
    if (downlink->probe_share > 0) {
        RepairStream of = to_repair(downlink, transport);
        downlink->bytes +=
            repair_probe(&downlink->repair, &of, sent, downlink->probe_share, now_us);
    }
}

static void on_nack(Downlink *downlink, Transport *transport, const RtcpItem *item, int64_t now_us)
{
    if (!downlink->has_video || item->media_ssrc != downlink->video.ssrc) {
        return;
    }
    RepairStream of = to_repair(downlink, transport);
    outbox_start(transport_outbox(transport), transport_tuple(transport));
    downlink->bytes += repair_answer(&downlink->repair, &of, item->nack.packet_id, now_us);
    for (unsigned bit = 0; bit < DOWNLINK_NACK_BITS; bit++) {
        if (item->nack.following_mask & 1U << bit) {
            uint16_t seq = (uint16_t)(item->nack.packet_id + bit + 1);
            downlink->bytes += repair_answer(&downlink->repair, &of, seq, now_us);
        }
    }
    outbox_flush(transport_outbox(transport));
}

static void on_keyframe_request(Downlink *downlink, const RtcpItem *item, int64_t now_us)
{
    Rung *rung = downlink->rung != NULL ? downlink->rung : downlink->next_rung;
    if (rung == NULL || item->media_ssrc != downlink->video.ssrc) {
        return;
    }
    downlink->counters->plis_received++;
    if (!feedback_may_ask_keyframe(&downlink->feedback, now_us)) {
        downlink->counters->plis_limited++;
        return;
    }
    keyframe_want(rung_governor(rung));
}

static void judge_report(Downlink *downlink, double loss, int64_t now_us)
{
    double elapsed_s = (double)(now_us - downlink->reported_us) / (double)CLOCK_US_PER_S;
    ChoiceReport report = {
        .loss = loss,
        .rtt_us = downlink->feedback.last_rtt_us,
        .sent_bps = (double)(downlink->bytes - downlink->reported_bytes) * 8 / elapsed_s,
    };
    bool is_first = downlink->reported_us == 0;
    downlink->reported_us = now_us;
    downlink->reported_bytes = downlink->bytes;
    if (!is_first) {
        choice_on_report(&downlink->choice, &report, now_us);
    }
}

static void on_report(Downlink *downlink, const RtcpReportBlock *report, int64_t now_us)
{
    bool is_of_sound = downlink->has_audio && report->ssrc == downlink->audio.ssrc;
    bool is_of_picture = downlink->has_video && report->ssrc == downlink->video.ssrc;
    if (!is_of_sound && !is_of_picture) {
        return;
    }
    feedback_on_report(&downlink->feedback, report, is_of_picture, now_us);
    bool is_telling = is_of_picture == (downlink->rung != NULL);
    if (is_telling && now_us - downlink->reported_us >= DOWNLINK_REPORT_MIN_US) {
        judge_report(downlink, report->fraction_lost / 256.0, now_us);
    }
}

void downlink_on_rtcp(Downlink *downlink, Transport *transport, const RtcpItem *item,
                      int64_t now_us)
{
    switch (item->kind) {
    case RTCP_REPORT_BLOCK:
        on_report(downlink, &item->report, now_us);
        break;
    case RTCP_NACK:
        on_nack(downlink, transport, item, now_us);
        break;
    case RTCP_PLI:
    case RTCP_FIR:
        on_keyframe_request(downlink, item, now_us);
        break;
    case RTCP_REMB:
        downlink->feedback.estimate_bps = item->remb_bps;
        choice_on_estimate(&downlink->choice, (double)item->remb_bps, now_us);
        break;
    case RTCP_SENDER_INFO:
    case RTCP_BYE:
        break;
    }
}

void downlink_write_reports(Downlink *downlink, const RtcpReportBlock *blocks, size_t count,
                            int64_t now_us, ByteWriter *writer)
{
    RtcpSenderInfo info;
    bool has_audio = outstream_sender_info(&downlink->audio, now_us, &info);
    if (has_audio) {
        rtcp_write_sender_report(writer, downlink->audio.ssrc, &info, blocks, count);
    } else {
        rtcp_write_receiver_report(writer, downlink->audio.ssrc, blocks, count);
    }
    bool has_video = outstream_sender_info(&downlink->video, now_us, &info);
    if (has_video) {
        rtcp_write_sender_report(writer, downlink->video.ssrc, &info, NULL, 0);
    }
    rtcp_write_cname(writer, downlink->audio.ssrc, DOWNLINK_CNAME);
    if (has_video) {
        rtcp_write_cname(writer, downlink->video.ssrc, DOWNLINK_CNAME);
    }
}

bool downlink_take_report_due(Downlink *downlink)
{
    bool is_due = downlink->is_report_due;
    downlink->is_report_due = false;
    return is_due;
}

int64_t downlink_rtt_us(const Downlink *downlink)
{
    return feedback_rtt_us(&downlink->feedback);
}

bool downlink_has_rtt(const Downlink *downlink)
{
    return downlink->feedback.rtt_us != 0;
}

double downlink_loss_fraction(const Downlink *downlink)
{
    return MAX(downlink->feedback.audio_loss, downlink->feedback.video_loss);
}

uint64_t downlink_estimate_bps(const Downlink *downlink)
{
    return downlink->feedback.estimate_bps;
}

uint64_t downlink_bytes(const Downlink *downlink)
{
    return downlink->bytes;
}
