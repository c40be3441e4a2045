#include "bridge/relay/room.h"

#include <glib.h>

#include "bridge/base/clock.h"
#include "bridge/base/log.h"
#include "bridge/base/loop.h"
#include "bridge/relay/fanout.h"
#include "bridge/relay/pacer.h"

/* The rung everybody is given. */
#define ROOM_FIRST_RUNG 0

struct Room {
    RoomOptions options;
    GPtrArray *peers;
    GHashTable *by_source; /* source → Peer */
    Speakers speakers;
    MixerLink *mixer;
    uint32_t timeline; /* of the sound: changes with the mixer */
    Rung *rungs[LIMIT_RUNGS];
    FanoutJob jobs[LIMIT_RUNGS];
    LoopWatch *fan_out_timer;
};

static void on_fan_out_timer(void *data)
{
    room_fan_out(data, clock_now_us());
}

Room *room_new(const RoomOptions *options)
{
    Room *room = g_new0(Room, 1);
    room->options = *options;
    room->peers = g_ptr_array_new();
    room->by_source = g_hash_table_new(g_direct_hash, g_direct_equal);
    room->rungs[ROOM_FIRST_RUNG] = rung_new(ROOM_FIRST_RUNG);
    room->fan_out_timer = loop_after(0, on_fan_out_timer, room);
    return room;
}

void room_free(Room *room)
{
    if (room == NULL) {
        return;
    }
    loop_drop(&room->fan_out_timer);
    mixerlink_free(room->mixer);
    for (size_t i = 0; i < LIMIT_RUNGS; i++) {
        rung_free(room->rungs[i]);
    }
    g_hash_table_destroy(room->by_source);
    g_ptr_array_free(room->peers, TRUE);
    g_free(room);
}

uint64_t room_id(const Room *room)
{
    return room->options.id;
}

Speakers *room_speakers(Room *room)
{
    return &room->speakers;
}

void room_add_peer(Room *room, Peer *peer)
{
    g_ptr_array_add(room->peers, peer);
    if (peer_source(peer) != 0) {
        g_hash_table_insert(room->by_source, GUINT_TO_POINTER(peer_source(peer)), peer);
    }
}

static void tell_mixer(Room *room, MedialinkType type, uint16_t rung, uint32_t source)
{
    if (room->mixer != NULL) {
        MedialinkHeader header = {
            .type = type, .rung = rung, .source = source, .time_us = clock_now_us()};
        mixerlink_send(room->mixer, &header, (MixerLinkBody){0});
    }
}

void room_remove_peer(Room *room, Peer *peer)
{
    g_ptr_array_remove_fast(room->peers, peer);
    if (peer_source(peer) != 0 && room_find_source(room, peer_source(peer)) == peer) {
        g_hash_table_remove(room->by_source, GUINT_TO_POINTER(peer_source(peer)));
        tell_mixer(room, MEDIALINK_SOURCE_GONE, 0, peer_source(peer));
    }
}

const GPtrArray *room_peers(const Room *room)
{
    return room->peers;
}

Peer *room_find_source(const Room *room, uint32_t source)
{
    return g_hash_table_lookup(room->by_source, GUINT_TO_POINTER(source));
}

void room_on_connected(Room *room, Peer *peer, int64_t now_us)
{
    downlink_set_rung(peer_downlink(peer), room->rungs[ROOM_FIRST_RUNG]);
    room_ask_keyframes(room, now_us);
    room_want_source_keyframe(room, peer);
}

void room_want_source_keyframe(Room *room, Peer *peer)
{
    uplink_want_keyframe(peer_uplink(peer));
    if (uplink_is_busy(peer_uplink(peer))) {
        room->options.on_busy(peer, room->options.data);
    }
}

void room_attach_mixer(Room *room, MixerLink *link)
{
    mixerlink_free(room->mixer);
    room->mixer = link;
    room->timeline++;
    for (size_t i = 0; i < LIMIT_RUNGS; i++) {
        if (room->rungs[i] != NULL) {
            rung_restart(room->rungs[i]);
        }
    }
    for (guint i = 0; i < room->peers->len; i++) {
        room_want_source_keyframe(room, room->peers->pdata[i]);
    }
}

bool room_detach_mixer(Room *room, MixerLink *link)
{
    if (room->mixer != link) {
        return false;
    }
    g_clear_pointer(&room->mixer, mixerlink_free);
    return true;
}

bool room_has_mixer(const Room *room)
{
    return room->mixer != NULL;
}

