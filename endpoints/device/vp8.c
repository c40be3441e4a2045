#include "endpoints/device/vp8.h"

#include "bridge/base/bytes.h"

enum {
    DESCRIPTOR_EXTENDED = 0x80,
    DESCRIPTOR_START = 0x10,
    DESCRIPTOR_PARTITION = 0x07,
    EXTENSION_PICTURE_ID = 0x80,
    EXTENSION_TL0PICIDX = 0x40,
    EXTENSION_TID = 0x20,
    EXTENSION_KEYIDX = 0x10,
    PICTURE_ID_LONG = 0x80,
};

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

static void skip_extension(ByteReader *reader)
{
    uint8_t extension = read_u8(reader);
    if (extension & EXTENSION_PICTURE_ID && read_u8(reader) & PICTURE_ID_LONG) {
        read_u8(reader);
    }
    if (extension & EXTENSION_TL0PICIDX) {
        read_u8(reader);
    }
    if (extension & (EXTENSION_TID | EXTENSION_KEYIDX)) {
        read_u8(reader);
    }
}

size_t vp8_read_descriptor(const uint8_t *bytes, size_t size, bool *ret_starts_frame)
{
    ByteReader reader = byte_reader(bytes, size);
    uint8_t first = read_u8(&reader);
    if (first & DESCRIPTOR_EXTENDED) {
        skip_extension(&reader);
    }
    size_t left = byte_reader_left(&reader);
    if (reader.failed || left == 0) {
        return 0;
    }
    *ret_starts_frame = (first & DESCRIPTOR_START) != 0 && (first & DESCRIPTOR_PARTITION) == 0;
    return size - left;
}
