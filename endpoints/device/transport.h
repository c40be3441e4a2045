/* The secure way to one relay peer: ICE (libnice, controlling; the relay is ICE-lite), DTLS as the
 * active side, SRTP. Packets in the clear go in and come out; sending never waits: what the socket
 * does not take is dropped and counted. Owned by a media session; lives on the main loop, and so do
 * all its calls back. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/rtc/dtls.h"
#include "bridge/rtc/sdp.h"

typedef struct Transport Transport;

#define TRANSPORT_CANDIDATES_MAX 20

typedef struct TransportHandlers {
    /* Our own description is complete. */
    void (*on_gathered)(void *data);
    /* Media may flow. */
    void (*on_connected)(void *data);
    /* It will not come to be, or ended; free the transport later, not here. */
    void (*on_failed)(const char *reason, void *data);
    /* Verified and in the clear; borrowed. */
    void (*on_rtp)(uint8_t *bytes, size_t size, void *data);
    void (*on_rtcp)(uint8_t *bytes, size_t size, void *data);
} TransportHandlers;

typedef struct TransportCounters {
    uint64_t sent, send_dropped, received, refused;
} TransportCounters;

/* The identity must outlive it. `local`: the server is on this machine, offer loopback too. */
Transport *transport_new(DtlsIdentity *identity, bool local, const TransportHandlers *handlers,
                         void *data);
void transport_free(Transport *transport);

/* Starts; on_gathered may be called before this returns. */
bool transport_gather(Transport *transport, GError **error);
/* Fills in credentials, fingerprint and candidates (borrowed, until the transport is freed). */
void transport_describe(Transport *transport, SdpLocal *local);
/* The relay's answer: checks begin. */
bool transport_set_remote(Transport *transport, const SdpSession *answer, GError **error);

bool transport_is_connected(const Transport *transport);
/* Protects in place and sends; `capacity` must leave SRTP_TRAILER_BYTES_MAX behind the packet. */
bool transport_send_rtp(Transport *transport, uint8_t *bytes, size_t size, size_t capacity);
bool transport_send_rtcp(Transport *transport, uint8_t *bytes, size_t size, size_t capacity);
TransportCounters transport_counters(const Transport *transport);
