#include "bridge/relay/peer.h"

#include <glib.h>
#include <string.h>

#include "bridge/base/clock.h"
#include "bridge/relay/rate.h"

#define PEER_SILENT_US (5 * CLOCK_US_PER_S)
#define PEER_GONE_US (30 * CLOCK_US_PER_S)
#define PEER_REPORT_BYTES 1100

struct Peer {
    PeerOptions options;
    PeerState state;
    bool is_ticking;
    int64_t added_us;
    int64_t cap_kbps; /* 0: none */
    char *answer;
    char *offer_ufrag;
    char *offer_fingerprint;
    Transport *transport;
    Uplink *uplink;
    Downlink *downlink;
    Rate rtp_rate;
    Rate control_rate;
    uint64_t bytes_in;
    uint64_t rtcp_bytes_out;
    uint64_t bytes_in_before;
    uint64_t bytes_out_before;
    int64_t stats_us;
};

static const SdpMedia *only_if(const SdpMedia *media, bool condition)
{
    return condition ? media : NULL;
}

static void make_links(Peer *peer, const PeerOptions *options)
{
    const SdpMedia *audio = sdp_find_media(options->offer, SDP_AUDIO);
    const SdpMedia *video = sdp_find_media(options->offer, SDP_VIDEO);
    bool is_source = options->source != 0;
    UplinkOptions up = {
        .source = options->source,
        .audio = only_if(audio, is_source && audio != NULL && audio->sends),
        .video =
            only_if(video, is_source && video != NULL && video->sends && video->codec == VIDEO_VP8),
        .is_muted = options->is_muted,
        .is_video_wanted = options->is_video_wanted,
        .speakers = options->speakers,
        .pool = options->pool,
        .counters = options->counters,
        .forward = options->forward,
        .data = options->room,
    };
    DownlinkOptions down = {
        .audio = only_if(audio, audio != NULL && audio->receives),
        .video = only_if(video, video != NULL && video->receives),
        .may_keep_sent = options->may_keep_sent,
        .counters = options->counters,
    };
    peer->uplink = uplink_new(&up);
    peer->downlink = downlink_new(&down);
}

static void on_transport_state(Transport *transport, TransportState state, void *data);

static bool make_transport(Peer *peer, const PeerOptions *options, Problem *problem)
{
    TransportOptions transport_options = {
        .port = options->port,
        .identity = options->identity,
        .counters = options->counters,
        .fingerprint_hash = options->offer->fingerprint_hash,
        .fingerprint = options->offer->fingerprint,
        .on_state = on_transport_state,
        .data = peer,
    };
    g_autoptr(GError) error = NULL;
    peer->transport = transport_new(&transport_options, &error);
    if (peer->transport == NULL) {
        return problem_set(problem, "bad_sdp", "sdp", "line 1: %s", error->message);
    }
    return true;
}

static void write_answer(Peer *peer, const PeerOptions *options)
{
    SdpLocal local = {
        .ice_ufrag = transport_ufrag(peer->transport),
        .ice_password = transport_password(peer->transport),
        .ice_lite = true,
        .fingerprint = dtls_identity_fingerprint(options->identity),
        .setup = SDP_SETUP_PASSIVE,
        .candidates = options->candidates,
        .candidate_count = options->candidate_count,
        .cname = DOWNLINK_CNAME,
        .audio_ssrc = downlink_audio_ssrc(peer->downlink),
        .video_ssrc = downlink_video_ssrc(peer->downlink),
        .video_rtx_ssrc = downlink_rtx_ssrc(peer->downlink),
        .sends_audio = true,
        .sends_video = true,
        .receives_audio = options->source != 0,
        .receives_video = uplink_takes_video(peer->uplink),
    };
    peer->answer = sdp_write_answer(options->offer, &local);
}

Peer *peer_new(const PeerOptions *options, Problem *problem)
{
    Peer *peer = g_new0(Peer, 1);
    peer->options = *options;
    peer->options.offer = NULL;
    peer->options.candidates = NULL;
    peer->added_us = peer->stats_us = clock_now_us();
    peer->offer_ufrag = g_strdup(options->offer->ice_ufrag);
    peer->offer_fingerprint = g_strdup(options->offer->fingerprint);
    if (!make_transport(peer, options, problem)) {
        peer_free(peer);
        return NULL;
    }
    make_links(peer, options);
    write_answer(peer, options);
    return peer;
}

void peer_free(Peer *peer)
{
    if (peer == NULL) {
        return;
    }
    transport_free(peer->transport);
    uplink_free(peer->uplink);
    downlink_free(peer->downlink);
    g_free(peer->answer);
    g_free(peer->offer_ufrag);
    g_free(peer->offer_fingerprint);
    g_free(peer);
}

