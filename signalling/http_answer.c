#include "signalling/http_answer.h"

#include <libwebsockets.h>
#include <poll.h>
#include <string.h>

#include "bridge/base/loop.h"
#include "signalling/file_body.h"

#define PIECE_BYTES 16384

struct HttpAnswer {
    struct lws *wsi;
    GByteArray *head;
    GBytes *body;   /* the piece at hand; NULL: none */
    size_t sent;    /* of it */
    FileBody *file; /* where more pieces come from; NULL: nowhere */
    bool is_head_sent;
    LoopWatch *room; /* while the peer does not take its answer, or the disk does not give it */
};

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

const char *http_reason(int status)
{
    switch (status) {
    case 200:
        return "OK";
    case 201:
        return "Created";
    case 204:
        return "No Content";
    case 206:
        return "Partial Content";
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
    case 416:
        return "Range Not Satisfiable";
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

char *http_common_headers(const char *policy_or_null)
{
    return g_strdup_printf("%sContent-Security-Policy: %s\r\n", common_headers,
                           policy_or_null != NULL ? policy_or_null : page_policy);
}

int http_write(struct lws *wsi, const void *bytes, size_t size, int kind)
{
    uint8_t buffer[LWS_PRE + PIECE_BYTES];
    if (size > PIECE_BYTES) {
        return -1;
    }
    memcpy(buffer + LWS_PRE, bytes, size);
    int written = lws_write(wsi, buffer + LWS_PRE, size, (enum lws_write_protocol)kind);
    return written < (int)size ? -1 : 0;
}

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
    g_autofree char *common = http_common_headers(reply->policy);
    add(head, "HTTP/1.1 %d %s\r\n%s", reply->status, http_reason(reply->status), common);
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
        int64_t size = reply->file != NULL   ? file_body_size(reply->file)
                       : reply->body != NULL ? (int64_t)g_bytes_get_size(reply->body)
                                             : 0;
        add(head, "Content-Length: %" G_GINT64_FORMAT "\r\n", size);
    }
    add(head, "\r\n");
    return head;
}

HttpAnswer *http_answer_new(struct lws *wsi, const HttpReply *reply, bool is_head_only)
{
    HttpAnswer *answer = g_new0(HttpAnswer, 1);
    answer->wsi = wsi;
    answer->head = write_head(reply);
    if (is_head_only) {
        file_body_free(reply->file);
    } else {
        answer->body = reply->body != NULL ? g_bytes_ref(reply->body) : NULL;
        answer->file = reply->file;
    }
    return answer;
}

void http_answer_free(HttpAnswer *answer)
{
    if (answer == NULL) {
        return;
    }
    loop_drop(&answer->room);
    g_byte_array_unref(answer->head);
    g_clear_pointer(&answer->body, g_bytes_unref);
    file_body_free(answer->file);
    g_free(answer);
}

/* While a request that was sent ahead lies in the library's buffer, the library does not let the
 * loop sleep unless the connection is flow-controlled; and then it does not write either. So the
 * connection is parked while its socket is full or its disk slow, and this goes on. */
static void resume(HttpAnswer *answer)
{
    lws_rx_flow_control(answer->wsi, 1);
    lws_callback_on_writable(answer->wsi);
}

static void on_room(int fd, GIOCondition condition, void *data)
{
    HttpAnswer *answer = data;
    loop_drop(&answer->room);
    resume(answer);
}

static void go_on(HttpAnswer *answer)
{
    struct pollfd socket = {.fd = lws_get_socket_fd(answer->wsi), .events = POLLOUT};
    if (poll(&socket, 1, 0) != 0) {
        lws_callback_on_writable(answer->wsi);
        return;
    }
    lws_rx_flow_control(answer->wsi, 0);
    answer->room = loop_watch(socket.fd, G_IO_OUT, on_room, answer);
}

/* A file that ends early cannot be told any more: the connection ends before the length that was
 * promised. */
static void on_piece(GBytes *piece, void *data)
{
    HttpAnswer *answer = data;
    if (piece == NULL) {
        lws_set_timeout(answer->wsi, PENDING_TIMEOUT_HTTP_CONTENT, LWS_TO_KILL_ASYNC);
        return;
    }
    answer->body = g_bytes_ref(piece);
    answer->sent = 0;
    resume(answer);
}

/* True when there is nothing more. */
static bool next_piece(HttpAnswer *answer)
{
    g_clear_pointer(&answer->body, g_bytes_unref);
    if (answer->file == NULL || file_body_is_at_end(answer->file)) {
        return true;
    }
    lws_rx_flow_control(answer->wsi, 0);
    file_body_read(answer->file, on_piece, answer);
    return false;
}

static int write_head_piece(HttpAnswer *answer, bool *ret_is_done)
{
    answer->is_head_sent = true;
    if (http_write(answer->wsi, answer->head->data, answer->head->len, LWS_WRITE_HTTP_HEADERS) !=
        0) {
        return -1;
    }
    if (answer->body != NULL) {
        go_on(answer);
    } else {
        *ret_is_done = next_piece(answer);
    }
    return 0;
}

int http_answer_write(HttpAnswer *answer, bool *ret_is_done)
{
    *ret_is_done = false;
    if (!answer->is_head_sent) {
        return write_head_piece(answer, ret_is_done);
    }
    if (answer->body == NULL) {
        return 0; /* The disk has not given it yet. */
    }
    gsize size = 0;
    const uint8_t *bytes = g_bytes_get_data(answer->body, &size);
    size_t piece = MIN(size - answer->sent, (size_t)PIECE_BYTES);
    if (piece > 0 && http_write(answer->wsi, bytes + answer->sent, piece, LWS_WRITE_HTTP) != 0) {
        return -1;
    }
    answer->sent += piece;
    if (answer->sent < size) {
        go_on(answer);
        return 0;
    }
    *ret_is_done = next_piece(answer);
    return 0;
}
