#include "bridge/relay/relay.h"

#include "bridge/base/clock.h"
#include "bridge/base/log.h"
#include "bridge/base/loop.h"
#include "bridge/relay/intake.h"
#include "bridge/relay/mixers.h"
#include "bridge/relay/ops.h"

/* Peers take turns with their reports and life checks: a tenth of them every 100 ms. */
#define RELAY_TURNS 10
#define RELAY_TURN_US (CLOCK_US_PER_S / RELAY_TURNS)
#define RELAY_VOICES_US (CLOCK_US_PER_S / 4)

struct Relay {
    Counters counters;
    Port *port;
    DtlsIdentity *identity;
    Control *control;
    Peers *peers;
    Pool *pool;
    GHashTable *rooms; /* id → Room, owned */
    GPtrArray *busy;   /* peers with something due at the next tick */
    LoopWatch *busy_timer;
    LoopWatch *turn_timer;
    LoopWatch *voices_timer;
    LoopWatch *stats_timer;
    unsigned turn;
    size_t sent_ring_count;
    Intake intake;
    Mixers *mixers;
    size_t candidate_count;
    SdpCandidate candidates[CANDIDATES_MAX];
};

static Room *find_room(const Relay *relay, uint64_t meeting)
{
    return g_hash_table_lookup(relay->rooms, &meeting);
}

/* Feedback to senders. */

static void on_busy(Peer *peer, void *data)
{
    Relay *relay = data;
    if (peer_is_ticking(peer)) {
        return;
    }
    peer_set_ticking(peer, true);
    g_ptr_array_add(relay->busy, peer);
    if (relay->busy->len == 1) {
        loop_timer_set(relay->busy_timer, clock_now_us());
    }
}

static void on_busy_timer(void *data)
{
    Relay *relay = data;
    int64_t now_us = clock_now_us();
    for (guint i = relay->busy->len; i > 0; i--) {
        if (!peer_on_tick(relay->busy->pdata[i - 1], now_us)) {
            peer_set_ticking(relay->busy->pdata[i - 1], false);
            g_ptr_array_remove_index_fast(relay->busy, i - 1);
        }
    }
    loop_timer_set(relay->busy_timer, relay->busy->len == 0 ? -1 : now_us + UPLINK_TICK_US);
}

static void on_peer_rtp(Peer *peer, int64_t now_us, void *data)
{
    if (uplink_is_busy(peer_uplink(peer))) {
        on_busy(peer, data);
    }
}

static void on_peer_rtcp(Peer *peer, int64_t now_us, void *data)
{
    room_steer(peer_room(peer), peer, now_us);
}

static void reply(const Tuple *to, const uint8_t *bytes, size_t size, void *data)
{
    Relay *relay = data;
    port_send(relay->port, to, bytes, size);
}

static void on_datagram(uint8_t *bytes, size_t size, const Tuple *from, void *data)
{
    Relay *relay = data;
    IntakeDatagram datagram = {
        .bytes = bytes, .size = size, .from = from, .now_us = clock_now_us()};
    intake_take(&relay->intake, &datagram);
}

/* Peers. */

static void end_peer(Relay *relay, Peer *peer)
{
    g_ptr_array_remove_fast(relay->busy, peer);
    room_remove_peer(peer_room(peer), peer);
    if (downlink_keeps_sent(peer_downlink(peer))) {
        relay->sent_ring_count--;
    }
    peers_remove(relay->peers, peer);
}

static void log_peer(const Peer *peer, PeerState state, const char *reason)
{
    log_info(
        "peer.state",
        "meeting=%" G_GUINT64_FORMAT " source=%u peer=%" G_GUINT64_FORMAT " state=%s reason=\"%s\"",
        room_id(peer_room(peer)), peer_source(peer), peer_id(peer), peer_state_name(state), reason);
}

static void on_peer_state(Peer *peer, PeerState state, const char *reason, void *data)
{
    Relay *relay = data;
    log_peer(peer, state, reason);
    ops_emit_peer(relay->control, peer, state, reason);
    if (state == PEER_GONE) {
        end_peer(relay, peer);
    } else if (state == PEER_CONNECTED) {
        room_steer(peer_room(peer), peer, clock_now_us());
        room_want_source_keyframe(peer_room(peer), peer);
    }
}

