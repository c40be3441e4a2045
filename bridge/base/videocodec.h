/* The video codecs that a rung may have, and what the relay must see of their RTP payloads without
 * decoding. Plain values, bounds-checked. Any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum VideoCodec {
    VIDEO_VP8,
    VIDEO_H264, /* Constrained Baseline, packetization-mode 1 (RFC 6184) */
} VideoCodec;

/* "VP8", "H264": as in an rtpmap and on the control socket. */
const char *videocodec_name(VideoCodec codec);
bool videocodec_find(const char *name, VideoCodec *ret_codec);
/* Does a key frame begin with this RTP payload? Of H.264 that is its parameter set, without which
 * the frame behind it is of no use to somebody who comes anew. */
bool videocodec_starts_keyframe(VideoCodec codec, const uint8_t *payload, size_t size);
