#include "bridge/relay/outstream.h"

#include <glib.h>
#include <string.h>

#include "bridge/base/clock.h"
#include "bridge/rtc/rtp.h"

/* A larger hole in a feed is taken for a new beginning. */
#define OUTSTREAM_HOLE_MAX 1000
/* A picture time this far from now is not believed. */
#define OUTSTREAM_TIME_ERROR_MAX_US (5 * CLOCK_US_PER_S)
#define SEQ_AT 2
#define TIMESTAMP_AT 4
#define EXTENSIONS_AT (RTP_HEADER_BYTES + 4)

static void put_u16(uint8_t *at, uint16_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static void put_u32(uint8_t *at, uint32_t value)
{
    put_u16(at, (uint16_t)(value >> 16));
    put_u16(at + 2, (uint16_t)value);
}

bool outhead_init(OutHead *head, const OutHeadOptions *options)
{
    static const uint8_t no_time[3];
    RtpHeader header = {.payload_type = (uint8_t)options->payload_type, .ssrc = options->ssrc};
    *head = (OutHead){0};
    if (options->ext_abs_send_time != 0) {
        header.extensions[header.extension_count++] = (RtpExtension){
            .id = (uint8_t)options->ext_abs_send_time, .size = sizeof no_time, .bytes = no_time};
        head->send_time_at = EXTENSIONS_AT + 1;
    }
    size_t mid_size = strlen(options->mid);
    if (options->ext_mid != 0 && mid_size >= 1 && mid_size <= 16) {
        header.extensions[header.extension_count++] =
            (RtpExtension){.id = (uint8_t)options->ext_mid,
                           .size = (uint8_t)mid_size,
                           .bytes = (const uint8_t *)options->mid};
    }
    head->size = rtp_write_header(&header, head->bytes, sizeof head->bytes);
    return head->size > 0;
}

bool outhead_init_for(OutHead *head, const SdpMedia *media, uint32_t ssrc, int payload_type)
{
    OutHeadOptions options = {
        .ssrc = ssrc,
        .payload_type = payload_type,
        .mid = media->mid,
        .ext_mid = media->ext_mid,
        .ext_abs_send_time = media->ext_abs_send_time,
    };
    return outhead_init(head, &options);
}

size_t outhead_write(const OutHead *head, const OutPacket *packet, uint16_t seq, uint32_t timestamp,
                     uint8_t *bytes, size_t capacity)
{
    if (head->size + packet->size > capacity) {
        return 0;
    }
    memcpy(bytes, head->bytes, head->size);
    if (packet->marker) {
        bytes[1] |= 0x80;
    }
    put_u16(bytes + SEQ_AT, seq);
    put_u32(bytes + TIMESTAMP_AT, timestamp);
    if (packet->size > 0) {
        memcpy(bytes + head->size, packet->payload, packet->size);
    }
    return head->size + packet->size;
}

void outhead_stamp(const OutHead *head, int64_t now_us, uint8_t *bytes)
{
    if (head->send_time_at != 0) {
        rtp_write_abs_send_time(now_us, bytes + head->send_time_at);
    }
}

void outstream_init(OutStream *stream, uint32_t clock_hz, uint32_t grid_ticks)
{
    stream->clock_hz = clock_hz;
    stream->grid_ticks = grid_ticks;
    /* A low first number: a roll-over right after the start loses those who missed the first
     * packets (RFC 3711 section 3.3.1). */
    stream->seq = (uint16_t)g_random_int_range(1, 0x8000);
    stream->timestamp_offset = g_random_int();
}

static int64_t ticks(const OutStream *stream, int64_t us)
{
    return us * stream->clock_hz / CLOCK_US_PER_S;
}

/* Joins the new timeline to what was sent: time goes on by as much as passed between the two
 * pictures. */
static void join_timeline(OutStream *stream, const OutPacket *packet, int64_t time_us)
{
    stream->timeline = packet->timeline;
    if (!stream->is_started) {
        return;
    }
    int64_t grid = stream->grid_ticks;
    int64_t step = ticks(stream, time_us - stream->time_us);
    step = MAX((step + grid / 2) / grid * grid, grid);
    uint32_t timestamp = stream->timestamp + (uint32_t)step;
    stream->timestamp_offset = timestamp - packet->timestamp;
}

/* True: the packet goes on in the newest span; *ret_seq is its number. */
static bool continues(const OutStream *stream, const OutPacket *packet, uint16_t *ret_seq)
{
    const OutSpan *span = &stream->spans[0];
    if (stream->span_count == 0 || span->feed != packet->feed ||
        stream->timeline != packet->timeline) {
        return false;
    }
    int64_t step = (int64_t)(packet->index - span->last_index);
    *ret_seq = (uint16_t)(span->last_seq + step);
    return step > -OUTSTREAM_HOLE_MAX && step < OUTSTREAM_HOLE_MAX;
}

static void open_span(OutStream *stream, const OutPacket *packet)
{
    memmove(stream->spans + 1, stream->spans, (OUTSTREAM_SPANS - 1) * sizeof stream->spans[0]);
    stream->spans[0] = (OutSpan){
        .feed = packet->feed,
        .timestamp_offset = stream->timestamp_offset,
        .first_index = packet->index,
        .last_index = packet->index,
        .last_seq = (uint16_t)(stream->seq + 1),
    };
    stream->span_count = MIN(stream->span_count + 1, OUTSTREAM_SPANS);
}

static int64_t believable_time(const OutPacket *packet, int64_t now_us)
{
    int64_t error_us = packet->time_us - now_us;
    bool is_believable =
        error_us > -OUTSTREAM_TIME_ERROR_MAX_US && error_us < OUTSTREAM_TIME_ERROR_MAX_US;
    return is_believable ? packet->time_us : now_us;
}

/* Decides the number; false when the packet is not newer than the last one. */
static bool place(OutStream *stream, const OutPacket *packet, int64_t time_us)
{
    uint16_t seq;
    if (continues(stream, packet, &seq)) {
        if (!rtp_seq_is_newer(seq, stream->seq)) {
            return false;
        }
        stream->spans[0].last_index = packet->index;
        stream->spans[0].last_seq = seq;
        return true;
    }
    if (!stream->is_started || packet->timeline != stream->timeline) {
        join_timeline(stream, packet, time_us);
    }
    open_span(stream, packet);
    return true;
}

size_t outstream_write(OutStream *stream, const OutPacket *packet, int64_t now_us, uint8_t *bytes,
                       size_t capacity)
{
    int64_t time_us = believable_time(packet, now_us);
    if (stream->head.size + packet->size > capacity || !place(stream, packet, time_us)) {
        return 0;
    }
    stream->is_started = true;
    stream->seq = stream->spans[0].last_seq;
    stream->timestamp = packet->timestamp + stream->timestamp_offset;
    stream->time_us = time_us;
    stream->packets++;
    stream->octets += (uint32_t)packet->size;
    size_t size =
        outhead_write(&stream->head, packet, stream->seq, stream->timestamp, bytes, capacity);
    outhead_stamp(&stream->head, now_us, bytes);
    return size;
}

const OutSpan *outstream_find(const OutStream *stream, uint16_t seq, uint64_t *ret_index)
{
    for (size_t i = 0; i < stream->span_count; i++) {
        const OutSpan *span = &stream->spans[i];
        uint16_t back = (uint16_t)(span->last_seq - seq);
        if (back < UINT16_MAX / 2 && back <= span->last_index - span->first_index) {
            *ret_index = span->last_index - back;
            return span;
        }
    }
    return NULL;
}

bool outstream_sender_info(const OutStream *stream, int64_t now_us, RtcpSenderInfo *ret_info)
{
    if (!stream->is_started) {
        return false;
    }
    *ret_info = (RtcpSenderInfo){
        .ntp = clock_ntp(now_us),
        .rtp_timestamp = stream->timestamp + (uint32_t)ticks(stream, now_us - stream->time_us),
        .packets = stream->packets,
        .octets = stream->octets,
    };
    return true;
}
