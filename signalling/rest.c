#include "signalling/rest.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/base/fields.h"
#include "bridge/base/limits.h"
#include "signalling/config.h"
#include "signalling/directory.h"
#include "signalling/metrics.h"
#include "signalling/rehearsal.h"
#include "signalling/rest_call.h"
#include "signalling/server.h"
#include "signalling/users.h"

#define TOKEN_BYTES_MAX 64
#define COOKIE_END "__Host-sid=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Strict"

struct Rest {
    Server *server;
    RestCalls *calls;
};

/* One call while it is handled. */
typedef struct Call {
    Rest *rest;
    Exchange *exchange;
    const HttpRequest *request;
    const Session *session; /* NULL where no login is needed */
    json_t *body;           /* of a POST; borrowed */
    const char *id;         /* what stands for ID in the path */
} Call;

typedef struct RestRow {
    HttpMethod method;
    const char *path; /* "/ID" at its end stands for a number */
    unsigned roles;   /* 0: no login needed */
    void (*handle)(const Call *call);
} RestRow;

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

static void reply_with(Exchange *exchange, int status, const char *content_type, json_t *body,
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
        reply_with(exchange, status, "application/problem+json",
                   exchange_problem_to_json(status, result->problem), &reply);
        return;
    }
    g_autofree char *cookie =
        g_strdup_printf("__Host-sid=%s; Path=/; Max-Age=%d; Secure; HttpOnly; SameSite=Strict",
                        result->token, (int)(SESSION_MAX_MS / 1000));
    reply.set_cookie = cookie;
    reply_with(exchange, 200, "application/json",
               json_pack("{s:o}", "user", user_to_json(result->session)), &reply);
}

static void on_login(const Call *call)
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

static void on_setup(const Call *call)
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

static void on_logout(const Call *call)
{
    HttpReply reply = {.status = 204, .set_cookie = COOKIE_END};
    users_logout(call->rest->server->users, call->session->hash);
    exchange_reply(call->exchange, &reply);
}

/* Without a login it says whether there is anybody who could log in. */
static void on_session(const Call *call)
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
    reply_with(call->exchange, 401, "application/problem+json", body, &reply);
}

/* ---- what equals a message ---- */

static void answer_fields(Exchange *exchange, json_t *fields)
{
    exchange_reply_json(exchange, 200, json_incref(fields));
}

static void answer_created(Exchange *exchange, json_t *fields)
{
    g_autofree char *location =
        g_strdup_printf("/api/v1/meetings/%" JSON_INTEGER_FORMAT,
                        json_integer_value(json_object_get(fields, "meeting")));
    HttpReply reply = {.location = location};
    reply_with(exchange, 201, "application/json", json_incref(fields), &reply);
}

static void answer_nothing(Exchange *exchange, json_t *fields)
{
    HttpReply reply = {.status = 204};
    exchange_reply(exchange, &reply);
}

