#include "bridge/rtc/rtp.h"

#include <string.h>

#include "bridge/base/bytes.h"
#include "bridge/base/clock.h"

enum {
    RTP_VERSION = 2,
    ONE_BYTE_PROFILE = 0xbede,
    TWO_BYTE_PROFILE = 0x1000, /* the low 4 bits are the application's */
    EXTENSION_ID_MAX = 14,
    EXTENSION_ID_STOP = 15,
    EXTENSION_BYTES_MAX = 16,
};

bool rtp_is_packet(const uint8_t *bytes, size_t size)
{
    return size >= 2 && bytes[0] >= 128 && bytes[0] <= 191;
}

bool rtp_is_rtcp(const uint8_t *bytes, size_t size)
{
    return rtp_is_packet(bytes, size) && bytes[1] >= 192 && bytes[1] <= 223;
}

static void keep_extension(RtpPacket *packet, uint8_t id, uint8_t size, const uint8_t *bytes)
{
    if (id > EXTENSION_ID_MAX || packet->extension_count == RTP_EXTENSIONS_MAX) {
        return;
    }
    packet->extensions[packet->extension_count++] =
        (RtpExtension){.id = id, .size = size, .bytes = bytes};
}

static bool parse_one_byte_extensions(ByteReader block, RtpPacket *packet)
{
    while (byte_reader_left(&block) > 0) {
        uint8_t head = read_u8(&block);
        uint8_t id = head >> 4;
        if (id == EXTENSION_ID_STOP) {
            return true;
        }
        if (id == 0) {
            continue;
        }
        uint8_t size = (uint8_t)((head & 0x0f) + 1);
        const uint8_t *bytes = read_bytes(&block, size);
        if (bytes == NULL) {
            return false;
        }
        keep_extension(packet, id, size, bytes);
    }
    return true;
}

static bool parse_two_byte_extensions(ByteReader block, RtpPacket *packet)
{
    while (byte_reader_left(&block) > 0) {
        uint8_t id = read_u8(&block);
        if (id == 0) {
            continue;
        }
        uint8_t size = read_u8(&block);
        const uint8_t *bytes = read_bytes(&block, size);
        if (bytes == NULL) {
            return false;
        }
        keep_extension(packet, id, size, bytes);
    }
    return !block.failed;
}

static bool parse_extensions(ByteReader *reader, RtpPacket *packet)
{
    uint16_t profile = read_u16(reader);
    uint16_t words = read_u16(reader);
    ByteReader block = read_sub(reader, words * (size_t)4);
    if (block.failed) {
        return false;
    }
    if (profile == ONE_BYTE_PROFILE) {
        return parse_one_byte_extensions(block, packet);
    }
    if ((profile & 0xfff0) == TWO_BYTE_PROFILE) {
        return parse_two_byte_extensions(block, packet);
    }
    return true;
}

static bool strip_padding(RtpPacket *packet)
{
    if (packet->payload_size == 0) {
        return false;
    }
    uint8_t padding = packet->payload[packet->payload_size - 1];
    if (padding == 0 || padding > packet->payload_size) {
        return false;
    }
    packet->payload_size -= padding;
    return true;
}

bool rtp_parse(const uint8_t *bytes, size_t size, RtpPacket *ret_packet)
{
    ByteReader reader = byte_reader(bytes, size);
    uint8_t first = read_u8(&reader);
    uint8_t second = read_u8(&reader);
    *ret_packet = (RtpPacket){
        .marker = (second & 0x80) != 0,
        .payload_type = second & 0x7f,
        .seq = read_u16(&reader),
    };
    ret_packet->timestamp = read_u32(&reader);
    ret_packet->ssrc = read_u32(&reader);
    read_bytes(&reader, (first & 0x0f) * (size_t)4);
    if (reader.failed || first >> 6 != RTP_VERSION) {
        return false;
    }
    if ((first & 0x10) != 0 && !parse_extensions(&reader, ret_packet)) {
        return false;
    }
    ret_packet->header_size = (size_t)(reader.at - bytes);
    ret_packet->payload = reader.at;
    ret_packet->payload_size = byte_reader_left(&reader);
    return (first & 0x20) == 0 || strip_padding(ret_packet);
}

