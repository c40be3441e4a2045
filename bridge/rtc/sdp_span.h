/* Text within a session description: a cursor that borrows and is not terminated. Part of the SDP
 * parser. Any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct Span {
    const char *at;
    const char *end;
} Span;

typedef bool (*SpanCharTest)(char c);

size_t span_size(Span span);
bool span_is(Span span, const char *text);
bool span_is_any_case(Span span, const char *text);
/* What stands before the next `separator`; `span` moves past it. */
Span span_take_until(Span *span, char separator);
/* The next word, over any number of spaces; empty at the end. */
Span span_take_word(Span *span);
/* Decimal digits and nothing else, 0 to `max`. */
bool span_read_number(Span span, uint32_t max, uint32_t *ret_number);
/* Copies 1 to `capacity` - 1 characters that all pass the test, and terminates them. */
bool span_copy(Span span, SpanCharTest test, char *ret_text, size_t capacity);
