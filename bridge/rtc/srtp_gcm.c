#include "bridge/rtc/srtp_gcm.h"

#include "bridge/base/bytes.h"
#include "bridge/base/limits.h"
#include "bridge/rtc/gcm_cipher.h"
#include "bridge/rtc/replay.h"

G_STATIC_ASSERT(GCM_MASTER_BYTES <= SRTP_KEY_BYTES_MAX);

enum {
    HEADER_BYTES = 12,
    SEQ_AT = 2,
    SSRC_AT = 8,
    EXTENSION_BYTES = 4,
    WORD_BYTES = 4,
    RTCP_HEADER_BYTES = 8,
    RTCP_SSRC_AT = 4,
    RTCP_TRAILER_BYTES = 4, /* the index, and whether the packet is encrypted */
    RTCP_CLEAR_BYTES = RTCP_HEADER_BYTES + RTCP_TRAILER_BYTES,
};

#define RTP_INDEX_END (UINT64_C(1) << 48)
#define RTCP_INDEX_END (UINT32_C(1) << 31)
#define RTCP_ENCRYPTED (UINT32_C(1) << 31)

/* One SSRC in one direction. */
typedef struct GcmStream {
    ReplayWindow rtp;
    ReplayWindow rtcp;
} GcmStream;

typedef struct GcmHalf {
    GcmCipher rtp;
    GcmCipher rtcp;
    size_t stream_count;
    uint32_t ssrcs[LIMIT_PEER_SSRCS]; /* of the streams; together, for a quick look */
    GcmStream streams[LIMIT_PEER_SSRCS];
} GcmHalf;

struct SrtpGcm {
    GcmHalf out;
    GcmHalf in;
};

static bool open_half(GcmHalf *half, const uint8_t *master)
{
    return gcm_cipher_init(&half->rtp, master, GCM_FOR_RTP) &&
           gcm_cipher_init(&half->rtcp, master, GCM_FOR_RTCP);
}

static void close_half(GcmHalf *half)
{
    gcm_cipher_clear(&half->rtp);
    gcm_cipher_clear(&half->rtcp);
}

SrtpGcm *srtp_gcm_new(const SrtpKeys *keys)
{
    SrtpGcm *gcm = g_new0(SrtpGcm, 1);
    if (!open_half(&gcm->out, keys->local) || !open_half(&gcm->in, keys->remote)) {
        srtp_gcm_free(gcm);
        return NULL;
    }
    return gcm;
}

void srtp_gcm_free(SrtpGcm *gcm)
{
    if (gcm != NULL) {
        close_half(&gcm->out);
        close_half(&gcm->in);
        g_free(gcm);
    }
}

static uint32_t u32_at(const uint8_t *bytes, size_t at)
{
    ByteReader reader = byte_reader(bytes + at, sizeof(uint32_t));
    return read_u32(&reader);
}

static uint16_t u16_at(const uint8_t *bytes, size_t at)
{
    ByteReader reader = byte_reader(bytes + at, sizeof(uint16_t));
    return read_u16(&reader);
}

/* The stream of that SSRC, or the place for a new one, which becomes one by keep_stream(); NULL:
 * there is none left. */
static GcmStream *find_stream(GcmHalf *half, uint32_t ssrc)
{
    for (size_t i = 0; i < half->stream_count; i++) {
        if (half->ssrcs[i] == ssrc) {
            return &half->streams[i];
        }
    }
    if (half->stream_count == LIMIT_PEER_SSRCS) {
        return NULL;
    }
    half->ssrcs[half->stream_count] = ssrc;
    GcmStream *place = &half->streams[half->stream_count];
    *place = (GcmStream){0};
    return place;
}

static void keep_stream(GcmHalf *half, const GcmStream *stream)
{
    if (stream == &half->streams[half->stream_count]) {
        half->stream_count++;
    }
}

/* The header is authenticated and stays in the clear; 0: it is not within the packet. */
static size_t header_size(const uint8_t *packet, size_t size)
{
    if (size < HEADER_BYTES) {
        return 0;
    }
    size_t header = HEADER_BYTES + (size_t)(packet[0] & 0x0f) * WORD_BYTES;
    if ((packet[0] & 0x10) != 0) {
        if (size < header + EXTENSION_BYTES) {
            return 0;
        }
        header += EXTENSION_BYTES + (size_t)u16_at(packet, header + 2) * WORD_BYTES;
    }
    return header <= size ? header : 0;
}

/* The tag is behind the plain packet. */
static GcmPacket rtp_packet(uint8_t *packet, size_t header, size_t plain)
{
    return (GcmPacket){.ssrc = u32_at(packet, SSRC_AT),
                       .text = {.clear = packet,
                                .clear_size = header,
                                .body = packet + header,
                                .body_size = plain - header,
                                .tag = packet + plain}};
}

SrtpVerdict srtp_gcm_protect(SrtpGcm *gcm, uint8_t *packet, size_t *size)
{
    size_t header = header_size(packet, *size);
    if (header == 0) {
        return SRTP_VERDICT_MALFORMED;
    }
    GcmPacket sealed = rtp_packet(packet, header, *size);
    GcmStream *stream = find_stream(&gcm->out, sealed.ssrc);
    if (stream == NULL) {
        return SRTP_VERDICT_TOO_MANY;
    }
    sealed.index = replay_index(&stream->rtp, u16_at(packet, SEQ_AT));
    if (!replay_is_new(&stream->rtp, sealed.index)) {
        return SRTP_VERDICT_REPLAYED;
    }
    if (sealed.index >= RTP_INDEX_END) {
        return SRTP_VERDICT_EXHAUSTED;
    }
    keep_stream(&gcm->out, stream);
    replay_note(&stream->rtp, sealed.index); /* whatever fails now, it is not used again */
    if (!gcm_cipher_seal(&gcm->out.rtp, &sealed)) {
        return SRTP_VERDICT_EXHAUSTED;
    }
    *size += AEAD_TAG_BYTES;
    return SRTP_VERDICT_OK;
}

