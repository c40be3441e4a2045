#include "signalling/byte_range.h"

#include <glib.h>
#include <stdbool.h>
#include <string.h>

/* More digits than any file has; no overflow. */
#define DIGITS_MAX 18

/* -1: no digits there; -2: too many. */
static int64_t read_number(const char **text)
{
    size_t digits = strspn(*text, "0123456789");
    int64_t number = digits == 0            ? -1
                     : digits <= DIGITS_MAX ? g_ascii_strtoll(*text, NULL, 10)
                                            : -2;
    *text += digits;
    return number;
}

ByteRangeVerdict byte_range_parse(const char *header, int64_t size, ByteRange *ret_range)
{
    *ret_range = (ByteRange){0, size};
    if (g_ascii_strncasecmp(header, "bytes=", 6) != 0) {
        return BYTE_RANGE_WHOLE;
    }
    const char *at = header + 6;
    int64_t first = read_number(&at);
    bool has_dash = *at == '-';
    at += has_dash;
    int64_t last = read_number(&at);
    bool is_suffix = first == -1;
    if (!has_dash || *at != '\0' || first == -2 || last == -2 || (is_suffix && last == -1) ||
        (!is_suffix && last != -1 && last < first)) {
        return BYTE_RANGE_WHOLE;
    }
    if (is_suffix) {
        first = size - MIN(last, size);
        last = size - 1;
    }
    if (first >= size) {
        return BYTE_RANGE_OUTSIDE;
    }
    last = last == -1 ? size - 1 : MIN(last, size - 1);
    *ret_range = (ByteRange){first, last - first + 1};
    return BYTE_RANGE_PART;
}
