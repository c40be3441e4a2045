/* The fixed RTP header of the packets that the relay hands to a mixer (bridge/PROTOCOL.md): version
 * 2, no padding, no extension, no CSRC, payload type 111. Everything else is refused. A plain value
 * that borrows from the packet. Any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VOICE_PACKET_HEADER_BYTES 12

typedef struct VoicePacket {
    uint16_t seq;
    uint32_t timestamp; /* 48 kHz */
    uint32_t ssrc;
    const uint8_t *payload;
    size_t payload_size; /* 1 to MEDIALINK_BODY_BYTES_MAX - 12 */
} VoicePacket;

bool voice_packet_parse(const uint8_t *bytes, size_t size, VoicePacket *ret_packet);
