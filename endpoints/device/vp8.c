#include "endpoints/device/vp8.h"

bool vp8_read_key_frame(const uint8_t *bytes, size_t size, int *ret_width, int *ret_height)
{
    if (size < VP8_KEY_FRAME_HEAD_BYTES || (bytes[0] & 1) != 0 || bytes[3] != 0x9d ||
        bytes[4] != 0x01 || bytes[5] != 0x2a) {
        return false;
    }
    /* The upper two bits are a scaling hint. */
    *ret_width = (bytes[6] | bytes[7] << 8) & 0x3fff;
    *ret_height = (bytes[8] | bytes[9] << 8) & 0x3fff;
    return *ret_width > 0 && *ret_height > 0;
}
