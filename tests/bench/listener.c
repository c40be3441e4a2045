#include "tests/bench/listener.h"

#include <string.h>

#include "bridge/base/clock.h"
#include "bridge/base/medialink.h"
#include "bridge/rtc/ice_client.h"
#include "bridge/rtc/rtp.h"
#include "bridge/rtc/sdp.h"
#include "bridge/rtc/srtp.h"
#include "bridge/rtc/stun.h"
#include "tests/bench/responder.h"

#define CNAME "bench"
#define CANDIDATE_PRIORITY 2130706431U
#define REPORT_US CLOCK_US_PER_S
#define RTCP_BYTES_MAX 512
/* RFC 6464: a voice, 25 dB below full scale. */
#define VOICE_LEVEL (0x80 | 25)

struct Listener {
    ListenerOptions options;
    ListenerState state;
    char failure[160];
    char ufrag[STUN_UFRAG_CHARS + 1];
    char password[STUN_PASSWORD_CHARS + 1];
    uint32_t ssrc;
    Line *line;
    SdpCandidate remote; /* the first one */
    IceClient *ice;
    Dtls *dtls;
    bool is_routed; /* ICE has chosen; the line is connected */
    const char *profile;
    SrtpContext *srtp;
    Ear ear;
    ReelPlayer voice;
    int voice_type; /* -1: it does not talk */
    uint8_t level_extension;
    int64_t report_us;
};

static void on_datagram(const LineDatagram *datagram, void *data);

Listener *listener_new(const ListenerOptions *options, GError **error)
{
    Listener *listener = g_new0(Listener, 1);
    listener->options = *options;
    listener->line = line_open(options->board, on_datagram, listener, error);
    if (listener->line == NULL) {
        listener_free(listener);
        return NULL;
    }
    line_take_singly(listener->line);
    stun_make_credentials(listener->ufrag, listener->password);
    listener->profile = "";
    listener->ssrc = g_random_int() | 1;
    listener->voice_type = -1;
    /* Reports of many are spread over the second. */
    listener->report_us = clock_now_us() + (int64_t)(g_random_double() * REPORT_US);
    return listener;
}

void listener_free(Listener *listener)
{
    if (listener == NULL) {
        return;
    }
    srtp_context_free(listener->srtp);
    dtls_free(listener->dtls);
    ice_client_free(listener->ice);
    line_close(listener->line);
    g_free(listener);
}

static SdpLocal describe(const Listener *listener, const SdpCandidate *candidate)
{
    const ListenerOptions *options = &listener->options;
    return (SdpLocal){
        .ice_ufrag = listener->ufrag,
        .ice_password = listener->password,
        .fingerprint = dtls_identity_fingerprint(options->identity),
        .setup = SDP_SETUP_ACTPASS,
        .candidates = candidate,
        .candidate_count = 1,
        .cname = CNAME,
        .audio_ssrc = listener->ssrc,
        .sends_audio = options->sends_audio,
        .receives_audio = true,
        .receives_video = options->receives_video,
    };
}

static SdpCandidate own_candidate(const Listener *listener)
{
    SdpCandidate candidate = {
        .port = line_port(listener->line),
        .priority = CANDIDATE_PRIORITY,
    };
    g_strlcpy(candidate.address, listener->options.address, sizeof candidate.address);
    return candidate;
}

char *listener_offer(Listener *listener)
{
    SdpCandidate candidate = own_candidate(listener);
    SdpLocal local = describe(listener, &candidate);
    return sdp_write_offer(&local);
}

static void fail(Listener *listener, const char *reason)
{
    listener->state = LISTENER_FAILED;
    g_strlcpy(listener->failure, reason, sizeof listener->failure);
}

static void send_check(const SdpCandidate *candidate, const uint8_t *bytes, size_t size, void *data)
{
    Listener *listener = data;
    line_send_to(listener->line, candidate, bytes, size);
}

static void send_record(const uint8_t *bytes, size_t size, void *data)
{
    Listener *listener = data;
    line_send(listener->line, bytes, size);
}

static bool open_dtls(Listener *listener, const SdpSession *remote, DtlsRole role, Problem *problem)
{
    g_autoptr(GError) error = NULL;
    const DtlsOptions options = {
        .role = role,
        .fingerprint_hash = remote->fingerprint_hash,
        .fingerprint = remote->fingerprint,
        .send = send_record,
        .data = listener,
    };
    listener->dtls = dtls_new(listener->options.identity, &options, &error);
    return listener->dtls != NULL || problem_set(problem, "bad_sdp", "sdp", "%s", error->message);
}

