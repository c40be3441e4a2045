#include "bridge/base/bytes.h"

#include <string.h>

ByteReader byte_reader(const void *bytes, size_t size)
{
    return (ByteReader){.at = bytes, .end = (const uint8_t *)bytes + size};
}

size_t byte_reader_left(const ByteReader *reader)
{
    return reader->failed ? 0 : (size_t)(reader->end - reader->at);
}

const uint8_t *read_bytes(ByteReader *reader, size_t size)
{
    if (reader->failed || (size_t)(reader->end - reader->at) < size) {
        reader->failed = true;
        return NULL;
    }
    const uint8_t *bytes = reader->at;
    reader->at += size;
    return bytes;
}

static uint64_t read_big_endian(ByteReader *reader, size_t size)
{
    const uint8_t *bytes = read_bytes(reader, size);
    uint64_t value = 0;
    for (size_t i = 0; bytes != NULL && i < size; i++) {
        value = value << 8 | bytes[i];
    }
    return value;
}

uint8_t read_u8(ByteReader *reader)
{
    return (uint8_t)read_big_endian(reader, 1);
}

uint16_t read_u16(ByteReader *reader)
{
    return (uint16_t)read_big_endian(reader, 2);
}

uint32_t read_u24(ByteReader *reader)
{
    return (uint32_t)read_big_endian(reader, 3);
}

uint32_t read_u32(ByteReader *reader)
{
    return (uint32_t)read_big_endian(reader, 4);
}

uint64_t read_u64(ByteReader *reader)
{
    return read_big_endian(reader, 8);
}

ByteReader read_sub(ByteReader *reader, size_t size)
{
    const uint8_t *bytes = read_bytes(reader, size);
    ByteReader sub = byte_reader(bytes, bytes == NULL ? 0 : size);
    sub.failed = bytes == NULL;
    return sub;
}

ByteWriter byte_writer(void *bytes, size_t capacity)
{
    return (ByteWriter){.start = bytes, .at = bytes, .end = (uint8_t *)bytes + capacity};
}

size_t byte_writer_size(const ByteWriter *writer)
{
    return (size_t)(writer->at - writer->start);
}

void write_bytes(ByteWriter *writer, const void *bytes, size_t size)
{
    if (writer->failed || (size_t)(writer->end - writer->at) < size) {
        writer->failed = true;
        return;
    }
    if (size > 0) {
        memcpy(writer->at, bytes, size);
    }
    writer->at += size;
}

static void write_big_endian(ByteWriter *writer, uint64_t value, size_t size)
{
    uint8_t bytes[8];
    for (size_t i = 0; i < size; i++) {
        bytes[i] = (uint8_t)(value >> 8 * (size - 1 - i));
    }
    write_bytes(writer, bytes, size);
}

void write_u8(ByteWriter *writer, uint8_t value)
{
    write_big_endian(writer, value, 1);
}

void write_u16(ByteWriter *writer, uint16_t value)
{
    write_big_endian(writer, value, 2);
}

void write_u24(ByteWriter *writer, uint32_t value)
{
    write_big_endian(writer, value, 3);
}

void write_u32(ByteWriter *writer, uint32_t value)
{
    write_big_endian(writer, value, 4);
}

void write_u64(ByteWriter *writer, uint64_t value)
{
    write_big_endian(writer, value, 8);
}