/* The exchange names the meeting by its path. */
static void answer_one_meeting(Exchange *exchange, json_t *fields)
{
    json_int_t id = strtoll(strrchr(exchange_request(exchange)->path, '/') + 1, NULL, 10);
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

static void on_sites(const Call *call)
{
    rest_call(call->rest->calls, call->exchange, call->session, "site.list", json_object(),
              answer_fields);
}

static void on_meetings(const Call *call)
{
    rest_call(call->rest->calls, call->exchange, call->session, "meeting.list", json_object(),
              answer_fields);
}

static void on_meeting(const Call *call)
{
    rest_call(call->rest->calls, call->exchange, call->session, "meeting.list", json_object(),
              answer_one_meeting);
}

static void on_meeting_open(const Call *call)
{
    rest_call(call->rest->calls, call->exchange, call->session, "meeting.open",
              json_copy(call->body), answer_created);
}

static void on_meeting_close(const Call *call)
{
    rest_call(call->rest->calls, call->exchange, call->session, "meeting.close",
              json_pack("{s:I}", "meeting", (json_int_t)strtoll(call->id, NULL, 10)),
              answer_nothing);
}

/* ---- what needs no login ---- */

static void reply_text(Exchange *exchange, const char *content_type, char *text)
{
    HttpReply reply = {.status = 200, .content_type = content_type};
    reply.body = g_bytes_new_take(text, strlen(text));
    exchange_reply(exchange, &reply);
    g_bytes_unref(reply.body);
}

static void on_openapi(const Call *call)
{
    reply_text(call->exchange, "application/json", g_strdup(embedded_openapi_json));
}

static void on_health(const Call *call)
{
    exchange_reply_json(call->exchange, 200,
                        json_pack("{s:s, s:s}", "status", "ok", "version", DIEMCAU_VERSION));
}

/* A page of its own, with its style and pictures in it and no script. */
static void on_rehearsal_report(const Call *call)
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

static void on_metrics(const Call *call)
{
    if (!call->request->is_loopback) {
        Problem problem;
        problem_set(&problem, "not_allowed", "", "from this machine only");
        exchange_reply_problem(call->exchange, 403, &problem);
        return;
    }
    reply_text(call->exchange, "text/plain; version=0.0.4; charset=utf-8",
               metrics_write(call->rest->server));
}

static const RestRow rows[] = {
    {HTTP_POST, "/api/v1/setup", 0, on_setup},
    {HTTP_POST, "/api/v1/login", 0, on_login},
    {HTTP_POST, "/api/v1/logout", ROLES_PAGE, on_logout},
    {HTTP_GET, "/api/v1/session", 0, on_session},
    {HTTP_GET, "/api/v1/sites", ROLES_PAGE, on_sites},
    {HTTP_GET, "/api/v1/meetings", ROLES_PAGE, on_meetings},
    {HTTP_GET, "/api/v1/meetings/ID", ROLES_PAGE, on_meeting},
    {HTTP_POST, "/api/v1/meetings", ROLES_HOSTING, on_meeting_open},
    {HTTP_DELETE, "/api/v1/meetings/ID", ROLES_HOSTING, on_meeting_close},
    {HTTP_GET, "/api/v1/rehearsal/report", ROLES_TECHNICAL, on_rehearsal_report},
    {HTTP_GET, "/api/v1/openapi.json", 0, on_openapi},
    {HTTP_GET, "/healthz", 0, on_health},
    {HTTP_GET, "/metrics", 0, on_metrics},
};

/* ---- finding the row, checking who asks ---- */

static bool is_number(const char *text)
{
    size_t size = strspn(text, "0123456789");
    return size > 0 && size <= 15 && text[size] == '\0';
}

static bool matches(const char *pattern, const char *path, const char **ret_id)
{
    size_t size = strlen(pattern);
    if (!g_str_has_suffix(pattern, "/ID")) {
        return strcmp(pattern, path) == 0;
    }
    *ret_id = path + size - 2;
    return strncmp(pattern, path, size - 2) == 0 && is_number(*ret_id);
}

static const RestRow *find_row(const HttpRequest *request, const char **ret_id, bool *ret_is_path)
{
    *ret_is_path = false;
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        if (strlen(request->path) + 2 < strlen(rows[i].path) ||
            !matches(rows[i].path, request->path, ret_id)) {
            continue;
        }
        *ret_is_path = true;
        if (rows[i].method == request->method) {
            return &rows[i];
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
    bool has_body = request->method == HTTP_POST && request->body->len > 0;
    if (has_body && strcmp(request->content_type, "application/json") != 0) {
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

static void run(Rest *rest, Exchange *exchange, const RestRow *row, const char *id)
{
    const HttpRequest *request = exchange_request(exchange);
    Call call = {.rest = rest, .exchange = exchange, .request = request, .id = id};
    if (!check_change(rest, exchange, request) ||
        !check_login(rest, exchange, row, &call.session)) {
        return;
    }
    Problem problem;
    bool is_empty = request->method != HTTP_POST || request->body->len == 0;
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
    const char *id = NULL;
    bool is_path = false;
    const RestRow *row = find_row(request, &id, &is_path);
    if (row != NULL) {
        run(rest, exchange, row, id);
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
