#include "bridge/mixer/source.h"

#include <gst/video/video.h>

#include "bridge/base/bytes.h"
#include "bridge/base/clock.h"
#include "bridge/base/limits.h"
#include "bridge/base/medialink.h"
#include "bridge/mixer/chain.h"
#include "bridge/base/vp8.h"

#define RTP_HEADER_BYTES 12
#define RTP_VERSION 2
/* A jump back farther than this is a new start, not reordering. */
#define RESTART_PACKETS 1000

/* What we need of an RTP packet (RFC 3550 section 5.1). */
typedef struct Packet {
    bool marker;
    uint8_t payload_type;
    uint16_t seq;
    uint32_t timestamp;
    uint32_t ssrc;
    const uint8_t *payload;
    size_t payload_size;
} Packet;

struct Source {
    uint32_t id;
    SourceHandlers handlers;
    void *data;
    Chain *chain; /* rtpvp8depay ! vp8dec */
    GstVideoInfo info;
    bool has_info;
    bool is_started;
    uint32_t ssrc;
    uint16_t last_seq;
    uint16_t chain_seq; /* Renumbered: what carries no video leaves no gap. */
    bool is_waiting;
    int64_t asked_us;
    int64_t second_started_us;
    uint32_t frames_this_second;
    int64_t now_us;
    uint64_t frames_expected; /* Given to the decoder and meant to be shown. */
    SourceCounters counters;
};

static bool read_header(ByteReader *reader, Packet *packet, bool *ret_padded)
{
    uint8_t first = read_u8(reader);
    uint8_t second = read_u8(reader);
    *ret_padded = (first & 0x20) != 0;
    packet->marker = second >> 7;
    packet->payload_type = second & 0x7f;
    packet->seq = read_u16(reader);
    packet->timestamp = read_u32(reader);
    packet->ssrc = read_u32(reader);
    read_bytes(reader, 4 * (size_t)(first & 0x0f));
    if ((first & 0x10) != 0) {
        read_u16(reader);
        read_bytes(reader, 4 * (size_t)read_u16(reader));
    }
    return !reader->failed && first >> 6 == RTP_VERSION;
}

static bool read_packet(const uint8_t *rtp, size_t size, Packet *packet)
{
    ByteReader reader = byte_reader(rtp, size);
    bool is_padded;
    if (!read_header(&reader, packet, &is_padded)) {
        return false;
    }
    packet->payload_size = byte_reader_left(&reader);
    packet->payload = read_bytes(&reader, packet->payload_size);
    if (is_padded) {
        size_t padding = packet->payload_size > 0 ? packet->payload[packet->payload_size - 1] : 0;
        if (padding == 0 || padding > packet->payload_size) {
            return false;
        }
        packet->payload_size -= padding;
    }
    return true;
}

static bool is_size_allowed(const Vp8Header *header)
{
    return header->width > 0 && header->height > 0 && header->width <= LIMIT_SOURCE_WIDTH &&
           header->height <= LIMIT_SOURCE_HEIGHT;
}

static bool is_rate_allowed(Source *source)
{
    if (source->now_us - source->second_started_us >= CLOCK_US_PER_S) {
        source->second_started_us = source->now_us;
        source->frames_this_second = 0;
    }
    return ++source->frames_this_second <= LIMIT_SOURCE_FPS;
}

/* A whole frame on its way into the decoder. */
static bool may_decode(Source *source, GstBuffer *buffer)
{
    uint8_t bytes[VP8_HEADER_BYTES_MAX];
    Vp8Header header;
    size_t size = gst_buffer_extract(buffer, 0, bytes, sizeof bytes);
    bool is_valid = vp8_read_header(bytes, size, &header);
    if (is_valid && source->is_waiting && !header.is_keyframe) {
        return false;
    }
    if (!is_valid || (header.is_keyframe && !is_size_allowed(&header)) ||
        !is_rate_allowed(source)) {
        source->counters.frames_refused++;
        source->is_waiting = true;
        return false;
    }
    source->is_waiting = false;
    source->frames_expected += header.is_shown ? 1 : 0;
    return true;
}

static GstPadProbeReturn on_encoded_frame(GstPad *pad, GstPadProbeInfo *probe, gpointer data)
{
    return may_decode(data, GST_PAD_PROBE_INFO_BUFFER(probe)) ? GST_PAD_PROBE_OK
                                                              : GST_PAD_PROBE_DROP;
}

static void on_decoded_caps(GstCaps *caps, void *data)
{
    Source *source = data;
    source->has_info = gst_video_info_from_caps(&source->info, caps);
}

static void on_decoded_frame(GstBuffer *buffer, void *data)
{
    Source *source = data;
    Frame *frame = source->has_info ? frame_new(buffer, &source->info) : NULL;
    if (frame != NULL) {
        source->counters.frames++;
        source->handlers.on_frame(source->id, frame, source->data);
    }
}

static void on_keyframe_request(void *data)
{
    ((Source *)data)->is_waiting = true;
}

