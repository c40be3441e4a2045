#include "bridge/rtc/sdp_span.h"

#include <glib.h>
#include <string.h>

size_t span_size(Span span)
{
    return (size_t)(span.end - span.at);
}

bool span_is(Span span, const char *text)
{
    return span_size(span) == strlen(text) && memcmp(span.at, text, span_size(span)) == 0;
}

bool span_is_any_case(Span span, const char *text)
{
    return span_size(span) == strlen(text) &&
           g_ascii_strncasecmp(span.at, text, span_size(span)) == 0;
}

Span span_take_until(Span *span, char separator)
{
    const char *found = memchr(span->at, separator, span_size(*span));
    Span taken = {span->at, found == NULL ? span->end : found};
    span->at = found == NULL ? span->end : found + 1;
    return taken;
}

Span span_take_word(Span *span)
{
    while (span->at < span->end && *span->at == ' ') {
        span->at++;
    }
    return span_take_until(span, ' ');
}

bool span_read_number(Span span, uint32_t max, uint32_t *ret_number)
{
    uint64_t number = 0;
    if (span_size(span) == 0 || span_size(span) > 10) {
        return false;
    }
    for (; span.at < span.end; span.at++) {
        if (!g_ascii_isdigit(*span.at)) {
            return false;
        }
        number = number * 10 + (uint64_t)(*span.at - '0');
    }
    *ret_number = (uint32_t)number;
    return number <= max;
}

bool span_copy(Span span, SpanCharTest test, char *ret_text, size_t capacity)
{
    size_t size = span_size(span);
    if (size == 0 || size >= capacity) {
        return false;
    }
    for (size_t i = 0; i < size; i++) {
        if (!test(span.at[i])) {
            return false;
        }
    }
    memcpy(ret_text, span.at, size);
    ret_text[size] = '\0';
    return true;
}