const RtpExtension *rtp_find_extension(const RtpPacket *packet, uint8_t id)
{
    for (size_t i = 0; i < packet->extension_count; i++) {
        if (packet->extensions[i].id == id) {
            return &packet->extensions[i];
        }
    }
    return NULL;
}

static void write_extensions(ByteWriter *writer, const RtpHeader *header)
{
    size_t content = 0;
    for (size_t i = 0; i < header->extension_count; i++) {
        content += 1 + (size_t)header->extensions[i].size;
    }
    write_u16(writer, ONE_BYTE_PROFILE);
    write_u16(writer, (uint16_t)((content + 3) / 4));
    for (size_t i = 0; i < header->extension_count; i++) {
        const RtpExtension *extension = &header->extensions[i];
        write_u8(writer, (uint8_t)(extension->id << 4 | (extension->size - 1)));
        write_bytes(writer, extension->bytes, extension->size);
    }
    for (; content % 4 != 0; content++) {
        write_u8(writer, 0);
    }
}

static bool is_writable(const RtpHeader *header)
{
    if (header->extension_count > RTP_EXTENSIONS_MAX) {
        return false;
    }
    for (size_t i = 0; i < header->extension_count; i++) {
        const RtpExtension *extension = &header->extensions[i];
        if (extension->id == 0 || extension->id > EXTENSION_ID_MAX || extension->size == 0 ||
            extension->size > EXTENSION_BYTES_MAX) {
            return false;
        }
    }
    return true;
}

size_t rtp_write_header(const RtpHeader *header, uint8_t *bytes, size_t capacity)
{
    if (!is_writable(header)) {
        return 0;
    }
    bool extended = header->extension_count > 0;
    ByteWriter writer = byte_writer(bytes, capacity);
    write_u8(&writer, (uint8_t)(RTP_VERSION << 6 | (extended ? 0x10 : 0)));
    write_u8(&writer, (uint8_t)((header->marker ? 0x80 : 0) | (header->payload_type & 0x7f)));
    write_u16(&writer, header->seq);
    write_u32(&writer, header->timestamp);
    write_u32(&writer, header->ssrc);
    if (extended) {
        write_extensions(&writer, header);
    }
    return writer.failed ? 0 : byte_writer_size(&writer);
}

bool rtp_read_audio_level(const RtpExtension *extension, uint8_t *ret_level, bool *ret_voice)
{
    if (extension == NULL || extension->size < 1) {
        return false;
    }
    *ret_level = extension->bytes[0] & 0x7f;
    *ret_voice = (extension->bytes[0] & 0x80) != 0;
    return true;
}

void rtp_write_abs_send_time(int64_t now_us, uint8_t ret_bytes[3])
{
    /* Whole seconds wrap at 64: reduced first, so that the shift cannot overflow. */
    uint64_t us = (uint64_t)now_us % (64 * (uint64_t)CLOCK_US_PER_S);
    uint64_t fixed = (us << 18) / (uint64_t)CLOCK_US_PER_S;
    ret_bytes[0] = (uint8_t)(fixed >> 16);
    ret_bytes[1] = (uint8_t)(fixed >> 8);
    ret_bytes[2] = (uint8_t)fixed;
}

bool rtp_seq_is_newer(uint16_t a, uint16_t b)
{
    return a != b && (uint16_t)(a - b) < 0x8000;
}

bool rtp_timestamp_is_newer(uint32_t a, uint32_t b)
{
    return a != b && a - b < 0x80000000U;
}

uint64_t rtp_unwrap(RtpUnwrapper *unwrapper, uint16_t seq)
{
    if (!unwrapper->started) {
        unwrapper->started = true;
        unwrapper->highest = UINT64_C(0x10000) | seq;
        return unwrapper->highest;
    }
    int16_t step = (int16_t)(uint16_t)(seq - (uint16_t)unwrapper->highest);
    uint64_t extended = unwrapper->highest + (uint64_t)(int64_t)step;
    if (step > 0) {
        unwrapper->highest = extended;
    }
    return extended;
}
