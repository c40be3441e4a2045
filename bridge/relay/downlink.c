#include "bridge/relay/downlink.h"

#include <glib.h>
#include <string.h>

#include "bridge/base/clock.h"
#include "bridge/relay/outstream.h"
#include "bridge/relay/resend.h"
#include "bridge/rtc/rtp.h"

#define AUDIO_CLOCK_HZ 48000
#define VIDEO_CLOCK_HZ 90000
#define AUDIO_PACKET_TICKS 960
/* Behind by more than this, a receiver waits for the next key frame instead. */
#define DOWNLINK_LAG_MAX (LIMIT_HISTORY_PACKETS / 2)
#define DOWNLINK_RTT_US INT64_C(100000)
#define DOWNLINK_RTT_MAX_US INT64_C(2000000)
#define DOWNLINK_NACK_BITS 16
/* Key frames that one receiver may ask for at once, and how often it gets another one: a receiver
 * on a bad link must not turn the shared encoder into a series of key frames. */
#define DOWNLINK_PLI_BURST 3
#define DOWNLINK_PLI_REFILL_US INT64_C(3000000)

struct Downlink {
    Counters *counters;
    bool has_audio;
    bool has_video;
    OutStream audio;
    OutStream video;
    bool has_sound;
    uint32_t sound_timestamp;
    uint32_t sound_timeline;
    Rung *rung;
    uint64_t cursor; /* index of the next packet of the rung */
    bool is_waiting; /* for a key frame */
    bool is_report_due;
    bool has_rtx;
    OutHead rtx_head;
    uint32_t rtx_ssrc;
    uint16_t rtx_seq;
    Resend resend;
    SentRing *sent;
    unsigned pli_count;
    int64_t pli_refilled_us;
    int64_t rtt_us; /* 0: unknown */
    double audio_loss;
    double video_loss;
    uint64_t estimate_bps;
    uint64_t bytes;
};

static uint32_t random_ssrc(void)
{
    return MAX(g_random_int(), 1);
}

static bool init_head(OutHead *head, const SdpMedia *media, uint32_t ssrc, int payload_type)
{
    OutHeadOptions options = {
        .ssrc = ssrc,
        .payload_type = payload_type,
        .mid = media->mid,
        .ext_mid = media->ext_mid,
        .ext_abs_send_time = media->ext_abs_send_time,
    };
    return outhead_init(head, &options);
}

static bool init_stream(OutStream *stream, const SdpMedia *media, uint32_t clock_hz,
                        uint32_t grid_ticks)
{
    stream->ssrc = random_ssrc(); /* also the sender of our reports when it has no media */
    if (media == NULL) {
        return false;
    }
    outstream_init(stream, clock_hz, grid_ticks);
    return init_head(&stream->head, media, stream->ssrc, media->codec_type);
}

static void init_rtx(Downlink *downlink, const SdpMedia *media)
{
    downlink->rtx_ssrc = random_ssrc();
    downlink->rtx_seq = (uint16_t)g_random_int_range(1, 0x8000);
    downlink->has_rtx = init_head(&downlink->rtx_head, media, downlink->rtx_ssrc, media->rtx_type);
}

Downlink *downlink_new(const DownlinkOptions *options)
{
    Downlink *downlink = g_new0(Downlink, 1);
    downlink->counters = options->counters;
    downlink->pli_count = DOWNLINK_PLI_BURST;
    downlink->has_audio =
        init_stream(&downlink->audio, options->audio, AUDIO_CLOCK_HZ, AUDIO_PACKET_TICKS);
    downlink->has_video = init_stream(&downlink->video, options->video, VIDEO_CLOCK_HZ, 1);
    if (downlink->has_video && options->video->rtx_type >= 0) {
        init_rtx(downlink, options->video);
    } else if (downlink->has_video && options->video->feedback_nack && options->may_keep_sent) {
        downlink->sent = sent_ring_new();
    }
    return downlink;
}

