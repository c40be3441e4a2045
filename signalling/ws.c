/* WebSockets over libwebsockets: who may open one, messages put together from fragments, a bounded
 * queue outwards, closing with a code. */
#include <glib.h>
#include <jansson.h>
#include <libwebsockets.h>
#include <sodium.h>
#include <string.h>

#include "bridge/base/limits.h"
#include "signalling/callers.h"
#include "signalling/client.h"
#include "signalling/dispatch.h"
#include "signalling/rest.h"
#include "signalling/server.h"
#include "signalling/users.h"
#include "signalling/web_internal.h"

#define AUTH_DEADLINE_US (5 * LWS_US_PER_SEC)
#define CLOSE_DEADLINE_US (3 * LWS_US_PER_SEC)
#define REASON_BYTES_MAX 120
#define CLOSE_POLICY 1008
#define CLOSE_NOT_TEXT 1003
#define CLOSE_TOO_LARGE 1009

typedef struct WsSession {
    struct lws *wsi;
    Client *client;
    GByteArray *incoming; /* NULL between messages */
    GQueue *outgoing;     /* GBytes * with LWS_PRE bytes in front */
    size_t waiting_bytes;
    int close_code; /* 0: open */
    char close_reason[REASON_BYTES_MAX + 1];
} WsSession;

size_t ws_session_size(void)
{
    return sizeof(WsSession);
}

/* ---- who may open one ---- */

static bool offers_subprotocol(struct lws *wsi)
{
    g_autofree char *offered = web_header(wsi, WSI_TOKEN_PROTOCOL);
    g_auto(GStrv) names = g_strsplit(offered, ",", -1);
    for (char **name = names; *name != NULL; name++) {
        if (strcmp(g_strstrip(*name), WEB_SUBPROTOCOL) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_path(struct lws *wsi, const char *path)
{
    g_autofree char *uri = web_header(wsi, WSI_TOKEN_GET_URI);
    return strcmp(uri, path) == 0;
}

/* A browser always sends Origin; a box has neither Origin nor cookie. */
static bool is_origin_right(struct lws *wsi, bool has_cookie)
{
    g_autofree char *origin = web_header(wsi, WSI_TOKEN_ORIGIN);
    g_autofree char *host = web_header(wsi, WSI_TOKEN_HOST);
    if (origin[0] == '\0') {
        return !has_cookie && lws_hdr_total_length(wsi, WSI_TOKEN_ORIGIN) == 0;
    }
    return rest_is_own_origin(web_of(wsi)->server, origin, host);
}

static const Session *find_session(struct lws *wsi)
{
    g_autofree char *token = web_session_token(wsi);
    return token[0] != '\0' ? users_find_session(web_of(wsi)->server->users, token) : NULL;
}

int ws_check_upgrade(struct lws *wsi)
{
    g_autofree char *version = web_header(wsi, WSI_TOKEN_VERSION);
    Caller *caller = web_caller_of(wsi);
    if (!is_path(wsi, "/ws")) {
        return 404;
    }
    if (strcmp(version, "13") != 0 || !offers_subprotocol(wsi) || caller == NULL ||
        lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH) > 0 ||
        lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_TRANSFER_ENCODING) > 0) {
        return 400;
    }
    if (!is_origin_right(wsi, lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_COOKIE) > 0)) {
        return 403;
    }
    return find_session(wsi) != NULL || caller_open_socket(caller) ? 0 : 503;
}

/* ---- outwards ---- */

static bool on_client_send(void *transport, const char *text, size_t size)
{
    WsSession *session = transport;
    if (session->waiting_bytes + size > LIMIT_CLIENT_QUEUE_BYTES) {
        return false;
    }
    uint8_t *bytes = g_malloc(LWS_PRE + size);
    memcpy(bytes + LWS_PRE, text, size);
    g_queue_push_tail(session->outgoing, g_bytes_new_take(bytes, LWS_PRE + size));
    session->waiting_bytes += size;
    lws_callback_on_writable(session->wsi);
    return true;
}

/* What is queued goes first, unless the peer does not take it. */
static void on_client_close(void *transport, int code, const char *reason)
{
    WsSession *session = transport;
    session->close_code = code;
    g_strlcpy(session->close_reason, reason, sizeof session->close_reason);
    lws_callback_on_writable(session->wsi);
    lws_set_timer_usecs(session->wsi, CLOSE_DEADLINE_US);
    lws_cancel_service(web_of(session->wsi)->context);
}

static int close_now(WsSession *session, int code, const char *reason)
{
    lws_close_reason(session->wsi, (enum lws_close_status)code, (unsigned char *)reason,
                     strlen(reason));
    return -1;
}

