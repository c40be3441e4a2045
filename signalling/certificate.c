#include "signalling/certificate.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "signalling/addresses.h"

#define VALID_DAYS 3650
#define SERIAL_BYTES 16
#define DAY_S (24L * 3600)

G_DEFINE_AUTOPTR_CLEANUP_FUNC(X509, X509_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(EVP_PKEY, EVP_PKEY_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(BIO, BIO_free_all)

/* ---- making one ---- */

static void append_name(GString *names, const char *name)
{
    struct in_addr address;
    bool is_address = inet_pton(AF_INET, name, &address) == 1 || strchr(name, ':') != NULL;
    g_string_append_printf(names, "%s%s:%s", names->len > 0 ? "," : "", is_address ? "IP" : "DNS",
                           name);
}

static char *alternative_names(void)
{
    GString *names = g_string_new(NULL);
    append_name(names, "localhost");
    append_name(names, g_get_host_name());
    append_name(names, "127.0.0.1");
    append_name(names, "::1");
    g_auto(GStrv) addresses = addresses_local();
    for (char **address = addresses; *address != NULL; address++) {
        append_name(names, *address);
    }
    return g_string_free(names, FALSE);
}

static bool add_extension(X509 *certificate, int id, const char *value)
{
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, certificate, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, id, value);
    if (extension == NULL) {
        return false;
    }
    bool is_added = X509_add_ext(certificate, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return is_added;
}

static bool set_serial(X509 *certificate)
{
    uint8_t bytes[SERIAL_BYTES];
    if (RAND_bytes(bytes, sizeof bytes) != 1) {
        return false;
    }
    bytes[0] &= 0x7f;
    BIGNUM *number = BN_bin2bn(bytes, sizeof bytes, NULL);
    bool is_set = BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != NULL;
    BN_free(number);
    return is_set;
}

static X509 *make(EVP_PKEY *key)
{
    g_autoptr(X509) certificate = X509_new();
    g_autofree char *names = alternative_names();
    X509_NAME *subject = X509_get_subject_name(certificate);
    bool is_made = X509_set_version(certificate, X509_VERSION_3) == 1 && set_serial(certificate) &&
                   /* Clocks of boxes that were switched off are late. */
                   X509_gmtime_adj(X509_getm_notBefore(certificate), -DAY_S) != NULL &&
                   X509_gmtime_adj(X509_getm_notAfter(certificate), VALID_DAYS * DAY_S) != NULL &&
                   X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                                              (const unsigned char *)"diemcau", -1, -1, 0) == 1 &&
                   X509_set_issuer_name(certificate, subject) == 1 &&
                   X509_set_pubkey(certificate, key) == 1 &&
                   add_extension(certificate, NID_subject_alt_name, names) &&
                   add_extension(certificate, NID_basic_constraints, "critical,CA:FALSE") &&
                   add_extension(certificate, NID_key_usage, "critical,digitalSignature") &&
                   add_extension(certificate, NID_ext_key_usage, "serverAuth") &&
                   X509_sign(certificate, key, EVP_sha256()) > 0;
    return is_made ? g_steal_pointer(&certificate) : NULL;
}

static bool write_file(const char *path, BIO *text, int mode, GError **error)
{
    char *bytes = NULL;
    long size = BIO_get_mem_data(text, &bytes);
    GFileSetContentsFlags flags = G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE;
    return g_file_set_contents_full(path, bytes, size, flags, mode, error);
}

static bool make_files(const Certificate *files, GError **error)
{
    g_autoptr(EVP_PKEY) key = EVP_EC_gen("P-256");
    g_autoptr(X509) certificate = key != NULL ? make(key) : NULL;
    g_autoptr(BIO) key_text = BIO_new(BIO_s_mem());
    g_autoptr(BIO) certificate_text = BIO_new(BIO_s_mem());
    if (certificate == NULL ||
        PEM_write_bio_PrivateKey(key_text, key, NULL, NULL, 0, NULL, NULL) != 1 ||
        PEM_write_bio_X509(certificate_text, certificate) != 1) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "no certificate could be made");
        return false;
    }
    return write_file(files->private_key_file, key_text, 0600, error) &&
           write_file(files->certificate_file, certificate_text, 0644, error);
}

/* ---- reading one ---- */

static char *fingerprint_of(const X509 *certificate)
{
    unsigned char hash[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    X509_digest(certificate, EVP_sha256(), hash, &size);
    GString *text = g_string_new(NULL);
    for (unsigned i = 0; i < size; i++) {
        g_string_append_printf(text, "%s%02X", i > 0 ? ":" : "", hash[i]);
    }
    return g_string_free(text, FALSE);
}

static int64_t expiry_ms(const X509 *certificate)
{
    int days = 0;
    int seconds = 0;
    ASN1_TIME_diff(&days, &seconds, NULL, X509_get0_notAfter(certificate));
    return g_get_real_time() / 1000 + ((int64_t)days * DAY_S + seconds) * 1000;
}

Certificate *certificate_read(const char *certificate_file, GError **error)
{
    g_autoptr(BIO) file = BIO_new_file(certificate_file, "r");
    g_autoptr(X509) x509 = file != NULL ? PEM_read_bio_X509(file, NULL, NULL, NULL) : NULL;
    if (x509 == NULL) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                    "%s: %s; set server.certificate_file to a PEM certificate", certificate_file,
                    file == NULL ? "cannot be read" : "not a PEM certificate");
        return NULL;
    }
    Certificate *certificate = g_new0(Certificate, 1);
    certificate->certificate_file = g_strdup(certificate_file);
    certificate->fingerprint = fingerprint_of(x509);
    certificate->expires_ms = expiry_ms(x509);
    return certificate;
}

static bool check_pair(const Certificate *certificate, GError **error)
{
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    bool is_pair =
        SSL_CTX_use_certificate_chain_file(context, certificate->certificate_file) == 1 &&
        SSL_CTX_use_PrivateKey_file(context, certificate->private_key_file, SSL_FILETYPE_PEM) ==
            1 &&
        SSL_CTX_check_private_key(context) == 1;
    SSL_CTX_free(context);
    if (!is_pair) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                    "%s is not the readable private key of %s; check server.private_key_file",
                    certificate->private_key_file, certificate->certificate_file);
    }
    return is_pair;
}

static bool read_into(Certificate *certificate, GError **error)
{
    Certificate *read = certificate_read(certificate->certificate_file, error);
    if (read == NULL) {
        return false;
    }
    certificate->fingerprint = g_steal_pointer(&read->fingerprint);
    certificate->expires_ms = read->expires_ms;
    certificate_free(read);
    return check_pair(certificate, error);
}

Certificate *certificate_load(const char *certificate_file, const char *private_key_file,
                              const char *data_dir, GError **error)
{
    bool is_own = certificate_file[0] == '\0';
    Certificate *certificate = g_new0(Certificate, 1);
    certificate->certificate_file =
        is_own ? g_build_filename(data_dir, "certificate.pem", NULL) : g_strdup(certificate_file);
    certificate->private_key_file =
        is_own ? g_build_filename(data_dir, "private_key.pem", NULL) : g_strdup(private_key_file);
    bool is_first = is_own && access(certificate->certificate_file, F_OK) != 0;
    if ((is_first && !make_files(certificate, error)) || !read_into(certificate, error)) {
        certificate_free(certificate);
        return NULL;
    }
    return certificate;
}

void certificate_free(Certificate *certificate)
{
    if (certificate == NULL) {
        return;
    }
    g_free(certificate->certificate_file);
    g_free(certificate->private_key_file);
    g_free(certificate->fingerprint);
    g_free(certificate);
}
