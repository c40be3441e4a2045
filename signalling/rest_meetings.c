/* The REST calls that equal a message: they run through dispatch. */
#include <jansson.h>

#include "signalling/rest_internal.h"

/* ---- answers ---- */

void rest_answer_fields(Exchange *exchange, json_t *fields)
{
    exchange_reply_json(exchange, 200, json_incref(fields));
}

void rest_answer_nothing(Exchange *exchange, json_t *fields)
{
    HttpReply reply = {.status = 204};
    exchange_reply(exchange, &reply);
}

void rest_answer_created(Exchange *exchange, json_t *fields, const char *name)
{
    g_autofree char *location =
        g_strdup_printf("%s/%" JSON_INTEGER_FORMAT, exchange_request(exchange)->path,
                        json_integer_value(json_object_get(fields, name)));
    HttpReply reply = {.location = location};
    rest_reply(exchange, 201, "application/json", json_incref(fields), &reply);
}

static void answer_meeting_created(Exchange *exchange, json_t *fields)
{
    rest_answer_created(exchange, fields, "meeting");
}

static void answer_view_created(Exchange *exchange, json_t *fields)
{
    rest_answer_created(exchange, fields, "view");
}

static void answer_token_created(Exchange *exchange, json_t *fields)
{
    rest_answer_created(exchange, fields, "stream");
}

/* The exchange names the meeting by its path. */
static void answer_one_meeting(Exchange *exchange, json_t *fields)
{
    json_int_t id = g_ascii_strtoll(strrchr(exchange_request(exchange)->path, '/') + 1, NULL, 10);
    size_t index;
    json_t *meeting;
    json_array_foreach(json_object_get(fields, "meetings"), index, meeting)
    {
        if (json_integer_value(json_object_get(meeting, "id")) == id) {
            exchange_reply_json(exchange, 200, json_incref(meeting));
            return;
        }
    }
    Problem problem;
    problem_set(&problem, "not_found", "", "there is no such open meeting");
    exchange_reply_problem(exchange, 404, &problem);
}

/* ---- calls ---- */

/* Takes over `message`. */
static void ask(const RestCall *call, const char *type, json_t *message, RestAnswer answer)
{
    rest_call(call->rest->calls, call->exchange, call->session, type, message, answer);
}

/* The body with the meeting of the path. */
static json_t *body_of_meeting(const RestCall *call)
{
    json_t *message = json_copy(call->body);
    json_object_set_new(message, "meeting", json_integer(call->ids[0]));
    return message;
}

static void on_sites(const RestCall *call)
{
    ask(call, "site.list", json_object(), rest_answer_fields);
}

static void on_meetings(const RestCall *call)
{
    ask(call, "meeting.list", json_object(), rest_answer_fields);
}

static void on_meeting(const RestCall *call)
{
    ask(call, "meeting.list", json_object(), answer_one_meeting);
}

static void on_meeting_open(const RestCall *call)
{
    ask(call, "meeting.open", json_copy(call->body), answer_meeting_created);
}

static void on_meeting_close(const RestCall *call)
{
    ask(call, "meeting.close", json_pack("{s:I}", "meeting", (json_int_t)call->ids[0]),
        rest_answer_nothing);
}

static void on_views(const RestCall *call)
{
    ask(call, "view.list", json_pack("{s:I}", "meeting", (json_int_t)call->ids[0]),
        rest_answer_fields);
}

static void on_view_add(const RestCall *call)
{
    ask(call, "view.set",
        json_pack("{s:I, s:O}", "meeting", (json_int_t)call->ids[0], "view", call->body),
        answer_view_created);
}

static void on_view_put(const RestCall *call)
{
    json_t *view = json_copy(call->body);
    json_object_set_new(view, "id", json_integer(call->ids[1]));
    ask(call, "view.set",
        json_pack("{s:I, s:o}", "meeting", (json_int_t)call->ids[0], "view", view),
        rest_answer_fields);
}

static void on_view_remove(const RestCall *call)
{
    ask(call, "view.remove",
        json_pack("{s:I, s:I}", "meeting", (json_int_t)call->ids[0], "view",
                  (json_int_t)call->ids[1]),
        rest_answer_nothing);
}

static void on_preset(const RestCall *call)
{
    ask(call, "view.preset", body_of_meeting(call), rest_answer_nothing);
}

static void on_tokens(const RestCall *call)
{
    ask(call, "stream.list", json_pack("{s:I}", "meeting", (json_int_t)call->ids[0]),
        rest_answer_fields);
}

static void on_token_new(const RestCall *call)
{
    ask(call, "stream.token", body_of_meeting(call), answer_token_created);
}

static void on_token_revoke(const RestCall *call)
{
    ask(call, "stream.revoke",
        json_pack("{s:I, s:I}", "meeting", (json_int_t)call->ids[0], "stream",
                  (json_int_t)call->ids[1]),
        rest_answer_nothing);
}

const RestRow rest_meeting_rows[] = {
    {HTTP_GET, "/api/v1/sites", ROLES_PAGE, on_sites},
    {HTTP_GET, "/api/v1/meetings", ROLES_PAGE, on_meetings},
    {HTTP_POST, "/api/v1/meetings", ROLES_HOSTING, on_meeting_open},
    {HTTP_GET, "/api/v1/meetings/ID", ROLES_PAGE, on_meeting},
    {HTTP_DELETE, "/api/v1/meetings/ID", ROLES_HOSTING, on_meeting_close},
    {HTTP_GET, "/api/v1/meetings/ID/views", ROLES_PAGE, on_views},
    {HTTP_POST, "/api/v1/meetings/ID/views", ROLES_HOSTING, on_view_add},
    {HTTP_PUT, "/api/v1/meetings/ID/views/ID", ROLES_HOSTING, on_view_put},
    {HTTP_DELETE, "/api/v1/meetings/ID/views/ID", ROLES_HOSTING, on_view_remove},
    {HTTP_PUT, "/api/v1/meetings/ID/preset", ROLES_HOSTING, on_preset},
    {HTTP_GET, "/api/v1/meetings/ID/streams", ROLES_PAGE, on_tokens},
    {HTTP_POST, "/api/v1/meetings/ID/streams", ROLES_PAGE, on_token_new},
    {HTTP_DELETE, "/api/v1/meetings/ID/streams/ID", ROLES_PAGE, on_token_revoke},
    {HTTP_OTHER, NULL, 0, NULL},
};
