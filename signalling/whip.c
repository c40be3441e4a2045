#include "signalling/whip.h"

#include <glib.h>
#include <string.h>

#include "bridge/base/limits.h"
#include "signalling/meetings_internal.h"
#include "signalling/streams.h"

#define BUSY_RETRY_S 5
#define RESTART_RETRY_S 1

/* A page of any origin may play or publish: what counts is the token, and no cookie is looked at.
 */
#define CORS                                                                                       \
    "Access-Control-Allow-Origin: *\r\n"                                                           \
    "Access-Control-Expose-Headers: Location\r\n"
#define PREFLIGHT                                                                                  \
    CORS "Access-Control-Allow-Headers: Authorization, Content-Type\r\n"                           \
         "Access-Control-Max-Age: 3600\r\n"
#define ACCEPT_SDP "Accept-Post: application/sdp\r\n"
#define ALLOW_ENDPOINT "Allow: POST, OPTIONS\r\nAccess-Control-Allow-Methods: POST, OPTIONS\r\n"
#define ALLOW_SESSION "Allow: DELETE, OPTIONS\r\nAccess-Control-Allow-Methods: DELETE, OPTIONS\r\n"
#define NO_TOKEN "WWW-Authenticate: Bearer realm=\"diemcau\"\r\n"
#define BAD_TOKEN "WWW-Authenticate: Bearer realm=\"diemcau\", error=\"invalid_token\"\r\n"

struct Whip {
    Server *server;
};

/* One request while it is looked at. */
typedef struct Asked {
    Whip *whip;
    Exchange *exchange;
    const HttpRequest *request;
    bool is_whip; /* WHEP otherwise */
    int64_t meeting;
    int64_t peer; /* 0: the endpoint itself */
} Asked;

/* What an answer needs when it comes later. */
typedef struct Waiting {
    Exchange *exchange;
    bool is_whip;
    int64_t meeting;
} Waiting;

static void refuse(Exchange *exchange, HttpReply reply, const Problem *problem)
{
    exchange_reply_problem_as(exchange, &reply, problem);
}

static void fail(const Asked *asked, int status, const char *headers, const char *code,
                 const char *message)
{
    Problem problem;
    problem_set(&problem, code, "", "%s", message);
    refuse(asked->exchange, (HttpReply){.status = status, .headers = headers}, &problem);
}

/* ---- who asks ---- */

/* NULL when it was answered. */
static const StreamToken *check_token(const Asked *asked)
{
    const char *header = asked->request->authorization;
    if (g_ascii_strncasecmp(header, "Bearer ", 7) != 0) {
        fail(asked, 401, CORS NO_TOKEN, "bad_credentials", "a bearer token is needed");
        return NULL;
    }
    Meetings *meetings = asked->whip->server->meetings;
    const StreamToken *token = stream_tokens_find(meetings->tokens, header + 7);
    if (token == NULL) {
        fail(asked, 401, CORS BAD_TOKEN, "bad_credentials",
             "this token is unknown, revoked or expired");
        return NULL;
    }
    if (meetings_find(meetings, asked->meeting) == NULL) {
        fail(asked, 404, CORS, "not_found", "there is no such open meeting");
        return NULL;
    }
    if (token->meeting != asked->meeting || token->is_publisher != asked->is_whip) {
        fail(asked, 403, CORS, "not_allowed",
             token->meeting != asked->meeting ? "this token is for another meeting"
             : token->is_publisher            ? "this token is for publishing, at /whip/"
                                              : "this token is for watching, at /whep/");
        return NULL;
    }
    return token;
}

/* ---- POST ---- */

/* Text to its end; otherwise the line that is not. */
static bool is_text(const GByteArray *body, Problem *problem)
{
    const char *text = (const char *)body->data;
    const char *end = text;
    if (body->len == 0) {
        return problem_set(problem, "bad_sdp", "sdp", "line 1: there is no offer");
    }
    if (g_utf8_validate(text, (gssize)body->len, &end)) {
        return true;
    }
    int line = 1;
    for (const char *at = text; at < end; at++) {
        line += *at == '\n';
    }
    return problem_set(problem, "bad_sdp", "sdp", "line %d: not UTF-8 text", line);
}

/* The offer as text; NULL when it was answered. Free with g_free. */
static char *check_offer(const Asked *asked)
{
    const HttpRequest *request = asked->request;
    if (strcmp(request->content_type, "application/sdp") != 0) {
        fail(asked, 415, CORS ACCEPT_SDP, "bad_field", "Content-Type must be application/sdp");
        return NULL;
    }
    if (request->body->len > LIMIT_SDP_BYTES) {
        fail(asked, 413, CORS, "limit", "the offer is too long");
        return NULL;
    }
    Problem problem;
    if (!is_text(request->body, &problem)) {
        refuse(asked->exchange, (HttpReply){.status = 400, .headers = CORS}, &problem);
        return NULL;
    }
    return g_strndup((const char *)request->body->data, request->body->len);
}