SrtpVerdict srtp_gcm_unprotect(SrtpGcm *gcm, uint8_t *packet, size_t *size)
{
    size_t header = *size < AEAD_TAG_BYTES ? 0 : header_size(packet, *size - AEAD_TAG_BYTES);
    if (header == 0) {
        return SRTP_VERDICT_MALFORMED;
    }
    size_t plain = *size - AEAD_TAG_BYTES;
    GcmPacket sealed = rtp_packet(packet, header, plain);
    GcmStream *stream = find_stream(&gcm->in, sealed.ssrc);
    if (stream == NULL) {
        return SRTP_VERDICT_TOO_MANY;
    }
    sealed.index = replay_index(&stream->rtp, u16_at(packet, SEQ_AT));
    if (!replay_is_new(&stream->rtp, sealed.index)) {
        return SRTP_VERDICT_REPLAYED;
    }
    if (!gcm_cipher_open(&gcm->in.rtp, &sealed)) {
        return SRTP_VERDICT_FORGED;
    }
    keep_stream(&gcm->in, stream);
    replay_note(&stream->rtp, sealed.index);
    *size = plain;
    return SRTP_VERDICT_OK;
}

/* `clear` becomes what is authenticated only: the header, and the trailer that is behind the tag.
 */
static GcmPacket rtcp_packet(uint8_t *packet, size_t plain, uint32_t trailer,
                             uint8_t clear[RTCP_CLEAR_BYTES])
{
    ByteWriter writer = byte_writer(clear, RTCP_CLEAR_BYTES);
    write_bytes(&writer, packet, RTCP_HEADER_BYTES);
    write_u32(&writer, trailer);
    return (GcmPacket){.ssrc = u32_at(packet, RTCP_SSRC_AT),
                       .index = trailer & ~RTCP_ENCRYPTED,
                       .text = {.clear = clear,
                                .clear_size = RTCP_CLEAR_BYTES,
                                .body = packet + RTCP_HEADER_BYTES,
                                .body_size = plain - RTCP_HEADER_BYTES,
                                .tag = packet + plain}};
}

SrtpVerdict srtp_gcm_protect_rtcp(SrtpGcm *gcm, uint8_t *packet, size_t *size)
{
    if (*size < RTCP_HEADER_BYTES) {
        return SRTP_VERDICT_MALFORMED;
    }
    GcmStream *stream = find_stream(&gcm->out, u32_at(packet, RTCP_SSRC_AT));
    if (stream == NULL) {
        return SRTP_VERDICT_TOO_MANY;
    }
    uint64_t index = stream->rtcp.newest + 1; /* the first is 1, as libsrtp2 has it */
    if (index >= RTCP_INDEX_END) {
        return SRTP_VERDICT_EXHAUSTED;
    }
    keep_stream(&gcm->out, stream);
    replay_note(&stream->rtcp, index);
    uint32_t trailer = (uint32_t)index | RTCP_ENCRYPTED;
    ByteWriter writer = byte_writer(packet + *size + AEAD_TAG_BYTES, RTCP_TRAILER_BYTES);
    write_u32(&writer, trailer);
    uint8_t clear[RTCP_CLEAR_BYTES];
    GcmPacket sealed = rtcp_packet(packet, *size, trailer, clear);
    if (!gcm_cipher_seal(&gcm->out.rtcp, &sealed)) {
        return SRTP_VERDICT_EXHAUSTED;
    }
    *size += AEAD_TAG_BYTES + RTCP_TRAILER_BYTES;
    return SRTP_VERDICT_OK;
}

SrtpVerdict srtp_gcm_unprotect_rtcp(SrtpGcm *gcm, uint8_t *packet, size_t *size)
{
    if (*size < RTCP_HEADER_BYTES + AEAD_TAG_BYTES + RTCP_TRAILER_BYTES) {
        return SRTP_VERDICT_MALFORMED;
    }
    size_t plain = *size - AEAD_TAG_BYTES - RTCP_TRAILER_BYTES;
    uint32_t trailer = u32_at(packet, *size - RTCP_TRAILER_BYTES);
    if ((trailer & RTCP_ENCRYPTED) == 0) {
        return SRTP_VERDICT_MALFORMED;
    }
    uint8_t clear[RTCP_CLEAR_BYTES];
    GcmPacket sealed = rtcp_packet(packet, plain, trailer, clear);
    GcmStream *stream = find_stream(&gcm->in, sealed.ssrc);
    if (stream == NULL) {
        return SRTP_VERDICT_TOO_MANY;
    }
    if (!replay_is_new(&stream->rtcp, sealed.index)) {
        return SRTP_VERDICT_REPLAYED;
    }
    if (!gcm_cipher_open(&gcm->in.rtcp, &sealed)) {
        return SRTP_VERDICT_FORGED;
    }
    keep_stream(&gcm->in, stream);
    replay_note(&stream->rtcp, sealed.index);
    *size = plain;
    return SRTP_VERDICT_OK;
}
