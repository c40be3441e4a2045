/* The passive side against a client that is not ours: OpenSSL as browsers use theirs, with a
 * ClientHello of two datagrams, other SRTP profiles, or no certificate. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bridge/rtc/dtls.h"

enum { DATAGRAMS_MAX = 16, PADDING_BYTES = 1100, PADDING_EXTENSION = 65000 };

typedef struct Peer {
    SSL_CTX *context;
    SSL *ssl;
    int ours, theirs; /* two ends of a datagram socket pair */
    char fingerprint[DTLS_FINGERPRINT_CHARS + 1];
} Peer;

typedef struct PeerOptions {
    const char *profiles; /* NULL: no use_srtp */
    bool big_hello;
    bool anonymous;
} PeerOptions;

static int add_padding(SSL *ssl, unsigned type, unsigned context, const unsigned char **out,
                       size_t *size, X509 *x509, size_t chain, int *alert, void *data)
{
    static const unsigned char padding[PADDING_BYTES];
    *out = padding;
    *size = sizeof padding;
    return 1;
}

static void certify(Peer *peer)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = X509_new();
    X509_set_version(certificate, 2);
    X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_set_pubkey(certificate, key);
    X509_sign(certificate, key, EVP_sha256());
    SSL_CTX_use_certificate(peer->context, certificate);
    SSL_CTX_use_PrivateKey(peer->context, key);
    uint8_t digest[32];
    unsigned size;
    X509_digest(certificate, EVP_sha256(), digest, &size);
    for (unsigned i = 0; i < size; i++) {
        g_snprintf(peer->fingerprint + (size_t)3 * i, 4, "%02x%s", digest[i],
                   i + 1 < size ? ":" : "");
    }
    X509_free(certificate);
    EVP_PKEY_free(key);
}

static Peer *peer_new(PeerOptions options)
{
    Peer *peer = g_new0(Peer, 1);
    int pair[2];
    cr_assert_eq(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, pair), 0);
    peer->ours = pair[0];
    peer->theirs = pair[1];
    peer->context = SSL_CTX_new(DTLS_client_method());
    SSL_CTX_set_options(peer->context, SSL_OP_NO_QUERY_MTU);
    certify(peer);
    if (options.anonymous) {
        SSL_CTX_free(peer->context);
        peer->context = SSL_CTX_new(DTLS_client_method());
        SSL_CTX_set_options(peer->context, SSL_OP_NO_QUERY_MTU);
    }
    if (options.profiles != NULL) {
        cr_assert_eq(SSL_CTX_set_tlsext_use_srtp(peer->context, options.profiles), 0);
    }
    if (options.big_hello) {
        cr_assert(SSL_CTX_add_custom_ext(peer->context, PADDING_EXTENSION, SSL_EXT_CLIENT_HELLO,
                                         add_padding, NULL, NULL, NULL, NULL));
    }
    peer->ssl = SSL_new(peer->context);
    SSL_set_mtu(peer->ssl, DTLS_MTU);
    BIO *bio = BIO_new_fd(peer->theirs, BIO_NOCLOSE);
    SSL_set_bio(peer->ssl, bio, bio);
    SSL_set_connect_state(peer->ssl);
    return peer;
}

static void peer_free(Peer *peer)
{
    SSL_free(peer->ssl);
    SSL_CTX_free(peer->context);
    close(peer->ours);
    close(peer->theirs);
    g_free(peer);
}

static void send_to_peer(const uint8_t *bytes, size_t size, void *data)
{
    Peer *peer = data;
    cr_assert_eq(write(peer->ours, bytes, size), (ssize_t)size);
}

typedef struct Flight {
    size_t count;
    struct {
        uint8_t bytes[2048];
        size_t size;
    } datagrams[DATAGRAMS_MAX];
} Flight;

/* What the peer has sent since the last time. */
static Flight take_flight(Peer *peer)
{
    Flight flight = {0};
    ssize_t size;
    while (flight.count < DATAGRAMS_MAX &&
           (size = read(peer->ours, flight.datagrams[flight.count].bytes, 2048)) > 0) {
        flight.datagrams[flight.count++].size = (size_t)size;
    }
    return flight;
}

static void deliver(Dtls *dtls, const Flight *flight, size_t at)
{
    dtls_receive(dtls, flight->datagrams[at].bytes, flight->datagrams[at].size);
}

static void finish(Dtls *dtls, Peer *peer)
{
    for (int round = 0; round < 10; round++) {
        SSL_do_handshake(peer->ssl);
        Flight flight = take_flight(peer);
        for (size_t i = 0; i < flight.count; i++) {
            deliver(dtls, &flight, i);
        }
    }
}

typedef struct Stage {
    DtlsIdentity *identity;
    Dtls *dtls;
    Peer *peer;
} Stage;

static Stage open_stage(PeerOptions options)
{
    Stage stage = {.identity = dtls_identity_new(NULL), .peer = peer_new(options)};
    DtlsOptions ours = {.role = DTLS_PASSIVE,
                        .fingerprint_hash = "SHA-256",
                        .fingerprint = stage.peer->fingerprint,
                        .send = send_to_peer,
                        .data = stage.peer};
    stage.dtls = dtls_new(stage.identity, &ours, NULL);
    cr_assert_not_null(stage.dtls);
    return stage;
}

static void close_stage(Stage stage)
{
    dtls_free(stage.dtls);
    dtls_identity_free(stage.identity);
    peer_free(stage.peer);
}

#define BOTH "SRTP_AES128_CM_SHA1_80:SRTP_AEAD_AES_256_GCM:SRTP_AEAD_AES_128_GCM"

