#include "tests/unit/signalling/raw_client.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <fcntl.h>
#include <glib.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bridge/base/clock.h"

#define PATIENCE_MS 20000

struct RawClient {
    int fd;
    SSL_CTX *context;
    SSL *ssl;
    GByteArray *in; /* always NUL-terminated, the NUL not counted */
    bool has_ended;
    char alpn[32];
};

static void run_once(void)
{
    if (!g_main_context_iteration(NULL, FALSE)) {
        g_usleep(200);
    }
}

static void connect_tcp(RawClient *client, uint16_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
    client->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    cr_assert_eq(connect(client->fd, (struct sockaddr *)&address, sizeof address), 0);
    fcntl(client->fd, F_SETFL, O_NONBLOCK);
}

RawClient *raw_open(uint16_t port, const char *alpn)
{
    RawClient *client = g_new0(RawClient, 1);
    client->in = g_byte_array_new();
    connect_tcp(client, port);
    client->context = SSL_CTX_new(TLS_client_method());
    client->ssl = SSL_new(client->context);
    SSL_set_fd(client->ssl, client->fd);
    if (alpn != NULL) {
        SSL_set_alpn_protos(client->ssl, (const unsigned char *)alpn, (unsigned)strlen(alpn));
    }
    int64_t deadline_us = clock_now_us() + PATIENCE_MS * CLOCK_US_PER_MS;
    while (SSL_connect(client->ssl) != 1) {
        cr_assert_lt(clock_now_us(), deadline_us, "no TLS handshake");
        run_once();
    }
    return client;
}

void raw_close(RawClient *client)
{
    SSL_free(client->ssl);
    SSL_CTX_free(client->context);
    close(client->fd);
    g_byte_array_unref(client->in);
    g_free(client);
}

const char *raw_alpn(RawClient *client)
{
    const unsigned char *name = NULL;
    unsigned size = 0;
    SSL_get0_alpn_selected(client->ssl, &name, &size);
    g_snprintf(client->alpn, sizeof client->alpn, "%.*s", (int)size, (const char *)name);
    return client->alpn;
}

static bool is_waiting(RawClient *client, int result)
{
    int error = SSL_get_error(client->ssl, result);
    return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE;
}

/* A server that has closed already is no failure of the client. */
void raw_send(RawClient *client, const void *bytes, size_t size)
{
    const char *at = bytes;
    int64_t deadline_us = clock_now_us() + PATIENCE_MS * CLOCK_US_PER_MS;
    SSL_set_mode(client->ssl, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    while (size > 0) {
        int sent = SSL_write(client->ssl, at, (int)MIN(size, (size_t)16384));
        if (sent > 0) {
            at += sent;
            size -= (size_t)sent;
        } else if (!is_waiting(client, sent)) {
            return;
        }
        cr_assert_lt(clock_now_us(), deadline_us, "the server does not read");
        run_once();
    }
}

void raw_send_text(RawClient *client, const char *text)
{
    raw_send(client, text, strlen(text));
}

void raw_push(RawClient *client, const void *bytes, size_t size)
{
    SSL_set_mode(client->ssl, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_write(client->ssl, bytes, (int)size);
}

void raw_send_frame(RawClient *client, int opcode, bool is_final, const void *bytes, size_t size)
{
    static const uint8_t mask[4] = {1, 2, 3, 4};
    g_autoptr(GByteArray) frame = g_byte_array_new();
    uint8_t head[10] = {(uint8_t)((is_final ? 0x80 : 0) | opcode), (uint8_t)(0x80 | size)};
    guint head_size = 2;
    if (size >= 126) {
        head[1] = 0x80 | (size < 65536 ? 126 : 127);
        head_size = size < 65536 ? 4 : 10;
        for (guint i = head_size; i > 2; i--) {
            head[i - 1] = (uint8_t)(size >> (8 * (head_size - i)));
        }
    }
    g_byte_array_append(frame, head, head_size);
    g_byte_array_append(frame, mask, sizeof mask);
    for (size_t i = 0; i < size; i++) {
        uint8_t masked = ((const uint8_t *)bytes)[i] ^ mask[i % 4];
        g_byte_array_append(frame, &masked, 1);
    }
    raw_send(client, frame->data, frame->len);
}

static void read_some(RawClient *client)
{
    uint8_t piece[16384];
    int size = SSL_read(client->ssl, piece, sizeof piece);
    if (size > 0) {
        g_byte_array_append(client->in, piece, (guint)size);
    } else {
        client->has_ended = !is_waiting(client, size);
    }
    g_byte_array_append(client->in, (const guint8 *)"", 1);
    g_byte_array_set_size(client->in, client->in->len - 1);
    if (size <= 0) {
        run_once();
    }
}

static bool has_come(const RawClient *client, const char *text)
{
    return client->in->len > 0 &&
           memmem(client->in->data, client->in->len, text, strlen(text)) != NULL;
}

const char *raw_read_until(RawClient *client, const char *text)
{
    int64_t deadline_us = clock_now_us() + PATIENCE_MS * CLOCK_US_PER_MS;
    while (!client->has_ended && !has_come(client, text)) {
        cr_assert_lt(clock_now_us(), deadline_us, "\"%s\" does not come, but: %s", text,
                     raw_text(client));
        read_some(client);
    }
    return raw_text(client);
}

bool raw_read_to_end(RawClient *client, int64_t patience_ms)
{
    int64_t deadline_us = clock_now_us() + patience_ms * CLOCK_US_PER_MS;
    while (!client->has_ended && clock_now_us() < deadline_us) {
        read_some(client);
    }
    return client->has_ended;
}

const char *raw_text(const RawClient *client)
{
    return client->in->data != NULL ? (const char *)client->in->data : "";
}

void raw_forget(RawClient *client)
{
    g_byte_array_set_size(client->in, 0);
}

/* The last frame; the server's frames are not masked, and its reasons are shorter than 126. */
int raw_close_code(const RawClient *client)
{
    for (guint i = client->in->len; i >= 4; i--) {
        const uint8_t *at = client->in->data + i - 4;
        if (at[0] == 0x88 && at[1] >= 2 && at[1] == client->in->len - (i - 4) - 2) {
            return at[2] << 8 | at[3];
        }
    }
    return 0;
}
