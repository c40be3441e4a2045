#include "endpoints/device/session.h"

#include <string.h>

#include "bridge/base/clock.h"
#include "bridge/base/limits.h"
#include "bridge/base/log.h"
#include "bridge/base/loop.h"
#include "bridge/rtc/rtcp.h"
#include "bridge/rtc/sdp.h"
#include "bridge/rtc/srtp.h"
#include "endpoints/device/receiver.h"
#include "endpoints/device/sendstream.h"
#include "endpoints/device/transport.h"

#define SESSION_REPORT_EVERY_US INT64_C(1000000)
#define SESSION_PACKET_BYTES (LIMIT_RTP_BYTES + SRTP_TRAILER_BYTES_MAX)
/* A REMB counts until nothing has been heard of it for so long. */
#define SESSION_CAP_LASTS_US INT64_C(10000000)

struct Session {
    Transport *transport;
    Receiver *receiver;
    SendStream *streams[OUTGOING_KINDS];
    uint32_t ssrcs[OUTGOING_KINDS];
    uint32_t rtx_ssrc;
    Player *player;
    char *cname;
    bool sends[OUTGOING_KINDS];
    SessionHandlers handlers;
    void *data;
    LoopWatch *begin;
    LoopWatch *report;
    int64_t last_heard_us;
    int64_t cap_until_us; /* 0: no cap */
    uint8_t packet[SESSION_PACKET_BYTES];
};

static void on_gathered(void *data)
{
    Session *session = data;
    SdpLocal local = {
        .setup = SDP_SETUP_ACTPASS,
        .cname = session->cname,
        .audio_ssrc = session->ssrcs[OUTGOING_AUDIO],
        .video_ssrc = session->ssrcs[OUTGOING_VIDEO],
        .video_rtx_ssrc = session->rtx_ssrc,
        .sends_audio = session->sends[OUTGOING_AUDIO],
        .sends_video = session->sends[OUTGOING_VIDEO],
        .receives_audio = true,
        .receives_video = true,
    };
    transport_describe(session->transport, &local);
    g_autofree char *offer = sdp_write_offer(&local);
    session->handlers.on_offer(session, offer, session->data);
}

static void on_connected(void *data)
{
    Session *session = data;
    session->handlers.on_connected(session, session->data);
}

static void on_failed(const char *reason, void *data)
{
    Session *session = data;
    session->handlers.on_failed(session, reason, session->data);
}

static void on_rtp(uint8_t *bytes, size_t size, void *data)
{
    Session *session = data;
    session->last_heard_us = clock_now_us();
    receiver_push_rtp(session->receiver, bytes, size, session->last_heard_us);
}

static void resend(Session *session, uint32_t ssrc, uint16_t seq)
{
    SendStream *stream = session->streams[OUTGOING_VIDEO];
    if (stream == NULL || ssrc != session->ssrcs[OUTGOING_VIDEO]) {
        return;
    }
    ByteWriter writer = byte_writer(session->packet, LIMIT_RTP_BYTES);
    size_t size = send_stream_resend(stream, seq, clock_now_us(), &writer);
    if (size > 0) {
        transport_send_rtp(session->transport, session->packet, size, sizeof session->packet);
    }
}

static void on_nack(Session *session, const RtcpItem *item)
{
    resend(session, item->media_ssrc, item->nack.packet_id);
    for (int bit = 0; bit < 16; bit++) {
        if (item->nack.following_mask & 1U << bit) {
            resend(session, item->media_ssrc, (uint16_t)(item->nack.packet_id + bit + 1));
        }
    }
}

static void on_item(Session *session, const RtcpItem *item)
{
    switch (item->kind) {
    case RTCP_PLI:
    case RTCP_FIR:
        if (item->media_ssrc == session->ssrcs[OUTGOING_VIDEO]) {
            session->handlers.on_keyframe_wanted(session, session->data);
        }
        break;
    case RTCP_NACK:
        on_nack(session, item);
        break;
    case RTCP_REMB:
        session->cap_until_us = clock_now_us() + SESSION_CAP_LASTS_US;
        session->handlers.on_cap(session, (int)MIN(item->remb_bps / 1000, G_MAXINT), session->data);
        break;
    default:
        break;
    }
}

static void on_rtcp(uint8_t *bytes, size_t size, void *data)
{
    Session *session = data;
    session->last_heard_us = clock_now_us();
    RtcpReader reader = rtcp_reader(bytes, size);
    RtcpItem item;
    while (rtcp_next(&reader, &item)) {
        on_item(session, &item);
        receiver_push_rtcp(session->receiver, &item, session->last_heard_us);
    }
}

static void send_report(Session *session, SendStream *stream)
{
    ByteWriter writer = byte_writer(session->packet, LIMIT_RTP_BYTES);
    if (send_stream_report(stream, clock_now_us(), &writer)) {
        transport_send_rtcp(session->transport, session->packet, byte_writer_size(&writer),
                            sizeof session->packet);
    }
}

static void on_report_due(void *data)
{
    Session *session = data;
    for (int kind = 0; kind < OUTGOING_KINDS; kind++) {
        if (session->streams[kind] != NULL) {
            send_report(session, session->streams[kind]);
        }
    }
    if (session->cap_until_us != 0 && clock_now_us() > session->cap_until_us) {
        session->cap_until_us = 0;
        session->handlers.on_cap(session, 0, session->data);
    }
}

