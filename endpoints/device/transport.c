#include "endpoints/device/transport.h"

#include <gio/gio.h>
#include <nice/agent.h>
#include <nice/interfaces.h>
#include <string.h>
#include <sys/socket.h>

#include "bridge/base/clock.h"
#include "bridge/base/log.h"
#include "bridge/base/loop.h"
#include "bridge/rtc/rtp.h"
#include "bridge/rtc/srtp.h"

#define COMPONENT 1
#define SOCKET_BUFFER_BYTES (1024 * 1024)
/* libnice says FAILED while it still recovers. */
#define FAILED_GRACE_US INT64_C(10000000)
#define REMOTE_CANDIDATES_MAX 20

struct Transport {
    NiceAgent *agent;
    guint stream;
    DtlsIdentity *identity;
    Dtls *dtls;
    LoopWatch *dtls_timer;
    LoopWatch *grace;
    SrtpContext *srtp;
    TransportHandlers handlers;
    void *data;
    bool is_over;
    TransportCounters counters;

    char *ufrag;
    char *password;
    SdpCandidate candidates[TRANSPORT_CANDIDATES_MAX];
    size_t candidate_count;
};

static void fail(Transport *transport, const char *reason)
{
    if (!transport->is_over) {
        transport->is_over = true;
        transport->handlers.on_failed(reason, transport->data);
    }
}

static void send_datagram(const uint8_t *bytes, size_t size, void *data)
{
    Transport *transport = data;
    nice_agent_send(transport->agent, transport->stream, COMPONENT, (guint)size,
                    (const gchar *)bytes);
}

static bool take_keys(Transport *transport)
{
    SrtpKeys keys;
    g_autoptr(GError) error = NULL;
    if (!dtls_get_keys(transport->dtls, &keys)) {
        fail(transport, "no SRTP keys");
        return false;
    }
    transport->srtp = srtp_context_new(&keys, &error);
    explicit_bzero(&keys, sizeof keys);
    if (transport->srtp == NULL) {
        fail(transport, error->message);
        return false;
    }
    return true;
}

static void follow_dtls(Transport *transport, DtlsState state)
{
    loop_timer_set(transport->dtls_timer, dtls_deadline_us(transport->dtls));
    if (state == DTLS_STATE_FAILED) {
        fail(transport, dtls_failure(transport->dtls));
    } else if (state == DTLS_STATE_CLOSED) {
        fail(transport, "closed by the relay");
    } else if (state == DTLS_STATE_CONNECTED && transport->srtp == NULL && take_keys(transport)) {
        transport->handlers.on_connected(transport->data);
    }
}

static void on_dtls_timer(void *data)
{
    Transport *transport = data;
    if (transport->dtls != NULL) {
        follow_dtls(transport, dtls_on_timer(transport->dtls));
    }
}

static void receive_rtp(Transport *transport, uint8_t *bytes, size_t size)
{
    bool is_rtcp = rtp_is_rtcp(bytes, size);
    SrtpVerdict verdict = is_rtcp ? srtp_context_unprotect_rtcp(transport->srtp, bytes, &size)
                                  : srtp_context_unprotect(transport->srtp, bytes, &size);
    if (verdict != SRTP_VERDICT_OK) {
        transport->counters.refused++;
        return;
    }
    transport->counters.received++;
    if (is_rtcp) {
        transport->handlers.on_rtcp(bytes, size, transport->data);
    } else {
        transport->handlers.on_rtp(bytes, size, transport->data);
    }
}

/* libnice lends its own receive buffer: unprotecting in place is fine. */
static void on_datagram(NiceAgent *agent, guint stream, guint component, guint size, gchar *buffer,
                        gpointer data)
{
    Transport *transport = data;
    uint8_t *bytes = (uint8_t *)buffer;
    if (transport->is_over) {
        return;
    }
    if (dtls_is_record(bytes, size)) {
        if (transport->dtls != NULL) {
            follow_dtls(transport, dtls_receive(transport->dtls, bytes, size));
        }
    } else if (rtp_is_packet(bytes, size) && transport->srtp != NULL) {
        receive_rtp(transport, bytes, size);
    } else {
        transport->counters.refused++;
    }
}

static void add_candidate(Transport *transport, const NiceCandidate *candidate)
{
    if (transport->candidate_count == TRANSPORT_CANDIDATES_MAX ||
        candidate->transport != NICE_CANDIDATE_TRANSPORT_UDP) {
        return;
    }
    gchar text[NICE_ADDRESS_STRING_LEN];
    nice_address_to_string(&candidate->addr, text);
    SdpCandidate *kept = &transport->candidates[transport->candidate_count++];
    g_strlcpy(kept->address, text, sizeof kept->address);
    kept->port = (uint16_t)nice_address_get_port(&candidate->addr);
    kept->priority = candidate->priority;
}