static bool open_ice(Listener *listener, const SdpSession *remote, Problem *problem)
{
    const IceClientOptions options = {
        .local_ufrag = listener->ufrag,
        .remote_ufrag = remote->ice_ufrag,
        .remote_password = remote->ice_password,
        .candidates = remote->candidates,
        .candidate_count = remote->candidate_count,
        .send = send_check,
        .data = listener,
    };
    listener->remote = remote->candidates[0];
    listener->ice = ice_client_new(&options, clock_now_us());
    return listener->ice != NULL || problem_set(problem, "bad_sdp", "sdp", "no candidate");
}

static void accept_streams(Listener *listener, const SdpSession *remote)
{
    const ListenerOptions *options = &listener->options;
    const SdpMedia *sound = sdp_find_media(remote, SDP_AUDIO);
    const SdpMedia *picture = sdp_find_media(remote, SDP_VIDEO);
    bool is_shown = picture != NULL && picture->sends && options->receives_video;
    ear_init(&listener->ear, sound != NULL && sound->sends ? sound->codec_type : -1,
             is_shown ? picture->codec_type : -1);
    if (sound != NULL && sound->receives && options->voice != NULL) {
        listener->voice_type = sound->codec_type;
        listener->level_extension = (uint8_t)sound->ext_audio_level_received;
    }
}

/* `role`: ours in DTLS. */
static bool accept(Listener *listener, const SdpSession *remote, DtlsRole role, Problem *problem)
{
    if (listener->ice != NULL) {
        return problem_set(problem, "bad_sdp", "sdp", "a second description");
    }
    if (!open_dtls(listener, remote, role, problem) || !open_ice(listener, remote, problem)) {
        return false;
    }
    accept_streams(listener, remote);
    listener->state = LISTENER_CONNECTING;
    return true;
}

bool listener_set_answer(Listener *listener, const char *sdp, Problem *problem)
{
    g_autofree SdpSession *remote = g_new0(SdpSession, 1);
    if (!sdp_parse(sdp, strlen(sdp), remote, problem)) {
        return false;
    }
    DtlsRole role = remote->setup == SDP_SETUP_ACTIVE ? DTLS_PASSIVE : DTLS_ACTIVE;
    return accept(listener, remote, role, problem);
}

char *listener_answer(Listener *listener, const char *offer, Problem *problem)
{
    g_autofree SdpSession *remote = g_new0(SdpSession, 1);
    if (!sdp_parse(offer, strlen(offer), remote, problem)) {
        return NULL;
    }
    /* As sdp_write_answer says it. */
    DtlsRole role = remote->setup == SDP_SETUP_PASSIVE ? DTLS_ACTIVE : DTLS_PASSIVE;
    if (!accept(listener, remote, role, problem)) {
        return NULL;
    }
    SdpCandidate candidate = own_candidate(listener);
    SdpLocal local = describe(listener, &candidate);
    return sdp_write_answer(remote, &local);
}

static bool open_srtp(Listener *listener, const SrtpKeys *keys)
{
    g_autoptr(GError) error = NULL;
    listener->srtp = srtp_context_new(keys, &error);
    if (listener->srtp == NULL) {
        fail(listener, error->message);
        return false;
    }
    listener->profile = srtp_profile_name(keys->profile);
    listener->state = LISTENER_CONNECTED;
    return true;
}

uint16_t listener_open_bare(Listener *listener, const SrtpKeys *keys)
{
    ear_init(&listener->ear, MEDIALINK_OPUS_PAYLOAD_TYPE, MEDIALINK_VP8_PAYLOAD_TYPE);
    return open_srtp(listener, keys) ? line_port(listener->line) : 0;
}

static void on_keys(Listener *listener, int64_t now_us)
{
    SrtpKeys keys = {0};
    if (dtls_get_keys(listener->dtls, &keys) && open_srtp(listener, &keys) &&
        listener->voice_type >= 0) {
        listener->voice =
            reel_player(listener->options.voice, now_us, listener->options.voice_first);
    }
    explicit_bzero(&keys, sizeof keys);
}

static void follow_dtls(Listener *listener, DtlsState state, int64_t now_us)
{
    if (state == DTLS_STATE_CONNECTED && listener->srtp == NULL) {
        on_keys(listener, now_us);
    } else if (state == DTLS_STATE_FAILED) {
        fail(listener, dtls_failure(listener->dtls));
    } else if (state == DTLS_STATE_CLOSED) {
        fail(listener, "the server said goodbye");
    }
}

static void follow_ice(Listener *listener, IceClientState state)
{
    if (state == ICE_CLIENT_FAILED) {
        fail(listener, "no answer to connectivity checks");
    } else if (state == ICE_CLIENT_CONNECTED && !listener->is_routed) {
        listener->is_routed = line_connect(listener->line, ice_client_selected(listener->ice));
        dtls_start(listener->dtls);
    }
}

