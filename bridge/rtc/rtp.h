/* RTP packets (RFC 3550 section 5, RFC 8285 header extensions). Reading is bounds-checked and
 * borrows from the packet. Plain values. Any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RTP_HEADER_BYTES 12
#define RTP_EXTENSIONS_MAX 8

/* URIs of the header extensions we know. */
#define RTP_EXT_URI_MID "urn:ietf:params:rtp-hdrext:sdes:mid"
#define RTP_EXT_URI_AUDIO_LEVEL "urn:ietf:params:rtp-hdrext:ssrc-audio-level"
#define RTP_EXT_URI_ABS_SEND_TIME "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"
#define RTP_EXT_URI_TRANSPORT_CC                                                                   \
    "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
#define RTP_EXT_URI_PLAYOUT_DELAY "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay"

typedef struct RtpExtension {
    uint8_t id; /* 1 to 14 */
    uint8_t size;
    const uint8_t *bytes;
} RtpExtension;

typedef struct RtpPacket {
    bool marker;
    uint8_t payload_type;
    uint16_t seq;
    uint32_t timestamp;
    uint32_t ssrc;
    size_t header_size; /* up to the payload, with CSRCs and extensions */
    const uint8_t *payload;
    size_t payload_size; /* without padding */
    size_t extension_count;
    RtpExtension extensions[RTP_EXTENSIONS_MAX]; /* further ones are ignored */
} RtpPacket;

/* What precedes the payload of a packet that we make. */
typedef struct RtpHeader {
    bool marker;
    uint8_t payload_type;
    uint16_t seq;
    uint32_t timestamp;
    uint32_t ssrc;
    size_t extension_count;
    RtpExtension extensions[RTP_EXTENSIONS_MAX];
} RtpHeader;

/* RFC 7983: RTP or RTCP have a first byte of 128 to 191; RFC 5761: those with a second byte of 192
 * to 223 are RTCP. Both are true of an RTCP packet. */
bool rtp_is_packet(const uint8_t *bytes, size_t size);
bool rtp_is_rtcp(const uint8_t *bytes, size_t size);

/* False when it is not well formed. */
bool rtp_parse(const uint8_t *bytes, size_t size, RtpPacket *ret_packet);
/* The extension with this id, or NULL. */
const RtpExtension *rtp_find_extension(const RtpPacket *packet, uint8_t id);
/* One-byte extensions (RFC 8285 section 4.2), padded. Returns the header's size, 0 when it does not
 * fit or an extension is longer than 16 bytes. */
size_t rtp_write_header(const RtpHeader *header, uint8_t *bytes, size_t capacity);

/* RFC 6464: level in -dBov, 0 (loudest) to 127 (silent); *ret_voice is the encoder's V flag. */
bool rtp_read_audio_level(const RtpExtension *extension, uint8_t *ret_level, bool *ret_voice);
/* Absolute send time: 24 bits, 6.18 fixed point seconds, of a monotonic time. */
void rtp_write_abs_send_time(int64_t now_us, uint8_t ret_bytes[3]);

/* Serial number arithmetic: is `a` later than `b`? */
bool rtp_seq_is_newer(uint16_t a, uint16_t b);
bool rtp_timestamp_is_newer(uint32_t a, uint32_t b);

/* Unwraps 16-bit sequence numbers: the extended number nearest to the highest one seen, which it
 * follows. Numbers begin in cycle 1, so that those before the first one are positive too.
 * Zero-initialise. */
typedef struct RtpUnwrapper {
    bool started;
    uint64_t highest;
} RtpUnwrapper;
uint64_t rtp_unwrap(RtpUnwrapper *unwrapper, uint16_t seq);