uint64_t peer_id(const Peer *peer)
{
    return peer->options.id;
}

uint32_t peer_source(const Peer *peer)
{
    return peer->options.source;
}

Room *peer_room(const Peer *peer)
{
    return peer->options.room;
}

PeerState peer_state(const Peer *peer)
{
    return peer->state;
}

const char *peer_state_name(PeerState state)
{
    static const char *const names[] = {"connecting", "connected", "silent", "gone"};
    return names[state];
}

bool peer_is_sending(const Peer *peer)
{
    return peer->state == PEER_CONNECTED || peer->state == PEER_SILENT;
}

Transport *peer_transport(const Peer *peer)
{
    return peer->transport;
}

Uplink *peer_uplink(const Peer *peer)
{
    return peer->uplink;
}

Downlink *peer_downlink(const Peer *peer)
{
    return peer->downlink;
}

const char *peer_answer(const Peer *peer)
{
    return peer->answer;
}

bool peer_is_for(const Peer *peer, const SdpSession *offer)
{
    return strcmp(peer->offer_ufrag, offer->ice_ufrag) == 0 &&
           strcmp(peer->offer_fingerprint, offer->fingerprint) == 0;
}

uint8_t peer_view(const Peer *peer)
{
    return peer->options.view;
}

int peer_view_kbps(const Peer *peer)
{
    return peer->options.view_kbps;
}

void peer_set_view(Peer *peer, uint8_t view, int view_kbps)
{
    peer->options.view = view;
    peer->options.view_kbps = view_kbps;
}

/* The peer may be gone afterwards. */
static void change_state(Peer *peer, PeerState state, const char *reason)
{
    if (peer->state == state || peer->state == PEER_GONE) {
        return;
    }
    peer->state = state;
    peer->options.on_state(peer, state, reason, peer->options.data);
}

static void on_transport_state(Transport *transport, TransportState state, void *data)
{
    Peer *peer = data;
    switch (state) {
    case TRANSPORT_CONNECTING:
        break;
    case TRANSPORT_CONNECTED:
        change_state(peer, PEER_CONNECTED, "");
        break;
    case TRANSPORT_FAILED:
        change_state(peer, PEER_GONE, transport_failure(transport));
        break;
    case TRANSPORT_CLOSED:
        change_state(peer, PEER_GONE, "closed");
        break;
    }
}

void peer_check_life(Peer *peer, int64_t now_us)
{
    int64_t heard_us = MAX(transport_heard_us(peer->transport), peer->added_us);
    if (now_us - heard_us >= PEER_GONE_US) {
        bool was_connected = peer_is_sending(peer);
        change_state(peer, PEER_GONE, was_connected ? "timeout" : "never connected");
    } else if (now_us - heard_us >= PEER_SILENT_US && peer->state == PEER_CONNECTED) {
        change_state(peer, PEER_SILENT, "");
    } else if (now_us - heard_us < PEER_SILENT_US && peer->state == PEER_SILENT) {
        change_state(peer, PEER_CONNECTED, "");
    } else if (peer->state == PEER_CONNECTING && now_us - peer->added_us >= PEER_GONE_US) {
        change_state(peer, PEER_GONE, "never connected");
    }
}

static bool is_within(Peer *peer, Rate *rate, unsigned limit_per_s, int64_t now_us)
{
    bool is_fine = rate_take(rate, limit_per_s, now_us);
    peer->options.counters->packets_limited += !is_fine;
    return is_fine;
}

void peer_on_dtls(Peer *peer, const uint8_t *bytes, size_t size, int64_t now_us)
{
    if (is_within(peer, &peer->control_rate, LIMIT_PEER_CONTROL_PER_S, now_us)) {
        transport_on_dtls(peer->transport, bytes, size);
    }
}

void peer_on_rtp(Peer *peer, uint8_t *bytes, size_t size, const Tuple *from, int64_t now_us)
{
    RtpPacket packet;
    peer->bytes_in += size;
    if (!is_within(peer, &peer->rtp_rate, LIMIT_PEER_RTP_PER_S, now_us) ||
        !transport_unprotect_rtp(peer->transport, bytes, &size, from, now_us)) {
        return;
    }
    if (!rtp_parse(bytes, size, &packet)) {
        peer->options.counters->rtp_malformed++;
        return;
    }
    uplink_on_rtp(peer->uplink, &packet, now_us);
}

