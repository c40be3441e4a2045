/* All rungs of one meeting and who watches them: takes the mixer's packets in, lets them out to the
 * receivers, and knows which rungs are to be encoded at all. Owned by the room, on the main loop.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/base/medialink.h"
#include "bridge/relay/counters.h"
#include "bridge/relay/peer.h"
#include "bridge/relay/rung.h"
#include "bridge/relay/views.h"

/* A rung that nobody watches is encoded for so long yet: somebody may come back to it. */
#define RUNGS_LINGER_US INT64_C(5000000)

typedef struct Rungs Rungs;

Rungs *rungs_new(Counters *counters);
/* Its receivers are gone, or about to be. */
void rungs_free(Rungs *rungs);

/* Rungs that are no more, or have another codec now, lose their receivers. */
void rungs_set_views(Rungs *rungs, const Views *views);
/* Another mixer feeds them from now on. */
void rungs_restart(Rungs *rungs);

/* Gives the peer the rung that fits it (rungchoice.h), from the rung's next key frame on; true when
 * that is another one than before. */
bool rungs_steer(Rungs *rungs, Peer *peer, int64_t now_us);
/* The peer is about to be freed. */
void rungs_leave(Rungs *rungs, Peer *peer);

/* The ids of those to be encoded now, in order; at most LIMIT_RUNGS. */
size_t rungs_wanted(Rungs *rungs, int64_t now_us, uint16_t *ret_ids);
/* Calls for each rung whose key frame request is due; the request counts as made. */
void rungs_ask_keyframes(Rungs *rungs, int64_t now_us, void (*ask)(uint16_t rung, void *data),
                         void *data);
/* A packet of a rung from the mixer; false when there is something wrong with it. */
bool rungs_on_picture(Rungs *rungs, const MedialinkHeader *header, const RtpPacket *packet);
/* Sends what came, as far as the pacers let it. When to call again; -1: when something comes. */
int64_t rungs_fan_out(Rungs *rungs, int64_t now_us);