static Chain *open_chain(Source *source)
{
    static const ChainHandlers handlers = {
        .on_caps = on_decoded_caps,
        .on_buffer = on_decoded_frame,
        .on_keyframe_request = on_keyframe_request,
    };
    GstElement *depayloader = gst_element_factory_make("rtpvp8depay", NULL);
    GstElement *decoder = gst_element_factory_make("vp8dec", NULL);
    g_object_set(depayloader, "wait-for-keyframe", TRUE, "request-keyframe", TRUE, NULL);
    g_object_set(decoder, "threads", 1, NULL);
    GstPad *pad = gst_element_get_static_pad(decoder, "sink");
    gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_BUFFER, on_encoded_frame, source, NULL);
    gst_object_unref(pad);
    GstCaps *caps =
        gst_caps_new_simple("application/x-rtp", "media", G_TYPE_STRING, "video", "clock-rate",
                            G_TYPE_INT, 90000, "encoding-name", G_TYPE_STRING, "VP8", "payload",
                            G_TYPE_INT, MEDIALINK_VP8_PAYLOAD_TYPE, NULL);
    Chain *chain = chain_new((GstElement *[]){depayloader, decoder, NULL}, caps, &handlers, source);
    gst_caps_unref(caps);
    return chain;
}

static void restart(Source *source)
{
    chain_free(source->chain);
    source->has_info = false;
    source->chain = open_chain(source);
    source->is_waiting = true;
    source->frames_expected = source->counters.frames;
}

Source *source_new(uint32_t id, const SourceHandlers *handlers, void *data)
{
    Source *source = g_new0(Source, 1);
    source->id = id;
    source->handlers = *handlers;
    source->data = data;
    source->asked_us = INT64_MIN / 2;
    source->second_started_us = INT64_MIN / 2;
    restart(source);
    return source;
}

void source_free(Source *source)
{
    if (source == NULL) {
        return;
    }
    chain_free(source->chain);
    g_free(source);
}

/* Decides what the sequence number means; SOURCE_TAKEN when the packet continues the stream. */
static SourceVerdict follow(Source *source, const Packet *packet)
{
    int16_t step = (int16_t)(packet->seq - source->last_seq);
    if (!source->is_started || packet->ssrc != source->ssrc || step < -RESTART_PACKETS) {
        if (source->is_started) {
            restart(source);
        }
        source->is_started = true;
        source->ssrc = packet->ssrc;
    } else if (step <= 0) {
        return SOURCE_STALE;
    } else if (step > 1) {
        source->counters.losses++;
        source->is_waiting = true;
        source->chain_seq++;
    }
    source->last_seq = packet->seq;
    return packet->payload_size > 0 ? SOURCE_TAKEN : SOURCE_EMPTY;
}

static GstBuffer *make_buffer(Source *source, const Packet *packet)
{
    size_t size = RTP_HEADER_BYTES + packet->payload_size;
    GstBuffer *buffer = gst_buffer_new_allocate(NULL, size, NULL);
    GstMapInfo map;
    gst_buffer_map(buffer, &map, GST_MAP_WRITE);
    ByteWriter writer = byte_writer(map.data, size);
    write_u8(&writer, RTP_VERSION << 6);
    write_u8(&writer, (uint8_t)(packet->marker << 7 | packet->payload_type));
    write_u16(&writer, source->chain_seq++);
    write_u32(&writer, packet->timestamp);
    write_u32(&writer, packet->ssrc);
    write_bytes(&writer, packet->payload, packet->payload_size);
    gst_buffer_unmap(buffer, &map);
    GST_BUFFER_PTS(buffer) = (GstClockTime)source->now_us * GST_USECOND;
    return buffer;
}

static SourceVerdict decode(Source *source, const Packet *packet)
{
    if (!chain_push(source->chain, make_buffer(source, packet))) {
        restart(source);
        return SOURCE_BROKEN;
    }
    if (source->frames_expected > source->counters.frames) {
        source->counters.frames_undecoded += source->frames_expected - source->counters.frames;
        source->frames_expected = source->counters.frames;
        source->is_waiting = true;
    }
    return SOURCE_TAKEN;
}

static void ask_for_keyframe(Source *source)
{
    if (source->now_us - source->asked_us < SOURCE_KEYFRAME_REQUEST_US) {
        return;
    }
    source->asked_us = source->now_us;
    source->counters.keyframes_asked++;
    source->handlers.on_keyframe_needed(source->id, source->data);
}

static SourceVerdict take(Source *source, const uint8_t *rtp, size_t size)
{
    Packet packet;
    if (!read_packet(rtp, size, &packet)) {
        return SOURCE_GARBAGE;
    }
    if (packet.payload_type != MEDIALINK_VP8_PAYLOAD_TYPE) {
        return SOURCE_WRONG_CODEC;
    }
    SourceVerdict verdict = follow(source, &packet);
    return verdict == SOURCE_TAKEN ? decode(source, &packet) : verdict;
}

SourceVerdict source_push(Source *source, const uint8_t *rtp, size_t size, int64_t now_us)
{
    source->now_us = now_us;
    SourceVerdict verdict = take(source, rtp, size);
    source->counters.packets[verdict]++;
    if (source->is_waiting && (verdict == SOURCE_TAKEN || verdict == SOURCE_BROKEN)) {
        ask_for_keyframe(source);
    }
    return verdict;
}

bool source_is_waiting(const Source *source)
{
    return source->is_waiting;
}

const SourceCounters *source_counters(const Source *source)
{
    return &source->counters;
}