static void replace(Relay *relay, Peer *peer)
{
    log_peer(peer, PEER_GONE, "replaced");
    ops_emit_peer(relay->control, peer, PEER_GONE, "replaced");
    end_peer(relay, peer);
}

static Peer *make_peer(Relay *relay, const RelayPeer *wanted, const SdpSession *offer,
                       Problem *problem)
{
    Room *room = find_room(relay, wanted->meeting);
    PeerOptions options = {
        .id = wanted->id,
        .source = wanted->source,
        .room = room,
        .offer = offer,
        .is_muted = wanted->is_muted,
        .is_video_wanted = wanted->is_video_wanted,
        .view = wanted->view,
        .view_kbps = wanted->view_kbps,
        .may_keep_sent = relay->sent_ring_count < LIMIT_SENT_RINGS,
        .candidates = relay->candidates,
        .candidate_count = relay->candidate_count,
        .port = relay->port,
        .identity = relay->identity,
        .counters = &relay->counters,
        .speakers = room_speakers(room),
        .pool = relay->pool,
        .forward = room_forward,
        .on_state = on_peer_state,
        .data = relay,
    };
    return peer_new(&options, problem);
}

bool relay_remove_peer(Relay *relay, uint64_t id)
{
    Peer *peer = peers_find(relay->peers, id);
    if (peer == NULL) {
        return false;
    }
    log_peer(peer, PEER_GONE, "removed");
    end_peer(relay, peer);
    return true;
}

static void adopt_peer(Relay *relay, Peer *peer)
{
    /* The server goes on with this id: no word of the end of what it meant before. */
    relay_remove_peer(relay, peer_id(peer));
    Room *room = peer_room(peer);
    Peer *same_source = peer_source(peer) == 0 ? NULL : room_find_source(room, peer_source(peer));
    if (same_source != NULL) {
        replace(relay, same_source);
    }
    relay->sent_ring_count += downlink_keeps_sent(peer_downlink(peer));
    peers_add(relay->peers, peer);
    room_add_peer(room, peer);
}

Peer *relay_add_peer(Relay *relay, const RelayPeer *wanted, Problem *problem)
{
    if (find_room(relay, wanted->meeting) == NULL) {
        problem_set(problem, "not_found", "meeting", "no meeting %" G_GUINT64_FORMAT,
                    wanted->meeting);
        return NULL;
    }
    g_autofree SdpSession *offer = g_new0(SdpSession, 1);
    if (!sdp_parse(wanted->sdp, wanted->sdp_size, offer, problem)) {
        return NULL;
    }
    Peer *present = peers_find(relay->peers, wanted->id);
    if (present != NULL && peer_is_for(present, offer) &&
        room_id(peer_room(present)) == wanted->meeting && peer_source(present) == wanted->source) {
        relay_set_muted(relay, present, wanted->is_muted);
        relay_set_video_wanted(relay, present, wanted->is_video_wanted);
        relay_set_view(relay, present, wanted->view, wanted->view_kbps);
        return present;
    }
    if (present == NULL && peers_count(relay->peers) >= LIMIT_PEERS) {
        problem_set(problem, "limit", "peer", "this relay serves %d peers already", LIMIT_PEERS);
        return NULL;
    }
    Peer *peer = make_peer(relay, wanted, offer, problem);
    if (peer != NULL) {
        adopt_peer(relay, peer);
        log_peer(peer, PEER_CONNECTING, "");
    }
    return peer;
}

void relay_set_muted(Relay *relay, Peer *peer, bool is_muted)
{
    uplink_set_muted(peer_uplink(peer), is_muted);
}

void relay_set_video_wanted(Relay *relay, Peer *peer, bool is_wanted)
{
    uplink_set_video_wanted(peer_uplink(peer), is_wanted);
    if (uplink_is_busy(peer_uplink(peer))) {
        on_busy(peer, relay);
    }
}

void relay_set_view(Relay *relay, Peer *peer, uint8_t view, int view_kbps)
{
    peer_set_view(peer, view, view_kbps);
    room_steer(peer_room(peer), peer, clock_now_us());
}

/* Meetings. */

