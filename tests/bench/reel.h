/* A reel: the RTP packets of one encoded stream, prepared once, so that two programs can be given
 * the very same packets. A ReelPlayer plays it in a loop on the monotonic clock and numbers the
 * packets on. A Reel is immutable once loaded and may be shared by players; a player is a plain
 * value of one thread. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/base/limits.h"

typedef struct Reel Reel;

typedef struct ReelShape {
    bool is_picture;      /* VP8 */
    uint32_t clock_hz;    /* of the timestamps */
    uint32_t frame_ticks; /* how long the last frame lasts before the loop begins again */
} ReelShape;

#define REEL_PICTURE ((ReelShape){.is_picture = true, .clock_hz = 90000, .frame_ticks = 90000 / 25})
#define REEL_SOUND ((ReelShape){.clock_hz = 48000, .frame_ticks = 48000 / 50})

/* One packet that is due; the payload is borrowed from the reel. */
typedef struct ReelCue {
    uint16_t seq;
    uint32_t rollover; /* how often the sequence numbers have begun again */
    uint32_t timestamp;
    bool marker;
    bool is_keyframe; /* belongs to a VP8 key frame */
    const uint8_t *payload;
    size_t payload_size; /* at most LIMIT_RTP_BYTES less the header */
    int64_t time_us;     /* when it is due */
} ReelCue;

typedef struct ReelPlayer {
    const Reel *reel;
    int64_t start_us;
    size_t at;
    uint64_t loops;
    uint64_t played;
} ReelPlayer;

/* A file of RTP packets, each with its size before it (RFC 4571). NULL and an error that names the
 * file when it cannot be read, holds no packet or something else than packets. */
Reel *reel_load(const char *path, ReelShape shape, GError **error);
void reel_free(Reel *reel);

/* Plays from `start_us` on, beginning with the packet numbered `first` (modulo their number). */
ReelPlayer reel_player(const Reel *reel, int64_t start_us, size_t first);
/* When the next packet is due. */
int64_t reel_player_due_us(const ReelPlayer *player);
/* False when none is due yet. */
bool reel_player_take(ReelPlayer *player, int64_t now_us, ReelCue *ret_cue);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Reel, reel_free)
