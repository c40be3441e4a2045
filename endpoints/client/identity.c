#include "endpoints/client/identity.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sodium.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bridge/base/log.h"

#define FILE_HEADER "diemcau-device-key-v1 "
#define FILE_BYTES_MAX 256
#define NONCE_BYTES_MAX 256

struct Identity {
    uint8_t secret[crypto_sign_SECRETKEYBYTES];
    char public_base64[64];
};

static bool refuse(GError **error, IdentityError code, const char *format, ...) G_GNUC_PRINTF(3, 4);

static bool refuse(GError **error, IdentityError code, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_propagate_error(error, g_error_new_valist(IDENTITY_ERROR, code, format, arguments));
    va_end(arguments);
    return false;
}

static Identity *from_seed(const uint8_t seed[crypto_sign_SEEDBYTES])
{
    Identity *identity = g_new0(Identity, 1);
    uint8_t public_key[crypto_sign_PUBLICKEYBYTES];
    crypto_sign_seed_keypair(public_key, identity->secret, seed);
    sodium_bin2base64(identity->public_base64, sizeof identity->public_base64, public_key,
                      sizeof public_key, sodium_base64_VARIANT_ORIGINAL);
    return identity;
}

static bool start_sodium(GError **error)
{
    if (sodium_init() < 0) {
        return refuse(error, IDENTITY_ERROR_FILE, "the system gives no random numbers");
    }
    return true;
}

Identity *identity_new_ephemeral(GError **error)
{
    if (!start_sodium(error)) {
        return NULL;
    }
    uint8_t seed[crypto_sign_SEEDBYTES];
    randombytes_buf(seed, sizeof seed);
    Identity *identity = from_seed(seed);
    sodium_memzero(seed, sizeof seed);
    return identity;
}

Identity *identity_new_from_text(const char *text, GError **error)
{
    if (!start_sodium(error)) {
        return NULL;
    }
    uint8_t seed[crypto_sign_SEEDBYTES];
    crypto_generichash(seed, sizeof seed, (const uint8_t *)text, strlen(text), NULL, 0);
    return from_seed(seed);
}

void identity_free(Identity *identity)
{
    if (identity != NULL) {
        sodium_memzero(identity, sizeof *identity);
        g_free(identity);
    }
}

const char *identity_public_key(const Identity *identity)
{
    return identity->public_base64;
}

char *identity_sign_nonce(const Identity *identity, const uint8_t *nonce, size_t size)
{
    size_t context_size = strlen(IDENTITY_AUTH_CONTEXT);
    uint8_t message[sizeof IDENTITY_AUTH_CONTEXT + NONCE_BYTES_MAX];
    size = MIN(size, NONCE_BYTES_MAX);
    memcpy(message, IDENTITY_AUTH_CONTEXT, context_size);
    memcpy(message + context_size, nonce, size);
    uint8_t signature[crypto_sign_BYTES];
    crypto_sign_detached(signature, NULL, message, context_size + size, identity->secret);
    return g_base64_encode(signature, sizeof signature);
}

static bool make_private(int fd, const char *path, GError **error)
{
    struct stat info;
    if (fstat(fd, &info) != 0) {
        return refuse(error, IDENTITY_ERROR_FILE, "%s: %s", path, g_strerror(errno));
    }
    if (!S_ISREG(info.st_mode)) {
        return refuse(error, IDENTITY_ERROR_FILE, "%s is not a regular file", path);
    }
    if ((info.st_mode & 0077) == 0) {
        return true;
    }
    if (fchmod(fd, 0600) != 0) {
        return refuse(error, IDENTITY_ERROR_FILE,
                      "%s can be read by others (mode %04o): chmod 600 %s as its owner", path,
                      info.st_mode & 07777U, path);
    }
    log_warning("identity.mode", "file=%s was=%04o now=0600", path, info.st_mode & 07777U);
    return true;
}

static Identity *parse(const char *text, const char *path, GError **error)
{
    uint8_t seed[crypto_sign_SEEDBYTES];
    size_t seed_size = 0;
    const char *end = NULL;
    if (!g_str_has_prefix(text, FILE_HEADER) ||
        sodium_base642bin(seed, sizeof seed, text + strlen(FILE_HEADER),
                          strlen(text) - strlen(FILE_HEADER), "\n", &seed_size, &end,
                          sodium_base64_VARIANT_ORIGINAL) != 0 ||
        *end != '\0' || seed_size != sizeof seed) {
        refuse(error, IDENTITY_ERROR_CORRUPT,
               "%s is not a device key: restore it from a copy, or move it away and enrol again",
               path);
        return NULL;
    }
    Identity *identity = from_seed(seed);
    sodium_memzero(seed, sizeof seed);
    return identity;
}

static Identity *read_key(int fd, const char *path, GError **error)
{
    if (!make_private(fd, path, error)) {
        return NULL;
    }
    char text[FILE_BYTES_MAX + 1];
    ssize_t size = read(fd, text, FILE_BYTES_MAX);
    if (size < 0) {
        refuse(error, IDENTITY_ERROR_FILE, "%s: %s", path, g_strerror(errno));
        return NULL;
    }
    text[size] = '\0';
    Identity *identity = parse(text, path, error);
    sodium_memzero(text, sizeof text);
    return identity;
}

static bool write_all(int fd, const char *text)
{
    size_t left = strlen(text);
    while (left > 0) {
        ssize_t written = write(fd, text, left);
        if (written < 0 && errno != EINTR) {
            return false;
        }
        if (written > 0) {
            text += written;
            left -= (size_t)written;
        }
    }
    return fsync(fd) == 0;
}

/* Written beside and renamed, so that a power cut leaves a whole key or none. */
static bool write_key(const char *path, const char *text, GError **error)
{
    g_autofree char *beside = g_strconcat(path, ".new", NULL);
    g_unlink(beside);
    int fd = open(beside, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0600);
    bool written = fd >= 0 && write_all(fd, text);
    if (fd >= 0 && close(fd) != 0) {
        written = false;
    }
    if (!written || g_rename(beside, path) != 0) {
        return refuse(error, IDENTITY_ERROR_FILE, "cannot write %s: %s", path, g_strerror(errno));
    }
    return true;
}

static Identity *make_key(const char *dir, const char *path, GError **error)
{
    if (g_mkdir_with_parents(dir, 0700) != 0) {
        refuse(error, IDENTITY_ERROR_FILE, "cannot make the directory %s: %s", dir,
               g_strerror(errno));
        return NULL;
    }
    uint8_t seed[crypto_sign_SEEDBYTES];
    char base64[64];
    randombytes_buf(seed, sizeof seed);
    sodium_bin2base64(base64, sizeof base64, seed, sizeof seed, sodium_base64_VARIANT_ORIGINAL);
    g_autofree char *text = g_strdup_printf(FILE_HEADER "%s\n", base64);
    Identity *identity = write_key(path, text, error) ? from_seed(seed) : NULL;
    sodium_memzero(seed, sizeof seed);
    sodium_memzero(base64, sizeof base64);
    sodium_memzero(text, strlen(text));
    return identity;
}

Identity *identity_load(const char *dir, GError **error)
{
    if (!start_sodium(error)) {
        return NULL;
    }
    g_autofree char *path = g_build_filename(dir, IDENTITY_FILE_NAME, NULL);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0 && errno == ENOENT) {
        return make_key(dir, path, error);
    }
    if (fd < 0) {
        refuse(error, IDENTITY_ERROR_FILE, "cannot read %s: %s", path, g_strerror(errno));
        return NULL;
    }
    Identity *identity = read_key(fd, path, error);
    close(fd);
    return identity;
}
