/* A packet after decryption: an authenticated peer may still send anything. What is read back and
 * written again must say the same. */
#include <string.h>

#include "bridge/base/videocodec.h"
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

/* What a payload says of itself must lie within it. */
static void check_video(const uint8_t *payload, size_t size)
{
    Vp8Header header;
    int width = 1;
    int height = 1;
    bool starts_frame = false;
    size_t descriptor = vp8_read_descriptor(payload, size, &starts_frame);
    if (descriptor > size) {
        __builtin_trap();
    }
    vp8_read_header(payload + descriptor, size - descriptor, &header);
    if (vp8_read_key_frame(payload + descriptor, size - descriptor, &width, &height) &&
        (width < 1 || height < 1)) {
        __builtin_trap();
    }
    videocodec_starts_keyframe(VIDEO_VP8, payload, size);
    videocodec_starts_keyframe(VIDEO_H264, payload, size);
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
    check_video(packet.payload, packet.payload_size);
    check_round_trip(&packet);
    return 0;
}
