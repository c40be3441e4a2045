#include "tests/bench/bare.h"

#include <glib.h>
#include <openssl/evp.h>
#include <string.h>

#include "bridge/rtc/rtp.h"

#define KEY_BYTES 16
#define SALT_BYTES 12
#define BLOCK_BYTES 16
/* RFC 3711 section 4.3.1: which session key is derived, and where in the block that stands. */
#define LABEL_KEY 0
#define LABEL_SALT 2
#define LABEL_AT 7

struct BareCipher {
    EVP_CIPHER_CTX *context;
    uint8_t salt[SALT_BYTES];
};

SrtpKeys bare_keys(BareSide side)
{
    SrtpKeys keys = {.profile = SRTP_PROFILE_AEAD_AES_128_GCM, .size = KEY_BYTES + SALT_BYTES};
    memset(keys.local, side == BARE_SENDER ? 0x5a : 0xa5, keys.size);
    memset(keys.remote, side == BARE_SENDER ? 0xa5 : 0x5a, keys.size);
    return keys;
}

/* RFC 3711 section 4.3.3, with a salt that is filled up with zeros (RFC 7714 section 11). */
static void derive(const SrtpKeys *keys, uint8_t label, uint8_t *ret_key, int size)
{
    static const uint8_t zeros[KEY_BYTES];
    uint8_t block[BLOCK_BYTES] = {0};
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    memcpy(block, keys->local + KEY_BYTES, SALT_BYTES);
    block[LABEL_AT] ^= label;
    if (EVP_EncryptInit_ex(context, EVP_aes_128_ctr(), NULL, keys->local, block) != 1 ||
        EVP_EncryptUpdate(context, ret_key, &size, zeros, size) != 1) {
        g_error("bench: no AES");
    }
    EVP_CIPHER_CTX_free(context);
}

BareCipher *bare_cipher_new(void)
{
    uint8_t key[KEY_BYTES];
    const SrtpKeys keys = bare_keys(BARE_SENDER);
    BareCipher *cipher = g_new0(BareCipher, 1);
    derive(&keys, LABEL_KEY, key, sizeof key);
    derive(&keys, LABEL_SALT, cipher->salt, sizeof cipher->salt);
    cipher->context = EVP_CIPHER_CTX_new();
    if (EVP_EncryptInit_ex(cipher->context, EVP_aes_128_gcm(), NULL, key, NULL) != 1) {
        g_error("bench: no AES-GCM");
    }
    return cipher;
}

void bare_cipher_free(BareCipher *cipher)
{
    if (cipher != NULL) {
        EVP_CIPHER_CTX_free(cipher->context);
        g_free(cipher);
    }
}

/* RFC 7714 section 8.1: two zeros, SSRC, rollover counter, sequence number; then the salt. */
static void make_nonce(const BareCipher *cipher, const uint8_t *header, uint32_t rollover,
                       uint8_t ret_nonce[SALT_BYTES])
{
    uint32_t rollover_be = GUINT32_TO_BE(rollover);
    ret_nonce[0] = ret_nonce[1] = 0;
    memcpy(ret_nonce + 2, header + 8, 4);
    memcpy(ret_nonce + 6, &rollover_be, 4);
    memcpy(ret_nonce + 10, header + 2, 2);
    for (size_t i = 0; i < SALT_BYTES; i++) {
        ret_nonce[i] ^= cipher->salt[i];
    }
}

size_t bare_cipher_protect(BareCipher *cipher, uint8_t *bytes, size_t size, uint32_t rollover)
{
    uint8_t nonce[SALT_BYTES];
    uint8_t *payload = bytes + RTP_HEADER_BYTES;
    int payload_size = (int)(size - RTP_HEADER_BYTES);
    int done = 0;
    make_nonce(cipher, bytes, rollover, nonce);
    EVP_EncryptInit_ex(cipher->context, NULL, NULL, NULL, nonce);
    EVP_EncryptUpdate(cipher->context, NULL, &done, bytes, RTP_HEADER_BYTES);
    EVP_EncryptUpdate(cipher->context, payload, &done, payload, payload_size);
    EVP_EncryptFinal_ex(cipher->context, bytes + size, &done);
    EVP_CIPHER_CTX_ctrl(cipher->context, EVP_CTRL_AEAD_GET_TAG, BARE_TAG_BYTES, bytes + size);
    return size + BARE_TAG_BYTES;
}