static void on_gathered(NiceAgent *agent, guint stream, gpointer data)
{
    Transport *transport = data;
    GSList *found = nice_agent_get_local_candidates(agent, stream, COMPONENT);
    for (GSList *link = found; link != NULL; link = link->next) {
        add_candidate(transport, link->data);
    }
    g_slist_free_full(found, (GDestroyNotify)nice_candidate_free);
    transport->handlers.on_gathered(transport->data);
}

static void on_grace_over(void *data)
{
    fail(data, "ICE failed");
}

static void on_state_changed(NiceAgent *agent, guint stream, guint component, guint state,
                             gpointer data)
{
    Transport *transport = data;
    log_debug("ice.state", "state=%s", nice_component_state_to_string(state));
    if (state == NICE_COMPONENT_STATE_FAILED) {
        if (transport->grace == NULL) {
            transport->grace = loop_after(FAILED_GRACE_US, on_grace_over, transport);
        }
        return;
    }
    loop_drop(&transport->grace);
    if ((state == NICE_COMPONENT_STATE_CONNECTED || state == NICE_COMPONENT_STATE_READY) &&
        transport->dtls != NULL && dtls_state(transport->dtls) == DTLS_STATE_HANDSHAKING) {
        dtls_start(transport->dtls);
        follow_dtls(transport, dtls_state(transport->dtls));
    }
}

static void add_address(NiceAgent *agent, const char *text)
{
    NiceAddress address;
    nice_address_init(&address);
    if (nice_address_set_from_string(&address, text)) {
        nice_agent_add_local_address(agent, &address);
    }
}

/* Once an address is named, libnice looks for no others. */
static void add_loopback(NiceAgent *agent)
{
    add_address(agent, "127.0.0.1");
    GList *others = nice_interfaces_get_local_ips(FALSE);
    for (GList *link = others; link != NULL; link = link->next) {
        add_address(agent, link->data);
    }
    g_list_free_full(others, g_free);
}

Transport *transport_new(DtlsIdentity *identity, bool local, const TransportHandlers *handlers,
                         void *data)
{
    Transport *transport = g_new0(Transport, 1);
    transport->identity = identity;
    transport->handlers = *handlers;
    transport->data = data;
    transport->dtls_timer = loop_after(INT64_C(0), on_dtls_timer, transport);
    loop_timer_set(transport->dtls_timer, -1);
    transport->agent = g_object_new(NICE_TYPE_AGENT, "main-context", NULL, "compatibility",
                                    NICE_COMPATIBILITY_RFC5245, "full-mode", TRUE,
                                    "controlling-mode", TRUE, "upnp", FALSE, "ice-tcp", FALSE,
                                    "keepalive-conncheck", TRUE, "ice-trickle", FALSE, NULL);
    if (local) {
        add_loopback(transport->agent);
    }
    transport->stream = nice_agent_add_stream(transport->agent, 1);
    nice_agent_get_local_credentials(transport->agent, transport->stream, &transport->ufrag,
                                     &transport->password);
    g_signal_connect(transport->agent, "candidate-gathering-done", G_CALLBACK(on_gathered),
                     transport);
    g_signal_connect(transport->agent, "component-state-changed", G_CALLBACK(on_state_changed),
                     transport);
    nice_agent_attach_recv(transport->agent, transport->stream, COMPONENT, g_main_context_default(),
                           on_datagram, transport);
    return transport;
}

void transport_free(Transport *transport)
{
    if (transport == NULL) {
        return;
    }
    if (transport->dtls != NULL) {
        dtls_close(transport->dtls);
    }
    g_signal_handlers_disconnect_by_data(transport->agent, transport);
    nice_agent_attach_recv(transport->agent, transport->stream, COMPONENT, g_main_context_default(),
                           NULL, NULL);
    nice_agent_remove_stream(transport->agent, transport->stream);
    g_object_unref(transport->agent);
    loop_drop(&transport->dtls_timer);
    loop_drop(&transport->grace);
    dtls_free(transport->dtls);
    srtp_context_free(transport->srtp);
    g_free(transport->ufrag);
    g_free(transport->password);
    g_free(transport);
}

