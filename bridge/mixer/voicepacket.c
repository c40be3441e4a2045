#include "bridge/mixer/voicepacket.h"

#include "bridge/base/bytes.h"
#include "bridge/base/medialink.h"

/* RFC 3550 section 5.1: version 2 and nothing else in the first byte. */
#define PLAIN_HEADER 0x80
#define PAYLOAD_TYPE_MASK 0x7f

bool voice_packet_parse(const uint8_t *bytes, size_t size, VoicePacket *ret_packet)
{
    if (size > MEDIALINK_BODY_BYTES_MAX) {
        return false;
    }
    ByteReader reader = byte_reader(bytes, size);
    uint8_t first = read_u8(&reader);
    uint8_t second = read_u8(&reader);
    VoicePacket packet = {
        .seq = read_u16(&reader),
        .timestamp = read_u32(&reader),
        .ssrc = read_u32(&reader),
    };
    packet.payload_size = byte_reader_left(&reader);
    packet.payload = read_bytes(&reader, packet.payload_size);
    if (reader.failed || first != PLAIN_HEADER || packet.payload_size == 0 ||
        (second & PAYLOAD_TYPE_MASK) != MEDIALINK_OPUS_PAYLOAD_TYPE) {
        return false;
    }
    *ret_packet = packet;
    return true;
}
