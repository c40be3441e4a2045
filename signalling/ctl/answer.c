#include "signalling/ctl/answer.h"

#include <jansson.h>
#include <stdio.h>

json_t *answer_ask(Arguments *arguments, const char *type, json_t *message, bool *ret_done,
                   GError **error)
{
    json_t *answer = connection_ask(arguments->connection, type, message, error);
    *ret_done = answer != NULL;
    if (answer == NULL || !arguments->as_json) {
        return answer;
    }
    json_object_del(answer, "type");
    json_object_del(answer, "id");
    json_dumpf(answer, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(answer);
    return NULL;
}

const char *answer_text(json_t *object, const char *name)
{
    const char *value = json_string_value(json_object_get(object, name));
    return value != NULL ? value : "";
}

long long answer_number(json_t *object, const char *name)
{
    return json_integer_value(json_object_get(object, name));
}

bool answer_fail(GError **error, const char *message)
{
    g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED, "%s", message);
    return false;
}

bool answer_ask_and_say(Arguments *arguments, const char *type, json_t *message, const char *done,
                        GError **error)
{
    bool is_done;
    json_t *answer = answer_ask(arguments, type, message, &is_done, error);
    if (answer != NULL) {
        puts(done);
    }
    json_decref(answer);
    return is_done;
}
