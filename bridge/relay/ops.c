#include "bridge/relay/ops.h"

#include <jansson.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "bridge/base/clock.h"
#include "bridge/base/fields.h"

#define ID_MAX (INT64_C(1) << 53)
#define KBPS_MAX 100000
#define SILENT_LEVEL 127

static void add_peer_state(Peer *peer, void *data)
{
    json_array_append_new(
        data, json_pack("{s:I, s:I, s:I, s:s, s:b, s:b}", "peer", (json_int_t)peer_id(peer),
                        "meeting", (json_int_t)room_id(peer_room(peer)), "source",
                        (json_int_t)peer_source(peer), "state", peer_state_name(peer_state(peer)),
                        "muted", uplink_is_muted(peer_uplink(peer)), "video",
                        uplink_is_video_wanted(peer_uplink(peer))));
}

static void add_meeting(Room *room, void *data)
{
    json_array_append_new(data, json_integer((json_int_t)room_id(room)));
}

static void add_mixer(Room *room, void *data)
{
    if (room_has_mixer(room)) {
        add_meeting(room, data);
    }
}

static json_t *handle_hello(void *owner, json_t *request, Problem *problem)
{
    Relay *relay = owner;
    json_t *meetings = json_array();
    json_t *mixers = json_array();
    json_t *peers = json_array();
    relay_each_room(relay, add_meeting, meetings);
    relay_each_room(relay, add_mixer, mixers);
    peers_each(relay_peers(relay), add_peer_state, peers);
    return json_pack("{s:s, s:s, s:i, s:i, s:o, s:o, s:o}", "process", "relay", "version",
                     DIEMCAU_VERSION, "pid", (int)getpid(), "port", (int)relay_port(relay),
                     "meetings", meetings, "mixers", mixers, "peers", peers);
}

static json_t *handle_meeting_add(void *owner, json_t *request, Problem *problem)
{
    int64_t meeting;
    if (!field_int(request, "meeting", 1, ID_MAX, &meeting, problem) ||
        !relay_add_room(owner, (uint64_t)meeting, problem)) {
        return NULL;
    }
    return json_object();
}

static json_t *handle_meeting_views(void *owner, json_t *request, Problem *problem)
{
    int64_t meeting;
    Views views;
    if (!field_int(request, "meeting", 1, ID_MAX, &meeting, problem) ||
        !views_parse(request, &views, problem) ||
        !relay_set_views(owner, (uint64_t)meeting, &views, problem)) {
        return NULL;
    }
    return json_object();
}

static json_t *handle_meeting_remove(void *owner, json_t *request, Problem *problem)
{
    int64_t meeting;
    if (!field_int(request, "meeting", 1, ID_MAX, &meeting, problem)) {
        return NULL;
    }
    relay_remove_room(owner, (uint64_t)meeting);
    return json_object();
}

/* What it watches; a field that is not there leaves what was. */
static bool read_view(json_t *request, uint8_t *view, int *view_kbps, Problem *problem)
{
    int64_t id;
    int64_t kbps;
    if (!field_int_or(request, "view", 0, LIMIT_VIEWS - 1, *view, &id, problem) ||
        !field_int_or(request, "view_kbps", 0, KBPS_MAX, *view_kbps, &kbps, problem)) {
        return false;
    }
    *view = (uint8_t)id;
    *view_kbps = (int)kbps;
    return true;
}

static bool read_peer(json_t *request, RelayPeer *ret_peer, Problem *problem)
{
    int64_t id;
    int64_t meeting;
    int64_t source;
    ret_peer->view = 0;
    ret_peer->view_kbps = PEER_VIEW_UNCAPPED;
    if (!field_int(request, "peer", 1, ID_MAX, &id, problem) ||
        !field_int(request, "meeting", 1, ID_MAX, &meeting, problem) ||
        !field_int(request, "source", 0, UINT32_MAX, &source, problem) ||
        !field_bool_or(request, "muted", false, &ret_peer->is_muted, problem) ||
        !field_bool_or(request, "video", false, &ret_peer->is_video_wanted, problem) ||
        !read_view(request, &ret_peer->view, &ret_peer->view_kbps, problem) ||
        !field_string(request, "sdp", 1, LIMIT_SDP_BYTES, &ret_peer->sdp, problem)) {
        return false;
    }
    ret_peer->id = (uint64_t)id;
    ret_peer->meeting = (uint64_t)meeting;
    ret_peer->source = (uint32_t)source;
    ret_peer->sdp_size = strlen(ret_peer->sdp);
    return true;
}

static json_t *handle_peer_add(void *owner, json_t *request, Problem *problem)
{
    RelayPeer wanted;
    if (!read_peer(request, &wanted, problem)) {
        return NULL;
    }
    const Peer *peer = relay_add_peer(owner, &wanted, problem);
    return peer == NULL ? NULL : json_pack("{s:s}", "sdp", peer_answer(peer));
}

static json_t *handle_peer_remove(void *owner, json_t *request, Problem *problem)
{
    int64_t id;
    if (!field_int(request, "peer", 1, ID_MAX, &id, problem)) {
        return NULL;
    }
    relay_remove_peer(owner, (uint64_t)id);
    return json_object();
}

