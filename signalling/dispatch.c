#include "signalling/dispatch.h"

#include <jansson.h>
#include <string.h>

#include "bridge/base/fields.h"
#include "bridge/base/limits.h"
#include "bridge/base/log.h"

#define TYPE_BYTES_MAX 40
#define ID_MAX (INT64_C(1) << 53)

static const MessageRow *const tables[] = {
    device_rows,   page_rows,      technical_rows,  meeting_rows,  media_rows, view_rows,
    stream_rows,   stats_rows,     floor_rows,      history_rows,  note_rows,  template_rows,
    schedule_rows, readiness_rows, invitation_rows, recording_rows};

const MessageRow *dispatch_find(const char *type)
{
    for (size_t i = 0; i < G_N_ELEMENTS(tables); i++) {
        for (const MessageRow *row = tables[i]; row->type != NULL; row++) {
            if (strcmp(row->type, type) == 0) {
                return row;
            }
        }
    }
    return NULL;
}

void dispatch_each(void (*call)(const MessageRow *row, void *data), void *data)
{
    for (size_t i = 0; i < G_N_ELEMENTS(tables); i++) {
        for (const MessageRow *row = tables[i]; row->type != NULL; row++) {
            call(row, data);
        }
    }
}

/* A device that has not got so far yet may try again; for anybody else the door stays shut. */
static bool check_role(const MessageRow *row, ClientRole role, Problem *problem)
{
    if ((row->roles & (unsigned)role) != 0) {
        return true;
    }
    bool is_early = role == ROLE_GUEST || role == ROLE_PENDING;
    if (is_early && (row->roles & ROLE_DEVICE) != 0) {
        return problem_set(problem, "wrong_state", "type", "%s: authenticate first", row->type);
    }
    return problem_set(problem, "not_allowed", "type", "%s: not allowed", row->type);
}

const MessageRow *dispatch_look_up(json_t *message, ClientRole role, int64_t *ret_id,
                                   Problem *problem)
{
    const char *type = NULL;
    if (!field_int_or(message, "id", 0, ID_MAX, -1, ret_id, problem) ||
        !field_string(message, "type", 1, TYPE_BYTES_MAX, &type, problem)) {
        return NULL;
    }
    const MessageRow *row = dispatch_find(type);
    if (row == NULL) {
        problem_set(problem, "unknown_type", "type", "no such message");
        return NULL;
    }
    return check_role(row, role, problem) ? row : NULL;
}

void dispatch_message(Server *server, Client *client, json_t *message)
{
    Request request = {.client = client_id(client), .id = -1};
    Problem problem;
    const MessageRow *row = dispatch_look_up(message, client_role(client), &request.id, &problem);
    if (row == NULL) {
        request_fail(server, request, &problem);
        return;
    }
    row->handle(server, client, message, request);
}

void dispatch_text(Server *server, Client *client, const char *text, size_t size)
{
    if (client_is_closing(client)) {
        return;
    }
    Problem problem;
    json_t *message = fields_parse(text, size, &problem);
    if (message == NULL) {
        Request request = {.client = client_id(client), .id = -1};
        request_fail(server, request, &problem);
        return;
    }
    dispatch_message(server, client, message);
    json_decref(message);
}

void request_ok(Server *server, Request request, json_t *fields)
{
    Client *client = clients_find(server->clients, request.client);
    if (client == NULL) {
        json_decref(fields);
        return;
    }
    client_accept(client);
    if (request.id < 0) {
        json_decref(fields);
        return;
    }
    json_t *answer = fields != NULL ? fields : json_object();
    json_object_set_new(answer, "type", json_string("ok"));
    json_object_set_new(answer, "id", json_integer(request.id));
    client_send(client, answer);
}

static bool is_refusal(const char *code)
{
    static const char *const refusals[] = {"bad_json", "bad_field", "unknown_type", "not_allowed",
                                           "wrong_state"};
    for (size_t i = 0; i < G_N_ELEMENTS(refusals); i++) {
        if (strcmp(refusals[i], code) == 0) {
            return true;
        }
    }
    return false;
}

static json_t *error_to_json(int64_t id, const Problem *problem)
{
    /* A message that quotes a peer's bytes may be cut inside a character. */
    g_autofree char *text = g_utf8_make_valid(problem->message, -1);
    json_t *answer =
        json_pack("{s:s, s:s, s:s}", "type", "error", "code", problem->code, "message", text);
    if (id >= 0) {
        json_object_set_new(answer, "id", json_integer(id));
    }
    if (problem->field[0] != '\0') {
        json_object_set_new(answer, "field", json_string(problem->field));
    }
    return answer;
}

void request_fail(Server *server, Request request, const Problem *problem)
{
    Client *client = clients_find(server->clients, request.client);
    if (client == NULL) {
        log_info("request.failed", "code=%s message=\"%s\"", problem->code, problem->message);
        return;
    }
    client_send(client, error_to_json(request.id, problem));
    if (!is_refusal(problem->code)) {
        client_accept(client);
    } else if (client_refuse(client)) {
        client_close(client, 1008, "three refused messages in a row");
    }
}
