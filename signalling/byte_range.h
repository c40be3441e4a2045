/* The Range header of a request (RFC 9110 section 14): one range of bytes. Any thread. */
#pragma once

#include <stdint.h>

typedef enum ByteRangeVerdict {
    BYTE_RANGE_WHOLE,   /* none asked, or one that is ignored: several, another unit, malformed */
    BYTE_RANGE_PART,    /* 206 */
    BYTE_RANGE_OUTSIDE, /* 416 */
} ByteRangeVerdict;

typedef struct ByteRange {
    int64_t first;
    int64_t size;
} ByteRange;

/* Of a file of `size` bytes; *ret_range is the whole file unless it is a part. */
ByteRangeVerdict byte_range_parse(const char *header, int64_t size, ByteRange *ret_range);
