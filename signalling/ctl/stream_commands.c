#include "signalling/ctl/stream_commands.h"

#include <jansson.h>
#include <stdio.h>

#include "signalling/ctl/answer.h"
#include "signalling/ctl/table.h"

static bool read_number(const char *word, const char *what, json_int_t *ret_number, GError **error)
{
    gint64 number;
    if (!g_ascii_string_to_signed(word, 10, 0, G_MAXINT32, &number, NULL)) {
        g_autofree char *message =
            g_strdup_printf("%s is named by its number, not \"%s\"", what, word);
        return answer_fail(error, message);
    }
    *ret_number = number;
    return true;
}

static void set_text(json_t *message, const char *name, const char *value_or_null)
{
    if (value_or_null != NULL) {
        json_object_set_new(message, name, json_string(value_or_null));
    }
}

static bool stream_token(Arguments *arguments, const char *role, GError **error)
{
    json_int_t meeting;
    json_int_t view = -1;
    if (!read_number(arguments->words[0], "the meeting", &meeting, error) ||
        (arguments->view != NULL && !read_number(arguments->view, "the view", &view, error))) {
        return false;
    }
    json_t *message = json_pack("{s:I, s:s}", "meeting", meeting, "role", role);
    set_text(message, "name", arguments->name);
    set_text(message, "site", arguments->site);
    if (view >= 0) {
        json_object_set_new(message, "view", json_integer(view));
    }
    if (arguments->ttl_s > 0) {
        json_object_set_new(message, "ttl_s", json_integer(arguments->ttl_s));
    }
    bool is_done;
    json_t *answer = answer_ask(arguments, "stream.token", message, &is_done, error);
    if (answer != NULL) {
        printf("%s\n%s\n", answer_text(answer, "url"), answer_text(answer, "token"));
    }
    json_decref(answer);
    return is_done;
}

bool stream_token_whip(Arguments *arguments, GError **error)
{
    return stream_token(arguments, "publish", error);
}

bool stream_token_whep(Arguments *arguments, GError **error)
{
    return stream_token(arguments, "watch", error);
}

bool stream_token_list(Arguments *arguments, GError **error)
{
    bool is_done;
    json_int_t meeting;
    if (!read_number(arguments->words[0], "the meeting", &meeting, error)) {
        return false;
    }
    json_t *answer = answer_ask(arguments, "stream.list", json_pack("{s:I}", "meeting", meeting),
                                &is_done, error);
    if (answer == NULL) {
        return is_done;
    }
    static const char *const headings[] = {"STREAM", "ROLE", "NAME", "SITE", "MADE BY", NULL};
    Table *table = table_new(headings);
    size_t index;
    json_t *token;
    json_array_foreach(json_object_get(answer, "tokens"), index, token)
    {
        g_autofree char *id = g_strdup_printf("%lld", answer_number(token, "stream"));
        const char *const cells[] = {id, answer_text(token, "role"), answer_text(token, "name"),
                                     answer_text(token, "site"), answer_text(token, "made_by")};
        table_add(table, cells);
    }
    table_print(table);
    table_free(table);
    json_decref(answer);
    return true;
}

bool stream_token_revoke(Arguments *arguments, GError **error)
{
    json_int_t meeting;
    json_int_t stream;
    if (!read_number(arguments->words[0], "the meeting", &meeting, error) ||
        !read_number(arguments->words[1], "the token", &stream, error)) {
        return false;
    }
    return answer_ask_and_say(arguments, "stream.revoke",
                              json_pack("{s:I, s:I}", "meeting", meeting, "stream", stream),
                              "revoked", error);
}
