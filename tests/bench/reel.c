#include "tests/bench/reel.h"

#include "bridge/base/bytes.h"
#include "bridge/base/clock.h"
#include "bridge/base/vp8.h"
#include "bridge/rtc/rtp.h"

typedef struct Item {
    RtpPacket packet; /* borrows from the file's bytes */
    uint64_t ticks;   /* since the first packet */
    bool is_keyframe;
} Item;

struct Reel {
    ReelShape shape;
    char *bytes;
    GArray *items; /* Item */
    uint64_t ticks;
};

static const Item *item_at(const Reel *reel, size_t index)
{
    return &g_array_index(reel->items, Item, index);
}

static bool begins_frame(const Reel *reel)
{
    return reel->items->len == 0 || item_at(reel, reel->items->len - 1)->packet.marker;
}

static bool is_keyframe(const Reel *reel, const RtpPacket *packet)
{
    return begins_frame(reel) ? vp8_payload_starts_keyframe(packet->payload, packet->payload_size)
                              : item_at(reel, reel->items->len - 1)->is_keyframe;
}

static bool add(Reel *reel, const uint8_t *bytes, size_t size)
{
    Item item = {0};
    if (size > LIMIT_RTP_BYTES || !rtp_parse(bytes, size, &item.packet)) {
        return false;
    }
    if (reel->items->len > 0) {
        const Item *before = item_at(reel, reel->items->len - 1);
        item.ticks = before->ticks + (uint32_t)(item.packet.timestamp - before->packet.timestamp);
    }
    item.is_keyframe = reel->shape.is_picture && is_keyframe(reel, &item.packet);
    reel->ticks = item.ticks + reel->shape.frame_ticks;
    g_array_append_val(reel->items, item);
    return true;
}

static bool parse(Reel *reel, size_t size)
{
    ByteReader reader = byte_reader(reel->bytes, size);
    while (byte_reader_left(&reader) > 0) {
        size_t packet_size = read_u16(&reader);
        const uint8_t *packet = read_bytes(&reader, packet_size);
        if (packet == NULL || !add(reel, packet, packet_size)) {
            return false;
        }
    }
    return reel->items->len > 0;
}

Reel *reel_load(const char *path, ReelShape shape, GError **error)
{
    gsize size = 0;
    Reel *reel = g_new0(Reel, 1);
    reel->shape = shape;
    reel->items = g_array_new(FALSE, FALSE, sizeof(Item));
    if (!g_file_get_contents(path, &reel->bytes, &size, error)) {
        reel_free(reel);
        return NULL;
    }
    if (!parse(reel, size)) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "%s does not hold RTP packets", path);
        reel_free(reel);
        return NULL;
    }
    return reel;
}

void reel_free(Reel *reel)
{
    if (reel != NULL) {
        g_array_free(reel->items, TRUE);
        g_free(reel->bytes);
        g_free(reel);
    }
}

static int64_t to_us(const Reel *reel, uint64_t ticks)
{
    return (int64_t)(ticks * (uint64_t)CLOCK_US_PER_S / reel->shape.clock_hz);
}

ReelPlayer reel_player(const Reel *reel, int64_t start_us, size_t first)
{
    size_t at = first % reel->items->len;
    return (ReelPlayer){
        .reel = reel,
        .start_us = start_us - to_us(reel, item_at(reel, at)->ticks),
        .at = at,
    };
}

static uint64_t ticks_now(const ReelPlayer *player)
{
    return player->loops * player->reel->ticks + item_at(player->reel, player->at)->ticks;
}

int64_t reel_player_due_us(const ReelPlayer *player)
{
    return player->start_us + to_us(player->reel, ticks_now(player));
}

bool reel_player_take(ReelPlayer *player, int64_t now_us, ReelCue *ret_cue)
{
    int64_t due_us = reel_player_due_us(player);
    if (now_us < due_us) {
        return false;
    }
    const Item *item = item_at(player->reel, player->at);
    *ret_cue = (ReelCue){
        .seq = (uint16_t)player->played,
        .rollover = (uint32_t)(player->played >> 16),
        .timestamp = (uint32_t)ticks_now(player),
        .marker = item->packet.marker,
        .is_keyframe = item->is_keyframe,
        .payload = item->packet.payload,
        .payload_size = item->packet.payload_size,
        .time_us = due_us,
    };
    player->played++;
    player->at++;
    if (player->at == player->reel->items->len) {
        player->at = 0;
        player->loops++;
    }
    return true;
}
