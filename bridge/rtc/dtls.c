#include "bridge/rtc/dtls.h"

#include <gio/gio.h>
#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/srtp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <string.h>
#include <sys/time.h>

#include "bridge/base/clock.h"
#include "bridge/base/limits.h"
#include "bridge/rtc/dtls_identity.h"

enum {
    RECORD_BYTES_MIN = 13,
    TIMEOUT_FIRST_US = 100 * 1000,
    TIMEOUT_MAX_US = 1600 * 1000,
    GIVE_UP_US = 15 * 1000 * 1000,
    MASTER_KEY_BYTES = 16,
    SALT_BYTES_CM = 14,
    SALT_BYTES_GCM = 12,
    EXPORT_BYTES_MAX = 2 * (MASTER_KEY_BYTES + SALT_BYTES_CM),
};

/* RFC 5764 section 4.1.2 and RFC 7714 section 12: what the exporter yields for both sides. */
G_STATIC_ASSERT(2 * (MASTER_KEY_BYTES + SALT_BYTES_CM) == 60);
G_STATIC_ASSERT(2 * (MASTER_KEY_BYTES + SALT_BYTES_GCM) == 56);
G_STATIC_ASSERT(MASTER_KEY_BYTES + SALT_BYTES_CM <= SRTP_KEY_BYTES_MAX);
G_STATIC_ASSERT((int)SRTP_PROFILE_AES128_CM_SHA1_80 == SRTP_AES128_CM_SHA1_80);
G_STATIC_ASSERT((int)SRTP_PROFILE_AEAD_AES_128_GCM == SRTP_AEAD_AES_128_GCM);

struct Dtls {
    SSL *ssl;
    BIO *input; /* owned by ssl */
    BIO_METHOD *output_method;
    DtlsRole role;
    DtlsState state;
    int64_t began_us; /* -1 until the handshake begins */
    const EVP_MD *hash;
    uint8_t digest[EVP_MAX_MD_SIZE]; /* that the peer's certificate must have */
    void (*send)(const uint8_t *bytes, size_t size, void *data);
    void *data;
    char failure[160];
};

bool dtls_is_record(const uint8_t *bytes, size_t size)
{
    return size >= RECORD_BYTES_MIN && bytes[0] >= 20 && bytes[0] <= 63;
}

/* The write side is no memory BIO: that would join datagrams. One write is one datagram. */
static int output_write(BIO *output, const char *bytes, int size)
{
    Dtls *dtls = BIO_get_data(output);
    if (size > 0 && size <= DTLS_MTU) {
        dtls->send((const uint8_t *)bytes, (size_t)size, dtls->data);
    }
    return size;
}

static long output_control(BIO *output, int command, long number, void *pointer)
{
    switch (command) {
    case BIO_CTRL_FLUSH:
        return 1;
    case BIO_CTRL_DGRAM_QUERY_MTU:
        return DTLS_MTU;
    default:
        return 0;
    }
}

static int output_create(BIO *output)
{
    BIO_set_init(output, 1);
    return 1;
}

static BIO_METHOD *make_output_method(void)
{
    BIO_METHOD *method = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "datagrams");
    if (method != NULL) {
        BIO_meth_set_write(method, output_write);
        BIO_meth_set_ctrl(method, output_control);
        BIO_meth_set_create(method, output_create);
    }
    return method;
}

static unsigned next_timeout_us(SSL *ssl, unsigned previous_us)
{
    return previous_us == 0 ? TIMEOUT_FIRST_US : MIN(2 * previous_us, (unsigned)TIMEOUT_MAX_US);
}

static const EVP_MD *find_hash(const char *name)
{
    static const struct {
        const char *name;
        const EVP_MD *(*get)(void);
    } hashes[] = {{"sha-256", EVP_sha256}, {"sha-384", EVP_sha384}, {"sha-512", EVP_sha512}};
    for (size_t i = 0; i < G_N_ELEMENTS(hashes); i++) {
        if (g_ascii_strcasecmp(name, hashes[i].name) == 0) {
            return hashes[i].get();
        }
    }
    return NULL;
}

