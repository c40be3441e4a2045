#include "signalling/codes.h"

#include <glib.h>
#include <sodium.h>
#include <string.h>

#define GROUP_LETTERS 4
#define LETTER_BITS 5
#define GROUPS_MAX 8

static const char alphabet[] = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

void code_write(const uint8_t *bytes, int groups, char *ret_code)
{
    uint32_t bits = 0;
    int held = 0;
    char *at = ret_code;
    for (int i = 0; i < groups * GROUP_LETTERS; i++) {
        while (held < LETTER_BITS) {
            bits = bits << 8 | *bytes++;
            held += 8;
        }
        held -= LETTER_BITS;
        if (i > 0 && i % GROUP_LETTERS == 0) {
            *at++ = '-';
        }
        *at++ = alphabet[bits >> held & 31];
    }
    *at = '\0';
}

void code_make(int groups, char *ret_code)
{
    uint8_t bytes[GROUPS_MAX * 3];
    randombytes_buf(bytes, sizeof bytes);
    code_write(bytes, groups, ret_code);
    sodium_memzero(bytes, sizeof bytes);
}

bool code_read(const char *text, int groups, char *ret_code)
{
    int letters = 0;
    char *at = ret_code;
    for (; *text != '\0'; text++) {
        char letter = g_ascii_toupper(*text);
        if (letter == '-' || letter == ' ') {
            continue;
        }
        if (strchr(alphabet, letter) == NULL || letters == groups * GROUP_LETTERS) {
            return false;
        }
        if (letters > 0 && letters % GROUP_LETTERS == 0) {
            *at++ = '-';
        }
        *at++ = letter;
        letters++;
    }
    *at = '\0';
    return letters == groups * GROUP_LETTERS;
}

void code_hash(const char *text, char ret_hash[CODE_HASH_SIZE])
{
    crypto_generichash_state state;
    uint8_t hash[32];
    crypto_generichash_init(&state, NULL, 0, sizeof hash);
    for (; *text != '\0'; text++) {
        uint8_t letter = (uint8_t)g_ascii_toupper(*text);
        if (letter != '-' && letter != ' ') {
            crypto_generichash_update(&state, &letter, 1);
        }
    }
    crypto_generichash_final(&state, hash, sizeof hash);
    sodium_bin2hex(ret_hash, CODE_HASH_SIZE, hash, sizeof hash);
}