void room_forward(const UplinkPacket *packet, void *data)
{
    Room *room = data;
    if (room->mixer == NULL) {
        return;
    }
    MedialinkHeader header = {
        .type = packet->is_video ? MEDIALINK_VIDEO_IN : MEDIALINK_AUDIO_IN,
        .flags = packet->is_video && packet->packet.marker ? MEDIALINK_FLAG_FRAME_END : 0,
        .source = packet->source,
        .time_us = packet->packet.arrival_us,
    };
    RtpHeader rtp = {
        .marker = packet->packet.marker,
        .payload_type = packet->is_video ? MEDIALINK_VP8_PAYLOAD_TYPE : MEDIALINK_OPUS_PAYLOAD_TYPE,
        .seq = packet->packet.seq,
        .timestamp = packet->packet.timestamp,
        .ssrc = packet->ssrc,
    };
    uint8_t head[RTP_HEADER_BYTES];
    MixerLinkBody body = {
        .head = head,
        .head_size = rtp_write_header(&rtp, head, sizeof head),
        .payload = packet->packet.payload,
        .payload_size = packet->packet.size,
    };
    mixerlink_send(room->mixer, &header, body);
}

void room_ask_keyframes(Room *room, int64_t now_us)
{
    for (size_t i = 0; room->mixer != NULL && i < LIMIT_RUNGS; i++) {
        if (room->rungs[i] != NULL && keyframe_take(rung_governor(room->rungs[i]), now_us)) {
            room->options.counters->keyframes_asked++;
            tell_mixer(room, MEDIALINK_RUNG_KEYFRAME, (uint16_t)i, 0);
        }
    }
}

static bool on_picture(Room *room, const MedialinkHeader *header, const RtpPacket *packet)
{
    if (header->rung >= LIMIT_RUNGS || packet->payload_type != MEDIALINK_VP8_PAYLOAD_TYPE) {
        return false;
    }
    if (room->rungs[header->rung] == NULL) {
        room->rungs[header->rung] = rung_new(header->rung);
    }
    bool ends_frame = (header->flags & MEDIALINK_FLAG_FRAME_END) != 0;
    return rung_on_packet(room->rungs[header->rung], packet, ends_frame, header->time_us);
}

static bool on_sound(Room *room, const MedialinkHeader *header, const RtpPacket *packet,
                     int64_t now_us)
{
    if (packet->payload_type != MEDIALINK_OPUS_PAYLOAD_TYPE || packet->payload_size == 0 ||
        packet->payload_size > LIMIT_RTP_BYTES) {
        return false;
    }
    SoundPacket sound = {
        .mix = header->source,
        .seq = packet->seq,
        .timestamp = packet->timestamp,
        .timeline = room->timeline,
        .time_us = header->time_us,
        .marker = packet->marker,
        .payload = packet->payload,
        .size = packet->payload_size,
    };
    if (header->source == 0) {
        fanout_sound(room->peers, &sound, now_us);
        return true;
    }
    Peer *peer = room_find_source(room, header->source);
    if (peer != NULL) {
        fanout_own_sound(peer, &sound, now_us);
    }
    return true;
}

static bool on_source_keyframe(Room *room, uint32_t source)
{
    Peer *peer = room_find_source(room, source);
    if (peer != NULL) {
        room_want_source_keyframe(room, peer);
    }
    return true;
}

static bool handle(Room *room, const MedialinkHeader *header, const RtpPacket *packet,
                   int64_t now_us)
{
    switch (header->type) {
    case MEDIALINK_PICTURE:
        return packet != NULL && on_picture(room, header, packet);
    case MEDIALINK_SOUND:
        return packet != NULL && on_sound(room, header, packet, now_us);
    case MEDIALINK_SOURCE_KEYFRAME:
        return on_source_keyframe(room, header->source);
    default:
        return false;
    }
}

void room_on_mixer(Room *room, const MedialinkHeader *header, const uint8_t *body, size_t size,
                   int64_t now_us)
{
    RtpPacket packet;
    bool is_rtp = rtp_is_packet(body, size) && rtp_parse(body, size, &packet);
    if (!handle(room, header, is_rtp ? &packet : NULL, now_us)) {
        room->options.counters->mixer_bad++;
    }
}

void room_fan_out(Room *room, int64_t now_us)
{
    bool has_receivers_left = false;
    bool has_packets_left = false;
    for (size_t i = 0; i < LIMIT_RUNGS; i++) {
        if (room->rungs[i] == NULL) {
            continue;
        }
        has_packets_left |=
            rung_pace(room->rungs[i], now_us, &room->options.counters->packets_paced);
        has_receivers_left |= fanout_pictures(&room->jobs[i], room->peers, room->rungs[i], now_us);
    }
    if (has_receivers_left || has_packets_left) {
        loop_timer_set(room->fan_out_timer, has_receivers_left ? now_us : now_us + PACER_SLOT_US);
    } else {
        loop_timer_set(room->fan_out_timer, -1);
    }
}
