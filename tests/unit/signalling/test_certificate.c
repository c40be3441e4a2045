#include <criterion/criterion.h>
#include <glib/gstdio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <sys/stat.h>

#include "signalling/certificate.h"

typedef struct Place {
    char *directory;
    char *certificate;
    char *key;
} Place;

static Place place_new(void)
{
    Place place = {.directory = g_dir_make_tmp("certificate-XXXXXX", NULL)};
    place.certificate = g_build_filename(place.directory, "certificate.pem", NULL);
    place.key = g_build_filename(place.directory, "private_key.pem", NULL);
    return place;
}

static void place_clear(Place *place)
{
    g_unlink(place->certificate);
    g_unlink(place->key);
    g_rmdir(place->directory);
    g_free(place->directory);
    g_free(place->certificate);
    g_free(place->key);
}

Test(certificate, is_made_once_with_a_key_for_its_owner_only)
{
    Place place = place_new();
    Certificate *first = certificate_load("", "", place.directory, NULL);
    Certificate *second = certificate_load("", "", place.directory, NULL);
    struct stat status;
    cr_assert_str_eq(first->fingerprint, second->fingerprint);
    cr_assert_eq(strlen(first->fingerprint), 95);
    cr_assert_eq(stat(place.key, &status), 0);
    cr_assert_eq(status.st_mode & 0777, 0600);
    certificate_free(first);
    certificate_free(second);
    place_clear(&place);
}

Test(certificate, names_this_machine)
{
    Place place = place_new();
    certificate_free(certificate_load("", "", place.directory, NULL));
    FILE *file = fopen(place.certificate, "r");
    X509 *x509 = PEM_read_X509(file, NULL, NULL, NULL);
    fclose(file);
    cr_assert_eq(X509_check_host(x509, "localhost", 0, 0, NULL), 1);
    cr_assert_eq(X509_check_ip_asc(x509, "127.0.0.1", 0), 1);
    cr_assert_eq(X509_check_ip_asc(x509, "::1", 0), 1);
    cr_assert_eq(X509_check_host(x509, "example.org", 0, 0, NULL), 0);
    cr_assert_eq(X509_check_purpose(x509, X509_PURPOSE_SSL_SERVER, 0), 1);
    cr_assert_eq(X509_check_ca(x509), 0);
    cr_assert_eq(EVP_PKEY_get_bits(X509_get0_pubkey(x509)), 256);
    X509_free(x509);
    place_clear(&place);
}

static void assert_refused(const char *certificate, const char *key, const char *words)
{
    g_autoptr(GError) error = NULL;
    cr_assert_null(certificate_load(certificate, key, "/nowhere", &error));
    cr_assert_not_null(strstr(error->message, words), "\"%s\" does not say \"%s\"", error->message,
                       words);
}

Test(certificate, says_what_is_wrong_with_a_given_one)
{
    Place place = place_new();
    Place other = place_new();
    certificate_free(certificate_load("", "", place.directory, NULL));
    certificate_free(certificate_load("", "", other.directory, NULL));
    assert_refused("/nowhere/a.pem", place.key, "/nowhere/a.pem: cannot be read");
    assert_refused(place.key, place.key, "not a PEM certificate");
    assert_refused(place.certificate, "/nowhere/k.pem", "is not the readable private key");
    assert_refused(place.certificate, other.key, "is not the readable private key");
    place_clear(&place);
    place_clear(&other);
}

Test(certificate, says_that_it_cannot_be_written)
{
    g_autoptr(GError) error = NULL;
    cr_assert_null(certificate_load("", "", "/nowhere", &error));
    cr_assert_not_null(strstr(error->message, "/nowhere/"));
}
