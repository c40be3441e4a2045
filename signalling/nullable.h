/* JSON in which nothing is null: what the messages, the store and the program say of a number that
 * is not given, or of an empty text. The caller owns the value. Any thread. */
#pragma once

#include <stdint.h>

typedef struct json_t json_t;

/* 0: null */
json_t *number_or_null(int64_t number);
/* "": null */
json_t *text_or_null(const char *text);
