/* SRTP with AES-128-GCM (RFC 7714) and nothing else: keys that both sides know, no libsrtp, no
 * RTCP. It is the cipher of the bare limit, so it does what cannot be left out and no more. One
 * thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "bridge/rtc/srtp.h"

#define BARE_TAG_BYTES 16

typedef enum BareSide { BARE_SENDER, BARE_RECEIVER } BareSide;

typedef struct BareCipher BareCipher;

/* For an SrtpContext of one side. */
SrtpKeys bare_keys(BareSide side);

/* The sender's side. */
BareCipher *bare_cipher_new(void);
void bare_cipher_free(BareCipher *cipher);
/* `bytes`: an RTP packet with a header of RTP_HEADER_BYTES and BARE_TAG_BYTES free behind it;
 * `rollover`: how often its sequence numbers have begun again. The protected size. */
size_t bare_cipher_protect(BareCipher *cipher, uint8_t *bytes, size_t size, uint32_t rollover);
