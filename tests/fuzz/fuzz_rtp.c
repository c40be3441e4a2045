/* A packet after decryption: an authenticated peer may still send anything. What is read back and
 * written again must say the same. */
#include <string.h>

#include "bridge/base/vp8.h"
#include "bridge/rtc/rtp.h"

static void check_round_trip(const RtpPacket *packet)
{
    RtpHeader header = {.marker = packet->marker,
                        .payload_type = packet->payload_type,
                        .seq = packet->seq,
                        .timestamp = packet->timestamp,
                        .ssrc = packet->ssrc,
                        .extension_count = packet->extension_count};
    memcpy(header.extensions, packet->extensions, sizeof header.extensions);
    uint8_t bytes[RTP_HEADER_BYTES + 4 + RTP_EXTENSIONS_MAX * 17 + 3];
    size_t size = rtp_write_header(&header, bytes, sizeof bytes);
    RtpPacket again;
    if (size == 0) {
        return; /* a two-byte extension that one-byte ones cannot say */
    }
    if (!rtp_parse(bytes, size, &again) || again.seq != packet->seq || again.ssrc != packet->ssrc ||
        again.extension_count != packet->extension_count) {
        __builtin_trap();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    RtpPacket packet;
    rtp_is_packet(bytes, size);
    rtp_is_rtcp(bytes, size);
    if (!rtp_parse(bytes, size, &packet)) {
        return 0;
    }
    if (packet.header_size + packet.payload_size > size) {
        __builtin_trap();
    }
    uint8_t level;
    bool voice;
    for (uint8_t id = 0; id < 16; id++) {
        rtp_read_audio_level(rtp_find_extension(&packet, id), &level, &voice);
    }
    vp8_payload_starts_keyframe(packet.payload, packet.payload_size);
    check_round_trip(&packet);
    return 0;
}
