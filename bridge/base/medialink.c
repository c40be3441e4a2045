#include "bridge/base/medialink.h"

#include "bridge/base/bytes.h"

void medialink_write(const MedialinkHeader *header, uint8_t bytes[MEDIALINK_HEADER_BYTES])
{
    ByteWriter writer = byte_writer(bytes, MEDIALINK_HEADER_BYTES);
    write_u8(&writer, header->type);
    write_u8(&writer, header->flags);
    write_u16(&writer, header->rung);
    write_u32(&writer, header->source);
    write_u64(&writer, (uint64_t)header->time_us);
}

bool medialink_read(const uint8_t *bytes, size_t size, MedialinkHeader *ret_header)
{
    ByteReader reader = byte_reader(bytes, size);
    MedialinkHeader header = {
        .type = read_u8(&reader),
        .flags = read_u8(&reader),
        .rung = read_u16(&reader),
        .source = read_u32(&reader),
        .time_us = (int64_t)read_u64(&reader),
    };
    if (reader.failed || header.type < MEDIALINK_HELLO || header.type > MEDIALINK_RUNGS) {
        return false;
    }
    *ret_header = header;
    return true;
}
