/* One site's media session: its secure path, what it sends and what it receives. Owned by `peers`,
 * on the main loop. */
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/base/problem.h"
#include "bridge/relay/downlink.h"
#include "bridge/relay/transport.h"
#include "bridge/relay/uplink.h"

typedef struct Peer Peer;
typedef struct Room Room;

/* connecting → connected ↔ silent; every one of them → gone. */
typedef enum PeerState {
    PEER_CONNECTING,
    PEER_CONNECTED,
    PEER_SILENT, /* nothing genuine for 5 s */
    PEER_GONE,   /* for 30 s, or the transport ended */
} PeerState;

#define PEER_VIEW_UNCAPPED INT_MAX

typedef struct PeerOptions {
    uint64_t id;
    uint32_t source; /* 0: it only receives */
    Room *room;      /* borrowed, never looked into */
    const SdpSession *offer;
    bool is_muted;
    bool is_video_wanted;
    bool may_keep_sent;
    uint8_t view;  /* which of the meeting's pictures it gets, */
    int view_kbps; /* and no better rung than this; PEER_VIEW_UNCAPPED */
    const SdpCandidate *candidates;
    size_t candidate_count;
    Port *port;
    DtlsIdentity *identity;
    Counters *counters;
    Speakers *speakers;
    Pool *pool;
    void (*forward)(const UplinkPacket *packet, void *data); /* gets the room */
    /* The state changed. PEER_GONE is the last one: free the peer then or later; it may be freed
     * within the call. */
    void (*on_state)(Peer *peer, PeerState state, const char *reason, void *data);
    void *data;
} PeerOptions;

typedef struct PeerStats {
    double loss_in_fraction;
    double loss_out_fraction;
    double rtt_ms; /* -1: unknown */
    double jitter_ms;
    double in_kbps;
    double out_kbps;
    uint64_t estimate_bps;
    int mic_level; /* As uplink_take_mic_level. */
    int rung;      /* -1: no picture */
    const char *profile;
} PeerStats;

/* NULL with a problem (bad_sdp) when the offer's fingerprint is unusable. */
Peer *peer_new(const PeerOptions *options, Problem *problem);
void peer_free(Peer *peer);

uint64_t peer_id(const Peer *peer);
uint32_t peer_source(const Peer *peer);
Room *peer_room(const Peer *peer);
PeerState peer_state(const Peer *peer);
const char *peer_state_name(PeerState state);
bool peer_is_sending(const Peer *peer); /* connected or silent: packets may be sent to it */
Transport *peer_transport(const Peer *peer);
Uplink *peer_uplink(const Peer *peer);
Downlink *peer_downlink(const Peer *peer);
/* The description that answers the offer. */
const char *peer_answer(const Peer *peer);
/* Was it made for this very offer? Then the answer still holds. */
bool peer_is_for(const Peer *peer, const SdpSession *offer);
/* What its camera is to send at most; told to it at once. 0: no limit. */
void peer_set_cap_kbps(Peer *peer, int64_t kbps, int64_t now_us);
uint8_t peer_view(const Peer *peer);
int peer_view_kbps(const Peer *peer);
void peer_set_view(Peer *peer, uint8_t view, int view_kbps);

/* Datagrams from an address that passed ICE; RTP and RTCP are changed in place. The peer may be
 * gone after peer_on_dtls. */
void peer_on_dtls(Peer *peer, const uint8_t *bytes, size_t size, int64_t now_us);
void peer_on_rtp(Peer *peer, uint8_t *bytes, size_t size, const Tuple *from, int64_t now_us);
void peer_on_rtcp(Peer *peer, uint8_t *bytes, size_t size, const Tuple *from, int64_t now_us);

/* Whether the owner calls peer_on_tick: a mark for the owner alone. */
bool peer_is_ticking(const Peer *peer);
void peer_set_ticking(Peer *peer, bool is_ticking);
/* The NACK and PLI that are due; true while uplink_is_busy. */
bool peer_on_tick(Peer *peer, int64_t now_us);
/* Once a second. */
void peer_send_report(Peer *peer, int64_t now_us);
/* Judges liveness; may change the state. */
void peer_check_life(Peer *peer, int64_t now_us);

/* Rates since the last call. */
void peer_take_stats(Peer *peer, int64_t now_us, PeerStats *ret_stats);
