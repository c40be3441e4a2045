/* The door for datagrams from the network: tells the protocols apart, finds the peer, and turns
 * away whoever has not passed ICE. A datagram that is not genuine never allocates anything and
 * never changes where a peer is believed to be. Owned by the relay, on the main loop. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "bridge/relay/peers.h"
#include "bridge/relay/port.h"

typedef struct Intake {
    Peers *peers;
    Counters *counters;
    /* Sends one datagram: what answers a connectivity check. */
    void (*reply)(const Tuple *to, const uint8_t *bytes, size_t size, void *data);
    /* A genuine packet of the peer was dealt with: look at what became due. */
    void (*on_rtp)(Peer *peer, int64_t now_us, void *data);
    void (*on_rtcp)(Peer *peer, int64_t now_us, void *data);
    void *data;
} Intake;

typedef struct IntakeDatagram {
    uint8_t *bytes; /* may be changed in place */
    size_t size;
    const Tuple *from;
    int64_t now_us;
} IntakeDatagram;

void intake_take(const Intake *intake, const IntakeDatagram *datagram);
