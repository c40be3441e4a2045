#include "signalling/rest.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/base/fields.h"
#include "bridge/base/limits.h"
#include "signalling/config.h"
#include "signalling/metrics.h"
#include "signalling/rehearsal.h"
#include "signalling/rest_internal.h"
#include "signalling/server.h"
#include "signalling/users.h"

#define TOKEN_BYTES_MAX 64
#define NUMBER_DIGITS_MAX 15
#define COOKIE_END "__Host-sid=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Strict"

extern const char embedded_openapi_json[];

bool rest_is_own_origin(const Server *server, const char *origin, const char *host)
{
    g_autofree char *own = g_strdup_printf("https://%s", host);
    if (host[0] != '\0' && g_ascii_strcasecmp(origin, own) == 0) {
        return true;
    }
    for (char **allowed = server->config->allowed_origins; *allowed != NULL; allowed++) {
        if (g_ascii_strcasecmp(origin, *allowed) == 0) {
            return true;
        }
    }
    return false;
}

/* ---- login ---- */

static json_t *user_to_json(const Session *session)
{
    return json_pack("{s:s, s:s}", "name", session->user, "role", role_to_text(session->role));
}

void rest_reply(Exchange *exchange, int status, const char *content_type, json_t *body,
                HttpReply *reply)
{
    char *text = json_dumps(body, JSON_COMPACT);
    json_decref(body);
    reply->status = status;
    reply->content_type = content_type;
    reply->body = g_bytes_new_with_free_func(text, strlen(text), free, text);
    exchange_reply(exchange, reply);
    g_bytes_unref(reply->body);
}

static void on_logged_in(const LoginResult *result, void *data)
{
    Exchange *exchange = data;
    HttpReply reply = {.retry_after_s = result->retry_after_s};
    if (result->problem != NULL) {
        int status = exchange_status_of(result->problem->code);
        rest_reply(exchange, status, "application/problem+json",
                   exchange_problem_to_json(status, result->problem), &reply);
        return;
    }
    g_autofree char *cookie =
        g_strdup_printf("__Host-sid=%s; Path=/; Max-Age=%d; Secure; HttpOnly; SameSite=Strict",
                        result->token, (int)(SESSION_MAX_MS / 1000));
    reply.set_cookie = cookie;
    rest_reply(exchange, 200, "application/json",
               json_pack("{s:o}", "user", user_to_json(result->session)), &reply);
}

static void on_login(const RestCall *call)
{
    Problem problem;
    const char *name = NULL;
    const char *password = NULL;
    if (!field_string(call->body, "name", 1, USER_NAME_BYTES_MAX, &name, &problem) ||
        !field_string(call->body, "password", 1, LIMIT_PASSWORD_BYTES, &password, &problem)) {
        exchange_reply_problem(call->exchange, 400, &problem);
        return;
    }
    users_login(call->rest->server->users, name, password, call->request->address, on_logged_in,
                call->exchange);
}

static void on_setup(const RestCall *call)
{
    Problem problem;
    const char *token = NULL;
    const char *name = NULL;
    const char *password = NULL;
    if (!field_string(call->body, "token", 1, TOKEN_BYTES_MAX, &token, &problem) ||
        !field_string(call->body, "name", 1, USER_NAME_BYTES_MAX, &name, &problem) ||
        !field_string(call->body, "password", 1, LIMIT_PASSWORD_BYTES, &password, &problem)) {
        exchange_reply_problem(call->exchange, 400, &problem);
        return;
    }
    users_setup(call->rest->server->users, token, name, password, on_logged_in, call->exchange);
}

static void on_logout(const RestCall *call)
{
    HttpReply reply = {.status = 204, .set_cookie = COOKIE_END};
    users_logout(call->rest->server->users, call->session->hash);
    exchange_reply(call->exchange, &reply);
}

