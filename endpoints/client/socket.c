#include "endpoints/client/socket.h"

#include <gio/gio.h>
#include <libwebsockets.h>
#include <string.h>

#include "bridge/base/limits.h"
#include "bridge/base/log.h"
#include "bridge/base/loop.h"
#include "endpoints/client/pin.h"

#define HUB_FDS_MAX 4096
#define HUB_HEADER_BYTES 4096
#define HUB_RECEIVE_BYTES 16384
#define PING_AFTER_S 10
#define HANG_UP_AFTER_S 25
#define REASON_BYTES_MAX 128

struct SocketHub {
    struct lws_context *context;
    GMainLoop *loop; /* Never run: names the default context to the library. */
};

typedef enum SocketState {
    SOCKET_OPENING,
    SOCKET_OPEN,
    SOCKET_CLOSED,
} SocketState;

struct Socket {
    struct lws *wsi;
    SocketState state;
    SocketHandlers handlers;
    void *data;
    char *pin_hex;
    GByteArray *incoming;
    GQueue outgoing; /* GBytes with LWS_PRE bytes of room in front */
    size_t outgoing_bytes;
    LoopWatch *late_close;
    char reason[REASON_BYTES_MAX];
};

static const lws_retry_bo_t idle_policy = {
    .secs_since_valid_ping = PING_AFTER_S,
    .secs_since_valid_hangup = HANG_UP_AFTER_S,
};

static void write_lws_log(int level, const char *line)
{
    size_t size = strcspn(line, "\n");
    log_debug("websocket.library", "message=\"%.*s\"", (int)size, line);
}

static void set_reason(Socket *socket, const char *reason, size_t size)
{
    if (socket->reason[0] == '\0' && reason != NULL) {
        g_strlcpy(socket->reason, reason, MIN(sizeof socket->reason, size + 1));
    }
}

static void say_closed(void *data)
{
    Socket *socket = data;
    loop_drop(&socket->late_close);
    const char *reason = socket->reason[0] != '\0' ? socket->reason : "closed";
    socket->handlers.on_closed(socket, reason, socket->data);
}

/* The library may report a failure before socket_open has returned: tell the owner later. */
static void end(Socket *socket)
{
    if (socket->state != SOCKET_CLOSED) {
        socket->state = SOCKET_CLOSED;
        socket->wsi = NULL;
        socket->late_close = loop_after(0, say_closed, socket);
    }
}

static int on_receive(struct lws *wsi, Socket *socket, const uint8_t *bytes, size_t size)
{
    if (lws_frame_is_binary(wsi)) {
        set_reason(socket, "binary message", REASON_BYTES_MAX);
        return -1;
    }
    if (socket->incoming->len + size > LIMIT_MESSAGE_BYTES) {
        set_reason(socket, "message too long", REASON_BYTES_MAX);
        return -1;
    }
    g_byte_array_append(socket->incoming, bytes, (guint)size);
    if (!lws_is_final_fragment(wsi) || lws_remaining_packet_payload(wsi) > 0) {
        return 0;
    }
    g_autoptr(GByteArray) message = socket->incoming;
    socket->incoming = g_byte_array_new();
    socket->handlers.on_text(socket, (const char *)message->data, message->len, socket->data);
    return 0;
}

static int on_writable(struct lws *wsi, Socket *socket)
{
    g_autoptr(GBytes) message = g_queue_pop_head(&socket->outgoing);
    if (message == NULL) {
        return 0;
    }
    gsize size = 0;
    uint8_t *room = (uint8_t *)g_bytes_get_data(message, &size);
    size -= LWS_PRE;
    socket->outgoing_bytes -= size;
    if (lws_write(wsi, room + LWS_PRE, size, LWS_WRITE_TEXT) < (int)size) {
        return -1;
    }
    if (!g_queue_is_empty(&socket->outgoing)) {
        lws_callback_on_writable(wsi);
    }
    return 0;
}

/* TLS is up, the upgrade request not yet sent: the last moment to leave unnoticed. */
static int check_pin(struct lws *wsi, Socket *socket)
{
    if (socket->pin_hex == NULL || pin_matches(lws_get_ssl(wsi), socket->pin_hex)) {
        return 0;
    }
    set_reason(socket, "the server's certificate is not the pinned one", REASON_BYTES_MAX);
    return -1;
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                    size_t size)
{
    Socket *socket = lws_get_opaque_user_data(wsi);
    if (socket == NULL || socket->state == SOCKET_CLOSED) {
        return reason == LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER ||
                       reason == LWS_CALLBACK_CLIENT_ESTABLISHED ||
                       reason == LWS_CALLBACK_CLIENT_RECEIVE
                   ? -1
                   : 0;
    }
    switch (reason) {
    case LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER:
        return check_pin(wsi, socket);
    case LWS_CALLBACK_CLIENT_ESTABLISHED:
        socket->wsi = wsi;
        socket->state = SOCKET_OPEN;
        socket->handlers.on_open(socket, socket->data);
        return 0;
    case LWS_CALLBACK_CLIENT_RECEIVE:
        return on_receive(wsi, socket, in, size);
    case LWS_CALLBACK_CLIENT_WRITEABLE:
        return on_writable(wsi, socket);
    case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
        if (size > 2) {
            set_reason(socket, (const char *)in + 2, size - 2);
        }
        return 0;
    case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
        set_reason(socket, in, size);
        end(socket);
        return 0;
    case LWS_CALLBACK_CLIENT_CLOSED:
    case LWS_CALLBACK_WSI_DESTROY:
        end(socket);
        return 0;
    default:
        return 0;
    }
}