static int retry_after_s(const Problem *problem)
{
    return strcmp(problem->code, "conflict") == 0      ? BUSY_RETRY_S
           : strcmp(problem->code, "unavailable") == 0 ? RESTART_RETRY_S
                                                       : 0;
}

static void on_begun(const char *sdp, uint32_t peer, const Problem *problem, void *data)
{
    g_autofree Waiting *waiting = data;
    if (problem != NULL) {
        refuse(waiting->exchange,
               (HttpReply){.status = exchange_status_of(problem->code),
                           .headers = CORS,
                           .retry_after_s = retry_after_s(problem)},
               problem);
        return;
    }
    g_autofree char *location = g_strdup_printf(
        "/%s/%" G_GINT64_FORMAT "/%u", waiting->is_whip ? "whip" : "whep", waiting->meeting, peer);
    HttpReply reply = {.status = 201,
                       .content_type = "application/sdp",
                       .body = g_bytes_new(sdp, strlen(sdp)),
                       .location = location,
                       .headers = CORS};
    exchange_reply(waiting->exchange, &reply);
    g_bytes_unref(reply.body);
}

static void begin(const Asked *asked)
{
    const StreamToken *token = check_token(asked);
    g_autofree char *offer = token != NULL ? check_offer(asked) : NULL;
    if (offer == NULL) {
        return;
    }
    Meetings *meetings = asked->whip->server->meetings;
    Waiting *waiting = g_new(Waiting, 1);
    *waiting = (Waiting){
        .exchange = asked->exchange, .is_whip = asked->is_whip, .meeting = asked->meeting};
    streams_begin(meetings, meetings_find(meetings, asked->meeting), token, offer, on_begun,
                  waiting);
}

/* ---- the others ---- */

static void end(const Asked *asked)
{
    const StreamToken *token = check_token(asked);
    if (token == NULL) {
        return;
    }
    if (!streams_end(asked->whip->server->meetings, token, (uint32_t)asked->peer)) {
        fail(asked, 404, CORS, "not_found", "there is no such session");
        return;
    }
    exchange_reply(asked->exchange, &(HttpReply){.status = 200, .headers = CORS});
}

static void tell_options(const Asked *asked)
{
    const char *headers =
        asked->peer == 0 ? PREFLIGHT ALLOW_ENDPOINT ACCEPT_SDP : PREFLIGHT ALLOW_SESSION;
    exchange_reply(asked->exchange, &(HttpReply){.status = 200, .headers = headers});
}

static void refuse_method(const Asked *asked)
{
    bool is_patch = asked->request->method == HTTP_PATCH && asked->peer != 0;
    fail(asked, 405, asked->peer == 0 ? CORS ALLOW_ENDPOINT : CORS ALLOW_SESSION, "not_found",
         is_patch ? "no trickle ICE and no ICE restart here" : "not with this method");
}

/* A number of one to nine digits; false when `text` does not begin with one. */
static bool read_number(const char **text, int64_t *ret_number)
{
    size_t digits = strspn(*text, "0123456789");
    *ret_number = g_ascii_strtoll(*text, NULL, 10);
    *text += digits;
    return digits > 0 && digits <= 9;
}

/* "/whip/MEETING", "/whep/MEETING", and with "/PEER". */
static bool parse_path(const char *path, Asked *asked)
{
    asked->is_whip = g_str_has_prefix(path, "/whip/");
    if (!asked->is_whip && !g_str_has_prefix(path, "/whep/")) {
        return false;
    }
    path += strlen("/whip/");
    if (!read_number(&path, &asked->meeting)) {
        return false;
    }
    return *path == '\0' || (*path++ == '/' && read_number(&path, &asked->peer) && *path == '\0');
}

bool whip_handle(Whip *whip, Exchange *exchange)
{
    Asked asked = {.whip = whip, .exchange = exchange, .request = exchange_request(exchange)};
    if (whip->server->meetings == NULL || !parse_path(asked.request->path, &asked)) {
        return false;
    }
    HttpMethod method = asked.request->method;
    if (method == HTTP_OPTIONS) {
        tell_options(&asked);
    } else if (method == HTTP_POST && asked.peer == 0) {
        begin(&asked);
    } else if (method == HTTP_DELETE && asked.peer != 0) {
        end(&asked);
    } else {
        refuse_method(&asked);
    }
    return true;
}

Whip *whip_new(Server *server)
{
    Whip *whip = g_new0(Whip, 1);
    whip->server = server;
    return whip;
}

void whip_free(Whip *whip)
{
    g_free(whip);
}
