#include "bridge/recording/ebml.h"

#include <string.h>

#define SIZE_BYTES 8
#define SIZE_LEAD 0x01

static void append_id(GByteArray *bytes, uint32_t id)
{
    for (int shift = 24; shift >= 0; shift -= 8) {
        uint8_t byte = (uint8_t)(id >> shift);
        if (id >> shift != 0) {
            g_byte_array_append(bytes, &byte, 1);
        }
    }
}

static void put_size(uint8_t *at, uint64_t size)
{
    ByteWriter writer = byte_writer(at, SIZE_BYTES);
    write_u64(&writer, size);
    at[0] = SIZE_LEAD;
}

size_t ebml_open_unknown(GByteArray *bytes, uint32_t id)
{
    static const uint8_t unknown[SIZE_BYTES] = {SIZE_LEAD, 0xff, 0xff, 0xff,
                                                0xff,      0xff, 0xff, 0xff};
    append_id(bytes, id);
    g_byte_array_append(bytes, unknown, sizeof unknown);
    return bytes->len;
}

size_t ebml_open(GByteArray *bytes, uint32_t id)
{
    return ebml_open_unknown(bytes, id);
}

void ebml_set_size(GByteArray *bytes, size_t element, uint64_t size)
{
    put_size(bytes->data + element - SIZE_BYTES, size);
}

void ebml_close(GByteArray *bytes, size_t element)
{
    ebml_set_size(bytes, element, bytes->len - element);
}

void ebml_write_bytes(GByteArray *bytes, uint32_t id, const void *data, size_t size)
{
    size_t element = ebml_open(bytes, id);
    g_byte_array_append(bytes, data, (guint)size);
    ebml_close(bytes, element);
}

void ebml_write_uint(GByteArray *bytes, uint32_t id, uint64_t value)
{
    uint8_t body[8];
    ByteWriter writer = byte_writer(body, sizeof body);
    write_u64(&writer, value);
    ebml_write_bytes(bytes, id, body, sizeof body);
}

void ebml_write_double(GByteArray *bytes, uint32_t id, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    ebml_write_uint(bytes, id, bits);
}

void ebml_blank(GByteArray *bytes, size_t start)
{
    size_t size = bytes->len - start;
    memset(bytes->data + start, 0, size);
    bytes->data[start] = EBML_VOID;
    put_size(bytes->data + start + 1, size - 1 - SIZE_BYTES);
}

/* ---- reading ---- */

/* The length that the first byte of an id or a size tells; 9: none. */
static int length_of(uint8_t lead)
{
    int length = 1;
    while (length <= SIZE_BYTES && (lead & (0x80 >> (length - 1))) == 0) {
        length++;
    }
    return length;
}

static bool read_number(ByteReader *reader, int length_max, bool keeps_mark, uint64_t *ret_number,
                        bool *ret_is_unknown)
{
    uint8_t lead = read_u8(reader);
    int length = length_of(lead);
    if (reader->failed || length > length_max) {
        return false;
    }
    uint64_t mask = keeps_mark ? 0xff : 0xff >> length;
    uint64_t number = lead & mask;
    for (int i = 1; i < length; i++) {
        number = number << 8 | read_u8(reader);
    }
    *ret_number = number;
    *ret_is_unknown = number == (UINT64_C(1) << (7 * length)) - 1;
    return !reader->failed;
}

bool ebml_read(ByteReader *reader, EbmlElement *ret_element)
{
    uint64_t id;
    uint64_t size;
    bool is_unknown;
    if (byte_reader_left(reader) == 0 || !read_number(reader, 4, true, &id, &is_unknown) ||
        !read_number(reader, SIZE_BYTES, false, &size, &is_unknown)) {
        return false;
    }
    size_t left = byte_reader_left(reader);
    ret_element->id = (uint32_t)id;
    ret_element->is_whole = !is_unknown && size <= left;
    ret_element->body = read_sub(reader, ret_element->is_whole ? (size_t)size : left);
    ret_element->end = ret_element->body.end;
    return true;
}

uint64_t ebml_uint(const EbmlElement *element)
{
    ByteReader body = element->body;
    uint64_t value = 0;
    for (size_t i = byte_reader_left(&body); i > 0; i--) {
        value = value << 8 | read_u8(&body);
    }
    return value;
}
