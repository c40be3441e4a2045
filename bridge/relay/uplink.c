#include "bridge/relay/uplink.h"

#include <glib.h>
#include <string.h>

#include "bridge/base/clock.h"
#include "bridge/base/vp8.h"
#include "bridge/relay/clip.h"
#include "bridge/relay/keyframe.h"
#include "bridge/relay/rate.h"
#include "bridge/rtc/reception.h"

#define AUDIO_CLOCK_HZ 48000
#define VIDEO_CLOCK_HZ 90000
/* A second SSRC beside a living one is not taken up. */
#define UPLINK_STREAM_DEAD_US INT64_C(500000)
/* A sender that does not tell its level: silence is tiny, speech is ranked below the usual. */
#define UPLINK_OPUS_DTX_BYTES 8
#define UPLINK_UNTOLD_LEVEL 45
#define UPLINK_NACKS_MAX 64
#define RTX_SEQ_BYTES 2

typedef struct Stream {
    int payload_type; /* -1: not negotiated */
    int ext_mid;
    int ext_audio_level;
    char mid[32];
    uint32_t clock_hz;
    uint32_t ssrc; /* 0: not known yet */
    Reception reception;
} Stream;

struct Uplink {
    UplinkOptions options;
    Stream audio;
    Stream video;
    int rtx_type;
    bool is_muted;
    bool is_video_wanted;
    Voice voice;
    int mic_level; /* The loudest since it was taken; UPLINK_MIC_NONE, UPLINK_MIC_UNTOLD. */
    Rate audio_rate;
    Clip clip;
    Ingest *ingest;         /* NULL without video */
    uint16_t padding_count; /* empty packets passed over: the mixer must not see holes there */
    KeyframeGovernor governor;
};

static void init_stream(Stream *stream, const SdpMedia *media, uint32_t clock_hz)
{
    stream->clock_hz = clock_hz;
    stream->payload_type = -1;
    if (media == NULL) {
        return;
    }
    stream->payload_type = media->codec_type;
    stream->ext_mid = media->ext_mid;
    stream->ext_audio_level = media->ext_audio_level;
    stream->ssrc = media->ssrc;
    g_strlcpy(stream->mid, media->mid, sizeof stream->mid);
}

Uplink *uplink_new(const UplinkOptions *options)
{
    Uplink *uplink = g_new0(Uplink, 1);
    uplink->options = *options;
    init_stream(&uplink->audio, options->audio, AUDIO_CLOCK_HZ);
    init_stream(&uplink->video, options->video, VIDEO_CLOCK_HZ);
    uplink->options.audio = uplink->options.video = NULL;
    uplink->rtx_type = options->video == NULL ? -1 : options->video->rtx_type;
    uplink->is_muted = options->is_muted;
    uplink->mic_level = UPLINK_MIC_NONE;
    uplink->voice.source = options->source;
    if (options->video != NULL) {
        uplink->ingest = ingest_new(options->pool);
    }
    uplink_set_video_wanted(uplink, options->is_video_wanted);
    return uplink;
}

void uplink_free(Uplink *uplink)
{
    if (uplink == NULL) {
        return;
    }
    speakers_leave(uplink->options.speakers, &uplink->voice);
    ingest_free(uplink->ingest);
    g_free(uplink);
}

static void forward(Uplink *uplink, const Stream *stream, const IngestPacket *packet)
{
    UplinkPacket out = {
        .is_video = stream == &uplink->video,
        .source = uplink->options.source,
        .ssrc = stream->ssrc,
        .packet = *packet,
    };
    uplink->options.forward(&out, uplink->options.data);
}

static void forward_video(Uplink *uplink, const IngestPacket *packet)
{
    if (packet->size == 0) {
        uplink->padding_count++;
        return;
    }
    if (vp8_payload_starts_keyframe(packet->payload, packet->size)) {
        keyframe_on_arrival(&uplink->governor);
    }
    uplink->options.counters->video_to_mixer++;
    IngestPacket out = *packet;
    out.seq = (uint16_t)(packet->seq - uplink->padding_count);
    forward(uplink, &uplink->video, &out);
}

static void forward_ready_video(Uplink *uplink)
{
    IngestPacket packet;
    while (ingest_pop(uplink->ingest, &packet)) {
        forward_video(uplink, &packet);
    }
}

static void push_video(Uplink *uplink, const IngestPacket *packet)
{
    switch (ingest_push(uplink->ingest, packet)) {
    case INGEST_RESTART:
        keyframe_want(&uplink->governor);
        forward_video(uplink, packet);
        break;
    case INGEST_DELIVER:
        forward_video(uplink, packet);
        forward_ready_video(uplink);
        break;
    case INGEST_HELD:
        break;
    case INGEST_DUPLICATE:
        uplink->options.counters->video_duplicate++;
        break;
    case INGEST_LATE:
        uplink->options.counters->video_late++;
        break;
    }
}

static IngestPacket to_ingest(const RtpPacket *packet, int64_t now_us)
{
    return (IngestPacket){
        .seq = packet->seq,
        .timestamp = packet->timestamp,
        .marker = packet->marker,
        .arrival_us = now_us,
        .payload = packet->payload,
        .size = packet->payload_size,
    };
}

