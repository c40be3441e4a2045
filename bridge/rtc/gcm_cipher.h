/* AEAD_AES_128_GCM of one direction of SRTP or SRTCP (RFC 7714): session key and salt from the
 * master key, and the nonce of each packet. The derivation is OpenSSL's. One thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "bridge/rtc/aead.h"

#define GCM_MASTER_BYTES 28 /* key and salt, 16 + 12 */

typedef enum GcmUse { GCM_FOR_RTP, GCM_FOR_RTCP } GcmUse;

typedef struct GcmCipher GcmCipher;

typedef struct GcmPacket {
    uint32_t ssrc;
    uint64_t index; /* 48 bits: roll-overs and number of RTP, or the index of RTCP */
    AeadText text;
} GcmPacket;

/* NULL when the library fails. */
GcmCipher *gcm_cipher_new(const uint8_t master[GCM_MASTER_BYTES], GcmUse use);
void gcm_cipher_free(GcmCipher *cipher);
/* Writes body and tag. false: the library fails. */
bool gcm_cipher_seal(GcmCipher *cipher, const GcmPacket *packet);
/* Writes the body. false: it is forged, and its body is spoilt. */
bool gcm_cipher_open(GcmCipher *cipher, const GcmPacket *packet);
