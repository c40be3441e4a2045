#include "endpoints/client/pin.h"

#include <glib.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <string.h>

bool pin_parse(const char *text, char ret_hex[PIN_HEX_CHARS + 1])
{
    if (g_ascii_strncasecmp(text, "sha256:", 7) == 0) {
        text += 7;
    }
    size_t count = 0;
    for (; *text != '\0'; text++) {
        if (*text == ':' && count % 2 == 0 && count > 0 && count < PIN_HEX_CHARS) {
            continue;
        }
        if (!g_ascii_isxdigit(*text) || count == PIN_HEX_CHARS) {
            return false;
        }
        ret_hex[count++] = g_ascii_tolower(*text);
    }
    ret_hex[count] = '\0';
    return count == PIN_HEX_CHARS;
}

bool pin_matches(void *ssl, const char *hex)
{
    X509 *certificate = ssl == NULL ? NULL : SSL_get1_peer_certificate(ssl);
    if (certificate == NULL) {
        return false;
    }
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    int made = X509_digest(certificate, EVP_sha256(), digest, &size);
    X509_free(certificate);
    if (made != 1 || size * 2 != PIN_HEX_CHARS) {
        return false;
    }
    char shown[PIN_HEX_CHARS + 1];
    for (unsigned i = 0; i < size; i++) {
        g_snprintf(shown + (size_t)i * 2, 3, "%02x", digest[i]);
    }
    return strcmp(shown, hex) == 0;
}