static bool has_right_mid(const Stream *stream, const RtpPacket *packet)
{
    const RtpExtension *mid =
        stream->ext_mid == 0 ? NULL : rtp_find_extension(packet, (uint8_t)stream->ext_mid);
    return mid == NULL ||
           (mid->size == strlen(stream->mid) && memcmp(mid->bytes, stream->mid, mid->size) == 0);
}

/* Binds the stream to the packet's SSRC; false when it belongs to none that we take. */
static bool take_up(Uplink *uplink, Stream *stream, const RtpPacket *packet, int64_t now_us)
{
    if (stream->ssrc == packet->ssrc) {
        return true;
    }
    bool is_alive = stream->reception.last_arrival_us != 0 &&
                    now_us - stream->reception.last_arrival_us < UPLINK_STREAM_DEAD_US;
    if (is_alive || !has_right_mid(stream, packet)) {
        return false;
    }
    stream->ssrc = packet->ssrc;
    stream->reception = (Reception){0};
    if (stream == &uplink->video && uplink->ingest != NULL) {
        ingest_reset(uplink->ingest);
    }
    return true;
}

static bool read_level(const Stream *stream, const RtpPacket *packet, uint8_t *ret_level)
{
    bool is_voice;
    const RtpExtension *extension =
        stream->ext_audio_level == 0 ? NULL
                                     : rtp_find_extension(packet, (uint8_t)stream->ext_audio_level);
    return extension != NULL && rtp_read_audio_level(extension, ret_level, &is_voice);
}

static uint8_t level_of(Uplink *uplink, const RtpPacket *packet)
{
    uint8_t level;
    if (read_level(&uplink->audio, packet, &level)) {
        uplink->mic_level = uplink->mic_level < 0 ? level : MIN(uplink->mic_level, (int)level);
        return level;
    }
    uplink->mic_level = uplink->mic_level < 0 ? UPLINK_MIC_UNTOLD : uplink->mic_level;
    return packet->payload_size <= UPLINK_OPUS_DTX_BYTES ? 127 : UPLINK_UNTOLD_LEVEL;
}

static void on_audio(Uplink *uplink, const RtpPacket *packet, int64_t now_us)
{
    Counters *counters = uplink->options.counters;
    if (uplink->is_muted || packet->payload_size == 0) {
        counters->audio_muted++;
        return;
    }
    if (!rate_take(&uplink->audio_rate, LIMIT_PEER_AUDIO_PER_S, now_us)) {
        counters->packets_limited++;
        return;
    }
    uint8_t level = level_of(uplink, packet);
    if (!speakers_hear(uplink->options.speakers, &uplink->voice, level, now_us)) {
        counters->audio_unranked++;
        return;
    }
    counters->audio_to_mixer++;
    IngestPacket out = to_ingest(packet, now_us);
    forward(uplink, &uplink->audio, &out);
}

static void on_video(Uplink *uplink, const RtpPacket *packet, int64_t now_us)
{
    if (!uplink->is_video_wanted) {
        uplink->options.counters->video_unwanted++;
        return;
    }
    bool was_clipping = clip_is_on(&uplink->clip);
    if (!clip_pass(&uplink->clip, packet->payload, packet->payload_size, now_us)) {
        uplink->options.counters->video_clipped++;
        ingest_reset(uplink->ingest);
        keyframe_want(&uplink->governor);
        return;
    }
    if (was_clipping) {
        ingest_reset(uplink->ingest);
    }
    IngestPacket out = to_ingest(packet, now_us);
    push_video(uplink, &out);
}

/* RFC 4588: the payload begins with the original sequence number. */
static void on_retransmission(Uplink *uplink, const RtpPacket *packet, int64_t now_us)
{
    if (!uplink->is_video_wanted || uplink->video.ssrc == 0 || clip_is_on(&uplink->clip) ||
        packet->payload_size <= RTX_SEQ_BYTES) {
        return;
    }
    IngestPacket out = to_ingest(packet, now_us);
    out.seq = (uint16_t)(packet->payload[0] << 8 | packet->payload[1]);
    out.payload += RTX_SEQ_BYTES;
    out.size -= RTX_SEQ_BYTES;
    push_video(uplink, &out);
}

static Stream *find_stream(Uplink *uplink, const RtpPacket *packet)
{
    if (packet->payload_type == uplink->audio.payload_type) {
        return &uplink->audio;
    }
    return packet->payload_type == uplink->video.payload_type ? &uplink->video : NULL;
}

void uplink_on_rtp(Uplink *uplink, const RtpPacket *packet, int64_t now_us)
{
    if (packet->payload_type == uplink->rtx_type) {
        on_retransmission(uplink, packet, now_us);
        return;
    }
    Stream *stream = find_stream(uplink, packet);
    if (stream == NULL || !take_up(uplink, stream, packet, now_us)) {
        uplink->options.counters->rtp_unknown++;
        return;
    }
    reception_on_packet(&stream->reception, packet, stream->clock_hz, now_us);
    if (stream == &uplink->audio) {
        on_audio(uplink, packet, now_us);
    } else {
        on_video(uplink, packet, now_us);
    }
}

