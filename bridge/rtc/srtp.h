/* SRTP and SRTCP of one association: RFC 7714 by srtp_gcm, RFC 3711 by libsrtp2. In place; one
 * thread. A sequence number once protected is never protected again. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Free bytes that must follow a packet that is protected. */
#define SRTP_TRAILER_BYTES_MAX 144 /* SRTP_MAX_TRAILER_LEN of libsrtp2, asserted */
#define SRTP_KEY_BYTES_MAX 32      /* key and salt of the largest profile, 16 + 14, rounded up */

typedef enum SrtpProfile {
    SRTP_PROFILE_AES128_CM_SHA1_80 = 1,
    SRTP_PROFILE_AEAD_AES_128_GCM = 7,
} SrtpProfile;

/* Master key followed by master salt, for each direction. */
typedef struct SrtpKeys {
    SrtpProfile profile;
    uint8_t local[SRTP_KEY_BYTES_MAX];
    uint8_t remote[SRTP_KEY_BYTES_MAX];
    size_t size; /* of each: 30 for CM, 28 for GCM */
} SrtpKeys;

typedef enum SrtpVerdict {
    SRTP_VERDICT_OK,
    SRTP_VERDICT_REPLAYED,  /* seen before or older than the window (1024 packets) */
    SRTP_VERDICT_FORGED,    /* wrong tag */
    SRTP_VERDICT_MALFORMED, /* too short, or not what its header says */
    SRTP_VERDICT_TOO_MANY,  /* more than LIMIT_PEER_SSRCS streams */
    SRTP_VERDICT_EXHAUSTED, /* key limit reached, or another failure of the library */
} SrtpVerdict;

typedef struct SrtpContext SrtpContext;

const char *srtp_profile_name(SrtpProfile profile);

SrtpContext *srtp_context_new(const SrtpKeys *keys, GError **error);
void srtp_context_free(SrtpContext *context);

/* `capacity` bytes belong to `bytes`, *size of them are the plain packet; afterwards *size is the
 * protected size. */
SrtpVerdict srtp_context_protect(SrtpContext *context, uint8_t *bytes, size_t *size,
                                 size_t capacity);
SrtpVerdict srtp_context_protect_rtcp(SrtpContext *context, uint8_t *bytes, size_t *size,
                                      size_t capacity);
/* *size shrinks to the plain packet. */
SrtpVerdict srtp_context_unprotect(SrtpContext *context, uint8_t *bytes, size_t *size);
SrtpVerdict srtp_context_unprotect_rtcp(SrtpContext *context, uint8_t *bytes, size_t *size);