bool relay_add_room(Relay *relay, uint64_t meeting, Problem *problem)
{
    if (find_room(relay, meeting) != NULL) {
        return true;
    }
    if (g_hash_table_size(relay->rooms) >= LIMIT_MEETINGS) {
        return problem_set(problem, "limit", "meeting", "this relay serves %d meetings already",
                           LIMIT_MEETINGS);
    }
    RoomOptions options = {
        .id = meeting, .counters = &relay->counters, .on_busy = on_busy, .data = relay};
    g_hash_table_insert(relay->rooms, g_memdup2(&meeting, sizeof meeting), room_new(&options));
    log_info("meeting.added", "meeting=%" G_GUINT64_FORMAT, meeting);
    return true;
}

bool relay_set_views(Relay *relay, uint64_t meeting, const Views *views, Problem *problem)
{
    Room *room = find_room(relay, meeting);
    if (room == NULL) {
        return problem_set(problem, "not_found", "meeting", "no meeting %" G_GUINT64_FORMAT,
                           meeting);
    }
    room_set_views(room, views, clock_now_us());
    return true;
}

void relay_remove_room(Relay *relay, uint64_t meeting)
{
    Room *room = find_room(relay, meeting);
    if (room == NULL) {
        return;
    }
    const GPtrArray *peers = room_peers(room);
    while (peers->len > 0) {
        end_peer(relay, peers->pdata[peers->len - 1]);
    }
    g_hash_table_remove(relay->rooms, &meeting);
    log_info("meeting.removed", "meeting=%" G_GUINT64_FORMAT, meeting);
}

void relay_each_room(Relay *relay, void (*call)(Room *room, void *data), void *data)
{
    GHashTableIter iter;
    gpointer room;
    g_hash_table_iter_init(&iter, relay->rooms);
    while (g_hash_table_iter_next(&iter, NULL, &room)) {
        call(room, data);
    }
}

/* Mixers. */

static bool attach_mixer(MixerLink *link, uint64_t meeting, void *data)
{
    Relay *relay = data;
    Room *room = find_room(relay, meeting);
    if (room == NULL) {
        return false;
    }
    room_attach_mixer(room, link);
    log_info("mixer.attached", "meeting=%" G_GUINT64_FORMAT, meeting);
    ops_emit_mixer(relay->control, meeting, true);
    return true;
}

static void on_mixer_message(MixerLink *link, const MedialinkHeader *header, const uint8_t *body,
                             size_t size, void *data)
{
    Room *room = find_room(data, mixerlink_meeting(link));
    if (room != NULL) {
        room_on_mixer(room, header, body, size, clock_now_us());
    }
}

static void on_mixer_drained(MixerLink *link, void *data)
{
    Room *room = find_room(data, mixerlink_meeting(link));
    if (room != NULL) {
        room_fan_out(room, clock_now_us());
    }
}

static void detach_mixer(MixerLink *link, void *data)
{
    Relay *relay = data;
    uint64_t meeting = mixerlink_meeting(link);
    Room *room = find_room(relay, meeting);
    if (room != NULL && room_detach_mixer(room, link)) {
        log_info("mixer.detached", "meeting=%" G_GUINT64_FORMAT, meeting);
        ops_emit_mixer(relay->control, meeting, false);
    }
}

/* Timers. */

typedef struct Turn {
    Relay *relay;
    int64_t now_us;
} Turn;

static void take_turn(Peer *peer, void *data)
{
    const Turn *turn = data;
    if (peer_id(peer) % RELAY_TURNS == turn->relay->turn) {
        peer_send_report(peer, turn->now_us);
        room_steer(peer_room(peer), peer, turn->now_us);
        peer_check_life(peer, turn->now_us);
    }
}

static void tell_mixer(Room *room, void *data)
{
    const Turn *turn = data;
    room_tell_mixer(room, turn->now_us);
}

static void on_turn_timer(void *data)
{
    Relay *relay = data;
    Turn turn = {.relay = relay, .now_us = clock_now_us()};
    relay->turn = (relay->turn + 1) % RELAY_TURNS;
    relay_each_room(relay, tell_mixer, &turn);
    peers_each(relay->peers, take_turn, &turn);
}

static void tell_voices(Room *room, void *data)
{
    const Turn *turn = data;
    bool has_left = speakers_expire(room_speakers(room), turn->now_us);
    if (has_left || room_speakers(room)->count > 0) {
        ops_emit_voices(turn->relay->control, room);
    }
}

