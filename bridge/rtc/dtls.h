/* DTLS 1.2 for SRTP keys (RFC 5764), over OpenSSL 3. A DtlsIdentity is the certificate (ECDSA
 * P-256) and context of one process; a Dtls is one association, driven by datagrams in, datagrams
 * out and one timer. The peer's certificate is compared with the fingerprint from its SDP before
 * any key is given out. A Dtls belongs to one thread. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/rtc/srtp.h"

typedef struct DtlsIdentity DtlsIdentity;
typedef struct Dtls Dtls;

#define DTLS_MTU 1200
#define DTLS_FINGERPRINT_CHARS 95 /* "AB:" x 32 less the last colon, SHA-256 */

typedef enum DtlsRole {
    DTLS_PASSIVE, /* server: the relay, always */
    DTLS_ACTIVE,  /* client: a device */
} DtlsRole;

typedef enum DtlsState {
    DTLS_STATE_HANDSHAKING,
    DTLS_STATE_CONNECTED,
    DTLS_STATE_FAILED, /* handshake refused or given up, or the fingerprint did not match */
    DTLS_STATE_CLOSED, /* the peer said close_notify */
} DtlsState;

typedef struct DtlsOptions {
    DtlsRole role;
    /* From a=fingerprint: "sha-256", "sha-384" or "sha-512", and hex bytes joined by colons. */
    const char *fingerprint_hash;
    const char *fingerprint;
    /* Sends one datagram of at most DTLS_MTU bytes; called from within the functions below. */
    void (*send)(const uint8_t *bytes, size_t size, void *data);
    void *data;
} DtlsOptions;

DtlsIdentity *dtls_identity_new(GError **error);
void dtls_identity_free(DtlsIdentity *identity);
/* SHA-256 of the certificate, upper-case hex joined by colons, as in a=fingerprint. */
const char *dtls_identity_fingerprint(const DtlsIdentity *identity);

/* RFC 7983: the first byte of a DTLS record is 20 to 63. */
bool dtls_is_record(const uint8_t *bytes, size_t size);

/* The identity must outlive the association; strings are copied. NULL (error) when the hash is
 * unknown or the fingerprint is not hex of its length. */
Dtls *dtls_new(DtlsIdentity *identity, const DtlsOptions *options, GError **error);
void dtls_free(Dtls *dtls);

/* The active side begins; nothing for the passive side. */
void dtls_start(Dtls *dtls);
/* One datagram from the peer, from an address that ICE verified. A bad record never harms an
 * established association. May call `send`. Returns the state after it. */
DtlsState dtls_receive(Dtls *dtls, const uint8_t *bytes, size_t size);
DtlsState dtls_state(const Dtls *dtls);
/* Why it failed, for the log and the host; "" otherwise. */
const char *dtls_failure(const Dtls *dtls);

/* Retransmission: monotonic time at which dtls_on_timer is due, -1 when there is none. First
 * timeout 100 ms, doubling to 1.6 s; the handshake is given up 15 s after it began, which is
 * dtls_start on the active side and the first datagram on the passive one. */
int64_t dtls_deadline_us(const Dtls *dtls);
DtlsState dtls_on_timer(Dtls *dtls);

/* Only in DTLS_STATE_CONNECTED (false otherwise). Wipe the keys after use. */
bool dtls_get_keys(const Dtls *dtls, SrtpKeys *ret_keys);
/* Sends close_notify. */
void dtls_close(Dtls *dtls);
