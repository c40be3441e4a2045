#include "signal_server.h"

#include <glib.h>
#include <glib/gstdio.h>
#include <jansson.h>
#include <libwebsockets.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdatomic.h>
#include <string.h>

#define GREETING                                                                                   \
    "{\"type\":\"welcome\",\"version\":\"0\",\"server\":\"test\","                                 \
    "\"nonce\":\"BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=\"}"

struct SignalServer {
    SignalServerOptions options;
    struct lws_context *context;
    struct lws *open;
    GThread *thread;
    atomic_bool stops;
    atomic_int opened;
    GAsyncQueue *outgoing; /* char pointers */
    uint16_t port;
    char pin[65];
    char *dir;
    char *certificate;
    char *key;
};

static void make_certificate(SignalServer *server)
{
    EVP_PKEY *pair = EVP_EC_gen("P-256");
    X509 *x509 = X509_new();
    X509_set_version(x509, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
    X509_gmtime_adj(X509_getm_notBefore(x509), -3600);
    X509_gmtime_adj(X509_getm_notAfter(x509), 3600);
    X509_set_pubkey(x509, pair);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(x509), "CN", MBSTRING_UTF8,
                               (const unsigned char *)"test", -1, -1, 0);
    X509_set_issuer_name(x509, X509_get_subject_name(x509));
    X509_sign(x509, pair, EVP_sha256());
    FILE *file = fopen(server->certificate, "w");
    PEM_write_X509(file, x509);
    fclose(file);
    file = fopen(server->key, "w");
    PEM_write_PrivateKey(file, pair, NULL, NULL, 0, NULL, NULL);
    fclose(file);
    unsigned char digest[32];
    unsigned size = 0;
    X509_digest(x509, EVP_sha256(), digest, &size);
    for (unsigned i = 0; i < size; i++) {
        g_snprintf(server->pin + (size_t)i * 2, 3, "%02x", digest[i]);
    }
    X509_free(x509);
    EVP_PKEY_free(pair);
}

static void queue(SignalServer *server, const char *text)
{
    g_async_queue_push(server->outgoing, g_strdup(text));
}

static void answer(SignalServer *server, const char *bytes, size_t size)
{
    json_t *message = json_loadb(bytes, size, 0, NULL);
    if (message == NULL || server->options.on_message == NULL) {
        json_decref(message);
        return;
    }
    g_autofree char *reply = server->options.on_message(message, server->options.data);
    if (reply != NULL) {
        g_autofree char *id = g_strdup_printf(
            "%" G_GINT64_FORMAT, (gint64)json_integer_value(json_object_get(message, "id")));
        g_auto(GStrv) parts = g_strsplit(reply, "$ID", -1);
        g_autofree char *text = g_strjoinv(id, parts);
        queue(server, text);
    }
    json_decref(message);
}

static int write_next(SignalServer *server, struct lws *wsi)
{
    g_autofree char *text = g_async_queue_try_pop(server->outgoing);
    if (text == NULL) {
        return 0;
    }
    if (strcmp(text, SIGNAL_SERVER_CLOSE) == 0) {
        return -1;
    }
    bool binary = strcmp(text, SIGNAL_SERVER_BINARY) == 0;
    size_t size = strlen(text);
    g_autofree uint8_t *room = g_malloc(LWS_PRE + size);
    memcpy(room + LWS_PRE, text, size);
    lws_write(wsi, room + LWS_PRE, size, binary ? LWS_WRITE_BINARY : LWS_WRITE_TEXT);
    lws_callback_on_writable(wsi);
    return 0;
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                    size_t size)
{
    SignalServer *server = lws_context_user(lws_get_context(wsi));
    switch (reason) {
    case LWS_CALLBACK_ESTABLISHED:
        server->open = wsi;
        atomic_fetch_add(&server->opened, 1);
        queue(server, server->options.greeting != NULL ? server->options.greeting : GREETING);
        lws_callback_on_writable(wsi);
        return 0;
    case LWS_CALLBACK_RECEIVE:
        answer(server, in, size);
        lws_callback_on_writable(wsi);
        return 0;
    case LWS_CALLBACK_SERVER_WRITEABLE:
        return write_next(server, wsi);
    case LWS_CALLBACK_CLOSED:
        server->open = server->open == wsi ? NULL : server->open;
        return 0;
    case LWS_CALLBACK_EVENT_WAIT_CANCELLED:
        if (server->open != NULL) {
            lws_callback_on_writable(server->open);
        }
        return 0;
    default:
        return 0;
    }
}

static const struct lws_protocols protocols[] = {
    {.name = "diemcau.v1", .callback = on_event, .rx_buffer_size = 65536}, {0}};

static gpointer serve(gpointer data)
{
    SignalServer *server = data;
    while (!atomic_load(&server->stops) && lws_service(server->context, 0) >= 0) {
    }
    lws_context_destroy(server->context);
    return NULL;
}

SignalServer *signal_server_start(const SignalServerOptions *options)
{
    SignalServer *server = g_new0(SignalServer, 1);
    server->options = *options;
    server->outgoing = g_async_queue_new_full(g_free);
    server->dir = g_dir_make_tmp("diemcau-signal-XXXXXX", NULL);
    server->certificate = g_build_filename(server->dir, "certificate.pem", NULL);
    server->key = g_build_filename(server->dir, "key.pem", NULL);
    make_certificate(server);
    lws_set_log_level(0, NULL);
    struct lws_context_creation_info info = {
        .port = options->port,
        .iface = "127.0.0.1",
        .protocols = protocols,
        .ssl_cert_filepath = server->certificate,
        .ssl_private_key_filepath = server->key,
        .options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT | LWS_SERVER_OPTION_DISABLE_OS_CA_CERTS,
        .fd_limit_per_thread = 256,
        .user = server,
        .gid = (gid_t)-1,
        .uid = (uid_t)-1,
    };
    server->context = lws_create_context(&info);
    struct lws_vhost *vhost = lws_get_vhost_by_name(server->context, "default");
    server->port = (uint16_t)lws_get_vhost_listen_port(vhost);
    server->thread = g_thread_new("signal-server", serve, server);
    return server;
}

void signal_server_stop(SignalServer *server)
{
    atomic_store(&server->stops, true);
    lws_cancel_service(server->context);
    g_thread_join(server->thread);
    g_async_queue_unref(server->outgoing);
    g_unlink(server->certificate);
    g_unlink(server->key);
    g_rmdir(server->dir);
    g_free(server->certificate);
    g_free(server->key);
    g_free(server->dir);
    g_free(server);
}

uint16_t signal_server_port(const SignalServer *server)
{
    return server->port;
}

const char *signal_server_pin(const SignalServer *server)
{
    return server->pin;
}

int signal_server_opened(const SignalServer *server)
{
    return atomic_load(&((SignalServer *)server)->opened);
}

void signal_server_say(SignalServer *server, const char *text)
{
    queue(server, text);
    lws_cancel_service(server->context);
}
