#include "bridge/relay/room.h"

#include <glib.h>
#include <string.h>

#include "bridge/base/clock.h"
#include "bridge/base/log.h"
#include "bridge/base/loop.h"
#include "bridge/relay/fanout.h"

#define ROOM_UNTOLD SIZE_MAX

struct Room {
    RoomOptions options;
    GPtrArray *peers;
    GHashTable *by_source; /* source → Peer */
    Speakers speakers;
    MixerLink *mixer;
    uint32_t timeline; /* of the sound: changes with the mixer */
    Rungs *rungs;
    size_t told_count; /* what the mixer was told to encode */
    uint16_t told[LIMIT_RUNGS];
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
    room->rungs = rungs_new(options->counters);
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
    rungs_free(room->rungs);
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
    rungs_leave(room->rungs, peer);
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

/* Says it when it has changed, and to a new mixer (told_count is ROOM_UNTOLD then). */
static void tell_rungs(Room *room, int64_t now_us)
{
    uint16_t ids[LIMIT_RUNGS];
    size_t count = rungs_wanted(room->rungs, now_us, ids);
    if (count == room->told_count && memcmp(ids, room->told, count * sizeof ids[0]) == 0) {
        return;
    }
    uint8_t bytes[sizeof ids];
    ByteWriter writer = byte_writer(bytes, sizeof bytes);
    for (size_t i = 0; i < count; i++) {
        write_u16(&writer, ids[i]);
    }
    MedialinkHeader header = {.type = MEDIALINK_RUNGS, .time_us = now_us};
    MixerLinkBody body = {.payload = bytes, .payload_size = byte_writer_size(&writer)};
    if (mixerlink_send(room->mixer, &header, body)) {
        room->told_count = count;
        memcpy(room->told, ids, count * sizeof ids[0]);
    }
}

static void ask_keyframe(uint16_t rung, void *data)
{
    tell_mixer(data, MEDIALINK_RUNG_KEYFRAME, rung, 0);
}

static void ask_keyframes(Room *room, int64_t now_us)
{
    if (room->mixer != NULL) {
        rungs_ask_keyframes(room->rungs, now_us, ask_keyframe, room);
    }
}

void room_tell_mixer(Room *room, int64_t now_us)
{
    if (room->mixer != NULL) {
        tell_rungs(room, now_us);
    }
    ask_keyframes(room, now_us);
}

void room_set_views(Room *room, const Views *views, int64_t now_us)
{
    rungs_set_views(room->rungs, views);
    for (guint i = 0; i < room->peers->len; i++) {
        rungs_steer(room->rungs, room->peers->pdata[i], now_us);
    }
    room_tell_mixer(room, now_us);
}

static void log_rung(const Room *room, const Peer *peer)
{
    const Downlink *downlink = peer_downlink(peer);
    const Rung *rung = downlink_next_rung(downlink);
    log_info("peer.rung",
             "meeting=%" G_GUINT64_FORMAT " source=%u peer=%" G_GUINT64_FORMAT
             " rung=%d loss_pct=%.0f rtt_ms=%.0f estimate_kbps=%.0f",
             room_id(room), peer_source(peer), peer_id(peer), rung == NULL ? -1 : rung_id(rung),
             downlink_loss_fraction(downlink) * 100,
             (double)downlink_rtt_us(downlink) / (double)CLOCK_US_PER_MS,
             (double)downlink_estimate_bps(downlink) / 1000);
}

void room_steer(Room *room, Peer *peer, int64_t now_us)
{
    if (rungs_steer(room->rungs, peer, now_us)) {
        log_rung(room, peer);
        room_tell_mixer(room, now_us);
    } else {
        ask_keyframes(room, now_us);
    }
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
    room->told_count = ROOM_UNTOLD;
    rungs_restart(room->rungs);
    tell_rungs(room, clock_now_us());
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
        return packet != NULL && rungs_on_picture(room->rungs, header, packet);
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
    loop_timer_set(room->fan_out_timer, rungs_fan_out(room->rungs, now_us));
}