static int on_writable(WsSession *session)
{
    GBytes *message = g_queue_pop_head(session->outgoing);
    if (message == NULL) {
        return session->close_code != 0
                   ? close_now(session, session->close_code, session->close_reason)
                   : 0;
    }
    gsize size = 0;
    uint8_t *bytes = g_bytes_unref_to_data(message, &size);
    size -= LWS_PRE;
    session->waiting_bytes -= size;
    int written = lws_write(session->wsi, bytes + LWS_PRE, size, LWS_WRITE_TEXT);
    g_free(bytes);
    if (written < (int)size) {
        return -1;
    }
    if (!g_queue_is_empty(session->outgoing) || session->close_code != 0) {
        lws_callback_on_writable(session->wsi);
    }
    return 0;
}

/* ---- inwards ---- */

static void hand_over(WsSession *session)
{
    WebServer *web = web_of(session->wsi);
    g_autoptr(GByteArray) message = g_steal_pointer(&session->incoming);
    dispatch_text(web->server, session->client, (const char *)message->data, message->len);
    if (client_role(session->client) != ROLE_GUEST) {
        caller_identify(web_caller_of(session->wsi));
    }
}

static int on_receive(WsSession *session, const void *bytes, size_t size)
{
    if (session->close_code != 0) {
        return 0;
    }
    if (lws_frame_is_binary(session->wsi)) {
        return close_now(session, CLOSE_NOT_TEXT, "text only");
    }
    if (session->incoming == NULL) {
        session->incoming = g_byte_array_new();
    }
    if (session->incoming->len + size > LIMIT_MESSAGE_BYTES) {
        return close_now(session, CLOSE_TOO_LARGE, "message over 64 KiB");
    }
    g_byte_array_append(session->incoming, bytes, (guint)size);
    if (lws_is_final_fragment(session->wsi) && lws_remaining_packet_payload(session->wsi) == 0) {
        hand_over(session);
    }
    return 0;
}

/* ---- opening and closing ---- */

static void say_welcome(WsSession *session)
{
    char nonce[64];
    sodium_bin2base64(nonce, sizeof nonce, client_nonce(session->client), 32,
                      sodium_base64_VARIANT_ORIGINAL);
    client_send(session->client,
                json_pack("{s:s, s:s, s:s, s:s}", "type", "welcome", "version", DIEMCAU_VERSION,
                          "nonce", nonce, "server", g_get_host_name()));
}

static int on_established(WsSession *session)
{
    WebServer *web = web_of(session->wsi);
    const ClientTransport transport = {on_client_send, on_client_close, session};
    const Session *login = find_session(session->wsi);
    session->outgoing = g_queue_new();
    session->client =
        clients_add(web->server->clients, &transport, login != NULL ? login->role : ROLE_GUEST,
                    login != NULL ? login->user : NULL);
    web->open_sockets++;
    if (login != NULL) {
        client_set_session(session->client, login->hash);
        caller_identify(web_caller_of(session->wsi));
    } else {
        lws_set_timer_usecs(session->wsi, AUTH_DEADLINE_US);
    }
    say_welcome(session);
    return 0;
}

/* A guest that has not said who it is, or a peer that does not take its goodbye. */
static int on_timer(WsSession *session)
{
    if (session->close_code != 0) {
        lws_set_timeout(session->wsi, PENDING_TIMEOUT_KILLED_BY_PARENT, LWS_TO_KILL_ASYNC);
        return -1;
    }
    if (client_role(session->client) == ROLE_GUEST) {
        client_close(session->client, CLOSE_POLICY, "not authenticated within 5 s");
    }
    return 0;
}

static void on_closed(WsSession *session)
{
    WebServer *web = web_of(session->wsi);
    if (session->client == NULL) {
        return;
    }
    clients_remove(web->server->clients, g_steal_pointer(&session->client));
    g_queue_free_full(session->outgoing, (GDestroyNotify)g_bytes_unref);
    g_clear_pointer(&session->incoming, g_byte_array_unref);
    web->open_sockets--;
}

int ws_callback(struct lws *wsi, int reason, void *session_space, void *bytes, size_t size)
{
    WsSession *session = session_space;
    switch (reason) {
    case LWS_CALLBACK_ESTABLISHED:
        session->wsi = wsi;
        return on_established(session);
    case LWS_CALLBACK_RECEIVE:
        return on_receive(session, bytes, size);
    case LWS_CALLBACK_SERVER_WRITEABLE:
        return on_writable(session);
    case LWS_CALLBACK_TIMER:
        return on_timer(session);
    case LWS_CALLBACK_CLOSED:
        on_closed(session);
        return 0;
    default:
        return 0;
    }
}
