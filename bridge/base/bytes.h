/* Cursors over bytes, in network byte order. A read or write past the end sets `failed`, yields
 * zero, and every later call fails too: check `failed` once, after the last field. They own
 * nothing. Any thread, one at a time. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct ByteReader {
    const uint8_t *at;
    const uint8_t *end;
    bool failed;
} ByteReader;

typedef struct ByteWriter {
    uint8_t *start;
    uint8_t *at;
    uint8_t *end;
    bool failed;
} ByteWriter;

ByteReader byte_reader(const void *bytes, size_t size);
size_t byte_reader_left(const ByteReader *reader);
uint8_t read_u8(ByteReader *reader);
uint16_t read_u16(ByteReader *reader);
uint32_t read_u24(ByteReader *reader);
uint32_t read_u32(ByteReader *reader);
uint64_t read_u64(ByteReader *reader);
/* The next `size` bytes, borrowed from the input; NULL when there are not so many. */
const uint8_t *read_bytes(ByteReader *reader, size_t size);
/* A reader over the next `size` bytes; the outer reader moves past them. */
ByteReader read_sub(ByteReader *reader, size_t size);

ByteWriter byte_writer(void *bytes, size_t capacity);
size_t byte_writer_size(const ByteWriter *writer);
void write_u8(ByteWriter *writer, uint8_t value);
void write_u16(ByteWriter *writer, uint16_t value);
void write_u24(ByteWriter *writer, uint32_t value);
void write_u32(ByteWriter *writer, uint32_t value);
void write_u64(ByteWriter *writer, uint64_t value);
void write_bytes(ByteWriter *writer, const void *bytes, size_t size);
