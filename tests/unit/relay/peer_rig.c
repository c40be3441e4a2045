#include "tests/unit/relay/peer_rig.h"

#include <criterion/criterion.h>
#include <string.h>

#include "bridge/base/clock.h"

#define WAIT_US (5 * CLOCK_US_PER_S)

static void on_reply(const Tuple *to, const uint8_t *bytes, size_t size, void *data)
{
    PeerRig *rig = data;
    rig->reply_count++;
    rig->replied_us = clock_now_us();
    rig->is_error = size > 1 && (bytes[0] << 8 | bytes[1]) == 0x0111;
    port_send(rig->port, to, bytes, size);
}

static void on_datagram(uint8_t *bytes, size_t size, const Tuple *from, void *data)
{
    PeerRig *rig = data;
    IntakeDatagram datagram = {
        .bytes = bytes, .size = size, .from = from, .now_us = clock_now_us()};
    intake_take(&rig->intake, &datagram);
}

static void on_genuine(Peer *peer, int64_t now_us, void *data)
{
}

static void on_forward(const UplinkPacket *packet, void *data)
{
    PeerRig *rig = data;
    rig->forwarded_count++;
}

static void on_state(Peer *peer, PeerState state, const char *reason, void *data)
{
    PeerRig *rig = data;
    if (state == PEER_CONNECTED && rig->state == PEER_CONNECTING) {
        rig->replied_at_connect_us = rig->replied_us;
        rig->heard_at_connect_us = transport_heard_us(peer_transport(peer));
    }
    rig->state = state;
    g_strlcpy(rig->reason, reason, sizeof rig->reason);
}

PeerRig *peer_rig_new(void)
{
    PeerRig *rig = g_new0(PeerRig, 1);
    PortOptions options = {.counters = &rig->counters, .on_datagram = on_datagram, .data = rig};
    rig->port = port_open(&options, NULL);
    rig->identity = dtls_identity_new(NULL);
    rig->pool = pool_new(16, LIMIT_DATAGRAM_BYTES);
    rig->peers = peers_new();
    rig->intake = (Intake){.peers = rig->peers,
                           .counters = &rig->counters,
                           .reply = on_reply,
                           .on_rtp = on_genuine,
                           .on_rtcp = on_genuine,
                           .data = rig};
    return rig;
}

void peer_rig_free(PeerRig *rig)
{
    peers_free(rig->peers);
    pool_free(rig->pool);
    port_close(rig->port);
    dtls_identity_free(rig->identity);
    g_free(rig);
}

Peer *peer_rig_add_client(PeerRig *rig, uint64_t id, RtcClient *client)
{
    char *text = rtc_client_offer(client);
    SdpSession *offer = g_new0(SdpSession, 1);
    Problem problem;
    cr_assert(sdp_parse(text, strlen(text), offer, &problem), "%s", problem.message);
    SdpCandidate candidate = {
        .address = "127.0.0.1", .port = port_number(rig->port), .priority = 1};
    PeerOptions options = {
        .id = id,
        .source = (uint32_t)id,
        .room = (Room *)rig, /* what `forward` gets */
        .offer = offer,
        .candidates = &candidate,
        .candidate_count = 1,
        .port = rig->port,
        .identity = rig->identity,
        .counters = &rig->counters,
        .speakers = &rig->speakers,
        .pool = rig->pool,
        .forward = on_forward,
        .on_state = on_state,
        .data = rig,
    };
    Peer *peer = peer_new(&options, &problem);
    cr_assert_not_null(peer);
    peers_add(rig->peers, peer);
    cr_assert(rtc_client_set_answer(client, peer_answer(peer)));
    g_free(offer);
    g_free(text);
    return peer;
}

Peer *peer_rig_add(PeerRig *rig, uint64_t id)
{
    RtcClient *client = rtc_client_new();
    Peer *peer = peer_rig_add_client(rig, id, client);
    rtc_client_free(client);
    return peer;
}

static gpointer connect_client(gpointer client)
{
    return GINT_TO_POINTER(rtc_client_connect(client, WAIT_US));
}

static gboolean on_wake(gpointer data)
{
    return G_SOURCE_CONTINUE;
}

static bool run_until(bool (*is_done)(const void *data), const void *data)
{
    int64_t until_us = clock_now_us() + WAIT_US;
    guint wake = g_timeout_add(10, on_wake, NULL);
    while (!is_done(data) && clock_now_us() < until_us) {
        g_main_context_iteration(NULL, TRUE);
    }
    g_source_remove(wake);
    return is_done(data);
}

static bool is_connected(const void *peer)
{
    return peer_state(peer) == PEER_CONNECTED;
}

bool peer_rig_connect(PeerRig *rig, Peer *peer, RtcClient *client)
{
    GThread *thread = g_thread_new("client", connect_client, client);
    bool is_up = run_until(is_connected, peer);
    return GPOINTER_TO_INT(g_thread_join(thread)) && is_up;
}

typedef struct Goal {
    const unsigned *value;
    unsigned least;
} Goal;

static bool is_reached(const void *data)
{
    const Goal *goal = data;
    return *goal->value >= goal->least;
}

bool peer_rig_run_until(const unsigned *value, unsigned least)
{
    Goal goal = {.value = value, .least = least};
    return run_until(is_reached, &goal);
}
