/* Checked reading of JSON that somebody else wrote. Each getter leaves *ret_ alone and fills in
 * `problem` (code bad_field, the field's name) when the field is missing, of the wrong type or out
 * of range. The _or variants accept a missing or null field and then yield `fallback`. Borrowed
 * strings live as long as the object. Any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/base/problem.h"

typedef struct json_t json_t;

/* Nesting and size are bounded, duplicate keys refused; NULL and a problem (code bad_json, message
 * with line and column) unless `text` is one JSON object. The caller owns the result. */
json_t *fields_parse(const char *text, size_t size, Problem *problem);

/* UTF-8, `min_bytes` to `max_bytes` long. */
bool field_string(json_t *object, const char *name, size_t min_bytes, size_t max_bytes,
                  const char **ret_text, Problem *problem);
bool field_string_or(json_t *object, const char *name, size_t max_bytes, const char *fallback,
                     const char **ret_text, Problem *problem);
bool field_int(json_t *object, const char *name, int64_t min, int64_t max, int64_t *ret_value,
               Problem *problem);
bool field_int_or(json_t *object, const char *name, int64_t min, int64_t max, int64_t fallback,
                  int64_t *ret_value, Problem *problem);
bool field_number(json_t *object, const char *name, double min, double max, double *ret_value,
                  Problem *problem);
bool field_bool(json_t *object, const char *name, bool *ret_value, Problem *problem);
bool field_bool_or(json_t *object, const char *name, bool fallback, bool *ret_value,
                   Problem *problem);
/* Borrowed arrays and objects. */
bool field_array(json_t *object, const char *name, size_t min_items, size_t max_items,
                 json_t **ret_array, Problem *problem);
bool field_object(json_t *object, const char *name, json_t **ret_object, Problem *problem);
/* Present and not null. */
bool field_has(json_t *object, const char *name);
