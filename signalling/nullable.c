#include "signalling/nullable.h"

#include <jansson.h>

json_t *number_or_null(int64_t number)
{
    return number != 0 ? json_integer(number) : json_null();
}

json_t *text_or_null(const char *text)
{
    return text[0] != '\0' ? json_string(text) : json_null();
}
