/* The side of ICE that asks (RFC 8445): a controlling agent with one socket against a lite peer. It
 * checks the peer's candidates in turn, nominates the first that answers, and then keeps asking for
 * consent (RFC 7675). Driven by datagrams in, datagrams out and one timer, over libnice's STUN
 * codec. Belongs to one thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/rtc/sdp.h"

typedef struct IceClient IceClient;

typedef enum IceClientState {
    ICE_CLIENT_CHECKING,
    ICE_CLIENT_CONNECTED, /* a candidate is nominated and answers */
    ICE_CLIENT_FAILED,    /* final: nobody answered for 15 s, or consent was not renewed for 30 s */
} IceClientState;

/* Strings and candidates are copied. */
typedef struct IceClientOptions {
    const char *local_ufrag;
    const char *remote_ufrag;
    const char *remote_password;
    const SdpCandidate *candidates; /* of the peer */
    size_t candidate_count;
    /* Sends one datagram; called from ice_client_on_timer and ice_client_receive. `candidate` is
     * borrowed. */
    void (*send)(const SdpCandidate *candidate, const uint8_t *bytes, size_t size, void *data);
    void *data;
} IceClientOptions;

/* NULL when there is no candidate. Nothing is sent before the first ice_client_on_timer. */
IceClient *ice_client_new(const IceClientOptions *options, int64_t now_us);
void ice_client_free(IceClient *client);

IceClientState ice_client_state(const IceClient *client);
/* The nominated candidate, or NULL. */
const SdpCandidate *ice_client_selected(const IceClient *client);

/* When ice_client_on_timer is due; -1: never again. */
int64_t ice_client_deadline_us(const IceClient *client);
IceClientState ice_client_on_timer(IceClient *client, int64_t now_us);
/* A STUN message. What does not answer a check of ours, or has a wrong integrity, changes nothing.
 */
IceClientState ice_client_receive(IceClient *client, const uint8_t *bytes, size_t size,
                                  int64_t now_us);
