/* The relay's control operations (bridge/PROTOCOL.md, "Relay"), one row each, and its events. Main
 * loop. */
#pragma once

#include "bridge/base/control.h"
#include "bridge/relay/relay.h"

/* The owner is a Relay. */
extern const ControlOp relay_ops[];

void ops_emit_peer(Control *control, const Peer *peer, PeerState state, const char *reason);
void ops_emit_mixer(Control *control, uint64_t meeting, bool is_attached);
void ops_emit_voices(Control *control, Room *room);
void ops_emit_stats(Control *control, Relay *relay, int64_t now_us);
