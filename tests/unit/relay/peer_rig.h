/* Real peers on a real port in the test's own process, with an intake before them that the test
 * feeds or the port does. Main thread. */
#pragma once

#include <stdbool.h>

#include "bridge/relay/intake.h"
#include "tests/support/rtc_client.h"

typedef struct PeerRig {
    Counters counters;
    Port *port;
    DtlsIdentity *identity;
    Pool *pool;
    Speakers speakers;
    Peers *peers;
    Intake intake;
    unsigned reply_count;
    bool is_error; /* the last reply */
    int64_t replied_us;
    int64_t replied_at_connect_us; /* both as they were when the peer became connected */
    int64_t heard_at_connect_us;
    unsigned forwarded_count;
    PeerState state; /* the last one that was told */
    char reason[128];
} PeerRig;

PeerRig *peer_rig_new(void);
void peer_rig_free(PeerRig *rig);
/* A peer of source `id`, for the offer of `client`, which gets the answer. */
Peer *peer_rig_add_client(PeerRig *rig, uint64_t id, RtcClient *client);
/* A peer for the offer of a client that is gone. */
Peer *peer_rig_add(PeerRig *rig, uint64_t id);
/* Connects the client, which belongs to another thread meanwhile, while the loop runs. */
bool peer_rig_connect(PeerRig *rig, Peer *peer, RtcClient *client);
/* Lets the loop run until `*value` is at least `least`; false when it takes over 5 s. */
bool peer_rig_run_until(const unsigned *value, unsigned least);