void peer_on_rtcp(Peer *peer, uint8_t *bytes, size_t size, const Tuple *from, int64_t now_us)
{
    peer->bytes_in += size;
    if (!is_within(peer, &peer->control_rate, LIMIT_PEER_CONTROL_PER_S, now_us) ||
        !transport_unprotect_rtcp(peer->transport, bytes, &size, from, now_us)) {
        return;
    }
    RtcpReader reader = rtcp_reader(bytes, size);
    RtcpItem item;
    while (rtcp_next(&reader, &item)) {
        if (item.kind == RTCP_SENDER_INFO) {
            uplink_on_sender_info(peer->uplink, &item, now_us);
        } else {
            downlink_on_rtcp(peer->downlink, peer->transport, &item, now_us);
        }
    }
    peer->options.counters->rtcp_malformed += reader.malformed;
}

static void send_rtcp(Peer *peer, const ByteWriter *writer)
{
    if (!writer->failed &&
        transport_send_rtcp(peer->transport, writer->start, byte_writer_size(writer))) {
        peer->rtcp_bytes_out += byte_writer_size(writer);
    }
}

bool peer_is_ticking(const Peer *peer)
{
    return peer->is_ticking;
}

void peer_set_ticking(Peer *peer, bool is_ticking)
{
    peer->is_ticking = is_ticking;
}

bool peer_on_tick(Peer *peer, int64_t now_us)
{
    if (!peer_is_sending(peer)) {
        return uplink_is_busy(peer->uplink);
    }
    uint8_t bytes[PEER_REPORT_BYTES];
    ByteWriter writer = byte_writer(bytes, sizeof bytes);
    uint32_t ssrc = downlink_audio_ssrc(peer->downlink);
    /* Feedback travels in a compound packet (RFC 4585 section 3.1). */
    rtcp_write_receiver_report(&writer, ssrc, NULL, 0);
    rtcp_write_cname(&writer, ssrc, DOWNLINK_CNAME);
    if (uplink_on_tick(peer->uplink, ssrc, now_us, downlink_rtt_us(peer->downlink), &writer)) {
        send_rtcp(peer, &writer);
    }
    return uplink_is_busy(peer->uplink);
}

void peer_send_report(Peer *peer, int64_t now_us)
{
    if (!peer_is_sending(peer)) {
        return;
    }
    uint8_t bytes[PEER_REPORT_BYTES];
    ByteWriter writer = byte_writer(bytes, sizeof bytes);
    RtcpReportBlock blocks[UPLINK_BLOCKS_MAX];
    size_t count = uplink_write_blocks(peer->uplink, now_us, blocks);
    downlink_write_reports(peer->downlink, blocks, count, now_us, &writer);
    uint32_t video_ssrc = uplink_video_ssrc(peer->uplink);
    if (peer->cap_kbps > 0 && video_ssrc != 0) {
        rtcp_write_remb(&writer, downlink_audio_ssrc(peer->downlink),
                        (uint64_t)peer->cap_kbps * 1000, &video_ssrc, 1);
    }
    send_rtcp(peer, &writer);
}

void peer_set_cap_kbps(Peer *peer, int64_t kbps, int64_t now_us)
{
    if (peer->cap_kbps != kbps) {
        peer->cap_kbps = kbps;
        uplink_set_cap_kbps(peer->uplink, kbps, now_us);
        peer_send_report(peer, now_us);
    }
}

static double take_kbps(uint64_t bytes, uint64_t *before, int64_t elapsed_us)
{
    double bits = (double)(bytes - *before) * 8;
    *before = bytes;
    return bits * 1000 / (double)MAX(elapsed_us, 1);
}

void peer_take_stats(Peer *peer, int64_t now_us, PeerStats *ret_stats)
{
    int64_t elapsed_us = now_us - peer->stats_us;
    const Rung *rung = downlink_rung(peer->downlink);
    uint64_t bytes_out = downlink_bytes(peer->downlink) + peer->rtcp_bytes_out;
    peer->stats_us = now_us;
    *ret_stats = (PeerStats){
        .loss_in_fraction = uplink_loss_fraction(peer->uplink),
        .loss_out_fraction = downlink_loss_fraction(peer->downlink),
        .rtt_ms = downlink_has_rtt(peer->downlink)
                      ? (double)downlink_rtt_us(peer->downlink) / (double)CLOCK_US_PER_MS
                      : -1,
        .jitter_ms = uplink_jitter_ms(peer->uplink),
        .mic_level = uplink_take_mic_level(peer->uplink),
        .in_kbps = take_kbps(peer->bytes_in, &peer->bytes_in_before, elapsed_us),
        .out_kbps = take_kbps(bytes_out, &peer->bytes_out_before, elapsed_us),
        .estimate_bps = downlink_estimate_bps(peer->downlink),
        .rung = rung == NULL ? -1 : rung_id(rung),
        .profile = transport_profile(peer->transport),
    };
}