static json_t *handle_peer_update(void *owner, json_t *request, Problem *problem)
{
    int64_t id;
    int64_t kbps;
    bool is_muted;
    bool is_video_wanted;
    if (!field_int(request, "peer", 1, ID_MAX, &id, problem)) {
        return NULL;
    }
    Peer *peer = peers_find(relay_peers(owner), (uint64_t)id);
    if (peer == NULL) {
        problem_set(problem, "not_found", "peer", "no peer %" G_GINT64_FORMAT, id);
        return NULL;
    }
    const Uplink *uplink = peer_uplink(peer);
    uint8_t view = peer_view(peer);
    int view_kbps = peer_view_kbps(peer);
    if (!read_view(request, &view, &view_kbps, problem) ||
        !field_bool_or(request, "muted", uplink_is_muted(uplink), &is_muted, problem) ||
        !field_bool_or(request, "video", uplink_is_video_wanted(uplink), &is_video_wanted,
                       problem) ||
        !field_int_or(request, "kbps", 0, KBPS_MAX, -1, &kbps, problem)) {
        return NULL;
    }
    relay_set_muted(owner, peer, is_muted);
    relay_set_video_wanted(owner, peer, is_video_wanted);
    if (kbps >= 0) {
        peer_set_cap_kbps(peer, kbps, clock_now_us());
    }
    if (view != peer_view(peer) || view_kbps != peer_view_kbps(peer)) {
        relay_set_view(owner, peer, view, view_kbps);
    }
    return json_object();
}

const ControlOp relay_ops[] = {
    {"hello", handle_hello},
    {"meeting.add", handle_meeting_add},
    {"meeting.views", handle_meeting_views},
    {"meeting.remove", handle_meeting_remove},
    {"peer.add", handle_peer_add},
    {"peer.remove", handle_peer_remove},
    {"peer.update", handle_peer_update},
    {NULL, NULL},
};

void ops_emit_peer(Control *control, const Peer *peer, PeerState state, const char *reason)
{
    control_emit(control, "peer",
                 json_pack("{s:I, s:I, s:I, s:s, s:s}", "peer", (json_int_t)peer_id(peer),
                           "meeting", (json_int_t)room_id(peer_room(peer)), "source",
                           (json_int_t)peer_source(peer), "state", peer_state_name(state), "reason",
                           reason));
}

void ops_emit_mixer(Control *control, uint64_t meeting, bool is_attached)
{
    control_emit(control, "mixer",
                 json_pack("{s:I, s:b}", "meeting", (json_int_t)meeting, "attached", is_attached));
}

void ops_emit_voices(Control *control, Room *room)
{
    const Speakers *speakers = room_speakers(room);
    json_t *voices = json_array();
    for (size_t i = 0; i < speakers->count; i++) {
        const Voice *voice = speakers->chosen[i];
        int level = SILENT_LEVEL - (int)lrintf(voice->loudness);
        json_array_append_new(
            voices, json_pack("{s:I, s:i}", "source", (json_int_t)voice->source, "level", level));
    }
    control_emit(control, "voices",
                 json_pack("{s:I, s:o}", "meeting", (json_int_t)room_id(room), "voices", voices));
}

static double tenths(double value)
{
    return round(value * 10) / 10;
}

typedef struct StatsList {
    json_t *peers;
    int64_t now_us;
} StatsList;

static void add_peer_stats(Peer *peer, void *data)
{
    const StatsList *list = data;
    PeerStats stats;
    peer_take_stats(peer, list->now_us, &stats);
    double loss = MAX(stats.loss_in_fraction, stats.loss_out_fraction);
    json_t *entry = json_pack(
        "{s:I, s:I, s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:s}", "peer", (json_int_t)peer_id(peer),
        "source", (json_int_t)peer_source(peer), "loss_pct", tenths(loss * 100), "loss_in_pct",
        tenths(stats.loss_in_fraction * 100), "loss_out_pct", tenths(stats.loss_out_fraction * 100),
        "rtt_ms", tenths(stats.rtt_ms), "jitter_ms", tenths(stats.jitter_ms), "in_kbps",
        tenths(stats.in_kbps), "out_kbps", tenths(stats.out_kbps), "profile", stats.profile);
    json_object_set_new(entry, "view", json_integer(peer_view(peer)));
    json_object_set_new(entry, "rung", stats.rung < 0 ? json_null() : json_integer(stats.rung));
    if (stats.mic_level != UPLINK_MIC_UNTOLD) {
        json_object_set_new(entry, "mic_level",
                            stats.mic_level < 0 ? json_null() : json_integer(stats.mic_level));
    }
    if (stats.rtt_ms < 0) {
        json_object_set_new(entry, "rtt_ms", json_null());
    }
    if (stats.estimate_bps > 0) {
        json_object_set_new(entry, "estimate_kbps",
                            json_integer((json_int_t)(stats.estimate_bps / 1000)));
    }
    json_array_append_new(list->peers, entry);
}

static json_t *counters_to_json(const Counters *counters)
{
    json_t *object = json_object();
#define PUT_COUNTER(name)                                                                          \
    json_object_set_new(object, #name, json_integer((json_int_t)counters->name));
    COUNTERS(PUT_COUNTER)
#undef PUT_COUNTER
    return object;
}

void ops_emit_stats(Control *control, Relay *relay, int64_t now_us)
{
    if (!control_is_claimed(control)) {
        return;
    }
    StatsList list = {.peers = json_array(), .now_us = now_us};
    peers_each(relay_peers(relay), add_peer_stats, &list);
    control_emit(control, "stats",
                 json_pack("{s:o, s:o}", "peers", list.peers, "counters",
                           counters_to_json(relay_counters(relay))));
}