/* Without a login it says whether there is anybody who could log in. */
static void on_session(const RestCall *call)
{
    Users *users = call->rest->server->users;
    const Session *session = users_find_session(users, call->request->session_token);
    if (session != NULL) {
        exchange_reply_json(
            call->exchange, 200,
            json_pack("{s:o, s:s}", "user", user_to_json(session), "version", DIEMCAU_VERSION));
        return;
    }
    Problem problem;
    HttpReply reply = {0};
    problem_set(&problem, "bad_credentials", "", "not logged in");
    json_t *body = exchange_problem_to_json(401, &problem);
    if (users_count(users) == 0) {
        json_object_set_new(body, "setup", json_true());
    }
    rest_reply(call->exchange, 401, "application/problem+json", body, &reply);
}

/* ---- what needs no login ---- */

static void reply_text(Exchange *exchange, const char *content_type, char *text)
{
    HttpReply reply = {.status = 200, .content_type = content_type};
    reply.body = g_bytes_new_take(text, strlen(text));
    exchange_reply(exchange, &reply);
    g_bytes_unref(reply.body);
}

static void on_openapi(const RestCall *call)
{
    reply_text(call->exchange, "application/json", g_strdup(embedded_openapi_json));
}

static void on_health(const RestCall *call)
{
    exchange_reply_json(call->exchange, 200,
                        json_pack("{s:s, s:s}", "status", "ok", "version", DIEMCAU_VERSION));
}

/* A page of its own, with its style and pictures in it and no script. */
static void on_rehearsal_report(const RestCall *call)
{
    g_autofree char *html = NULL;
    gsize size = 0;
    const char *path = rehearsal_report(call->rest->server->rehearsal);
    if (path == NULL || !g_file_get_contents(path, &html, &size, NULL)) {
        Problem problem;
        problem_set(&problem, "not_found", "", "there is no report of a rehearsal yet");
        exchange_reply_problem(call->exchange, 404, &problem);
        return;
    }
    HttpReply reply = {
        .status = 200,
        .content_type = "text/html; charset=utf-8",
        .policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; "
                  "frame-ancestors 'none'; form-action 'none'",
        .body = g_bytes_new_take(g_steal_pointer(&html), size),
    };
    exchange_reply(call->exchange, &reply);
    g_bytes_unref(reply.body);
}

static void on_metrics(const RestCall *call)
{
    const Server *server = call->rest->server;
    const HttpRequest *request = call->request;
    if (!metrics_is_allowed(server, request->authorization, request->is_loopback)) {
        Problem problem;
        problem_set(&problem, "bad_credentials", "",
                    "from another machine only with a token of server.metrics_tokens");
        HttpReply reply = {.status = 401,
                           .headers = "WWW-Authenticate: Bearer realm=\"metrics\"\r\n"};
        exchange_reply_problem_as(call->exchange, &reply, &problem);
        return;
    }
    reply_text(call->exchange, "text/plain; version=0.0.4; charset=utf-8",
               metrics_write(call->rest->server));
}

static const RestRow own_rows[] = {
    {HTTP_POST, "/api/v1/setup", 0, on_setup},
    {HTTP_POST, "/api/v1/login", 0, on_login},
    {HTTP_POST, "/api/v1/logout", ROLES_PAGE, on_logout},
    {HTTP_GET, "/api/v1/session", 0, on_session},
    {HTTP_GET, "/api/v1/rehearsal/report", ROLES_TECHNICAL, on_rehearsal_report},
    {HTTP_GET, "/api/v1/openapi.json", 0, on_openapi},
    {HTTP_GET, "/healthz", 0, on_health},
    {HTTP_GET, "/metrics", 0, on_metrics},
    {HTTP_OTHER, NULL, 0, NULL},
};

/* ---- finding the row, checking who asks ---- */

/* The number at the start of `text`, which ends at the next "/"; false when it is none. */
static bool read_number(const char **text, int64_t *ret_number)
{
    size_t size = strspn(*text, "0123456789");
    *ret_number = size > 0 && size <= NUMBER_DIGITS_MAX ? g_ascii_strtoll(*text, NULL, 10) : -1;
    *text += size;
    return *ret_number >= 0;
}

static bool matches(const char *pattern, const char *path, int64_t ret_ids[REST_IDS])
{
    size_t found = 0;
    while (*pattern != '\0') {
        if (g_str_has_prefix(pattern, "ID")) {
            if (!read_number(&path, &ret_ids[found++])) {
                return false;
            }
            pattern += strlen("ID");
        } else if (*pattern++ != *path++) {
            return false;
        }
    }
    return *path == '\0';
}

