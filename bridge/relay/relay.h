/* The relay: one UDP port, all peers, all meetings, the control and the media socket. What the
 * control operations do to it is here; how packets travel through it is in intake, room and fanout.
 * One per process, on the main loop. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/base/problem.h"
#include "bridge/relay/candidates.h"
#include "bridge/relay/peers.h"
#include "bridge/relay/room.h"

typedef struct Relay Relay;

typedef struct RelayOptions {
    const char *runtime; /* directory of relay.sock and media.sock */
    uint16_t port;       /* 0: any free one */
    const char *const *addresses;
    bool has_loopback;
} RelayOptions;

typedef struct RelayPeer {
    uint64_t id;
    uint64_t meeting;
    uint32_t source;
    const char *sdp;
    size_t sdp_size;
    bool is_muted;
    bool is_video_wanted;
    uint8_t view;
    int view_kbps;
} RelayPeer;

/* NULL and an error of one line that says what to do. */
Relay *relay_new(const RelayOptions *options, GError **error);
/* Peers are told goodbye. */
void relay_free(Relay *relay);

uint16_t relay_port(const Relay *relay);
/* Calls for each room; it must not add or remove any. */
void relay_each_room(Relay *relay, void (*call)(Room *room, void *data), void *data);
Peers *relay_peers(Relay *relay);
const Counters *relay_counters(const Relay *relay);

/* False with a problem (limit); fine when it is there already. */
bool relay_add_room(Relay *relay, uint64_t meeting, Problem *problem);
/* False with a problem (not_found). */
bool relay_set_views(Relay *relay, uint64_t meeting, const Views *views, Problem *problem);
/* Its peers end; fine when there is none. */
void relay_remove_room(Relay *relay, uint64_t meeting);
/* The peer, or NULL with a problem: not_found (meeting), bad_sdp, limit. The same offer again gives
 * the same peer; another offer, or another peer of the same source, replaces. */
Peer *relay_add_peer(Relay *relay, const RelayPeer *wanted, Problem *problem);
/* False when there is none. */
bool relay_remove_peer(Relay *relay, uint64_t id);
void relay_set_muted(Relay *relay, Peer *peer, bool is_muted);
void relay_set_video_wanted(Relay *relay, Peer *peer, bool is_wanted);
void relay_set_view(Relay *relay, Peer *peer, uint8_t view, int view_kbps);
