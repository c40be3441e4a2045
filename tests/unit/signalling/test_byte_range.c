#include <criterion/criterion.h>

#include "signalling/byte_range.h"

static void expect(const char *header, ByteRangeVerdict verdict, int64_t first, int64_t size)
{
    ByteRange range;
    cr_expect_eq(byte_range_parse(header, 1000, &range), verdict, "%s", header);
    cr_expect_eq(range.first, first, "%s", header);
    cr_expect_eq(range.size, size, "%s", header);
}

Test(byte_range, reads_one_range)
{
    expect("bytes=0-", BYTE_RANGE_PART, 0, 1000);
    expect("bytes=0-0", BYTE_RANGE_PART, 0, 1);
    expect("bytes=100-199", BYTE_RANGE_PART, 100, 100);
    expect("bytes=999-", BYTE_RANGE_PART, 999, 1);
    expect("bytes=900-5000", BYTE_RANGE_PART, 900, 100);
    expect("bytes=-300", BYTE_RANGE_PART, 700, 300);
    expect("bytes=-3000", BYTE_RANGE_PART, 0, 1000);
    expect("Bytes=5-6", BYTE_RANGE_PART, 5, 2);
}

Test(byte_range, what_lies_behind_the_end_is_outside)
{
    expect("bytes=1000-", BYTE_RANGE_OUTSIDE, 0, 1000);
    expect("bytes=5000-6000", BYTE_RANGE_OUTSIDE, 0, 1000);
    expect("bytes=-0", BYTE_RANGE_OUTSIDE, 0, 1000);
}

Test(byte_range, anything_else_is_the_whole_file)
{
    static const char *const headers[] = {
        "",
        "bytes",
        "bytes=",
        "bytes=-",
        "bytes=5",
        "bytes=9-3",
        "items=0-5",
        "bytes=0-1,5-",
        "bytes= 0-5",
        "bytes=0-5x",
        "bytes=a-b",
        "bytes=--5",
        "bytes=+1-5",
        "bytes=0x10-",
        "bytes=-5-",
        "bytes=99999999999999999999-",
        "bytes=0-99999999999999999999",
    };
    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++) {
        expect(headers[i], BYTE_RANGE_WHOLE, 0, 1000);
    }
}
