/* One meeting: its peers, who of them is heard, its mixer's connection and the rungs that come from
 * it. Owned by the relay, on the main loop. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/relay/mixerlink.h"
#include "bridge/relay/peer.h"
#include "bridge/relay/rungs.h"
#include "bridge/relay/speaker.h"

typedef struct RoomOptions {
    uint64_t id;
    Counters *counters;
    /* A sender has something due at the next tick. */
    void (*on_busy)(Peer *peer, void *data);
    void *data;
} RoomOptions;

Room *room_new(const RoomOptions *options);
/* Its peers have been removed; its mixer's link is freed. */
void room_free(Room *room);
uint64_t room_id(const Room *room);
Speakers *room_speakers(Room *room);

/* Peers are borrowed. A peer is added once, removed before it is freed. */
void room_add_peer(Room *room, Peer *peer);
void room_remove_peer(Room *room, Peer *peer);
/* Peers as an array of Peer *, in no order. */
const GPtrArray *room_peers(const Room *room);
/* The peer of a source other than 0; NULL: none. */
Peer *room_find_source(const Room *room, uint32_t source);
/* What pictures there are; everybody is steered anew. */
void room_set_views(Room *room, const Views *views, int64_t now_us);
/* Gives the peer the rung that fits it now: when it is connected, has reported, or may watch
 * something else. */
void room_steer(Room *room, Peer *peer, int64_t now_us);
/* Asks its camera for a key frame, if its video is wanted. */
void room_want_source_keyframe(Room *room, Peer *peer);

/* Takes over the link; one that was there is freed. Asks all wanted cameras for key frames. */
void room_attach_mixer(Room *room, MixerLink *link);
/* Frees the link when it is the present one; false when it is not. */
bool room_detach_mixer(Room *room, MixerLink *link);
bool room_has_mixer(const Room *room);

/* Toward the mixer; `room` is a Room. */
void room_forward(const UplinkPacket *packet, void *room);
/* Tells it which rungs to encode when that has changed, and sends the key frame requests that are
 * due. */
void room_tell_mixer(Room *room, int64_t now_us);

/* From the mixer: one message. */
void room_on_mixer(Room *room, const MedialinkHeader *header, const uint8_t *body, size_t size,
                   int64_t now_us);
/* Sends what came to the receivers, as far as the pacers let it. */
void room_fan_out(Room *room, int64_t now_us);
