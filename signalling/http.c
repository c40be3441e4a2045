/* Requests and answers of HTTP/1.1 over libwebsockets: what may come in at all, reading it whole,
 * writing the answer piece by piece as the peer takes it. */
#include <glib.h>
#include <libwebsockets.h>
#include <poll.h>
#include <string.h>

#include "bridge/base/limits.h"
#include "bridge/base/loop.h"
#include "signalling/callers.h"
#include "signalling/exchange.h"
#include "signalling/rest.h"
#include "signalling/rsvp.h"
#include "signalling/web_files.h"
#include "signalling/web_internal.h"
#include "signalling/whip.h"

#define BODY_BYTES_MAX LIMIT_MESSAGE_BYTES
#define PIECE_BYTES 16384
/* A request has so long to arrive whole; an answer to make its next step. */
#define REQUEST_DEADLINE_S 10
#define ANSWER_STEP_S 20
#define ANSWER_WAIT_S 30

typedef struct HttpSession {
    struct lws *wsi;
    Exchange *exchange; /* while the answer is awaited */
    GByteArray *head;   /* of the answer; NULL: none yet */
    GBytes *body;       /* NULL: none */
    size_t sent;        /* of the body */
    bool is_head_sent;
    bool is_head_only;
    bool is_reading; /* the body */
    LoopWatch *room; /* while the peer does not take its answer */
} HttpSession;

size_t http_session_size(void)
{
    return sizeof(HttpSession);
}

static const char *const page_policy = "default-src 'none'; script-src 'self'; style-src 'self'; "
                                       "img-src 'self' data:; font-src 'self'; "
                                       "media-src 'self' blob:; connect-src 'self'; base-uri "
                                       "'none'; frame-ancestors 'none'; form-action "
                                       "'self'";

static const char *const common_headers =
    "Strict-Transport-Security: max-age=31536000\r\n"
    "X-Content-Type-Options: nosniff\r\n"
    "Referrer-Policy: no-referrer\r\n"
    "Cross-Origin-Opener-Policy: same-origin\r\n"
    "Cross-Origin-Resource-Policy: same-origin\r\n"
    "Permissions-Policy: camera=(self), microphone=(self), display-capture=(self)\r\n";

static const char *reason_of(int status)
{
    switch (status) {
    case 200:
        return "OK";
    case 201:
        return "Created";
    case 204:
        return "No Content";
    case 304:
        return "Not Modified";
    case 400:
        return "Bad Request";
    case 401:
        return "Unauthorized";
    case 403:
        return "Forbidden";
    case 404:
        return "Not Found";
    case 405:
        return "Method Not Allowed";
    case 409:
        return "Conflict";
    case 411:
        return "Length Required";
    case 413:
        return "Content Too Large";
    case 415:
        return "Unsupported Media Type";
    case 429:
        return "Too Many Requests";
    case 501:
        return "Not Implemented";
    case 503:
        return "Service Unavailable";
    default:
        return "Status";
    }
}

static int write_bytes(struct lws *wsi, const void *bytes, size_t size, int kind)
{
    uint8_t buffer[LWS_PRE + PIECE_BYTES];
    if (size > PIECE_BYTES) {
        return -1;
    }
    memcpy(buffer + LWS_PRE, bytes, size);
    int written = lws_write(wsi, buffer + LWS_PRE, size, (enum lws_write_protocol)kind);
    return written < (int)size ? -1 : 0;
}

/* ---- what may come in ---- */