static const RestRow *find_row(const HttpRequest *request, int64_t ret_ids[REST_IDS],
                               bool *ret_is_path)
{
    static const RestRow *const tables[] = {own_rows,        rest_meeting_rows,
                                            rest_floor_rows, rest_history_rows,
                                            rest_plan_rows,  rest_recording_rows};
    *ret_is_path = false;
    for (size_t i = 0; i < G_N_ELEMENTS(tables); i++) {
        for (const RestRow *row = tables[i]; row->path != NULL; row++) {
            if (!matches(row->path, request->path, ret_ids)) {
                continue;
            }
            *ret_is_path = true;
            if (row->method == request->method) {
                return row;
            }
        }
    }
    return NULL;
}

static void fail(Exchange *exchange, int status, const char *code, const char *message)
{
    Problem problem;
    problem_set(&problem, code, "", "%s", message);
    exchange_reply_problem(exchange, status, &problem);
}

/* A form of a foreign page can send neither our media type nor our Origin. */
static bool check_change(Rest *rest, Exchange *exchange, const HttpRequest *request)
{
    if (request->method == HTTP_GET) {
        return true;
    }
    if (request->origin[0] != '\0' &&
        !rest_is_own_origin(rest->server, request->origin, request->host)) {
        fail(exchange, 403, "not_allowed", "this Origin may not");
        return false;
    }
    if (request->body->len > 0 && strcmp(request->content_type, "application/json") != 0) {
        fail(exchange, 415, "bad_field", "Content-Type must be application/json");
        return false;
    }
    return true;
}

static bool check_login(Rest *rest, Exchange *exchange, const RestRow *row,
                        const Session **ret_session)
{
    if (row->roles == 0) {
        return true;
    }
    const HttpRequest *request = exchange_request(exchange);
    *ret_session = users_find_session(rest->server->users, request->session_token);
    if (*ret_session == NULL) {
        fail(exchange, 401, "bad_credentials", "not logged in");
        return false;
    }
    if ((row->roles & (unsigned)(*ret_session)->role) == 0) {
        fail(exchange, 403, "not_allowed", "your role may not");
        return false;
    }
    return true;
}

static void run(Rest *rest, Exchange *exchange, const RestRow *row, const int64_t ids[REST_IDS])
{
    const HttpRequest *request = exchange_request(exchange);
    RestCall call = {.rest = rest, .exchange = exchange, .request = request};
    memcpy(call.ids, ids, sizeof call.ids);
    if (!check_change(rest, exchange, request) ||
        !check_login(rest, exchange, row, &call.session)) {
        return;
    }
    Problem problem;
    bool is_empty = request->body->len == 0;
    json_t *body =
        is_empty ? json_object()
                 : fields_parse((const char *)request->body->data, request->body->len, &problem);
    if (body == NULL) {
        exchange_reply_problem(exchange, 400, &problem);
        return;
    }
    call.body = body;
    row->handle(&call);
    json_decref(body);
}

bool rest_handle(Rest *rest, Exchange *exchange)
{
    const HttpRequest *request = exchange_request(exchange);
    int64_t ids[REST_IDS] = {0};
    bool is_path = false;
    const RestRow *row = find_row(request, ids, &is_path);
    if (row != NULL) {
        run(rest, exchange, row, ids);
        return true;
    }
    if (is_path) {
        fail(exchange, 405, "not_found", "not with this method");
        return true;
    }
    if (g_str_has_prefix(request->path, "/api/")) {
        fail(exchange, 404, "not_found", "there is no such call; see /api/v1/openapi.json");
        return true;
    }
    return false;
}

Rest *rest_new(Server *server)
{
    Rest *rest = g_new0(Rest, 1);
    rest->server = server;
    rest->calls = rest_calls_new(server);
    return rest;
}

void rest_free(Rest *rest)
{
    if (rest == NULL) {
        return;
    }
    rest_calls_free(rest->calls);
    g_free(rest);
}
