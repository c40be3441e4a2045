#include "bridge/base/vp8.h"

#include "bridge/base/bytes.h"

#define DESCRIPTOR_EXTENDED 0x80
#define DESCRIPTOR_START 0x10
#define DESCRIPTOR_PARTITION 0x07
#define EXTENSION_PICTURE_ID 0x80
#define EXTENSION_TL0 0x40
#define EXTENSION_TID_OR_KEY 0x30
#define PICTURE_ID_LONG 0x80

static uint16_t read_u16_little_endian(ByteReader *reader)
{
    uint16_t low = read_u8(reader);
    return (uint16_t)(low | read_u8(reader) << 8);
}

bool vp8_read_header(const uint8_t *frame, size_t size, Vp8Header *ret_header)
{
    ByteReader reader = byte_reader(frame, size);
    uint32_t tag = read_u24(&reader);
    uint8_t first = (uint8_t)(tag >> 16);
    Vp8Header header = {.is_keyframe = (first & 1) == 0, .is_shown = (first >> 4 & 1) == 1};
    if (header.is_keyframe) {
        if (read_u24(&reader) != 0x9d012a) {
            return false;
        }
        header.width = read_u16_little_endian(&reader) & 0x3fff;
        header.height = read_u16_little_endian(&reader) & 0x3fff;
    }
    if (reader.failed) {
        return false;
    }
    *ret_header = header;
    return true;
}

bool vp8_read_key_frame(const uint8_t *frame, size_t size, int *ret_width, int *ret_height)
{
    Vp8Header header;
    if (!vp8_read_header(frame, size, &header) || !header.is_keyframe) {
        return false;
    }
    *ret_width = header.width;
    *ret_height = header.height;
    return header.width > 0 && header.height > 0;
}

static void skip_descriptor_extension(ByteReader *reader)
{
    uint8_t extension = read_u8(reader);
    if ((extension & EXTENSION_PICTURE_ID) != 0 && (read_u8(reader) & PICTURE_ID_LONG) != 0) {
        read_u8(reader);
    }
    if ((extension & EXTENSION_TL0) != 0) {
        read_u8(reader);
    }
    if ((extension & EXTENSION_TID_OR_KEY) != 0) {
        read_u8(reader);
    }
}

size_t vp8_read_descriptor(const uint8_t *payload, size_t size, bool *ret_starts_frame)
{
    ByteReader reader = byte_reader(payload, size);
    uint8_t first = read_u8(&reader);
    if ((first & DESCRIPTOR_EXTENDED) != 0) {
        skip_descriptor_extension(&reader);
    }
    size_t left = byte_reader_left(&reader);
    if (left == 0) {
        return 0;
    }
    *ret_starts_frame = (first & DESCRIPTOR_START) != 0 && (first & DESCRIPTOR_PARTITION) == 0;
    return size - left;
}

bool vp8_payload_starts_keyframe(const uint8_t *payload, size_t size)
{
    bool starts_frame = false;
    size_t skip = vp8_read_descriptor(payload, size, &starts_frame);
    return skip > 0 && starts_frame && (payload[skip] & 1) == 0;
}
