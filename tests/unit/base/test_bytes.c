#include <criterion/criterion.h>

#include "bridge/base/bytes.h"

Test(bytes, reads_back_what_was_written)
{
    uint8_t bytes[32];
    ByteWriter writer = byte_writer(bytes, sizeof bytes);
    write_u8(&writer, 0x12);
    write_u16(&writer, 0x3456);
    write_u24(&writer, 0x789abc);
    write_u32(&writer, 0xdef01234);
    write_u64(&writer, UINT64_C(0x5566778899aabbcc));
    cr_assert(!writer.failed);
    cr_assert_eq(byte_writer_size(&writer), 18);

    ByteReader reader = byte_reader(bytes, 18);
    cr_assert_eq(read_u8(&reader), 0x12);
    cr_assert_eq(read_u16(&reader), 0x3456);
    cr_assert_eq(read_u24(&reader), 0x789abc);
    cr_assert_eq(read_u32(&reader), 0xdef01234);
    cr_assert_eq(read_u64(&reader), UINT64_C(0x5566778899aabbcc));
    cr_assert_eq(byte_reader_left(&reader), 0);
    cr_assert(!reader.failed);
}

Test(bytes, writes_in_network_byte_order)
{
    uint8_t bytes[4];
    ByteWriter writer = byte_writer(bytes, sizeof bytes);
    write_u32(&writer, 0x01020304);
    cr_assert_arr_eq(bytes, ((uint8_t[]){1, 2, 3, 4}), 4);
}

Test(bytes, fails_for_good_past_the_end_of_the_input)
{
    uint8_t bytes[3] = {1, 2, 3};
    ByteReader reader = byte_reader(bytes, sizeof bytes);
    cr_assert_eq(read_u32(&reader), 0);
    cr_assert(reader.failed);
    cr_assert_eq(read_u8(&reader), 0, "a failed reader yields nothing more");
    cr_assert_eq(byte_reader_left(&reader), 0);
}

Test(bytes, never_writes_past_the_end)
{
    uint8_t bytes[4] = {9, 9, 9, 9};
    ByteWriter writer = byte_writer(bytes, 3);
    write_u16(&writer, 0x0102);
    write_u16(&writer, 0x0304);
    cr_assert(writer.failed);
    cr_assert_arr_eq(bytes, ((uint8_t[]){1, 2, 9, 9}), 4);
}

Test(bytes, a_sub_reader_cannot_leave_its_part)
{
    uint8_t bytes[4] = {1, 2, 3, 4};
    ByteReader reader = byte_reader(bytes, sizeof bytes);
    ByteReader sub = read_sub(&reader, 2);
    cr_assert_eq(read_u16(&sub), 0x0102);
    cr_assert_eq(read_u8(&sub), 0);
    cr_assert(sub.failed);
    cr_assert_eq(read_u16(&reader), 0x0304);
    ByteReader beyond = read_sub(&reader, 1);
    cr_assert(beyond.failed && reader.failed);
}
