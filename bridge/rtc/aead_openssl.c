#include <glib.h>
#include <openssl/evp.h>

#include "bridge/rtc/aead.h"

struct Aead {
    EVP_CIPHER_CTX *context;
};

Aead *aead_new(const uint8_t key[AEAD_KEY_BYTES])
{
    Aead *aead = g_new0(Aead, 1);
    aead->context = EVP_CIPHER_CTX_new();
    if (aead->context == NULL ||
        EVP_CipherInit_ex(aead->context, EVP_aes_128_gcm(), NULL, key, NULL, 1) != 1) {
        aead_free(aead);
        return NULL;
    }
    return aead;
}

void aead_free(Aead *aead)
{
    if (aead != NULL) {
        EVP_CIPHER_CTX_free(aead->context);
        g_free(aead);
    }
}

/* Everything but the tag. */
static bool transform(EVP_CIPHER_CTX *context, const uint8_t *iv, const AeadText *text, bool seals)
{
    int length;
    return EVP_CipherInit_ex(context, NULL, NULL, NULL, iv, seals) == 1 &&
           EVP_CipherUpdate(context, NULL, &length, text->clear, (int)text->clear_size) == 1 &&
           (text->body_size == 0 ||
            EVP_CipherUpdate(context, text->body, &length, text->body, (int)text->body_size) == 1);
}

bool aead_seal(Aead *aead, const uint8_t iv[AEAD_IV_BYTES], const AeadText *text)
{
    int length;
    return transform(aead->context, iv, text, true) &&
           EVP_CipherFinal_ex(aead->context, text->tag, &length) == 1 &&
           EVP_CIPHER_CTX_ctrl(aead->context, EVP_CTRL_AEAD_GET_TAG, AEAD_TAG_BYTES, text->tag) ==
               1;
}

bool aead_open(Aead *aead, const uint8_t iv[AEAD_IV_BYTES], const AeadText *text)
{
    uint8_t rest[AEAD_TAG_BYTES];
    int length;
    return transform(aead->context, iv, text, false) &&
           EVP_CIPHER_CTX_ctrl(aead->context, EVP_CTRL_AEAD_SET_TAG, AEAD_TAG_BYTES, text->tag) ==
               1 &&
           EVP_CipherFinal_ex(aead->context, rest, &length) == 1;
}
