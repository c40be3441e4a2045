/* One packet to many: offers a meeting's sound and pictures to all who receive them. Borrowed
 * arguments, no state but the job's. Main loop; flushes the outbox before it returns. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/relay/peer.h"
#include "bridge/relay/rung.h"

/* Receivers served before other traffic gets its turn: about a millisecond. */
#define FANOUT_SLICE 128

/* How far one round over the receivers of a rung has come. Zero-initialise. */
typedef struct FanoutJob {
    guint next;
    uint64_t limit; /* the round brings everybody up to this */
} FanoutJob;

/* `packet` to every receiver whose own mix of the same time was not sent. */
void fanout_sound(const GPtrArray *peers, const SoundPacket *packet, int64_t now_us);
/* To one receiver: the mix without itself. */
void fanout_own_sound(Peer *peer, const SoundPacket *packet, int64_t now_us);
/* To the rung's audience: goes on with the round, or begins one when the rung has moved; true when
 * receivers are left. */
bool fanout_pictures(FanoutJob *job, const GPtrArray *audience, Rung *rung, int64_t now_us);
