/* SRTP and SRTCP with SRTP_AEAD_AES_128_GCM (RFC 7714), both directions of one association. It is
 * what a relay does most: libsrtp2 on NSS, as Debian builds it, sets a cipher up for every packet,
 * 1 µs with 200 associations and 4.5 µs with 2,000. Makes the very bytes that libsrtp2 makes, and
 * opens what it makes. Owned by the SRTP context, on its thread. */
#pragma once

#include "bridge/rtc/srtp.h"

typedef struct SrtpGcm SrtpGcm;

/* Keys of that profile. NULL when the library fails. */
SrtpGcm *srtp_gcm_new(const SrtpKeys *keys);
void srtp_gcm_free(SrtpGcm *gcm);
/* As in srtp.h; SRTP_TRAILER_BYTES_MAX are free behind the *size bytes of a packet that is
 * protected. A refused one stays as it was; one that is not opened may be spoilt. */
SrtpVerdict srtp_gcm_protect(SrtpGcm *gcm, uint8_t *packet, size_t *size);
SrtpVerdict srtp_gcm_protect_rtcp(SrtpGcm *gcm, uint8_t *packet, size_t *size);
SrtpVerdict srtp_gcm_unprotect(SrtpGcm *gcm, uint8_t *packet, size_t *size);
SrtpVerdict srtp_gcm_unprotect_rtcp(SrtpGcm *gcm, uint8_t *packet, size_t *size);