static void take_media(Listener *listener, const LineDatagram *datagram)
{
    size_t size = datagram->size;
    if (listener->srtp == NULL) {
        return;
    }
    if (!rtp_is_rtcp(datagram->bytes, size)) {
        ear_take_rtp(&listener->ear, listener->srtp, datagram->bytes, size, datagram->arrival_us);
    } else if (srtp_context_unprotect_rtcp(listener->srtp, datagram->bytes, &size) ==
               SRTP_VERDICT_OK) {
        ear_take_rtcp(&listener->ear, datagram->bytes, size, datagram->arrival_us);
    }
}

static void answer_check(Listener *listener, const uint8_t *bytes, size_t size)
{
    uint8_t reply[RESPONDER_REPLY_BYTES];
    size_t reply_size = responder_answer(bytes, size, &listener->remote, listener->password, reply);
    if (reply_size > 0) {
        line_send_to(listener->line, &listener->remote, reply, reply_size);
    }
}

static void on_datagram(const LineDatagram *datagram, void *data)
{
    Listener *listener = data;
    const uint8_t *bytes = datagram->bytes;
    size_t size = datagram->size;
    if (rtp_is_packet(bytes, size)) {
        take_media(listener, datagram);
    } else if (listener->state == LISTENER_FAILED || listener->ice == NULL) {
        return;
    } else if (dtls_is_record(bytes, size)) {
        follow_dtls(listener, dtls_receive(listener->dtls, bytes, size), datagram->arrival_us);
    } else if (responder_is_check(bytes, size)) {
        answer_check(listener, bytes, size);
    } else if (stun_is_message(bytes, size)) {
        follow_ice(listener, ice_client_receive(listener->ice, bytes, size, datagram->arrival_us));
    }
}

static void run_timers(Listener *listener, int64_t now_us)
{
    int64_t ice_us = ice_client_deadline_us(listener->ice);
    if (ice_us >= 0 && now_us >= ice_us) {
        follow_ice(listener, ice_client_on_timer(listener->ice, now_us));
    }
    int64_t dtls_us = dtls_deadline_us(listener->dtls);
    if (listener->state == LISTENER_CONNECTING && dtls_us >= 0 && now_us >= dtls_us) {
        follow_dtls(listener, dtls_on_timer(listener->dtls), now_us);
    }
}

static void say(Listener *listener, const ReelCue *cue)
{
    _Alignas(16) uint8_t bytes[LIMIT_RTP_BYTES + RTP_HEADER_BYTES + SRTP_TRAILER_BYTES_MAX];
    static const uint8_t level = VOICE_LEVEL;
    RtpHeader header = {
        .payload_type = (uint8_t)listener->voice_type,
        .seq = cue->seq,
        .timestamp = cue->timestamp,
        .ssrc = listener->ssrc,
        .extension_count = listener->level_extension != 0,
        .extensions = {{.id = listener->level_extension, .size = 1, .bytes = &level}},
    };
    size_t size = rtp_write_header(&header, bytes, sizeof bytes);
    memcpy(bytes + size, cue->payload, cue->payload_size);
    size += cue->payload_size;
    if (srtp_context_protect(listener->srtp, bytes, &size, sizeof bytes) == SRTP_VERDICT_OK) {
        line_send(listener->line, bytes, size);
    }
}

static void report(Listener *listener, int64_t now_us)
{
    _Alignas(16) uint8_t bytes[RTCP_BYTES_MAX + SRTP_TRAILER_BYTES_MAX];
    ByteWriter writer = byte_writer(bytes, RTCP_BYTES_MAX);
    ear_write_report(&listener->ear, listener->ssrc, now_us, &writer);
    size_t size = byte_writer_size(&writer);
    if (srtp_context_protect_rtcp(listener->srtp, bytes, &size, sizeof bytes) == SRTP_VERDICT_OK) {
        line_send(listener->line, bytes, size);
    }
}

void listener_tick(Listener *listener, int64_t now_us)
{
    ReelCue cue;
    if (listener->ice == NULL || listener->state == LISTENER_FAILED) {
        return;
    }
    run_timers(listener, now_us);
    if (listener->state != LISTENER_CONNECTED) {
        return;
    }
    while (listener->voice_type >= 0 && reel_player_take(&listener->voice, now_us, &cue)) {
        say(listener, &cue);
    }
    if (now_us >= listener->report_us) {
        report(listener, now_us);
        listener->report_us = now_us + REPORT_US;
    }
}

ListenerState listener_state(const Listener *listener)
{
    return listener->state;
}

const char *listener_failure(const Listener *listener)
{
    return listener->failure;
}

bool listener_is_served(const Listener *listener)
{
    return listener->state == LISTENER_CONNECTED && ear_has_heard_all(&listener->ear);
}

const char *listener_profile(const Listener *listener)
{
    return listener->profile;
}

EarCounts listener_counts(const Listener *listener)
{
    return ear_counts(&listener->ear);
}

uint32_t listener_unread(const Listener *listener)
{
    return line_unread(listener->line);
}