void downlink_free(Downlink *downlink)
{
    if (downlink != NULL) {
        sent_ring_free(downlink->sent);
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
    return downlink->has_rtx ? downlink->rtx_ssrc : 0;
}

bool downlink_keeps_sent(const Downlink *downlink)
{
    return downlink->sent != NULL;
}

void downlink_set_rung(Downlink *downlink, Rung *rung)
{
    downlink->rung = rung;
    downlink->is_waiting = true;
    if (rung != NULL && downlink->has_video) {
        downlink->cursor = rung_limit(rung);
        keyframe_want(rung_governor(rung));
    }
}

Rung *downlink_rung(const Downlink *downlink)
{
    return downlink->rung;
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

static void send_picture(Downlink *downlink, Transport *transport, const HistoryPacket *packet,
                         int64_t now_us)
{
    OutPacket out = to_out(downlink, packet);
    downlink->is_report_due |= !downlink->video.is_started;
    if (downlink->sent == NULL) {
        add_packet(downlink, &downlink->video, transport, &out, now_us);
        return;
    }
    const uint8_t *bytes = outbox_reserve(transport_outbox(transport));
    size_t size = add_packet(downlink, &downlink->video, transport, &out, now_us);
    if (size > 0) {
        sent_ring_put(downlink->sent, downlink->video.seq, bytes, size);
    }
}

void downlink_send_pictures(Downlink *downlink, Transport *transport, int64_t now_us)
{
    Rung *rung = downlink->rung;
    if (!downlink->has_video || rung == NULL || downlink->cursor >= rung_limit(rung)) {
        return;
    }
    if (rung_limit(rung) - downlink->cursor > DOWNLINK_LAG_MAX) {
        downlink_set_rung(downlink, rung);
        return;
    }
    outbox_start(transport_outbox(transport), transport_tuple(transport));
    for (; downlink->cursor < rung_limit(rung); downlink->cursor++) {
        const HistoryPacket *packet = rung_find(rung, downlink->cursor);
        if (packet == NULL || (downlink->is_waiting && !packet->starts_keyframe)) {
            continue;
        }
        downlink->is_waiting = false;
        send_picture(downlink, transport, packet, now_us);
    }
}

static bool resend_as_rtx(Downlink *downlink, Transport *transport, const OutSpan *span,
                          const HistoryPacket *packet, uint16_t seq, int64_t now_us)
{
    Outbox *outbox = transport_outbox(transport);
    uint8_t *bytes = outbox_reserve(outbox);
    uint8_t payload[2 + LIMIT_RTP_BYTES] = {(uint8_t)(seq >> 8), (uint8_t)seq};
    memcpy(payload + 2, packet->payload, packet->size);
    OutPacket out = {.marker = packet->marker, .payload = payload, .size = packet->size + 2U};
    downlink->rtx_seq++;
    size_t size =
        outhead_write(&downlink->rtx_head, &out, downlink->rtx_seq,
                      packet->timestamp + span->timestamp_offset, bytes, LIMIT_DATAGRAM_BYTES);
    if (size == 0) {
        return false;
    }
    outhead_stamp(&downlink->rtx_head, now_us, bytes);
    if (!transport_protect_rtp(transport, bytes, &size)) {
        return false;
    }
    outbox_add(outbox, size);
    downlink->bytes += size;
    return true;
}

static bool resend_as_sent(Downlink *downlink, Transport *transport, uint16_t seq)
{
    size_t size;
    const uint8_t *bytes =
        downlink->sent == NULL ? NULL : sent_ring_find(downlink->sent, seq, &size);
    if (bytes == NULL) {
        return false;
    }
    memcpy(outbox_reserve(transport_outbox(transport)), bytes, size);
    outbox_add(transport_outbox(transport), size);
    downlink->bytes += size;
    return true;
}

static void resend_one(Downlink *downlink, Transport *transport, uint16_t seq, int64_t now_us)
{
    uint64_t index;
    downlink->counters->nacks_received++;
    const OutSpan *span = outstream_find(&downlink->video, seq, &index);
    const HistoryPacket *packet =
        span == NULL || downlink->rung == NULL || span->feed != rung_id(downlink->rung)
            ? NULL
            : rung_find(downlink->rung, index);
    if (packet == NULL) {
        downlink->counters->resend_unknown++;
        return;
    }
    if (!resend_take(&downlink->resend, seq, packet->size, now_us, downlink_rtt_us(downlink),
                     rung_rate_bps(downlink->rung))) {
        downlink->counters->resend_limited++;
        return;
    }
    bool is_resent = downlink->has_rtx
                         ? resend_as_rtx(downlink, transport, span, packet, seq, now_us)
                         : resend_as_sent(downlink, transport, seq);
    *(is_resent ? &downlink->counters->resent : &downlink->counters->resend_unknown) += 1;
}

static void on_nack(Downlink *downlink, Transport *transport, const RtcpItem *item, int64_t now_us)
{
    if (!downlink->has_video || item->media_ssrc != downlink->video.ssrc) {
        return;
    }
    outbox_start(transport_outbox(transport), transport_tuple(transport));
    resend_one(downlink, transport, item->nack.packet_id, now_us);
    for (unsigned bit = 0; bit < DOWNLINK_NACK_BITS; bit++) {
        if (item->nack.following_mask & 1U << bit) {
            resend_one(downlink, transport, (uint16_t)(item->nack.packet_id + bit + 1), now_us);
        }
    }
    outbox_flush(transport_outbox(transport));
}

static bool may_ask_keyframe(Downlink *downlink, int64_t now_us)
{
    int64_t refills = (now_us - downlink->pli_refilled_us) / DOWNLINK_PLI_REFILL_US;
    if (refills > 0) {
        downlink->pli_count = (unsigned)MIN(downlink->pli_count + refills, DOWNLINK_PLI_BURST);
        downlink->pli_refilled_us = now_us;
    }
    if (downlink->pli_count == 0) {
        return false;
    }
    downlink->pli_count--;
    return true;
}

static void on_keyframe_request(Downlink *downlink, const RtcpItem *item, int64_t now_us)
{
    if (!downlink->has_video || downlink->rung == NULL ||
        item->media_ssrc != downlink->video.ssrc) {
        return;
    }
    downlink->counters->plis_received++;
    if (!may_ask_keyframe(downlink, now_us)) {
        downlink->counters->plis_limited++;
        return;
    }
    keyframe_want(rung_governor(downlink->rung));
}

static void measure_rtt(Downlink *downlink, const RtcpReportBlock *report, int64_t now_us)
{
    uint32_t spent = clock_ntp_compact(now_us) - report->last_sr - report->delay_since_last_sr;
    int64_t rtt_us = (int64_t)((uint64_t)spent * CLOCK_US_PER_S >> 16);
    if (report->last_sr == 0 || rtt_us <= 0 || rtt_us > DOWNLINK_RTT_MAX_US) {
        return;
    }
    downlink->rtt_us =
        downlink->rtt_us == 0 ? rtt_us : downlink->rtt_us + (rtt_us - downlink->rtt_us) / 8;
}

static void on_report(Downlink *downlink, const RtcpReportBlock *report, int64_t now_us)
{
    double loss = report->fraction_lost / 256.0;
    if (downlink->has_audio && report->ssrc == downlink->audio.ssrc) {
        downlink->audio_loss = loss;
    } else if (downlink->has_video && report->ssrc == downlink->video.ssrc) {
        downlink->video_loss = loss;
    } else {
        return;
    }
    measure_rtt(downlink, report, now_us);
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
        downlink->estimate_bps = item->remb_bps;
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
    return downlink->rtt_us == 0 ? DOWNLINK_RTT_US : downlink->rtt_us;
}

bool downlink_has_rtt(const Downlink *downlink)
{
    return downlink->rtt_us != 0;
}

double downlink_loss_fraction(const Downlink *downlink)
{
    return MAX(downlink->audio_loss, downlink->video_loss);
}

uint64_t downlink_estimate_bps(const Downlink *downlink)
{
    return downlink->estimate_bps;
}

uint64_t downlink_bytes(const Downlink *downlink)
{
    return downlink->bytes;
}
