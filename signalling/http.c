/* Requests and answers of HTTP/1.1 over libwebsockets: what may come in at all, reading it whole,
 * writing the answer piece by piece as the peer takes it. */
#include <glib.h>
#include <libwebsockets.h>
#include <string.h>

#include "bridge/base/limits.h"
#include "signalling/callers.h"
#include "signalling/exchange.h"
#include "signalling/http_answer.h"
#include "signalling/rest.h"
#include "signalling/rsvp.h"
#include "signalling/web_files.h"
#include "signalling/web_internal.h"
#include "signalling/whip.h"

#define BODY_BYTES_MAX LIMIT_MESSAGE_BYTES
/* A request has so long to arrive whole; an answer to make its next step. */
#define REQUEST_DEADLINE_S 10
#define ANSWER_STEP_S 20
#define ANSWER_WAIT_S 30

typedef struct HttpSession {
    struct lws *wsi;
    Exchange *exchange; /* while the answer is awaited */
    HttpAnswer *answer; /* NULL: none yet */
    bool is_head_only;
    bool is_reading; /* the body */
} HttpSession;

size_t http_session_size(void)
{
    return sizeof(HttpSession);
}

/* ---- what may come in ---- */

/* Refused before anything of it is believed; the connection ends. */
static int refuse(struct lws *wsi, int status)
{
    g_autofree char *body =
        g_strdup_printf("{\"type\":\"about:blank\",\"title\":\"%s\",\"status\":%d,\"detail\":"
                        "\"%s\",\"code\":\"bad_field\"}",
                        http_reason(status), status, http_reason(status));
    g_autofree char *common = http_common_headers(NULL);
    g_autofree char *text =
        g_strdup_printf("HTTP/1.1 %d %s\r\n%sContent-Type: "
                        "application/problem+json\r\n"
                        "Content-Length: %zu\r\nConnection: close\r\n\r\n%s",
                        status, http_reason(status), common, strlen(body), body);
    http_write(wsi, text, strlen(text), LWS_WRITE_HTTP_HEADERS);
    return -1;
}

static bool has(struct lws *wsi, int token)
{
    return lws_hdr_total_length(wsi, (enum lws_token_indexes)token) > 0;
}

static HttpMethod method_of(struct lws *wsi)
{
    if (has(wsi, WSI_TOKEN_GET_URI) || has(wsi, WSI_TOKEN_HEAD_URI)) {
        return HTTP_GET;
    }
    if (has(wsi, WSI_TOKEN_POST_URI)) {
        return HTTP_POST;
    }
    if (has(wsi, WSI_TOKEN_PUT_URI)) {
        return HTTP_PUT;
    }
    if (has(wsi, WSI_TOKEN_PATCH_URI)) {
        return HTTP_PATCH;
    }
    if (has(wsi, WSI_TOKEN_OPTIONS_URI)) {
        return HTTP_OPTIONS;
    }
    return has(wsi, WSI_TOKEN_DELETE_URI) ? HTTP_DELETE : HTTP_OTHER;
}

static bool has_body(HttpMethod method)
{
    return method == HTTP_POST || method == HTTP_PUT || method == HTTP_PATCH;
}

/* -1: absent, -2: not a plain number of at most six digits. */
static long content_length(struct lws *wsi)
{
    if (!has(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH)) {
        return -1;
    }
    g_autofree char *text = web_header(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH);
    size_t digits = strspn(text, "0123456789");
    if (digits == 0 || text[digits] != '\0') {
        return -2;
    }
    return digits <= 6 ? strtol(text, NULL, 10) : BODY_BYTES_MAX + 1;
}

static int filter_request(struct lws *wsi)
{
    HttpMethod method = method_of(wsi);
    long length = content_length(wsi);
    if (method == HTTP_OTHER || has(wsi, WSI_TOKEN_HTTP_TRANSFER_ENCODING)) {
        return refuse(wsi, 501);
    }
    if (length == -2 || !has(wsi, WSI_TOKEN_HOST)) {
        return refuse(wsi, 400);
    }
    if (length > BODY_BYTES_MAX) {
        return refuse(wsi, 413);
    }
    if (has_body(method) && length < 0) {
        return refuse(wsi, 411);
    }
    return !has_body(method) && length > 0 ? refuse(wsi, 400) : 0;
}