/* The client connection below names its own subprotocol; this is the local handler. */
static const struct lws_protocols protocols[] = {
    {.name = "diemcau-client", .callback = on_event, .rx_buffer_size = HUB_RECEIVE_BYTES},
    {0},
};

SocketHub *socket_hub_new(GError **error)
{
    lws_set_log_level(LLL_ERR | LLL_WARN, write_lws_log);
    SocketHub *hub = g_new0(SocketHub, 1);
    hub->loop = g_main_loop_new(NULL, FALSE);
    void *loops[] = {hub->loop};
    struct lws_context_creation_info info = {
        .port = CONTEXT_PORT_NO_LISTEN,
        .protocols = protocols,
        .options = LWS_SERVER_OPTION_GLIB | LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT,
        .foreign_loops = loops,
        .fd_limit_per_thread = HUB_FDS_MAX,
        .max_http_header_data = HUB_HEADER_BYTES,
        .pt_serv_buf_size = HUB_RECEIVE_BYTES,
        .alpn = "http/1.1",
        .gid = (gid_t)-1,
        .uid = (uid_t)-1,
    };
    hub->context = lws_create_context(&info);
    if (hub->context == NULL) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_FAILED,
                    "cannot start the WebSocket library: is the package "
                    "libwebsockets-evlib-glib installed?");
        socket_hub_free(hub);
        return NULL;
    }
    return hub;
}

void socket_hub_free(SocketHub *hub)
{
    if (hub == NULL) {
        return;
    }
    if (hub->context != NULL) {
        lws_context_destroy(hub->context);
    }
    g_main_loop_unref(hub->loop);
    g_free(hub);
}

static int tls_flags(const SocketTarget *target)
{
    int flags = LCCSCF_USE_SSL;
    if (target->pin_hex != NULL || target->insecure) {
        flags |= LCCSCF_ALLOW_SELFSIGNED | LCCSCF_SKIP_SERVER_CERT_HOSTNAME_CHECK |
                 LCCSCF_ALLOW_EXPIRED | LCCSCF_ALLOW_INSECURE;
    }
    return flags;
}

Socket *socket_open(SocketHub *hub, const SocketTarget *target, const SocketHandlers *handlers,
                    void *data)
{
    Socket *socket = g_new0(Socket, 1);
    socket->handlers = *handlers;
    socket->data = data;
    socket->pin_hex = g_strdup(target->pin_hex);
    socket->incoming = g_byte_array_new();
    g_queue_init(&socket->outgoing);
    struct lws_client_connect_info info = {
        .context = hub->context,
        .address = target->address,
        .port = target->port,
        .ssl_connection = tls_flags(target),
        .path = target->path,
        .host = target->host,
        .protocol = target->protocol,
        .local_protocol_name = protocols[0].name,
        .ietf_version_or_minus_one = -1,
        .alpn = "http/1.1",
        .opaque_user_data = socket,
        .retry_and_idle_policy = &idle_policy,
        .pwsi = &socket->wsi,
    };
    if (lws_client_connect_via_info(&info) == NULL) {
        set_reason(socket, "cannot connect", REASON_BYTES_MAX);
        end(socket);
    }
    return socket;
}

void socket_free(Socket *socket)
{
    if (socket == NULL) {
        return;
    }
    if (socket->wsi != NULL && socket->state != SOCKET_CLOSED) {
        lws_set_opaque_user_data(socket->wsi, NULL);
        lws_set_timeout(socket->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
    }
    loop_drop(&socket->late_close);
    g_byte_array_unref(socket->incoming);
    g_queue_clear_full(&socket->outgoing, (GDestroyNotify)g_bytes_unref);
    g_free(socket->pin_hex);
    g_free(socket);
}

bool socket_send(Socket *socket, const char *text)
{
    size_t size = strlen(text);
    if (socket->state != SOCKET_OPEN || socket->outgoing_bytes + size > LIMIT_CLIENT_QUEUE_BYTES) {
        return false;
    }
    uint8_t *room = g_malloc(LWS_PRE + size);
    memcpy(room + LWS_PRE, text, size);
    g_queue_push_tail(&socket->outgoing, g_bytes_new_take(room, LWS_PRE + size));
    socket->outgoing_bytes += size;
    lws_callback_on_writable(socket->wsi);
    return true;
}
