#include "bridge/rtc/dtls_identity.h"

#include <gio/gio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

/* GCM first: the passive side's order decides, and it costs a fifth of CM with SHA-1. */
#define SRTP_PROFILES "SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80"
#define CIPHERS "ECDHE+AESGCM:ECDHE+CHACHA20"

enum {
    CERTIFICATE_BACKDATED_S = 24 * 3600, /* for peers whose clock is behind */
    CERTIFICATE_VALID_S = 5 * 365 * 24 * 3600,
};

struct DtlsIdentity {
    SSL_CTX *context;
    char fingerprint[DTLS_FINGERPRINT_CHARS + 1];
};

static int accept_any_certificate(int verified, X509_STORE_CTX *store)
{
    /* Certificates are self-signed: the fingerprint decides, when the handshake is over. */
    return 1;
}

static bool name_certificate(X509 *certificate)
{
    X509_NAME *name = X509_get_subject_name(certificate);
    return X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const uint8_t *)"diemcau", -1, -1,
                                      0) == 1 &&
           X509_set_issuer_name(certificate, name) == 1;
}

static bool fill_certificate(X509 *certificate, EVP_PKEY *key)
{
    uint32_t serial;
    return RAND_bytes((uint8_t *)&serial, sizeof serial) == 1 &&
           X509_set_version(certificate, 2) == 1 &&
           ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial) == 1 &&
           X509_gmtime_adj(X509_getm_notBefore(certificate), -CERTIFICATE_BACKDATED_S) != NULL &&
           X509_gmtime_adj(X509_getm_notAfter(certificate), CERTIFICATE_VALID_S) != NULL &&
           X509_set_pubkey(certificate, key) == 1 && name_certificate(certificate) &&
           X509_sign(certificate, key, EVP_sha256()) > 0;
}

static bool write_fingerprint(const X509 *certificate, char ret_text[DTLS_FINGERPRINT_CHARS + 1])
{
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    if (X509_digest(certificate, EVP_sha256(), digest, &size) != 1) {
        return false;
    }
    for (unsigned i = 0; i < size; i++) {
        g_snprintf(ret_text + (size_t)3 * i, 4, i + 1 < size ? "%02X:" : "%02X", digest[i]);
    }
    return true;
}

static bool equip_context(SSL_CTX *context)
{
    SSL_CTX_set_options(context, SSL_OP_NO_QUERY_MTU | SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
                       accept_any_certificate);
    return SSL_CTX_set_min_proto_version(context, DTLS1_2_VERSION) == 1 &&
           SSL_CTX_set_max_proto_version(context, DTLS1_2_VERSION) == 1 &&
           SSL_CTX_set_cipher_list(context, CIPHERS) == 1 &&
           SSL_CTX_set_tlsext_use_srtp(context, SRTP_PROFILES) == 0;
}

static bool equip(DtlsIdentity *identity, X509 *certificate, EVP_PKEY *key)
{
    return certificate != NULL && key != NULL && fill_certificate(certificate, key) &&
           equip_context(identity->context) &&
           SSL_CTX_use_certificate(identity->context, certificate) == 1 &&
           SSL_CTX_use_PrivateKey(identity->context, key) == 1 &&
           write_fingerprint(certificate, identity->fingerprint);
}

DtlsIdentity *dtls_identity_new(GError **error)
{
    ERR_clear_error();
    DtlsIdentity *identity = g_new0(DtlsIdentity, 1);
    identity->context = SSL_CTX_new(DTLS_method());
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = X509_new();
    bool made = identity->context != NULL && equip(identity, certificate, key);
    X509_free(certificate);
    EVP_PKEY_free(key);
    if (made) {
        return identity;
    }
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());
    g_set_error(error, G_IO_ERROR, G_IO_ERROR_FAILED, "no DTLS identity: %s",
                reason == NULL ? "unknown" : reason);
    dtls_identity_free(identity);
    return NULL;
}

void dtls_identity_free(DtlsIdentity *identity)
{
    if (identity == NULL) {
        return;
    }
    SSL_CTX_free(identity->context);
    g_free(identity);
}

const char *dtls_identity_fingerprint(const DtlsIdentity *identity)
{
    return identity->fingerprint;
}

struct ssl_ctx_st *dtls_identity_context(DtlsIdentity *identity)
{
    return identity->context;
}
