#include "bridge/relay/transport.h"

#include <string.h>

#include "bridge/base/clock.h"
#include "bridge/base/loop.h"
#include "bridge/relay/rate.h"
#include "bridge/rtc/stun.h"

/* The peer sends at least a check every 2.5 s (browsers) on the path it uses. */
#define TRANSPORT_PATH_SILENT_US (3 * CLOCK_US_PER_S)

struct Transport {
    TransportOptions options;
    TransportState state;
    char ufrag[STUN_UFRAG_CHARS + 1];
    char password[STUN_PASSWORD_CHARS + 1];
    bool has_tuple;
    Tuple tuple;
    int64_t tuple_heard_us;
    int64_t heard_us;
    Rate examined;
    Dtls *dtls;
    LoopWatch *dtls_timer;
    SrtpContext *srtp;
    const char *profile;
};

static void send_dtls(const uint8_t *bytes, size_t size, void *data)
{
    Transport *transport = data;
    if (transport->has_tuple) {
        port_send(transport->options.port, &transport->tuple, bytes, size);
    }
}

Transport *transport_new(const TransportOptions *options, GError **error)
{
    Transport *transport = g_new0(Transport, 1);
    transport->options = *options;
    transport->profile = "";
    stun_make_credentials(transport->ufrag, transport->password);
    DtlsOptions dtls_options = {
        .role = DTLS_PASSIVE,
        .fingerprint_hash = options->fingerprint_hash,
        .fingerprint = options->fingerprint,
        .send = send_dtls,
        .data = transport,
    };
    transport->dtls = dtls_new(options->identity, &dtls_options, error);
    if (transport->dtls == NULL) {
        g_free(transport);
        return NULL;
    }
    return transport;
}

void transport_free(Transport *transport)
{
    if (transport == NULL) {
        return;
    }
    loop_drop(&transport->dtls_timer);
    if (transport->state == TRANSPORT_CONNECTED) {
        dtls_close(transport->dtls);
    }
    dtls_free(transport->dtls);
    srtp_context_free(transport->srtp);
    explicit_bzero(transport->password, sizeof transport->password);
    g_free(transport);
}

const char *transport_ufrag(const Transport *transport)
{
    return transport->ufrag;
}

const char *transport_password(const Transport *transport)
{
    return transport->password;
}

const char *transport_failure(const Transport *transport)
{
    return dtls_failure(transport->dtls);
}

const char *transport_profile(const Transport *transport)
{
    return transport->profile;
}

bool transport_may_examine(Transport *transport, int64_t now_us)
{
    return rate_take(&transport->examined, LIMIT_STUN_UNVERIFIED_PER_S, now_us);
}

static bool is_current(const Transport *transport, const Tuple *from)
{
    return transport->has_tuple && address_equal(&transport->tuple.remote, &from->remote);
}

static void on_heard(Transport *transport, const Tuple *from, int64_t now_us)
{
    transport->heard_us = now_us;
    if (is_current(transport, from)) {
        transport->tuple_heard_us = now_us;
    }
}

static void move_to(Transport *transport, const Tuple *to)
{
    transport->tuple = *to;
    transport->has_tuple = true;
}

void transport_on_check(Transport *transport, const Tuple *from, bool is_nominating, int64_t now_us)
{
    bool is_silent = now_us - transport->tuple_heard_us > TRANSPORT_PATH_SILENT_US;
    /* A check can be replayed from anywhere; fresh media cannot, and is what moves us later. */
    bool may_nominate = is_nominating && transport->srtp == NULL;
    if (may_nominate || !transport->has_tuple || is_silent) {
        move_to(transport, from);
    }
    on_heard(transport, from, now_us);
}

/* Media that is genuine and not seen before: the peer sends on the path that it has chosen. */
static void on_media(Transport *transport, const Tuple *from, int64_t now_us)
{
    if (!is_current(transport, from)) {
        move_to(transport, from);
    }
    on_heard(transport, from, now_us);
}

static bool derive_keys(Transport *transport)
{
    SrtpKeys keys;
    if (!dtls_get_keys(transport->dtls, &keys)) {
        return false;
    }
    transport->srtp = srtp_context_new(&keys, NULL);
    transport->profile = srtp_profile_name(keys.profile);
    explicit_bzero(&keys, sizeof keys);
    return transport->srtp != NULL;
}

static TransportState next_state(Transport *transport, DtlsState dtls)
{
    if (dtls == DTLS_STATE_FAILED) {
        return TRANSPORT_FAILED;
    }
    if (dtls == DTLS_STATE_CLOSED) {
        return TRANSPORT_CLOSED;
    }
    if (dtls == DTLS_STATE_CONNECTED && transport->srtp == NULL) {
        return derive_keys(transport) ? TRANSPORT_CONNECTED : TRANSPORT_FAILED;
    }
    return transport->state;
}