/* Exactly `size` hex bytes, joined by colons. */
static bool read_fingerprint(const char *text, size_t size, uint8_t *ret_digest)
{
    for (size_t i = 0; i < size; i++, text += 3) {
        int high = g_ascii_xdigit_value(text[0]);
        int low = high < 0 ? -1 : g_ascii_xdigit_value(text[1]);
        if (low < 0 || text[2] != (i + 1 < size ? ':' : '\0')) {
            return false;
        }
        ret_digest[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

static bool expect_certificate(Dtls *dtls, const DtlsOptions *options, GError **error)
{
    dtls->hash = find_hash(options->fingerprint_hash);
    if (dtls->hash == NULL) {
        g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                            "the fingerprint's hash is none of sha-256, sha-384, sha-512");
        return false;
    }
    if (!read_fingerprint(options->fingerprint, (size_t)EVP_MD_get_size(dtls->hash),
                          dtls->digest)) {
        g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                            "the fingerprint is not hex of its hash's length");
        return false;
    }
    return true;
}

static bool open_ssl(Dtls *dtls, DtlsIdentity *identity)
{
    dtls->output_method = make_output_method();
    dtls->ssl = SSL_new(dtls_identity_context(identity));
    dtls->input = BIO_new(BIO_s_mem());
    BIO *output = dtls->output_method == NULL ? NULL : BIO_new(dtls->output_method);
    if (dtls->ssl == NULL || dtls->input == NULL || output == NULL) {
        BIO_free(dtls->input);
        BIO_free(output);
        return false;
    }
    BIO_set_mem_eof_return(dtls->input, -1);
    BIO_set_data(output, dtls);
    SSL_set_bio(dtls->ssl, dtls->input, output);
    SSL_set_mtu(dtls->ssl, DTLS_MTU);
    DTLS_set_timer_cb(dtls->ssl, next_timeout_us);
    if (dtls->role == DTLS_PASSIVE) {
        SSL_set_accept_state(dtls->ssl);
    } else {
        SSL_set_connect_state(dtls->ssl);
    }
    return true;
}

Dtls *dtls_new(DtlsIdentity *identity, const DtlsOptions *options, GError **error)
{
    Dtls *dtls = g_new0(Dtls, 1);
    dtls->role = options->role;
    dtls->send = options->send;
    dtls->data = options->data;
    dtls->began_us = -1;
    if (!expect_certificate(dtls, options, error)) {
        dtls_free(dtls);
        return NULL;
    }
    ERR_clear_error();
    if (!open_ssl(dtls, identity)) {
        g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_FAILED, "OpenSSL opens no association");
        dtls_free(dtls);
        return NULL;
    }
    return dtls;
}

void dtls_free(Dtls *dtls)
{
    if (dtls == NULL) {
        return;
    }
    SSL_free(dtls->ssl);
    BIO_meth_free(dtls->output_method);
    g_free(dtls);
}

static void fail(Dtls *dtls, const char *reason)
{
    dtls->state = DTLS_STATE_FAILED;
    g_strlcpy(dtls->failure, reason, sizeof dtls->failure);
}

/* The library's reasons are fixed texts: nothing of the peer's is among them. */
static void fail_by_library(Dtls *dtls)
{
    const char *reason = ERR_reason_error_string(ERR_peek_error());
    dtls->state = DTLS_STATE_FAILED;
    g_snprintf(dtls->failure, sizeof dtls->failure, "handshake refused: %s",
               reason == NULL ? "no reason given" : reason);
}

static bool has_expected_certificate(const Dtls *dtls)
{
    X509 *certificate = SSL_get0_peer_certificate(dtls->ssl);
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    return certificate != NULL && X509_digest(certificate, dtls->hash, digest, &size) == 1 &&
           CRYPTO_memcmp(digest, dtls->digest, size) == 0;
}

/* The handshake is done: nothing is believed before this has looked. */
static void judge_peer(Dtls *dtls)
{
    if (!has_expected_certificate(dtls)) {
        SSL_shutdown(dtls->ssl);
        fail(dtls, "the certificate does not match the fingerprint");
    } else if (SSL_get_selected_srtp_profile(dtls->ssl) == NULL) {
        SSL_shutdown(dtls->ssl);
        fail(dtls, "no SRTP profile in common");
    } else {
        dtls->state = DTLS_STATE_CONNECTED;
    }
}

static void shake_hands(Dtls *dtls)
{
    int result = SSL_do_handshake(dtls->ssl);
    if (result == 1) {
        judge_peer(dtls);
        return;
    }
    int cause = SSL_get_error(dtls->ssl, result);
    if (cause != SSL_ERROR_WANT_READ && cause != SSL_ERROR_WANT_WRITE) {
        fail_by_library(dtls);
    }
}

/* After the handshake: answers retransmissions, sees close_notify, throws application data away.
 * An error changes nothing, because the media keys are independent of what happens here. */
static void read_records(Dtls *dtls)
{
    uint8_t ignored[LIMIT_DATAGRAM_BYTES];
    while (SSL_read(dtls->ssl, ignored, sizeof ignored) > 0) {
    }
    if ((SSL_get_shutdown(dtls->ssl) & SSL_RECEIVED_SHUTDOWN) != 0) {
        dtls->state = DTLS_STATE_CLOSED;
    }
}

static void begin(Dtls *dtls)
{
    if (dtls->began_us < 0) {
        dtls->began_us = clock_now_us();
    }
}

