/* AEAD_AES_128_GCM of one direction of SRTP or SRTCP (RFC 7714) over OpenSSL: session key and salt
 * from the master key, and one cipher context for the life of the association. One thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GCM_TAG_BYTES 16
#define GCM_MASTER_BYTES 28 /* key and salt, 16 + 12 */

typedef enum GcmUse { GCM_FOR_RTP, GCM_FOR_RTCP } GcmUse;

typedef struct GcmCipher GcmCipher;

/* One packet as the cipher sees it; everything borrowed. */
typedef struct GcmPacket {
    uint32_t ssrc;
    uint64_t index; /* 48 bits: roll-overs and number of RTP, or the index of RTCP */
    /* What is authenticated and stays in the clear, in two pieces. */
    const uint8_t *header;
    size_t header_size;
    const uint8_t *trailer;
    size_t trailer_size;
    /* What is encrypted, in place. */
    uint8_t *body;
    size_t body_size;
    uint8_t *tag; /* GCM_TAG_BYTES */
} GcmPacket;

/* NULL when the library fails. */
GcmCipher *gcm_cipher_new(const uint8_t master[GCM_MASTER_BYTES], GcmUse use);
void gcm_cipher_free(GcmCipher *cipher);
/* Writes body and tag. false: the library fails. */
bool gcm_cipher_seal(GcmCipher *cipher, const GcmPacket *packet);
/* Writes the body. false: the tag is not of this packet, and the body is spoilt. */
bool gcm_cipher_open(GcmCipher *cipher, const GcmPacket *packet);