void uplink_on_sender_info(Uplink *uplink, const RtcpItem *item, int64_t now_us)
{
    Stream *streams[] = {&uplink->audio, &uplink->video};
    for (size_t i = 0; i < G_N_ELEMENTS(streams); i++) {
        if (streams[i]->ssrc != 0 && streams[i]->ssrc == item->sender_ssrc) {
            reception_on_sender_report(&streams[i]->reception, item->sender_info.ntp, now_us);
        }
    }
}

void uplink_set_muted(Uplink *uplink, bool is_muted)
{
    uplink->is_muted = is_muted;
    if (is_muted) {
        speakers_leave(uplink->options.speakers, &uplink->voice);
    }
}

void uplink_set_video_wanted(Uplink *uplink, bool is_wanted)
{
    if (uplink->ingest == NULL || uplink->is_video_wanted == is_wanted) {
        return;
    }
    uplink->is_video_wanted = is_wanted;
    ingest_reset(uplink->ingest);
    if (is_wanted) {
        keyframe_want(&uplink->governor);
    } else {
        keyframe_forget(&uplink->governor);
    }
}

void uplink_set_cap_kbps(Uplink *uplink, int64_t kbps, int64_t now_us)
{
    clip_set_kbps(&uplink->clip, kbps, now_us);
}

bool uplink_takes_video(const Uplink *uplink)
{
    return uplink->ingest != NULL;
}

bool uplink_is_muted(const Uplink *uplink)
{
    return uplink->is_muted;
}

bool uplink_is_video_wanted(const Uplink *uplink)
{
    return uplink->is_video_wanted;
}

void uplink_want_keyframe(Uplink *uplink)
{
    if (uplink->is_video_wanted) {
        keyframe_want(&uplink->governor);
    }
}

bool uplink_is_busy(const Uplink *uplink)
{
    return uplink->ingest != NULL && (uplink->governor.is_wanted || ingest_has_gap(uplink->ingest));
}

static bool write_nacks(Uplink *uplink, uint32_t sender_ssrc, int64_t now_us, int64_t rtt_us,
                        ByteWriter *writer)
{
    uint16_t seqs[UPLINK_NACKS_MAX];
    size_t count = ingest_take_nacks(uplink->ingest, now_us, rtt_us, seqs, UPLINK_NACKS_MAX);
    if (count == 0 || !rtcp_write_nack(writer, sender_ssrc, uplink->video.ssrc, seqs, count)) {
        return false;
    }
    uplink->options.counters->nacks_sent += count;
    return true;
}

static bool write_pli(Uplink *uplink, uint32_t sender_ssrc, int64_t now_us, ByteWriter *writer)
{
    if (uplink->video.ssrc == 0 || !keyframe_take(&uplink->governor, now_us) ||
        !rtcp_write_pli(writer, sender_ssrc, uplink->video.ssrc)) {
        return false;
    }
    uplink->options.counters->plis_sent++;
    return true;
}

bool uplink_on_tick(Uplink *uplink, uint32_t sender_ssrc, int64_t now_us, int64_t rtt_us,
                    ByteWriter *writer)
{
    if (uplink->ingest == NULL) {
        return false;
    }
    size_t lost;
    while ((lost = ingest_expire(uplink->ingest, now_us, rtt_us)) > 0) {
        uplink->options.counters->video_lost += lost;
        keyframe_want(&uplink->governor);
        forward_ready_video(uplink);
    }
    bool has_nacks = write_nacks(uplink, sender_ssrc, now_us, rtt_us, writer);
    return write_pli(uplink, sender_ssrc, now_us, writer) || has_nacks;
}

size_t uplink_write_blocks(Uplink *uplink, int64_t now_us,
                           RtcpReportBlock ret_blocks[UPLINK_BLOCKS_MAX])
{
    Stream *streams[] = {&uplink->audio, &uplink->video};
    size_t count = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(streams); i++) {
        if (streams[i]->reception.unwrapper.started) {
            reception_write_report(&streams[i]->reception, streams[i]->ssrc, now_us,
                                   &ret_blocks[count++]);
        }
    }
    return count;
}

uint32_t uplink_video_ssrc(const Uplink *uplink)
{
    return uplink->video.ssrc;
}

double uplink_loss_fraction(const Uplink *uplink)
{
    return MAX(uplink->audio.reception.loss_fraction, uplink->video.reception.loss_fraction);
}

double uplink_jitter_ms(const Uplink *uplink)
{
    return MAX(uplink->audio.reception.jitter_ticks / AUDIO_CLOCK_HZ,
               uplink->video.reception.jitter_ticks / VIDEO_CLOCK_HZ) *
           1000;
}

int uplink_take_mic_level(Uplink *uplink)
{
    int level = uplink->audio.payload_type < 0 ? UPLINK_MIC_UNTOLD : uplink->mic_level;
    uplink->mic_level = UPLINK_MIC_NONE;
    return level;
}