static void enlarge_buffers(Transport *transport)
{
    GPtrArray *sockets = nice_agent_get_sockets(transport->agent, transport->stream, COMPONENT);
    for (guint i = 0; sockets != NULL && i < sockets->len; i++) {
        GSocket *socket = g_ptr_array_index(sockets, i);
        g_socket_set_option(socket, SOL_SOCKET, SO_RCVBUF, SOCKET_BUFFER_BYTES, NULL);
        g_socket_set_option(socket, SOL_SOCKET, SO_SNDBUF, SOCKET_BUFFER_BYTES, NULL);
    }
    g_clear_pointer(&sockets, g_ptr_array_unref);
}

bool transport_gather(Transport *transport, GError **error)
{
    if (!nice_agent_gather_candidates(transport->agent, transport->stream)) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_FAILED, "no network address to receive media on");
        return false;
    }
    enlarge_buffers(transport);
    return true;
}

void transport_describe(Transport *transport, SdpLocal *local)
{
    local->ice_ufrag = transport->ufrag;
    local->ice_password = transport->password;
    local->fingerprint = dtls_identity_fingerprint(transport->identity);
    local->candidates = transport->candidates;
    local->candidate_count = transport->candidate_count;
}

static GSList *remote_candidates(Transport *transport, const SdpSession *answer)
{
    GSList *list = NULL;
    size_t count = MIN(answer->candidate_count, REMOTE_CANDIDATES_MAX);
    for (size_t i = 0; i < count; i++) {
        const SdpCandidate *given = &answer->candidates[i];
        NiceAddress address;
        nice_address_init(&address);
        if (given->priority == 0 || given->port == 0 ||
            !nice_address_set_from_string(&address, given->address)) {
            continue;
        }
        nice_address_set_port(&address, given->port);
        NiceCandidate *candidate = nice_candidate_new(NICE_CANDIDATE_TYPE_HOST);
        candidate->stream_id = transport->stream;
        candidate->component_id = COMPONENT;
        candidate->transport = NICE_CANDIDATE_TRANSPORT_UDP;
        candidate->addr = address;
        candidate->priority = given->priority;
        g_snprintf(candidate->foundation, sizeof candidate->foundation, "%zu", i + 1);
        list = g_slist_prepend(list, candidate);
    }
    return g_slist_reverse(list);
}

bool transport_set_remote(Transport *transport, const SdpSession *answer, GError **error)
{
    if (transport->dtls != NULL) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_FAILED, "a second answer");
        return false;
    }
    DtlsOptions options = {
        .role = answer->setup == SDP_SETUP_ACTIVE ? DTLS_PASSIVE : DTLS_ACTIVE,
        .fingerprint_hash = answer->fingerprint_hash,
        .fingerprint = answer->fingerprint,
        .send = send_datagram,
        .data = transport,
    };
    transport->dtls = dtls_new(transport->identity, &options, error);
    if (transport->dtls == NULL) {
        return false;
    }
    GSList *candidates = remote_candidates(transport, answer);
    bool taken = nice_agent_set_remote_credentials(transport->agent, transport->stream,
                                                   answer->ice_ufrag, answer->ice_password) &&
                 nice_agent_set_remote_candidates(transport->agent, transport->stream, COMPONENT,
                                                  candidates) > 0;
    g_slist_free_full(candidates, (GDestroyNotify)nice_candidate_free);
    if (!taken) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_FAILED, "the answer has no usable candidate");
    }
    return taken;
}

bool transport_is_connected(const Transport *transport)
{
    return transport->srtp != NULL && !transport->is_over;
}

static bool send_protected(Transport *transport, SrtpVerdict verdict, const uint8_t *bytes,
                           size_t size)
{
    bool sent = verdict == SRTP_VERDICT_OK &&
                nice_agent_send(transport->agent, transport->stream, COMPONENT, (guint)size,
                                (const gchar *)bytes) == (gint)size;
    if (sent) {
        transport->counters.sent++;
    } else {
        transport->counters.send_dropped++;
    }
    return sent;
}

bool transport_send_rtp(Transport *transport, uint8_t *bytes, size_t size, size_t capacity)
{
    if (!transport_is_connected(transport)) {
        return false;
    }
    SrtpVerdict verdict = srtp_context_protect(transport->srtp, bytes, &size, capacity);
    return send_protected(transport, verdict, bytes, size);
}

bool transport_send_rtcp(Transport *transport, uint8_t *bytes, size_t size, size_t capacity)
{
    if (!transport_is_connected(transport)) {
        return false;
    }
    SrtpVerdict verdict = srtp_context_protect_rtcp(transport->srtp, bytes, &size, capacity);
    return send_protected(transport, verdict, bytes, size);
}

TransportCounters transport_counters(const Transport *transport)
{
    return transport->counters;
}