static void on_voices_timer(void *data)
{
    Turn turn = {.relay = data, .now_us = clock_now_us()};
    relay_each_room(data, tell_voices, &turn);
}

static void on_stats_timer(void *data)
{
    Relay *relay = data;
    ops_emit_stats(relay->control, relay, clock_now_us());
}

/* Life. */

static void on_orphaned(void *owner)
{
    loop_stop();
}

static bool open_port(Relay *relay, const RelayOptions *options, GError **error)
{
    PortOptions port_options = {
        .number = options->port,
        .counters = &relay->counters,
        .on_datagram = on_datagram,
        .data = relay,
    };
    relay->port = port_open(&port_options, error);
    if (relay->port == NULL) {
        return false;
    }
    CandidatesOptions candidates = {
        .addresses = options->addresses,
        .has_loopback = options->has_loopback,
        .port = port_number(relay->port),
    };
    relay->candidate_count = candidates_gather(&candidates, relay->candidates, error);
    return relay->candidate_count > 0;
}

static bool open_media(Relay *relay, const char *runtime, GError **error)
{
    g_autofree char *path = g_build_filename(runtime, "media.sock", NULL);
    MixersOptions options = {
        .path = path,
        .counters = &relay->counters,
        .attach = attach_mixer,
        .on_message = on_mixer_message,
        .on_drained = on_mixer_drained,
        .detach = detach_mixer,
        .data = relay,
    };
    relay->mixers = mixers_listen(&options, error);
    return relay->mixers != NULL;
}

static bool open_control(Relay *relay, const char *runtime, GError **error)
{
    g_autofree char *path = g_build_filename(runtime, "relay.sock", NULL);
    ControlOptions options = {
        .path = path, .ops = relay_ops, .owner = relay, .on_orphaned = on_orphaned};
    relay->control = control_new(&options, error);
    return relay->control != NULL;
}

static void start_timers(Relay *relay)
{
    relay->busy_timer = loop_after(0, on_busy_timer, relay);
    relay->turn_timer = loop_every(RELAY_TURN_US, on_turn_timer, relay);
    relay->voices_timer = loop_every(RELAY_VOICES_US, on_voices_timer, relay);
    relay->stats_timer = loop_every(CLOCK_US_PER_S, on_stats_timer, relay);
}

static void free_room(gpointer room)
{
    room_free(room);
}

Relay *relay_new(const RelayOptions *options, GError **error)
{
    Relay *relay = g_new0(Relay, 1);
    relay->peers = peers_new();
    relay->pool = pool_new(LIMIT_INGEST_HELD, LIMIT_DATAGRAM_BYTES);
    relay->rooms = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, free_room);
    relay->busy = g_ptr_array_sized_new(LIMIT_PEERS);
    relay->intake = (Intake){
        .peers = relay->peers,
        .counters = &relay->counters,
        .reply = reply,
        .on_rtp = on_peer_rtp,
        .on_rtcp = on_peer_rtcp,
        .data = relay,
    };
    start_timers(relay);
    relay->identity = dtls_identity_new(error);
    if (relay->identity == NULL || !open_port(relay, options, error) ||
        !open_media(relay, options->runtime, error) ||
        !open_control(relay, options->runtime, error)) {
        relay_free(relay);
        return NULL;
    }
    return relay;
}

void relay_free(Relay *relay)
{
    if (relay == NULL) {
        return;
    }
    loop_drop(&relay->busy_timer);
    loop_drop(&relay->turn_timer);
    loop_drop(&relay->voices_timer);
    loop_drop(&relay->stats_timer);
    mixers_free(relay->mixers);
    control_free(relay->control);
    peers_free(relay->peers);
    g_hash_table_destroy(relay->rooms);
    g_ptr_array_free(relay->busy, TRUE);
    pool_free(relay->pool);
    port_close(relay->port);
    dtls_identity_free(relay->identity);
    g_free(relay);
}

uint16_t relay_port(const Relay *relay)
{
    return port_number(relay->port);
}

Peers *relay_peers(Relay *relay)
{
    return relay->peers;
}

const Counters *relay_counters(const Relay *relay)
{
    return &relay->counters;
}