/* Of the receiver: RR, NACK, PLI. */
static void on_receiver_report(const uint8_t *bytes, size_t size, void *data)
{
    Session *session = data;
    if (size <= LIMIT_RTP_BYTES) {
        memcpy(session->packet, bytes, size);
        transport_send_rtcp(session->transport, session->packet, size, sizeof session->packet);
    }
}

static void on_begin(void *data)
{
    Session *session = data;
    loop_drop(&session->begin);
    g_autoptr(GError) error = NULL;
    if (!transport_gather(session->transport, &error)) {
        on_failed(error->message, session);
    }
}

static uint32_t random_ssrc(void)
{
    return g_random_int() | 1;
}

Session *session_new(const SessionOptions *options, const SessionHandlers *handlers, void *data)
{
    Session *session = g_new0(Session, 1);
    session->player = options->player;
    session->cname = g_strdup(options->cname);
    session->sends[OUTGOING_AUDIO] = options->sends_audio;
    session->sends[OUTGOING_VIDEO] = options->sends_video;
    session->ssrcs[OUTGOING_AUDIO] = random_ssrc();
    session->ssrcs[OUTGOING_VIDEO] = random_ssrc();
    session->rtx_ssrc = random_ssrc();
    session->handlers = *handlers;
    session->data = data;
    TransportHandlers transport_handlers = {
        .on_gathered = on_gathered,
        .on_connected = on_connected,
        .on_failed = on_failed,
        .on_rtp = on_rtp,
        .on_rtcp = on_rtcp,
    };
    session->transport =
        transport_new(options->identity, options->local, &transport_handlers, session);
    session->begin = loop_after(0, on_begin, session);
    session->report = loop_every(SESSION_REPORT_EVERY_US, on_report_due, session);
    return session;
}

static void log_end(const Session *session)
{
    if (session->receiver == NULL) {
        return;
    }
    TransportCounters transport = transport_counters(session->transport);
    ReceiverCounters receiver = receiver_counters(session->receiver);
    log_info("media.end",
             "sent=%" G_GUINT64_FORMAT " send_dropped=%" G_GUINT64_FORMAT
             " received=%" G_GUINT64_FORMAT " refused=%" G_GUINT64_FORMAT
             " asked_again=%" G_GUINT64_FORMAT " repaired=%" G_GUINT64_FORMAT
             " plis=%" G_GUINT64_FORMAT,
             transport.sent, transport.send_dropped, receiver.packets, transport.refused,
             receiver.asked, receiver.repaired, receiver.plis);
}

void session_free(Session *session)
{
    if (session == NULL) {
        return;
    }
    log_end(session);
    loop_drop(&session->begin);
    loop_drop(&session->report);
    transport_free(session->transport);
    receiver_free(session->receiver);
    for (int kind = 0; kind < OUTGOING_KINDS; kind++) {
        send_stream_free(session->streams[kind]);
    }
    g_free(session->cname);
    g_free(session);
}

static void accept_stream(Session *session, OutgoingKind kind, const SdpMedia *media)
{
    if (media == NULL || !session->sends[kind]) {
        return;
    }
    SendStreamOptions options = {
        .ssrc = session->ssrcs[kind],
        .rtx_ssrc = kind == OUTGOING_VIDEO ? session->rtx_ssrc : 0,
        .clock_hz = kind == OUTGOING_VIDEO ? OUTGOING_VIDEO_HZ : OUTGOING_AUDIO_HZ,
        .cname = session->cname,
    };
    SendStream *stream = send_stream_new(&options);
    if (send_stream_accept(stream, media)) {
        session->streams[kind] = stream;
    } else {
        send_stream_free(stream);
    }
}

static void build_receiver(Session *session, const SdpMedia *audio, const SdpMedia *video)
{
    ReceiverOptions options = {
        .audio = audio,
        .video = video,
        .sender_ssrc = session->ssrcs[OUTGOING_AUDIO],
        .cname = session->cname,
        .player = session->player,
        .on_report = on_receiver_report,
        .data = session,
    };
    session->receiver = receiver_new(&options);
}

bool session_answer(Session *session, const char *sdp, Problem *problem)
{
    SdpSession answer;
    g_autoptr(GError) error = NULL;
    if (session->receiver != NULL) {
        return problem_set(problem, "wrong_state", "", "answered already");
    }
    if (!sdp_parse(sdp, strlen(sdp), &answer, problem)) {
        return false;
    }
    const SdpMedia *audio = sdp_find_media(&answer, SDP_AUDIO);
    const SdpMedia *video = sdp_find_media(&answer, SDP_VIDEO);
    accept_stream(session, OUTGOING_AUDIO, audio);
    accept_stream(session, OUTGOING_VIDEO, video);
    build_receiver(session, audio, video);
    if (!transport_set_remote(session->transport, &answer, &error)) {
        return problem_set(problem, "bad_sdp", "sdp", "%s", error->message);
    }
    return true;
}

bool session_is_connected(const Session *session)
{
    return transport_is_connected(session->transport);
}

void session_send(Session *session, const Outgoing *outgoing)
{
    SendStream *stream = session->streams[outgoing->kind];
    if (stream == NULL || !transport_is_connected(session->transport)) {
        return;
    }
    ByteWriter writer = byte_writer(session->packet, LIMIT_RTP_BYTES);
    size_t size = send_stream_write(stream, outgoing, clock_now_us(), &writer);
    if (size > 0) {
        transport_send_rtp(session->transport, session->packet, size, sizeof session->packet);
    }
}

int64_t session_last_heard_us(const Session *session)
{
    return session->last_heard_us;
}