/* ---- the request ---- */

static void on_reply(const HttpReply *reply, void *data);

static char *media_type(struct lws *wsi)
{
    g_autofree char *text = web_header(wsi, WSI_TOKEN_HTTP_CONTENT_TYPE);
    text[strcspn(text, "; \t")] = '\0';
    return g_ascii_strdown(text, -1);
}

static bool takes_gzip(struct lws *wsi)
{
    g_autofree char *text = web_header(wsi, WSI_TOKEN_HTTP_ACCEPT_ENCODING);
    return strstr(text, "gzip") != NULL && strstr(text, "gzip;q=0") == NULL;
}

static void read_request(HttpSession *session, const char *path, size_t size)
{
    struct lws *wsi = session->wsi;
    const Caller *caller = web_caller_of(wsi);
    session->exchange = exchange_new(on_reply, session);
    HttpRequest *request = exchange_request(session->exchange);
    request->method = method_of(wsi);
    request->path = g_strndup(path, size);
    request->host = web_header(wsi, WSI_TOKEN_HOST);
    request->origin = web_header(wsi, WSI_TOKEN_ORIGIN);
    request->content_type = media_type(wsi);
    request->authorization = web_header(wsi, WSI_TOKEN_HTTP_AUTHORIZATION);
    request->session_token = web_session_token(wsi);
    request->etag = web_header(wsi, WSI_TOKEN_HTTP_IF_NONE_MATCH);
    request->range = web_header(wsi, WSI_TOKEN_HTTP_RANGE);
    request->takes_gzip = takes_gzip(wsi);
    request->address = g_strdup(caller != NULL ? caller_address(caller) : "");
    request->is_loopback = caller != NULL && caller_is_loopback(caller);
}

static void reply_file(Exchange *exchange, const WebFile *file)
{
    const HttpRequest *request = exchange_request(exchange);
    HttpReply reply = {
        .status = 200,
        .content_type = file->content_type,
        .cache_control = file->cache_control,
        .etag = file->etag,
        .is_gzip = file->gzip != NULL && request->takes_gzip,
    };
    if (strcmp(request->etag, file->etag) == 0) {
        reply.status = 304;
        reply.is_gzip = false;
    } else {
        reply.body = reply.is_gzip ? file->gzip : file->plain;
    }
    exchange_reply(exchange, &reply);
}

static void handle(HttpSession *session)
{
    WebServer *web = web_of(session->wsi);
    Exchange *exchange = session->exchange;
    const HttpRequest *request = exchange_request(exchange);
    session->is_reading = false;
    lws_set_timer_usecs(session->wsi, LWS_SET_TIMER_USEC_CANCEL);
    lws_set_timeout(session->wsi, PENDING_TIMEOUT_HTTP_CONTENT, ANSWER_WAIT_S);
    if (whip_handle(web->whip, exchange) || rsvp_handle(web->server, exchange) ||
        rest_handle(web->rest, exchange)) {
        return;
    }
    const WebFile *file =
        request->method == HTTP_GET ? web_files_find(web->files, request->path) : NULL;
    if (file != NULL) {
        reply_file(exchange, file);
        return;
    }
    Problem problem;
    problem_set(&problem, "not_found", "", "there is nothing here");
    exchange_reply_problem(exchange, 404, &problem);
}

static int on_request(HttpSession *session, const char *path, size_t size)
{
    if (memchr(path, '\0', size) != NULL || !g_utf8_validate(path, (gssize)size, NULL)) {
        return refuse(session->wsi, 400);
    }
    session->is_head_only = has(session->wsi, WSI_TOKEN_HEAD_URI);
    read_request(session, path, size);
    HttpMethod method = exchange_request(session->exchange)->method;
    /* The library tells the end of an empty body of a POST only. */
    if (method == HTTP_POST || (has_body(method) && content_length(session->wsi) > 0)) {
        session->is_reading = true;
        lws_set_timer_usecs(session->wsi, REQUEST_DEADLINE_S * LWS_US_PER_SEC);
        return 0;
    }
    handle(session);
    return 0;
}