/* Refused before anything of it is believed; the connection ends. */
static int refuse(struct lws *wsi, int status)
{
    g_autofree char *body =
        g_strdup_printf("{\"type\":\"about:blank\",\"title\":\"%s\",\"status\":%d,\"detail\":"
                        "\"%s\",\"code\":\"bad_field\"}",
                        reason_of(status), status, reason_of(status));
    g_autofree char *text =
        g_strdup_printf("HTTP/1.1 %d %s\r\n%sContent-Security-Policy: %s\r\nContent-Type: "
                        "application/problem+json\r\n"
                        "Content-Length: %zu\r\nConnection: close\r\n\r\n%s",
                        status, reason_of(status), common_headers, page_policy, strlen(body), body);
    write_bytes(wsi, text, strlen(text), LWS_WRITE_HTTP_HEADERS);
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

static void G_GNUC_PRINTF(2, 3) add(GByteArray *head, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_byte_array_append(head, (const guint8 *)text, (guint)strlen(text));
}

static GByteArray *write_head(const HttpReply *reply)
{
    GByteArray *head = g_byte_array_new();
    add(head, "HTTP/1.1 %d %s\r\n%s", reply->status, reason_of(reply->status), common_headers);
    add(head, "Content-Security-Policy: %s\r\n",
        reply->policy != NULL ? reply->policy : page_policy);
    add(head, "Cache-Control: %s\r\n",
        reply->cache_control != NULL ? reply->cache_control : "no-store");
    if (reply->content_type != NULL) {
        add(head, "Content-Type: %s\r\n", reply->content_type);
    }
    if (reply->etag != NULL) {
        add(head, "ETag: %s\r\nVary: Accept-Encoding\r\n", reply->etag);
    }
    if (reply->is_gzip) {
        add(head, "Content-Encoding: gzip\r\n");
    }
    if (reply->location != NULL) {
        add(head, "Location: %s\r\n", reply->location);
    }
    if (reply->set_cookie != NULL) {
        add(head, "Set-Cookie: %s\r\n", reply->set_cookie);
    }
    if (reply->headers != NULL) {
        add(head, "%s", reply->headers);
    }
    if (reply->retry_after_s > 0) {
        add(head, "Retry-After: %d\r\n", reply->retry_after_s);
    }
    if (reply->status != 204 && reply->status != 304) {
        add(head, "Content-Length: %zu\r\n",
            reply->body != NULL ? g_bytes_get_size(reply->body) : (size_t)0);
    }
    add(head, "\r\n");
    return head;
}

static void on_reply(const HttpReply *reply, void *data)
{
    HttpSession *session = data;
    session->exchange = NULL;
    session->head = write_head(reply);
    session->body = reply->body != NULL && !session->is_head_only ? g_bytes_ref(reply->body) : NULL;
    session->sent = 0;
    session->is_head_sent = false;
    lws_callback_on_writable(session->wsi);
}

/* While a request that was sent ahead lies in the library's buffer, the library does not let the
 * loop sleep unless the connection is flow-controlled; and then it does not write either. So the
 * connection is parked while its socket is full, and this waits for room. */
static void on_room(int fd, GIOCondition condition, void *data)
{
    HttpSession *session = data;
    loop_drop(&session->room);
    lws_rx_flow_control(session->wsi, 1);
    lws_callback_on_writable(session->wsi);
}

static void go_on(HttpSession *session)
{
    struct pollfd socket = {.fd = lws_get_socket_fd(session->wsi), .events = POLLOUT};
    if (poll(&socket, 1, 0) != 0) {
        lws_callback_on_writable(session->wsi);
        return;
    }
    lws_rx_flow_control(session->wsi, 0);
    session->room = loop_watch(socket.fd, G_IO_OUT, on_room, session);
}

static void forget_answer(HttpSession *session)
{
    g_clear_pointer(&session->head, g_byte_array_unref);
    g_clear_pointer(&session->body, g_bytes_unref);
}

static int finish(HttpSession *session)
{
    forget_answer(session);
    return lws_http_transaction_completed(session->wsi) ? -1 : 0;
}

static int write_head_piece(HttpSession *session)
{
    session->is_head_sent = true;
    if (write_bytes(session->wsi, session->head->data, session->head->len,
                    LWS_WRITE_HTTP_HEADERS) != 0) {
        return -1;
    }
    if (session->body == NULL) {
        return finish(session);
    }
    go_on(session);
    return 0;
}

static int write_body_piece(HttpSession *session)
{
    gsize size = 0;
    const uint8_t *bytes = g_bytes_get_data(session->body, &size);
    size_t piece = MIN(size - session->sent, (size_t)PIECE_BYTES);
    if (piece > 0 && write_bytes(session->wsi, bytes + session->sent, piece, LWS_WRITE_HTTP) != 0) {
        return -1;
    }
    session->sent += piece;
    if (session->sent == size) {
        return finish(session);
    }
    go_on(session);
    return 0;
}

static int on_writable(HttpSession *session)
{
    if (session->head == NULL) {
        return 0;
    }
    lws_set_timeout(session->wsi, PENDING_TIMEOUT_HTTP_CONTENT, ANSWER_STEP_S);
    return session->is_head_sent ? write_body_piece(session) : write_head_piece(session);
}

static void on_gone(HttpSession *session)
{
    if (session->wsi == NULL) {
        return;
    }
    loop_drop(&session->room);
    if (session->exchange != NULL && session->is_reading) {
        /* Nobody handles it yet: answering it frees it. */
        HttpReply nothing = {.status = 400};
        exchange_abandon(session->exchange);
        exchange_reply(session->exchange, &nothing);
    } else if (session->exchange != NULL) {
        exchange_abandon(session->exchange);
    }
    session->exchange = NULL;
    forget_answer(session);
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
