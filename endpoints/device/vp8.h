/* VP8 as it travels in RTP (RFC 7741) and what a frame says about itself (RFC 6386 section 9.1).
 * Bounds-checked. Any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VP8_KEY_FRAME_HEAD_BYTES 10

/* False unless these are the first bytes of a key frame. */
bool vp8_read_key_frame(const uint8_t *bytes, size_t size, int *ret_width, int *ret_height);

/* The size of the payload descriptor, and whether a frame begins behind it; 0 when it is not well
 * formed. */
size_t vp8_read_descriptor(const uint8_t *bytes, size_t size, bool *ret_starts_frame);