void dtls_start(Dtls *dtls)
{
    if (dtls->role == DTLS_ACTIVE && dtls->state == DTLS_STATE_HANDSHAKING) {
        begin(dtls);
        ERR_clear_error();
        shake_hands(dtls);
    }
}

DtlsState dtls_receive(Dtls *dtls, const uint8_t *bytes, size_t size)
{
    bool over = dtls->state == DTLS_STATE_FAILED || dtls->state == DTLS_STATE_CLOSED;
    if (over || !dtls_is_record(bytes, size) || size > LIMIT_DATAGRAM_BYTES) {
        return dtls->state;
    }
    begin(dtls);
    ERR_clear_error();
    BIO_write(dtls->input, bytes, (int)size);
    if (dtls->state == DTLS_STATE_HANDSHAKING) {
        shake_hands(dtls);
    }
    if (dtls->state == DTLS_STATE_CONNECTED) {
        read_records(dtls);
    }
    /* A datagram is read whole or not at all: what is left is never joined to the next. */
    BIO_reset(dtls->input);
    return dtls->state;
}

DtlsState dtls_state(const Dtls *dtls)
{
    return dtls->state;
}

const char *dtls_failure(const Dtls *dtls)
{
    return dtls->failure;
}

int64_t dtls_deadline_us(const Dtls *dtls)
{
    if (dtls->state != DTLS_STATE_HANDSHAKING || dtls->began_us < 0) {
        return -1;
    }
    int64_t give_up_us = dtls->began_us + GIVE_UP_US;
    struct timeval left;
    if (DTLSv1_get_timeout(dtls->ssl, &left) != 1) {
        return give_up_us;
    }
    /* OpenSSL keeps this timer on the wall clock: a step of it must not make us sleep. */
    int64_t left_us = left.tv_sec * CLOCK_US_PER_S + left.tv_usec;
    return MIN(clock_now_us() + CLAMP(left_us, 0, TIMEOUT_MAX_US), give_up_us);
}

DtlsState dtls_on_timer(Dtls *dtls)
{
    if (dtls->state != DTLS_STATE_HANDSHAKING || dtls->began_us < 0) {
        return dtls->state;
    }
    if (clock_now_us() - dtls->began_us >= GIVE_UP_US) {
        fail(dtls, "given up after 15 s");
        return dtls->state;
    }
    ERR_clear_error();
    if (DTLSv1_handle_timeout(dtls->ssl) < 0) {
        fail_by_library(dtls);
    }
    return dtls->state;
}

static void split_keys(const uint8_t *material, size_t salt_bytes, SrtpKeys *client_first)
{
    const uint8_t *salts = material + (size_t)2 * MASTER_KEY_BYTES;
    memcpy(client_first->local, material, MASTER_KEY_BYTES);
    memcpy(client_first->local + MASTER_KEY_BYTES, salts, salt_bytes);
    memcpy(client_first->remote, material + MASTER_KEY_BYTES, MASTER_KEY_BYTES);
    memcpy(client_first->remote + MASTER_KEY_BYTES, salts + salt_bytes, salt_bytes);
}

static void swap_directions(SrtpKeys *keys)
{
    uint8_t client[SRTP_KEY_BYTES_MAX];
    memcpy(client, keys->local, sizeof client);
    memcpy(keys->local, keys->remote, sizeof client);
    memcpy(keys->remote, client, sizeof client);
    OPENSSL_cleanse(client, sizeof client);
}

bool dtls_get_keys(const Dtls *dtls, SrtpKeys *ret_keys)
{
    static const char label[] = "EXTRACTOR-dtls_srtp";
    if (dtls->state != DTLS_STATE_CONNECTED) {
        return false;
    }
    SrtpProfile profile = (SrtpProfile)SSL_get_selected_srtp_profile(dtls->ssl)->id;
    size_t salt_bytes = profile == SRTP_PROFILE_AEAD_AES_128_GCM ? SALT_BYTES_GCM : SALT_BYTES_CM;
    uint8_t material[EXPORT_BYTES_MAX];
    ERR_clear_error();
    if (SSL_export_keying_material(dtls->ssl, material, 2 * (MASTER_KEY_BYTES + salt_bytes), label,
                                   sizeof label - 1, NULL, 0, 0) != 1) {
        return false;
    }
    *ret_keys = (SrtpKeys){.profile = profile, .size = MASTER_KEY_BYTES + salt_bytes};
    split_keys(material, salt_bytes, ret_keys);
    if (dtls->role == DTLS_PASSIVE) {
        swap_directions(ret_keys);
    }
    OPENSSL_cleanse(material, sizeof material);
    return true;
}

void dtls_close(Dtls *dtls)
{
    if (dtls->state == DTLS_STATE_CONNECTED) {
        ERR_clear_error();
        SSL_shutdown(dtls->ssl);
        dtls->state = DTLS_STATE_CLOSED;
    }
}
