/* What must be known of VP8 before a decoder may see it: the first bytes of a frame (RFC 6386
 * section 9.1) and the descriptor of its RTP payload (RFC 7741 section 4.2). Plain values,
 * bounds-checked. Any thread. */
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
/* False unless these are the first bytes of a key frame of at least one pixel. */
bool vp8_read_key_frame(const uint8_t *frame, size_t size, int *ret_width, int *ret_height);

/* The size of the payload descriptor, and whether a frame begins behind it; 0 when it is not well
 * formed or nothing follows. */
size_t vp8_read_descriptor(const uint8_t *payload, size_t size, bool *ret_starts_frame);
/* Does this RTP payload begin a key frame? */
bool vp8_payload_starts_keyframe(const uint8_t *payload, size_t size);
