#include "signalling/web_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libwebsockets.h>
#include <netdb.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bridge/base/clock.h"
#include "bridge/base/limits.h"
#include "bridge/base/log.h"
#include "bridge/base/loop.h"
#include "signalling/callers.h"
#include "signalling/certificate.h"
#include "signalling/client.h"
#include "signalling/config.h"
#include "signalling/cookie.h"
#include "signalling/rest.h"
#include "signalling/server.h"
#include "signalling/web_files.h"
#include "signalling/web_internal.h"
#include "signalling/whip.h"

#define HEADER_BYTES_MAX 4096
#define HEADERS_DEADLINE_S 5
#define PING_S 10
#define HANG_UP_S 25
#define GOODBYE_US (1 * CLOCK_US_PER_S)

WebServer *web_of(struct lws *wsi)
{
    return lws_context_user(lws_get_context(wsi));
}

Caller *web_caller_of(struct lws *wsi)
{
    return g_hash_table_lookup(web_of(wsi)->caller_of, wsi);
}

char *web_header(struct lws *wsi, int token)
{
    char text[HEADER_BYTES_MAX];
    int size = lws_hdr_copy(wsi, text, sizeof text, (enum lws_token_indexes)token);
    return g_strdup(size > 0 && g_utf8_validate(text, -1, NULL) ? text : "");
}

char *web_session_token(struct lws *wsi)
{
    g_autofree char *cookies = web_header(wsi, WSI_TOKEN_HTTP_COOKIE);
    return cookie_find(cookies, "__Host-sid");
}

/* ---- who comes and goes ---- */

static int on_accepted(WebServer *web, int fd)
{
    struct sockaddr_storage peer;
    socklen_t size = sizeof peer;
    char address[INET6_ADDRSTRLEN];
    if (getpeername(fd, (struct sockaddr *)&peer, &size) != 0 ||
        getnameinfo((struct sockaddr *)&peer, size, address, sizeof address, NULL, 0,
                    NI_NUMERICHOST) != 0) {
        return -1;
    }
    caller_leave(g_steal_pointer(&web->arriving));
    web->arriving = callers_arrive(web->callers, address);
    return web->arriving != NULL ? 0 : -1;
}

static void on_created(WebServer *web, struct lws *wsi)
{
    if (web->arriving != NULL) {
        g_hash_table_insert(web->caller_of, wsi, g_steal_pointer(&web->arriving));
    }
}

static int on_http(struct lws *wsi, enum lws_callback_reasons reason, void *session, void *bytes,
                   size_t size)
{
    WebServer *web = web_of(wsi);
    switch (reason) {
    case LWS_CALLBACK_FILTER_NETWORK_CONNECTION:
        return on_accepted(web, (int)(intptr_t)bytes);
    case LWS_CALLBACK_WSI_CREATE:
        on_created(web, wsi);
        return 0;
    case LWS_CALLBACK_WSI_DESTROY:
        g_hash_table_remove(web->caller_of, wsi);
        return 0;
    default:
        return http_callback(wsi, reason, session, bytes, size);
    }
}

static int on_socket(struct lws *wsi, enum lws_callback_reasons reason, void *session, void *bytes,
                     size_t size)
{
    return ws_callback(wsi, reason, session, bytes, size);
}

/* ---- opening ---- */

static const struct lws_protocol_vhost_options no_sniffing = {NULL, NULL,
                                                              "x-content-type-options:", "nosniff"};
static const struct lws_protocol_vhost_options no_framing = {&no_sniffing, NULL,
                                                             "x-frame-options:", "deny"};

static const lws_retry_bo_t liveness = {
    .secs_since_valid_ping = PING_S,
    .secs_since_valid_hangup = HANG_UP_S,
};

/* libwebsockets calls a peer's ordinary mistakes errors. */
static void on_log(int level, const char *line)
{
    log_debug("web.library", "message=\"%.200s\"", line);
}

static bool has_ipv6(void)
{
    int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0) {
        close(fd);
    }
    return fd >= 0;
}

static bool try_bind(const struct addrinfo *info, const Config *config, GError **error)
{
    int fd = socket(info->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int on = 1;
    int code = 0;
    if (fd < 0) {
        code = errno;
    } else {
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        code = bind(fd, info->ai_addr, info->ai_addrlen) != 0 || listen(fd, 1) != 0 ? errno : 0;
        close(fd);
    }
    if (code == EADDRINUSE) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_EXIST,
                    "TCP port %u is in use: end the program that has it (ss -ltnp), or set "
                    "server.port",
                    config->port);
    } else if (code == EACCES) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_ACCES,
                    "TCP port %u needs more rights: set server.port to 1024 or above",
                    config->port);
    } else if (code != 0) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_FAILED,
                    "cannot listen on %s port %u: %s; set server.listen to an address of this "
                    "machine",
                    config->listen, config->port, g_strerror(code));
    }
    return code == 0;
}

