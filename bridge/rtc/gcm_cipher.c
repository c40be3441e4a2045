#include "bridge/rtc/gcm_cipher.h"

#include <openssl/evp.h>
#include <string.h>

#include "bridge/base/bytes.h"

enum {
    BLOCK_BYTES = 16,
    LABEL_AT = 7,
};

/* Of RFC 3711 section 4.3.2. */
typedef struct Labels {
    uint8_t key;
    uint8_t salt;
} Labels;

static const Labels labels[] = {[GCM_FOR_RTP] = {0, 2}, [GCM_FOR_RTCP] = {3, 5}};

/* RFC 3711 section 4.3.1, with a key derivation rate of 0: the key stream of the master key in
 * counter mode, from the master salt with the label in it. */
static bool derive(const uint8_t *master, uint8_t label, uint8_t *ret_bytes, size_t size)
{
    uint8_t counter[BLOCK_BYTES] = {0};
    memcpy(counter, master + AEAD_KEY_BYTES, AEAD_IV_BYTES);
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

bool gcm_cipher_init(GcmCipher *cipher, const uint8_t master[GCM_MASTER_BYTES], GcmUse use)
{
    uint8_t key[AEAD_KEY_BYTES];
    *cipher = (GcmCipher){0};
    if (derive(master, labels[use].key, key, sizeof key) &&
        derive(master, labels[use].salt, cipher->salt, sizeof cipher->salt)) {
        cipher->aead = aead_new(key);
    }
    explicit_bzero(key, sizeof key);
    return cipher->aead != NULL;
}

void gcm_cipher_clear(GcmCipher *cipher)
{
    aead_free(cipher->aead);
    explicit_bzero(cipher, sizeof *cipher);
}

/* RFC 7714 sections 8.1 and 9.1, which come to the same. */
static void make_iv(const GcmCipher *cipher, const GcmPacket *packet, uint8_t iv[AEAD_IV_BYTES])
{
    ByteWriter writer = byte_writer(iv, AEAD_IV_BYTES);
    write_u16(&writer, 0);
    write_u32(&writer, packet->ssrc);
    write_u16(&writer, (uint16_t)(packet->index >> 32));
    write_u32(&writer, (uint32_t)packet->index);
    for (size_t i = 0; i < AEAD_IV_BYTES; i++) {
        iv[i] ^= cipher->salt[i];
    }
}

bool gcm_cipher_seal(const GcmCipher *cipher, const GcmPacket *packet)
{
    uint8_t iv[AEAD_IV_BYTES];
    make_iv(cipher, packet, iv);
    return aead_seal(cipher->aead, iv, &packet->text);
}

bool gcm_cipher_open(const GcmCipher *cipher, const GcmPacket *packet)
{
    uint8_t iv[AEAD_IV_BYTES];
    make_iv(cipher, packet, iv);
    return aead_open(cipher->aead, iv, &packet->text);
}
