/* All peers of the relay, found by id, by the ufrag a connectivity check is addressed to, and by an
 * address that passed ICE. Owned by the relay; owns the peers. Main loop. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/relay/peer.h"

typedef struct Peers Peers;

Peers *peers_new(void);
/* Frees the peers too. */
void peers_free(Peers *peers);

/* Takes over a peer whose id is not in use. */
void peers_add(Peers *peers, Peer *peer);
/* Takes it out and frees it. */
void peers_remove(Peers *peers, Peer *peer);
size_t peers_count(const Peers *peers);
/* Calls for each; `call` may remove the peer it is given, and no other. */
void peers_each(Peers *peers, void (*call)(Peer *peer, void *data), void *data);

Peer *peers_find(const Peers *peers, uint64_t id);
Peer *peers_find_ufrag(const Peers *peers, const char *local_ufrag);
/* Who speaks from this address, NULL: nobody who passed ICE. */
Peer *peers_find_address(const Peers *peers, const Address *address);
/* The address passed ICE for this peer; its oldest one is forgotten when there are
 * LIMIT_PEER_ADDRESSES. No allocation when it was known. */
void peers_learn_address(Peers *peers, Peer *peer, const Address *address);
