#include "endpoints/device/receiver.h"

#include "bridge/base/clock.h"
#include "bridge/base/loop.h"
#include "bridge/rtc/reception.h"
#include "bridge/rtc/rtp.h"
#include "endpoints/device/assembler.h"
#include "endpoints/device/inorder.h"
#include "endpoints/device/playclock.h"

#define RECEIVER_RTCP_BYTES 1000
#define RECEIVER_NACKS_MAX 64
#define AUDIO_HZ 48000
#define VIDEO_HZ 90000
#define RTX_PREFIX_BYTES 2

typedef enum StreamKind { STREAM_AUDIO, STREAM_VIDEO, STREAM_KINDS } StreamKind;

/* One of the two streams the relay sends us. */
typedef struct Stream {
    int payload_type; /* -1: not negotiated */
    uint32_t ssrc;    /* 0: not known yet */
    uint32_t clock_hz;
    InOrder *order;
    Reception reception;
} Stream;

struct Receiver {
    Stream streams[STREAM_KINDS];
    int rtx_type;
    uint32_t sender_ssrc;
    char *cname;
    Player *player;
    void (*on_report)(const uint8_t *bytes, size_t size, void *data);
    void *data;
    Assembler *assembler;
    PlayClock clock;
    LoopWatch *gap_timer;
    LoopWatch *report_timer;
    int64_t now_us; /* of the packet in hand */
    int64_t last_pli_us;
    ReceiverCounters counters;
};

static bool begin_compound(Receiver *receiver, ByteWriter *writer, const RtcpReportBlock *blocks,
                           size_t count)
{
    return rtcp_write_receiver_report(writer, receiver->sender_ssrc, blocks, count) &&
           rtcp_write_cname(writer, receiver->sender_ssrc, receiver->cname);
}

static void emit(Receiver *receiver, const ByteWriter *writer)
{
    receiver->on_report(writer->start, byte_writer_size(writer), receiver->data);
}

static void on_report_due(void *data)
{
    Receiver *receiver = data;
    RtcpReportBlock blocks[STREAM_KINDS];
    size_t count = 0;
    for (int kind = 0; kind < STREAM_KINDS; kind++) {
        Stream *stream = &receiver->streams[kind];
        if (stream->ssrc != 0 && stream->reception.received > 0) {
            reception_write_report(&stream->reception, stream->ssrc, clock_now_us(),
                                   &blocks[count++]);
        }
    }
    uint8_t bytes[RECEIVER_RTCP_BYTES];
    ByteWriter writer = byte_writer(bytes, sizeof bytes);
    if (begin_compound(receiver, &writer, blocks, count)) {
        emit(receiver, &writer);
    }
}

/* A picture cannot be shown: ask for one that stands alone. */
static void ask_for_key(Receiver *receiver)
{
    const Stream *video = &receiver->streams[STREAM_VIDEO];
    if (video->ssrc == 0 || receiver->now_us - receiver->last_pli_us < RECEIVER_PLI_US) {
        return;
    }
    receiver->last_pli_us = receiver->now_us;
    uint8_t bytes[RECEIVER_RTCP_BYTES];
    ByteWriter writer = byte_writer(bytes, sizeof bytes);
    if (begin_compound(receiver, &writer, NULL, 0) &&
        rtcp_write_pli(&writer, receiver->sender_ssrc, video->ssrc)) {
        receiver->counters.plis++;
        emit(receiver, &writer);
    }
}

static void on_frame(const AssemblerFrame *frame, void *data)
{
    Receiver *receiver = data;
    int64_t due_us =
        play_clock_on_packet(&receiver->clock, STREAM_VIDEO, frame->timestamp, receiver->now_us);
    PlayerFrame picture = {
        .bytes = frame->bytes,
        .size = frame->size,
        .due_us = due_us,
        .is_key = frame->is_key,
        .width = frame->width,
        .height = frame->height,
    };
    if (!player_push_video(receiver->player, &picture)) {
        assembler_want_key(receiver->assembler);
    }
}

static void on_video(const InOrderPacket *packet, void *data)
{
    Receiver *receiver = data;
    assembler_push(receiver->assembler, packet);
    if (assembler_needs_key(receiver->assembler)) {
        ask_for_key(receiver);
    }
}

static void on_audio(const InOrderPacket *packet, void *data)
{
    Receiver *receiver = data;
    if (packet->size == 0) {
        return;
    }
    PlayerFrame sound = {
        .bytes = packet->payload,
        .size = packet->size,
        .due_us = play_clock_on_packet(&receiver->clock, STREAM_AUDIO, packet->timestamp,
                                       receiver->now_us),
    };
    player_push_audio(receiver->player, &sound);
}

static void ask_for_missing(Receiver *receiver, int64_t now_us)
{
    uint16_t seqs[RECEIVER_NACKS_MAX];
    const Stream *video = &receiver->streams[STREAM_VIDEO];
    size_t count = in_order_take_missing(video->order, now_us, seqs, RECEIVER_NACKS_MAX);
    uint8_t bytes[RECEIVER_RTCP_BYTES];
    ByteWriter writer = byte_writer(bytes, sizeof bytes);
    if (count > 0 && receiver->rtx_type >= 0 && begin_compound(receiver, &writer, NULL, 0) &&
        rtcp_write_nack(&writer, receiver->sender_ssrc, video->ssrc, seqs, count)) {
        receiver->counters.asked += count;
        emit(receiver, &writer);
    }
}

static void plan(Receiver *receiver)
{
    int64_t at_us = -1;
    for (int kind = 0; kind < STREAM_KINDS; kind++) {
        int64_t due_us = in_order_deadline_us(receiver->streams[kind].order);
        if (due_us >= 0) {
            at_us = at_us < 0 ? due_us : MIN(at_us, due_us);
        }
    }
    loop_timer_set(receiver->gap_timer, at_us);
}

