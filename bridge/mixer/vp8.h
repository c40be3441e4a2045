/* The first bytes of a VP8 frame (RFC 6386 section 9.1) and of its RTP payload (RFC 7741 section
 * 4.2): what must be known before a decoder may see it. Plain values, bounds-checked. Any thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VP8_HEADER_BYTES_MAX 10

typedef struct Vp8Header {
    bool is_keyframe;
    bool is_shown;
    int width, height; /* Only of a key frame. */
} Vp8Header;

/* False when it is too short or not VP8. */
bool vp8_read_header(const uint8_t *frame, size_t size, Vp8Header *ret_header);
/* Does this RTP payload begin a key frame? */
bool vp8_payload_starts_keyframe(const uint8_t *payload, size_t size);