/* The order in which the two datagrams of a ClientHello arrive. */
static void hello_arrives(const size_t *order, size_t count)
{
    Stage stage = open_stage((PeerOptions){.profiles = BOTH, .big_hello = true});
    SSL_do_handshake(stage.peer->ssl);
    Flight hello = take_flight(stage.peer);
    cr_assert_eq(hello.count, 2, "the ClientHello takes two datagrams");
    for (size_t i = 0; i < count; i++) {
        deliver(stage.dtls, &hello, order[i]);
    }
    finish(stage.dtls, stage.peer);
    cr_assert_eq(dtls_state(stage.dtls), DTLS_STATE_CONNECTED, "%s", dtls_failure(stage.dtls));
    close_stage(stage);
}

Test(dtls_peer, takes_a_client_hello_of_two_datagrams)
{
    hello_arrives((const size_t[]){0, 1}, 2);
}

Test(dtls_peer, takes_its_datagrams_in_the_wrong_order)
{
    hello_arrives((const size_t[]){1, 0}, 2);
}

Test(dtls_peer, takes_its_datagrams_doubled)
{
    hello_arrives((const size_t[]){0, 0, 1, 1}, 4);
}

Test(dtls_peer, takes_a_datagram_that_was_lost_and_sent_again)
{
    hello_arrives((const size_t[]){0, 0, 1}, 3);
    hello_arrives((const size_t[]){1, 1, 0, 1}, 4);
}

static void assert_same_keys(const Stage *stage, size_t salt_bytes)
{
    SrtpKeys keys;
    cr_assert(dtls_get_keys(stage->dtls, &keys));
    uint8_t material[60];
    size_t size = 2 * (16 + salt_bytes);
    static const char label[] = "EXTRACTOR-dtls_srtp";
    cr_assert_eq(SSL_export_keying_material(stage->peer->ssl, material, size, label,
                                            sizeof label - 1, NULL, 0, 0),
                 1);
    /* RFC 5764 section 4.2: client key, server key, client salt, server salt. */
    cr_assert_eq(keys.size, 16 + salt_bytes);
    cr_assert_eq(memcmp(keys.remote, material, 16), 0);
    cr_assert_eq(memcmp(keys.local, material + 16, 16), 0);
    cr_assert_eq(memcmp(keys.remote + 16, material + 32, salt_bytes), 0);
    cr_assert_eq(memcmp(keys.local + 16, material + 32 + salt_bytes, salt_bytes), 0);
}

Test(dtls_peer, chooses_gcm_though_the_client_prefers_another)
{
    Stage stage = open_stage((PeerOptions){.profiles = BOTH});
    finish(stage.dtls, stage.peer);
    SrtpKeys keys;
    cr_assert(dtls_get_keys(stage.dtls, &keys));
    cr_assert_eq(keys.profile, SRTP_PROFILE_AEAD_AES_128_GCM);
    assert_same_keys(&stage, 12);
    close_stage(stage);
}

Test(dtls_peer, falls_back_to_cm_with_longer_salts)
{
    Stage stage = open_stage((PeerOptions){.profiles = "SRTP_AES128_CM_SHA1_80"});
    finish(stage.dtls, stage.peer);
    SrtpKeys keys;
    cr_assert(dtls_get_keys(stage.dtls, &keys));
    cr_assert_eq(keys.profile, SRTP_PROFILE_AES128_CM_SHA1_80);
    assert_same_keys(&stage, 14);
    close_stage(stage);
}

static void assert_refused(PeerOptions options)
{
    Stage stage = open_stage(options);
    finish(stage.dtls, stage.peer);
    SrtpKeys keys;
    cr_assert_eq(dtls_state(stage.dtls), DTLS_STATE_FAILED);
    cr_assert_str_not_empty(dtls_failure(stage.dtls));
    cr_assert_not(dtls_get_keys(stage.dtls, &keys));
    close_stage(stage);
}

Test(dtls_peer, refuses_a_client_without_srtp)
{
    assert_refused((PeerOptions){.profiles = NULL});
}

Test(dtls_peer, refuses_a_client_with_no_profile_of_ours)
{
    assert_refused((PeerOptions){.profiles = "SRTP_AEAD_AES_256_GCM"});
}

Test(dtls_peer, refuses_a_client_without_a_certificate)
{
    assert_refused((PeerOptions){.profiles = BOTH, .anonymous = true});
}

Test(dtls_peer, sends_no_session_ticket_and_no_datagram_over_the_mtu)
{
    Stage stage = open_stage((PeerOptions){.profiles = BOTH});
    finish(stage.dtls, stage.peer);
    cr_assert_eq(dtls_state(stage.dtls), DTLS_STATE_CONNECTED);
    cr_assert_not(SSL_SESSION_has_ticket(SSL_get_session(stage.peer->ssl)));
    cr_assert_eq(SSL_version(stage.peer->ssl), DTLS1_2_VERSION);
    close_stage(stage);
}

Test(dtls_peer, does_not_renegotiate)
{
    Stage stage = open_stage((PeerOptions){.profiles = BOTH});
    finish(stage.dtls, stage.peer);
    SrtpKeys before, after;
    cr_assert(dtls_get_keys(stage.dtls, &before));
    SSL_renegotiate(stage.peer->ssl);
    finish(stage.dtls, stage.peer);
    cr_assert_neq(dtls_state(stage.dtls), DTLS_STATE_FAILED);
    if (dtls_get_keys(stage.dtls, &after)) {
        cr_assert_eq(memcmp(before.local, after.local, after.size), 0);
    }
    close_stage(stage);
}