static void on_dtls_timer(void *data);

static void arm_timer(Transport *transport)
{
    int64_t deadline_us = dtls_deadline_us(transport->dtls);
    if (transport->dtls_timer != NULL) {
        loop_timer_set(transport->dtls_timer, deadline_us);
    } else if (deadline_us >= 0) {
        int64_t delay_us = MAX(0, deadline_us - clock_now_us());
        transport->dtls_timer = loop_after(delay_us, on_dtls_timer, transport);
    }
}

/* Last call of every path: the transport may be gone afterwards. */
static void settle(Transport *transport, DtlsState dtls)
{
    TransportState state = next_state(transport, dtls);
    if (state == TRANSPORT_CONNECTING) {
        arm_timer(transport);
        return;
    }
    loop_drop(&transport->dtls_timer);
    if (state != transport->state) {
        transport->state = state;
        if (state == TRANSPORT_CONNECTED) {
            transport->heard_us = clock_now_us(); /* whoever finished the handshake is alive */
        }
        transport->options.on_state(transport, state, transport->options.data);
    }
}

static void on_dtls_timer(void *data)
{
    Transport *transport = data;
    settle(transport, dtls_on_timer(transport->dtls));
}

static bool is_final(const Transport *transport)
{
    return transport->state == TRANSPORT_FAILED || transport->state == TRANSPORT_CLOSED;
}

void transport_on_dtls(Transport *transport, const uint8_t *bytes, size_t size)
{
    if (!is_final(transport)) {
        settle(transport, dtls_receive(transport->dtls, bytes, size));
    }
}

static bool judge(Transport *transport, SrtpVerdict verdict)
{
    Counters *counters = transport->options.counters;
    switch (verdict) {
    case SRTP_VERDICT_OK:
        return true;
    case SRTP_VERDICT_REPLAYED:
        counters->srtp_replayed++;
        return false;
    case SRTP_VERDICT_FORGED:
        counters->srtp_forged++;
        return false;
    case SRTP_VERDICT_MALFORMED:
        counters->srtp_malformed++;
        return false;
    case SRTP_VERDICT_TOO_MANY:
        counters->srtp_too_many_streams++;
        return false;
    case SRTP_VERDICT_EXHAUSTED:
        break;
    }
    counters->srtp_failed++;
    return false;
}

static bool has_keys(Transport *transport)
{
    if (transport->state == TRANSPORT_CONNECTED) {
        return true;
    }
    transport->options.counters->srtp_early++;
    return false;
}

bool transport_unprotect_rtp(Transport *transport, uint8_t *bytes, size_t *size, const Tuple *from,
                             int64_t now_us)
{
    if (!has_keys(transport) ||
        !judge(transport, srtp_context_unprotect(transport->srtp, bytes, size))) {
        return false;
    }
    on_media(transport, from, now_us);
    return true;
}

bool transport_unprotect_rtcp(Transport *transport, uint8_t *bytes, size_t *size, const Tuple *from,
                              int64_t now_us)
{
    if (!has_keys(transport) ||
        !judge(transport, srtp_context_unprotect_rtcp(transport->srtp, bytes, size))) {
        return false;
    }
    on_media(transport, from, now_us);
    return true;
}

int64_t transport_heard_us(const Transport *transport)
{
    return transport->heard_us;
}

Outbox *transport_outbox(const Transport *transport)
{
    return port_outbox(transport->options.port);
}

const Tuple *transport_tuple(const Transport *transport)
{
    return &transport->tuple;
}

bool transport_protect_rtp(Transport *transport, uint8_t *bytes, size_t *size)
{
    SrtpVerdict verdict = srtp_context_protect(transport->srtp, bytes, size, OUTBOX_PACKET_BYTES);
    if (verdict != SRTP_VERDICT_OK) {
        transport->options.counters->srtp_failed++;
    }
    return verdict == SRTP_VERDICT_OK;
}

bool transport_send_rtcp(Transport *transport, const uint8_t *bytes, size_t size)
{
    if (transport->state != TRANSPORT_CONNECTED || size > LIMIT_DATAGRAM_BYTES) {
        return false;
    }
    Outbox *outbox = transport_outbox(transport);
    outbox_start(outbox, &transport->tuple);
    uint8_t *packet = outbox_reserve(outbox);
    memcpy(packet, bytes, size);
    if (srtp_context_protect_rtcp(transport->srtp, packet, &size, OUTBOX_PACKET_BYTES) !=
        SRTP_VERDICT_OK) {
        transport->options.counters->srtp_failed++;
        return false;
    }
    outbox_add(outbox, size);
    outbox_flush(outbox);
    return true;
}
