#include "endpoints/device/sendstream.h"

#include <glib.h>
#include <string.h>

#include "bridge/base/clock.h"
#include "bridge/rtc/rtcp.h"
#include "bridge/rtc/rtp.h"

#define RTX_PREFIX_BYTES 2
#define ABS_SEND_TIME_BYTES 3

typedef struct Kept {
    bool used;
    bool marker;
    uint16_t seq;
    uint16_t size;
    uint32_t timestamp;
    int64_t sent_us;
    uint8_t payload[OUTGOING_PAYLOAD_BYTES];
} Kept;

struct SendStream {
    uint32_t ssrc;
    uint32_t rtx_ssrc;
    uint32_t clock_hz;
    char *cname;

    bool accepted;
    uint8_t payload_type;
    uint8_t rtx_type;
    uint8_t ext_mid;
    uint8_t ext_abs_send_time;
    uint8_t ext_audio_level;
    char mid[sizeof((SdpMedia *)0)->mid];

    uint16_t next_seq;
    uint16_t next_rtx_seq;
    uint32_t timestamp_offset;
    uint32_t packets;
    uint32_t octets;
    uint32_t last_timestamp;
    int64_t last_captured_us;
    Kept *history; /* SEND_STREAM_HISTORY of them, by sequence number; NULL: none */
};

SendStream *send_stream_new(const SendStreamOptions *options)
{
    SendStream *stream = g_new0(SendStream, 1);
    stream->ssrc = options->ssrc;
    stream->rtx_ssrc = options->rtx_ssrc;
    stream->clock_hz = options->clock_hz;
    stream->cname = g_strdup(options->cname);
    /* RFC 3550 section 5.1: unpredictable; the upper half is left free of an early wrap. */
    stream->next_seq = (uint16_t)g_random_int_range(0, 0x8000);
    stream->next_rtx_seq = (uint16_t)g_random_int_range(0, 0x8000);
    stream->timestamp_offset = g_random_int();
    return stream;
}

void send_stream_free(SendStream *stream)
{
    if (stream != NULL) {
        g_free(stream->history);
        g_free(stream->cname);
        g_free(stream);
    }
}

bool send_stream_accept(SendStream *stream, const SdpMedia *answer)
{
    if (answer->rejected || !answer->receives || answer->codec_type < 0) {
        return false;
    }
    stream->payload_type = (uint8_t)answer->codec_type;
    stream->ext_mid = (uint8_t)answer->ext_mid;
    stream->ext_abs_send_time = (uint8_t)answer->ext_abs_send_time;
    stream->ext_audio_level = (uint8_t)answer->ext_audio_level_received;
    g_strlcpy(stream->mid, answer->mid, sizeof stream->mid);
    if (stream->rtx_ssrc != 0 && answer->rtx_type >= 0) {
        stream->rtx_type = (uint8_t)answer->rtx_type;
        stream->history = g_new0(Kept, SEND_STREAM_HISTORY);
    }
    stream->accepted = true;
    return true;
}

bool send_stream_is_accepted(const SendStream *stream)
{
    return stream->accepted;
}

static void add_extension(RtpHeader *header, uint8_t id, const void *bytes, size_t size)
{
    if (id != 0 && size > 0) {
        header->extensions[header->extension_count++] =
            (RtpExtension){.id = id, .size = (uint8_t)size, .bytes = bytes};
    }
}

/* The header with all extensions; 0 when it does not fit. `level` is NULL for video. */
static size_t write_header(SendStream *stream, RtpHeader *header, const uint8_t *level,
                           int64_t now_us, ByteWriter *writer)
{
    uint8_t send_time[ABS_SEND_TIME_BYTES];
    rtp_write_abs_send_time(now_us, send_time);
    add_extension(header, stream->ext_mid, stream->mid, strlen(stream->mid));
    add_extension(header, stream->ext_abs_send_time, send_time, sizeof send_time);
    if (level != NULL) {
        add_extension(header, stream->ext_audio_level, level, 1);
    }
    size_t size = rtp_write_header(header, writer->at, (size_t)(writer->end - writer->at));
    writer->at += size;
    return size;
}

static void keep(SendStream *stream, const Outgoing *outgoing, uint16_t seq, int64_t now_us)
{
    if (stream->history == NULL) {
        return;
    }
    Kept *kept = &stream->history[seq % SEND_STREAM_HISTORY];
    kept->used = true;
    kept->marker = outgoing->marker;
    kept->seq = seq;
    kept->size = outgoing->size;
    kept->timestamp = stream->last_timestamp;
    kept->sent_us = now_us;
    memcpy(kept->payload, outgoing->payload, outgoing->size);
}

size_t send_stream_write(SendStream *stream, const Outgoing *outgoing, int64_t now_us,
                         ByteWriter *writer)
{
    stream->last_timestamp = outgoing->rtp_timestamp + stream->timestamp_offset;
    stream->last_captured_us = outgoing->captured_us;
    RtpHeader header = {
        .marker = outgoing->marker,
        .payload_type = stream->payload_type,
        .seq = stream->next_seq,
        .timestamp = stream->last_timestamp,
        .ssrc = stream->ssrc,
    };
    /* The top bit is the voice flag, which we do not compute. */
    uint8_t level = outgoing->level & 0x7f;
    uint8_t *start = writer->at;
    const uint8_t *level_or_null = outgoing->kind == OUTGOING_AUDIO ? &level : NULL;
    if (write_header(stream, &header, level_or_null, now_us, writer) == 0) {
        return 0;
    }
    write_bytes(writer, outgoing->payload, outgoing->size);
    if (writer->failed) {
        return 0;
    }
    keep(stream, outgoing, stream->next_seq++, now_us);
    stream->packets++;
    stream->octets += outgoing->size;
    return (size_t)(writer->at - start);
}

size_t send_stream_resend(SendStream *stream, uint16_t seq, int64_t now_us, ByteWriter *writer)
{
    if (stream->history == NULL) {
        return 0;
    }
    Kept *kept = &stream->history[seq % SEND_STREAM_HISTORY];
    if (!kept->used || kept->seq != seq || now_us - kept->sent_us < SEND_STREAM_RESEND_US) {
        return 0;
    }
    RtpHeader header = {
        .marker = kept->marker,
        .payload_type = stream->rtx_type,
        .seq = stream->next_rtx_seq,
        .timestamp = kept->timestamp,
        .ssrc = stream->rtx_ssrc,
    };
    uint8_t *start = writer->at;
    if (write_header(stream, &header, NULL, now_us, writer) == 0) {
        return 0;
    }
    write_u16(writer, kept->seq);
    write_bytes(writer, kept->payload, kept->size);
    if (writer->failed) {
        return 0;
    }
    stream->next_rtx_seq++;
    kept->sent_us = now_us;
    return (size_t)(writer->at - start);
}

bool send_stream_report(SendStream *stream, int64_t now_us, ByteWriter *writer)
{
    if (stream->packets == 0) {
        return false;
    }
    int64_t since_us = now_us - stream->last_captured_us;
    RtcpSenderInfo info = {
        .ntp = clock_ntp(now_us),
        .rtp_timestamp =
            stream->last_timestamp + (uint32_t)(since_us * stream->clock_hz / CLOCK_US_PER_S),
        .packets = stream->packets,
        .octets = stream->octets,
    };
    return rtcp_write_sender_report(writer, stream->ssrc, &info, NULL, 0) &&
           rtcp_write_cname(writer, stream->ssrc, stream->cname);
}
