/* The messages of PROTOCOL.md about the tokens of encoders and players. */
#include <jansson.h>
#include <string.h>

#include "bridge/base/fields.h"
#include "signalling/audit.h"
#include "signalling/meeting_fields.h"
#include "signalling/meetings_internal.h"
#include "signalling/streams.h"

#define TTL_MIN_S 60
#define TTL_MAX_S 604800
#define TTL_S 86400

static bool read_role(json_t *message, StreamToken *token, Problem *problem)
{
    const char *role;
    if (!field_string(message, "role", 1, 16, &role, problem)) {
        return false;
    }
    token->is_publisher = strcmp(role, "publish") == 0;
    return token->is_publisher || strcmp(role, "watch") == 0 ||
           problem_set(problem, "bad_field", "role", "role: must be \"publish\" or \"watch\"");
}

static bool read_name(Server *server, json_t *message, StreamToken *token, Problem *problem)
{
    const char *name;
    const char *code;
    if (!field_string_or(message, "name", LIMIT_NAME_BYTES, "", &name, problem) ||
        !field_string_or(message, "site", SITE_CODE_BYTES_MAX, "", &code, problem)) {
        return false;
    }
    const Site *site = directory_find(server->directory, code);
    if (code[0] != '\0' && site == NULL) {
        return problem_set(problem, "not_found", "site", "site: there is no site %s", code);
    }
    const char *fallback = site != NULL ? site->name : token->is_publisher ? "WHIP" : "WHEP";
    g_strlcpy(token->name, name[0] != '\0' ? name : fallback, sizeof token->name);
    g_strlcpy(token->site, code, sizeof token->site);
    return true;
}

static bool read_token(Server *server, json_t *message, StreamToken *token, Problem *problem)
{
    int64_t ttl_s;
    const Meeting *meeting = meeting_field(server, message, problem);
    if (meeting == NULL || !read_role(message, token, problem) ||
        !read_name(server, message, token, problem) ||
        !field_int_or(message, "ttl_s", TTL_MIN_S, TTL_MAX_S, TTL_S, &ttl_s, problem) ||
        !meeting_field_view(meeting, message, STREAM_VIEW_DEFAULT, &token->view, problem)) {
        return false;
    }
    token->meeting = meeting->id;
    token->expires_ms = g_get_real_time() / 1000 + ttl_s * 1000;
    return true;
}

static void handle_token(Server *server, Client *client, json_t *message, Request request)
{
    Problem problem;
    StreamToken token = {0};
    if (!read_token(server, message, &token, &problem)) {
        request_fail(server, request, &problem);
        return;
    }
    const char *user = client_user(client);
    g_strlcpy(token.made_by, user[0] != '\0' ? user : "ctl", sizeof token.made_by);
    stream_tokens_make(server->meetings->tokens, &token, request);
}

static void handle_list(Server *server, Client *client, json_t *message, Request request)
{
    Problem problem;
    const Meeting *meeting = meeting_field(server, message, &problem);
    if (meeting == NULL) {
        request_fail(server, request, &problem);
        return;
    }
    request_ok(
        server, request,
        json_pack("{s:o}", "tokens", stream_tokens_to_json(server->meetings->tokens, meeting->id)));
}

static void handle_revoke(Server *server, Client *client, json_t *message, Request request)
{
    Problem problem;
    int64_t id;
    const Meeting *meeting = meeting_field(server, message, &problem);
    if (meeting == NULL || !field_int(message, "stream", 1, INT64_MAX, &id, &problem)) {
        request_fail(server, request, &problem);
        return;
    }
    const StreamToken *token = stream_tokens_get(server->meetings->tokens, id);
    if (token != NULL && token->meeting != meeting->id) {
        problem_set(&problem, "not_found", "stream", "stream: this meeting has no such token");
        request_fail(server, request, &problem);
        return;
    }
    audit(server, client_user(client), "stream.revoke", "", "ok");
    streams_drop_token(server->meetings, id);
    stream_tokens_revoke(server->meetings->tokens, id, request);
}

const MessageRow stream_rows[] = {
    {"stream.token", ROLES_PAGE, handle_token},
    {"stream.list", ROLES_PAGE, handle_list},
    {"stream.revoke", ROLES_PAGE, handle_revoke},
    {NULL, 0, NULL},
};
