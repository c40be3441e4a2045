/* AEAD_AES_128_GCM of one direction of SRTP or SRTCP (RFC 7714): session key and salt from the
 * master key, and the nonce of each packet. The derivation is OpenSSL's. One thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "bridge/rtc/aead.h"

#define GCM_MASTER_BYTES 28 /* key and salt, 16 + 12 */

typedef enum GcmUse { GCM_FOR_RTP, GCM_FOR_RTCP } GcmUse;

/* A value; zero-initialised it may be cleared. */
typedef struct GcmCipher {
    Aead *aead;
    uint8_t salt[AEAD_IV_BYTES];
} GcmCipher;

typedef struct GcmPacket {
    uint32_t ssrc;
    uint64_t index; /* 48 bits: roll-overs and number of RTP, or the index of RTCP */
    AeadText text;
} GcmPacket;

/* false: the library fails. */
bool gcm_cipher_init(GcmCipher *cipher, const uint8_t master[GCM_MASTER_BYTES], GcmUse use);
void gcm_cipher_clear(GcmCipher *cipher);
/* Writes body and tag. false: the library fails. */
bool gcm_cipher_seal(const GcmCipher *cipher, const GcmPacket *packet);
/* Writes the body. false: it is forged, and its body is spoilt. */
bool gcm_cipher_open(const GcmCipher *cipher, const GcmPacket *packet);
