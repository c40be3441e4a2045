#include "bridge/base/fields.h"

#include <jansson.h>
#include <string.h>

#include "bridge/base/limits.h"

static size_t depth_of(const char *text, size_t size)
{
    size_t depth = 0;
    size_t deepest = 0;
    bool in_string = false;
    for (size_t i = 0; i < size; i++) {
        if (in_string) {
            if (text[i] == '\\') {
                i++;
            } else if (text[i] == '"') {
                in_string = false;
            }
        } else if (text[i] == '"') {
            in_string = true;
        } else if (text[i] == '{' || text[i] == '[') {
            depth++;
            deepest = MAX(deepest, depth);
        } else if ((text[i] == '}' || text[i] == ']') && depth > 0) {
            depth--;
        }
    }
    return deepest;
}

json_t *fields_parse(const char *text, size_t size, Problem *problem)
{
    if (depth_of(text, size) > LIMIT_JSON_DEPTH) {
        problem_set(problem, "bad_json", "", "nested deeper than %d", LIMIT_JSON_DEPTH);
        return NULL;
    }
    json_error_t error;
    json_t *value = json_loadb(text, size, JSON_REJECT_DUPLICATES, &error);
    if (value == NULL) {
        problem_set(problem, "bad_json", "", "line %d, column %d: %s", error.line, error.column,
                    error.text);
        return NULL;
    }
    if (!json_is_object(value)) {
        json_decref(value);
        problem_set(problem, "bad_json", "", "line 1, column 1: not a JSON object");
        return NULL;
    }
    return value;
}

static bool bad(Problem *problem, const char *name, const char *what)
{
    return problem_set(problem, "bad_field", name, "%s: %s", name, what);
}

bool field_has(json_t *object, const char *name)
{
    json_t *value = json_object_get(object, name);
    return value != NULL && !json_is_null(value);
}

bool field_string(json_t *object, const char *name, size_t min_bytes, size_t max_bytes,
                  const char **ret_text, Problem *problem)
{
    json_t *value = json_object_get(object, name);
    if (!json_is_string(value)) {
        return bad(problem, name, "must be a string");
    }
    size_t size = json_string_length(value);
    const char *text = json_string_value(value);
    if (size < min_bytes || size > max_bytes) {
        return problem_set(problem, "bad_field", name, "%s: must have %zu to %zu bytes", name,
                           min_bytes, max_bytes);
    }
    if (strlen(text) != size) {
        return bad(problem, name, "must not contain NUL");
    }
    *ret_text = text;
    return true;
}

bool field_string_or(json_t *object, const char *name, size_t max_bytes, const char *fallback,
                     const char **ret_text, Problem *problem)
{
    if (!field_has(object, name)) {
        *ret_text = fallback;
        return true;
    }
    return field_string(object, name, 0, max_bytes, ret_text, problem);
}

bool field_int(json_t *object, const char *name, int64_t min, int64_t max, int64_t *ret_value,
               Problem *problem)
{
    json_t *value = json_object_get(object, name);
    if (!json_is_integer(value)) {
        return bad(problem, name, "must be an integer");
    }
    int64_t number = json_integer_value(value);
    if (number < min || number > max) {
        return problem_set(problem, "bad_field", name,
                           "%s: must be %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT, name, min, max);
    }
    *ret_value = number;
    return true;
}

bool field_int_or(json_t *object, const char *name, int64_t min, int64_t max, int64_t fallback,
                  int64_t *ret_value, Problem *problem)
{
    if (!field_has(object, name)) {
        *ret_value = fallback;
        return true;
    }
    return field_int(object, name, min, max, ret_value, problem);
}

bool field_number(json_t *object, const char *name, double min, double max, double *ret_value,
                  Problem *problem)
{
    json_t *value = json_object_get(object, name);
    if (!json_is_number(value)) {
        return bad(problem, name, "must be a number");
    }
    double number = json_number_value(value);
    if (!(number >= min && number <= max)) {
        return problem_set(problem, "bad_field", name, "%s: must be %g to %g", name, min, max);
    }
    *ret_value = number;
    return true;
}

bool field_bool(json_t *object, const char *name, bool *ret_value, Problem *problem)
{
    json_t *value = json_object_get(object, name);
    if (!json_is_boolean(value)) {
        return bad(problem, name, "must be true or false");
    }
    *ret_value = json_is_true(value);
    return true;
}

bool field_bool_or(json_t *object, const char *name, bool fallback, bool *ret_value,
                   Problem *problem)
{
    if (!field_has(object, name)) {
        *ret_value = fallback;
        return true;
    }
    return field_bool(object, name, ret_value, problem);
}

bool field_array(json_t *object, const char *name, size_t min_items, size_t max_items,
                 json_t **ret_array, Problem *problem)
{
    json_t *value = json_object_get(object, name);
    if (!json_is_array(value)) {
        return bad(problem, name, "must be an array");
    }
    if (json_array_size(value) < min_items || json_array_size(value) > max_items) {
        return problem_set(problem, "bad_field", name, "%s: must have %zu to %zu items", name,
                           min_items, max_items);
    }
    *ret_array = value;
    return true;
}

bool field_object(json_t *object, const char *name, json_t **ret_object, Problem *problem)
{
    json_t *value = json_object_get(object, name);
    if (!json_is_object(value)) {
        return bad(problem, name, "must be an object");
    }
    *ret_object = value;
    return true;
}
