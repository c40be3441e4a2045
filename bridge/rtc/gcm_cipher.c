#include "bridge/rtc/gcm_cipher.h"

#include <glib.h>
#include <openssl/evp.h>
#include <string.h>

#include "bridge/base/bytes.h"

enum {
    KEY_BYTES = 16,
    SALT_BYTES = 12,
    BLOCK_BYTES = 16,
    LABEL_AT = 7,
};

/* Of RFC 3711 section 4.3.2. */
typedef struct Labels {
    uint8_t key;
    uint8_t salt;
} Labels;

static const Labels labels[] = {[GCM_FOR_RTP] = {0, 2}, [GCM_FOR_RTCP] = {3, 5}};

struct GcmCipher {
    EVP_CIPHER_CTX *context;
    uint8_t salt[SALT_BYTES];
};

/* RFC 3711 section 4.3.1, with a key derivation rate of 0: the key stream of the master key in
 * counter mode, from the master salt with the label in it. */
static bool derive(const uint8_t *master, uint8_t label, uint8_t *ret_bytes, size_t size)
{
    uint8_t counter[BLOCK_BYTES] = {0};
    memcpy(counter, master + KEY_BYTES, SALT_BYTES);
    counter[LABEL_AT] ^= label;
    memset(ret_bytes, 0, size);
    int length;
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    bool is_fine = context != NULL &&
                   EVP_EncryptInit_ex(context, EVP_aes_128_ctr(), NULL, master, counter) == 1 &&
                   EVP_EncryptUpdate(context, ret_bytes, &length, ret_bytes, (int)size) == 1;
    EVP_CIPHER_CTX_free(context);
    return is_fine;
}

GcmCipher *gcm_cipher_new(const uint8_t master[GCM_MASTER_BYTES], GcmUse use)
{
    GcmCipher *cipher = g_new0(GcmCipher, 1);
    uint8_t key[KEY_BYTES];
    cipher->context = EVP_CIPHER_CTX_new();
    bool is_fine = cipher->context != NULL && derive(master, labels[use].key, key, sizeof key) &&
                   derive(master, labels[use].salt, cipher->salt, sizeof cipher->salt) &&
                   EVP_CipherInit_ex(cipher->context, EVP_aes_128_gcm(), NULL, key, NULL, 1) == 1;
    explicit_bzero(key, sizeof key);
    if (!is_fine) {
        gcm_cipher_free(cipher);
        return NULL;
    }
    return cipher;
}

void gcm_cipher_free(GcmCipher *cipher)
{
    if (cipher != NULL) {
        EVP_CIPHER_CTX_free(cipher->context);
        explicit_bzero(cipher->salt, sizeof cipher->salt);
        g_free(cipher);
    }
}

/* RFC 7714 sections 8.1 and 9.1, which come to the same. */
static void make_iv(const GcmCipher *cipher, const GcmPacket *packet, uint8_t iv[SALT_BYTES])
{
    ByteWriter writer = byte_writer(iv, SALT_BYTES);
    write_u16(&writer, 0);
    write_u32(&writer, packet->ssrc);
    write_u16(&writer, (uint16_t)(packet->index >> 32));
    write_u32(&writer, (uint32_t)packet->index);
    for (size_t i = 0; i < SALT_BYTES; i++) {
        iv[i] ^= cipher->salt[i];
    }
}

/* Everything but the tag. */
static bool transform(GcmCipher *cipher, const GcmPacket *packet, bool seals)
{
    uint8_t iv[SALT_BYTES];
    make_iv(cipher, packet, iv);
    EVP_CIPHER_CTX *context = cipher->context;
    int length;
    return EVP_CipherInit_ex(context, NULL, NULL, NULL, iv, seals) == 1 &&
           EVP_CipherUpdate(context, NULL, &length, packet->header, (int)packet->header_size) ==
               1 &&
           (packet->trailer_size == 0 || EVP_CipherUpdate(context, NULL, &length, packet->trailer,
                                                          (int)packet->trailer_size) == 1) &&
           (packet->body_size == 0 || EVP_CipherUpdate(context, packet->body, &length, packet->body,
                                                       (int)packet->body_size) == 1);
}

bool gcm_cipher_seal(GcmCipher *cipher, const GcmPacket *packet)
{
    int length;
    return transform(cipher, packet, true) &&
           EVP_CipherFinal_ex(cipher->context, packet->tag, &length) == 1 &&
           EVP_CIPHER_CTX_ctrl(cipher->context, EVP_CTRL_AEAD_GET_TAG, GCM_TAG_BYTES,
                               packet->tag) == 1;
}

bool gcm_cipher_open(GcmCipher *cipher, const GcmPacket *packet)
{
    uint8_t rest[BLOCK_BYTES];
    int length;
    return transform(cipher, packet, false) &&
           EVP_CIPHER_CTX_ctrl(cipher->context, EVP_CTRL_AEAD_SET_TAG, GCM_TAG_BYTES,
                               packet->tag) == 1 &&
           EVP_CipherFinal_ex(cipher->context, rest, &length) == 1;
}
