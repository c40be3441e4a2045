/* The secure path to one peer: ICE-lite (RFC 8445 section 2.5), DTLS passive, SRTP. Knows nothing
 * of what is inside the packets. Owned by the peer, on the main loop. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/relay/port.h"
#include "bridge/rtc/dtls.h"

typedef struct Transport Transport;

typedef enum TransportState {
    TRANSPORT_CONNECTING,
    TRANSPORT_CONNECTED, /* keys are there */
    TRANSPORT_FAILED,    /* final: see transport_failure */
    TRANSPORT_CLOSED,    /* final: the peer said goodbye */
} TransportState;

typedef struct TransportOptions {
    Port *port;
    DtlsIdentity *identity;
    Counters *counters;
    const char *fingerprint_hash; /* of the peer's certificate, from its description */
    const char *fingerprint;
    /* The state changed. Called from transport_on_dtls or a timer; the transport may be freed
     * within the call. */
    void (*on_state)(Transport *transport, TransportState state, void *data);
    void *data;
} TransportOptions;

/* Port, identity and counters outlive the transport. NULL (error) when the fingerprint is unusable.
 */
Transport *transport_new(const TransportOptions *options, GError **error);
/* Says goodbye to a connected peer. */
void transport_free(Transport *transport);

const char *transport_ufrag(const Transport *transport);
const char *transport_password(const Transport *transport);
const char *transport_failure(const Transport *transport);
/* SRTP profile, "" before there are keys. */
const char *transport_profile(const Transport *transport);

/* May a check from an address that has not passed ICE be examined? Counts it. */
bool transport_may_examine(Transport *transport, int64_t now_us);
/* A check with right integrity came. `is_nominating`: it carried USE-CANDIDATE; until there are
 * keys its address becomes the one we send to. So does any address while there is none, or the
 * present one has been silent for 3 s: a peer pings its spare paths too, and we must not flap with
 * it. With keys, fresh media from another verified address moves us there: a check could be a
 * replay. */
void transport_on_check(Transport *transport, const Tuple *from, bool is_nominating,
                        int64_t now_us);
/* From an address that passed ICE. */
void transport_on_dtls(Transport *transport, const uint8_t *bytes, size_t size);
/* From an address that passed ICE. In place; false (and counted) when it is not genuine. */
bool transport_unprotect_rtp(Transport *transport, uint8_t *bytes, size_t *size, const Tuple *from,
                             int64_t now_us);
bool transport_unprotect_rtcp(Transport *transport, uint8_t *bytes, size_t *size, const Tuple *from,
                              int64_t now_us);
/* When something genuine last came; 0: never. */
int64_t transport_heard_us(const Transport *transport);

/* For packets built in the port's outbox; call only while connected. */
Outbox *transport_outbox(const Transport *transport);
const Tuple *transport_tuple(const Transport *transport);
/* In place in OUTBOX_PACKET_BYTES; false (and counted) when the library refuses. */
bool transport_protect_rtp(Transport *transport, uint8_t *bytes, size_t *size);
/* Sends a copy at once; false unless connected. */
bool transport_send_rtcp(Transport *transport, const uint8_t *bytes, size_t size);
