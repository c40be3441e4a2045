/* The REST calls about queue, floor, roll and notes: each equals a message. */
#include <jansson.h>

#include "signalling/rest_internal.h"

static void answer_fields(Exchange *exchange, json_t *fields)
{
    exchange_reply_json(exchange, 200, json_incref(fields));
}

static void answer_nothing(Exchange *exchange, json_t *fields)
{
    HttpReply reply = {.status = 204};
    exchange_reply(exchange, &reply);
}

/* The body with the meeting of the path, and its seat when it names one. */
static json_t *message_of(const RestCall *call)
{
    json_t *message = json_copy(call->body);
    json_object_set_new(message, "meeting", json_integer(call->ids[0]));
    if (call->ids[1] > 0) {
        json_object_set_new(message, "source", json_integer(call->ids[1]));
    }
    return message;
}

static void ask(const RestCall *call, const char *type, RestAnswer answer)
{
    rest_call(call->rest->calls, call->exchange, call->session, type, message_of(call), answer);
}

static void on_raise(const RestCall *call)
{
    ask(call, "hand.raise", answer_fields);
}

static void on_move(const RestCall *call)
{
    ask(call, "hand.move", answer_nothing);
}

static void on_lower(const RestCall *call)
{
    ask(call, "hand.lower", answer_nothing);
}

static void on_floor(const RestCall *call)
{
    ask(call, "meeting.floor", answer_nothing);
}

static void on_next(const RestCall *call)
{
    ask(call, "floor.next", answer_fields);
}

static void on_limit(const RestCall *call)
{
    ask(call, "floor.limit", answer_nothing);
}

static void on_roll_start(const RestCall *call)
{
    ask(call, "roll.start", answer_nothing);
}

static void on_roll_call(const RestCall *call)
{
    ask(call, "roll.call", answer_fields);
}

static void on_roll_stop(const RestCall *call)
{
    ask(call, "roll.stop", answer_nothing);
}

static void on_roll_mark(const RestCall *call)
{
    ask(call, "roll.mark", answer_nothing);
}

static void on_notes(const RestCall *call)
{
    ask(call, "note.list", answer_fields);
}

static void on_note_send(const RestCall *call)
{
    ask(call, "note.send", answer_fields);
}

#define MEETING "/api/v1/meetings/ID"

const RestRow rest_floor_rows[] = {
    {HTTP_POST, MEETING "/hands/ID", ROLES_HOSTING, on_raise},
    {HTTP_PUT, MEETING "/hands/ID", ROLES_HOSTING, on_move},
    {HTTP_DELETE, MEETING "/hands/ID", ROLES_HOSTING, on_lower},
    {HTTP_PUT, MEETING "/floor", ROLES_HOSTING, on_floor},
    {HTTP_POST, MEETING "/floor/next", ROLES_HOSTING, on_next},
    {HTTP_PUT, MEETING "/floor/limit", ROLES_HOSTING, on_limit},
    {HTTP_POST, MEETING "/roll", ROLES_HOSTING, on_roll_start},
    {HTTP_DELETE, MEETING "/roll", ROLES_HOSTING, on_roll_stop},
    {HTTP_POST, MEETING "/roll/next", ROLES_HOSTING, on_roll_call},
    {HTTP_PUT, MEETING "/roll/ID", ROLES_HOSTING, on_roll_mark},
    {HTTP_GET, MEETING "/notes", ROLES_PAGE, on_notes},
    {HTTP_POST, MEETING "/notes", ROLES_HOSTING, on_note_send},
    {HTTP_OTHER, NULL, 0, NULL},
};