/* libwebsockets would say "failed" whatever the reason is. */
static bool check_address(const Config *config, bool is_any, GError **error)
{
    g_autofree char *port = g_strdup_printf("%u", config->port);
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                             .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE};
    struct addrinfo *info = NULL;
    const char *host = is_any && !has_ipv6() ? "0.0.0.0" : config->listen;
    if (getaddrinfo(host, port, &hints, &info) != 0) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                    "server.listen: \"%s\" is not a numeric address", config->listen);
        return false;
    }
    bool is_free = try_bind(info, config, error);
    freeaddrinfo(info);
    return is_free;
}

static bool create_context(WebServer *web, const Config *config, const Certificate *certificate,
                           bool is_any)
{
    static const struct lws_protocols no_protocol = {.name = NULL};
    const struct lws_protocols protocols[] = {
        {.name = "http", .callback = on_http, .per_session_data_size = http_session_size()},
        {.name = WEB_SUBPROTOCOL,
         .callback = on_socket,
         .per_session_data_size = ws_session_size(),
         .rx_buffer_size = 4096},
        no_protocol,
    };
    web->protocols = g_memdup2(protocols, sizeof protocols);
    void *loops[] = {web->loop};
    struct lws_context_creation_info info = {
        .port = config->port,
        .iface = is_any ? NULL : config->listen,
        .protocols = web->protocols,
        .headers = &no_framing,
        .ssl_cert_filepath = certificate->certificate_file,
        .ssl_private_key_filepath = certificate->private_key_file,
        .ssl_cipher_list = "ECDHE+AESGCM:ECDHE+CHACHA20",
        .ssl_options_set = SSL_OP_NO_TLSv1 | SSL_OP_NO_TLSv1_1 | SSL_OP_NO_RENEGOTIATION,
        .alpn = "http/1.1",
        .server_string = "diemcau",
        .max_http_header_data = 8192,
        .max_http_header_pool = 1536,
        .pt_serv_buf_size = 16384,
        .keepalive_timeout = HEADERS_DEADLINE_S,
        .timeout_secs = HEADERS_DEADLINE_S,
        .timeout_secs_ah_idle = HEADERS_DEADLINE_S,
        .fd_limit_per_thread = LIMIT_WEB_CONNECTIONS,
        .retry_and_idle_policy = &liveness,
        .foreign_loops = loops,
        .user = web,
        .options = LWS_SERVER_OPTION_GLIB | LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT |
                   LWS_SERVER_OPTION_FAIL_UPON_UNABLE_TO_BIND |
                   (has_ipv6() ? 0 : LWS_SERVER_OPTION_DISABLE_IPV6),
    };
    web->context = lws_create_context(&info);
    return web->context != NULL;
}

static void free_caller(gpointer caller)
{
    caller_leave(caller);
}

WebServer *web_server_new(Server *server, const Certificate *certificate, GError **error)
{
    const Config *config = server->config;
    bool is_any = strcmp(config->listen, "::") == 0;
    if (!check_address(config, is_any, error)) {
        return NULL;
    }
    WebFiles *files = web_files_new(config->web_root, error);
    if (files == NULL) {
        return NULL;
    }
    lws_set_log_level(LLL_ERR | LLL_WARN, on_log);
    WebServer *web = g_new0(WebServer, 1);
    web->server = server;
    web->files = files;
    web->rest = rest_new(server);
    web->whip = whip_new(server);
    web->callers = callers_new();
    web->caller_of = g_hash_table_new_full(NULL, NULL, NULL, free_caller);
    web->loop = g_main_loop_new(NULL, FALSE);
    if (!create_context(web, config, certificate, is_any)) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_FAILED,
                    "the web door cannot be opened; is the package libwebsockets-evlib-glib "
                    "installed?");
        web_server_free(web);
        return NULL;
    }
    return web;
}

/* ---- closing ---- */

static void say_goodbye(WebServer *web)
{
    clients_close_all(web->server->clients, 1001, "the server is restarting");
    int64_t deadline_us = clock_now_us() + GOODBYE_US;
    while (web->open_sockets > 0 && clock_now_us() < deadline_us) {
        if (!g_main_context_iteration(NULL, FALSE)) {
            g_usleep(1000);
        }
    }
}

void web_server_free(WebServer *web)
{
    if (web == NULL) {
        return;
    }
    if (web->context != NULL) {
        say_goodbye(web);
        rest_free(g_steal_pointer(&web->rest));
        lws_context_destroy(web->context);
    }
    rest_free(web->rest);
    whip_free(web->whip);
    g_main_loop_unref(web->loop);
    g_hash_table_unref(web->caller_of);
    caller_leave(web->arriving);
    callers_free(web->callers);
    web_files_free(web->files);
    g_free(web->protocols);
    g_free(web);
}