static int on_body(HttpSession *session, const void *bytes, size_t size)
{
    if (session->exchange == NULL || !session->is_reading) {
        return -1;
    }
    GByteArray *body = exchange_request(session->exchange)->body;
    if (body->len + size > BODY_BYTES_MAX) {
        return -1;
    }
    g_byte_array_append(body, bytes, (guint)size);
    return 0;
}

static int on_body_complete(HttpSession *session)
{
    if (session->exchange == NULL || !session->is_reading) {
        return -1;
    }
    handle(session);
    return 0;
}

/* ---- the answer ---- */

static void on_reply(const HttpReply *reply, void *data)
{
    HttpSession *session = data;
    session->exchange = NULL;
    session->answer = http_answer_new(session->wsi, reply, session->is_head_only);
    lws_callback_on_writable(session->wsi);
}

static int on_writable(HttpSession *session)
{
    if (session->answer == NULL) {
        return 0;
    }
    bool is_done = false;
    lws_set_timeout(session->wsi, PENDING_TIMEOUT_HTTP_CONTENT, ANSWER_STEP_S);
    if (http_answer_write(session->answer, &is_done) != 0) {
        return -1;
    }
    if (!is_done) {
        return 0;
    }
    g_clear_pointer(&session->answer, http_answer_free);
    return lws_http_transaction_completed(session->wsi) ? -1 : 0;
}

static void on_gone(HttpSession *session)
{
    if (session->wsi == NULL) {
        return;
    }
    if (session->exchange != NULL && session->is_reading) {
        /* Nobody handles it yet: answering it frees it. */
        HttpReply nothing = {.status = 400};
        exchange_abandon(session->exchange);
        exchange_reply(session->exchange, &nothing);
    } else if (session->exchange != NULL) {
        exchange_abandon(session->exchange);
    }
    session->exchange = NULL;
    g_clear_pointer(&session->answer, http_answer_free);
}

/* ---- upgrades ---- */

/* Never looks at the callback's own pointer: with an unknown Upgrade on a kept connection it
 * dangles (CVE-2025-11677); the header table is then empty. */
static int confirm_upgrade(struct lws *wsi)
{
    g_autofree char *upgrade = web_header(wsi, WSI_TOKEN_UPGRADE);
    if (g_ascii_strcasecmp(upgrade, "websocket") != 0) {
        return upgrade[0] != '\0' ? refuse(wsi, 400) : -1;
    }
    int status = ws_check_upgrade(wsi);
    return status != 0 ? refuse(wsi, status) : 0;
}

int http_callback(struct lws *wsi, int reason, void *session_space, void *bytes, size_t size)
{
    /* With some reasons this is something else, an SSL_CTX for one. */
    HttpSession *session = session_space;
    switch (reason) {
    case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
        return confirm_upgrade(wsi);
    case LWS_CALLBACK_FILTER_HTTP_CONNECTION:
        return filter_request(wsi);
    case LWS_CALLBACK_HTTP:
        session->wsi = wsi;
        return on_request(session, bytes, size);
    case LWS_CALLBACK_HTTP_BODY:
        return on_body(session, bytes, size);
    case LWS_CALLBACK_HTTP_BODY_COMPLETION:
        return on_body_complete(session);
    case LWS_CALLBACK_HTTP_WRITEABLE:
        return on_writable(session);
    case LWS_CALLBACK_TIMER:
        return session->is_reading ? -1 : 0;
    case LWS_CALLBACK_CLOSED_HTTP:
    case LWS_CALLBACK_HTTP_DROP_PROTOCOL:
        if (session != NULL) {
            on_gone(session);
        }
        return 0;
    /* A raw connection (CONNECT) and a WebSocket without a subprotocol end here. */
    case LWS_CALLBACK_RAW_ADOPT:
    case LWS_CALLBACK_RAW_RX:
    case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION:
    case LWS_CALLBACK_ESTABLISHED:
    case LWS_CALLBACK_RECEIVE:
        return -1;
    default:
        return 0;
    }
}