static void on_gap_due(void *data)
{
    Receiver *receiver = data;
    receiver->now_us = clock_now_us();
    for (int kind = 0; kind < STREAM_KINDS; kind++) {
        in_order_expire(receiver->streams[kind].order, receiver->now_us);
    }
    ask_for_missing(receiver, receiver->now_us);
    plan(receiver);
}

static void init_stream(Stream *stream, const SdpMedia *media, uint32_t clock_hz)
{
    stream->payload_type = media != NULL ? media->codec_type : -1;
    stream->ssrc = media != NULL ? media->ssrc : 0;
    stream->clock_hz = clock_hz;
}

Receiver *receiver_new(const ReceiverOptions *options)
{
    static const uint32_t clock_hz[PLAY_CLOCK_STREAMS] = {
        [STREAM_AUDIO] = AUDIO_HZ, [STREAM_VIDEO] = VIDEO_HZ};
    Receiver *receiver = g_new0(Receiver, 1);
    init_stream(&receiver->streams[STREAM_AUDIO], options->audio, AUDIO_HZ);
    init_stream(&receiver->streams[STREAM_VIDEO], options->video, VIDEO_HZ);
    receiver->streams[STREAM_AUDIO].order =
        in_order_new(RECEIVER_AUDIO_PATIENCE_US, on_audio, receiver);
    receiver->streams[STREAM_VIDEO].order =
        in_order_new(RECEIVER_VIDEO_PATIENCE_US, on_video, receiver);
    receiver->rtx_type = options->video != NULL ? options->video->rtx_type : -1;
    receiver->sender_ssrc = options->sender_ssrc;
    receiver->cname = g_strdup(options->cname);
    receiver->player = options->player;
    receiver->on_report = options->on_report;
    receiver->data = options->data;
    receiver->assembler = assembler_new(on_frame, receiver);
    play_clock_init(&receiver->clock, clock_hz);
    receiver->gap_timer = loop_after(0, on_gap_due, receiver);
    receiver->report_timer = loop_every(RECEIVER_REPORT_US, on_report_due, receiver);
    return receiver;
}

void receiver_free(Receiver *receiver)
{
    if (receiver == NULL) {
        return;
    }
    loop_drop(&receiver->gap_timer);
    loop_drop(&receiver->report_timer);
    for (int kind = 0; kind < STREAM_KINDS; kind++) {
        in_order_free(receiver->streams[kind].order);
    }
    assembler_free(receiver->assembler);
    g_free(receiver->cname);
    g_free(receiver);
}

/* False when it is of no use: a duplicate, or too late. */
static bool take(Receiver *receiver, Stream *stream, const InOrderPacket *packet)
{
    bool had_gap = in_order_deadline_us(stream->order) >= 0;
    bool is_new = in_order_push(stream->order, packet, receiver->now_us);
    if (had_gap || in_order_deadline_us(stream->order) >= 0) {
        plan(receiver);
    }
    return is_new;
}

/* RFC 4588 section 4: the payload begins with the original sequence number. */
static void take_retransmission(Receiver *receiver, const RtpPacket *rtp)
{
    if (rtp->payload_size < RTX_PREFIX_BYTES) {
        return;
    }
    InOrderPacket packet = {
        .seq = (uint16_t)(rtp->payload[0] << 8 | rtp->payload[1]),
        .marker = rtp->marker,
        .timestamp = rtp->timestamp,
        .payload = rtp->payload + RTX_PREFIX_BYTES,
        .size = rtp->payload_size - RTX_PREFIX_BYTES,
    };
    receiver->counters.repaired += take(receiver, &receiver->streams[STREAM_VIDEO], &packet);
}

static void take_original(Receiver *receiver, Stream *stream, const RtpPacket *rtp)
{
    if (stream->ssrc == 0) {
        stream->ssrc = rtp->ssrc;
    }
    if (rtp->ssrc != stream->ssrc) {
        return;
    }
    reception_on_packet(&stream->reception, rtp, stream->clock_hz, receiver->now_us);
    InOrderPacket packet = {
        .seq = rtp->seq,
        .marker = rtp->marker,
        .timestamp = rtp->timestamp,
        .payload = rtp->payload,
        .size = rtp->payload_size,
    };
    receiver->counters.packets += take(receiver, stream, &packet);
}

void receiver_push_rtp(Receiver *receiver, const uint8_t *bytes, size_t size, int64_t now_us)
{
    RtpPacket rtp;
    if (!rtp_parse(bytes, size, &rtp)) {
        return;
    }
    receiver->now_us = now_us;
    if (rtp.payload_type == receiver->rtx_type) {
        take_retransmission(receiver, &rtp);
        return;
    }
    for (int kind = 0; kind < STREAM_KINDS; kind++) {
        if (rtp.payload_type == receiver->streams[kind].payload_type) {
            take_original(receiver, &receiver->streams[kind], &rtp);
            return;
        }
    }
}

void receiver_push_rtcp(Receiver *receiver, const RtcpItem *item, int64_t now_us)
{
    if (item->kind != RTCP_SENDER_INFO) {
        return;
    }
    for (int kind = 0; kind < STREAM_KINDS; kind++) {
        Stream *stream = &receiver->streams[kind];
        if (stream->ssrc != 0 && stream->ssrc == item->sender_ssrc) {
            reception_on_sender_report(&stream->reception, item->sender_info.ntp, now_us);
            play_clock_on_report(&receiver->clock, kind, item->sender_info.ntp,
                                 item->sender_info.rtp_timestamp);
        }
    }
}

ReceiverCounters receiver_counters(const Receiver *receiver)
{
    return receiver->counters;
}
