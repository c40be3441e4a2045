/* Test cases 2 to 4 of the specification of GCM (McGrew, Viega), with 128 bit keys. */
#include "bridge/rtc/aead.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_BYTES_MAX 64

typedef struct Case {
    const char *key;
    const char *iv;
    const char *clear;
    const char *plain;
    const char *sealed;
    const char *tag;
} Case;

static const Case cases[] = {
    {.key = "00000000000000000000000000000000",
     .iv = "000000000000000000000000",
     .clear = "",
     .plain = "00000000000000000000000000000000",
     .sealed = "0388dace60b6a392f328c2b971b2fe78",
     .tag = "ab6e47d42cec13bdf53a67b21257bddf"},
    {.key = "feffe9928665731c6d6a8f9467308308",
     .iv = "cafebabefacedbaddecaf888",
     .clear = "feedfacedeadbeeffeedfacedeadbeefabaddad2",
     .plain = "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
              "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
     .sealed = "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e"
               "21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091",
     .tag = "5bc94fbc3221a5db94fae95ae7121a47"},
};

static size_t from_hex(const char *hex, uint8_t *ret_bytes)
{
    size_t size = strlen(hex) / 2;
    for (size_t i = 0; i < size; i++) {
        char digits[] = {hex[2 * i], hex[2 * i + 1], 0};
        ret_bytes[i] = (uint8_t)strtoul(digits, NULL, 16);
    }
    return size;
}

/* One case, as bytes. */
typedef struct Box {
    Aead *aead;
    uint8_t iv[AEAD_IV_BYTES];
    uint8_t clear[TEXT_BYTES_MAX];
    uint8_t body[TEXT_BYTES_MAX];
    uint8_t tag[AEAD_TAG_BYTES];
    AeadText text;
} Box;

static void pack(Box *box, const Case *chosen, const char *body)
{
    uint8_t key[AEAD_KEY_BYTES];
    from_hex(chosen->key, key);
    from_hex(chosen->iv, box->iv);
    from_hex(chosen->tag, box->tag);
    box->aead = aead_new(key);
    cr_assert_not_null(box->aead);
    box->text = (AeadText){.clear = box->clear,
                           .clear_size = from_hex(chosen->clear, box->clear),
                           .body = box->body,
                           .body_size = from_hex(body, box->body),
                           .tag = box->tag};
}

static void assert_body(const Box *box, const char *hex)
{
    uint8_t wanted[TEXT_BYTES_MAX];
    cr_assert_eq(from_hex(hex, wanted), box->text.body_size);
    cr_assert_arr_eq(box->body, wanted, box->text.body_size);
}

Test(aead, seals_as_specified)
{
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        Box box;
        pack(&box, &cases[i], cases[i].plain);
        memset(box.tag, 0, sizeof box.tag);
        cr_assert(aead_seal(box.aead, box.iv, &box.text));
        assert_body(&box, cases[i].sealed);
        uint8_t tag[AEAD_TAG_BYTES];
        from_hex(cases[i].tag, tag);
        cr_assert_arr_eq(box.tag, tag, sizeof tag);
        aead_free(box.aead);
    }
}

Test(aead, opens_what_is_genuine_and_nothing_else)
{
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        Box box;
        pack(&box, &cases[i], cases[i].sealed);
        box.tag[15] ^= 1;
        cr_assert(!aead_open(box.aead, box.iv, &box.text));
        aead_free(box.aead);
        pack(&box, &cases[i], cases[i].sealed);
        box.body[box.text.body_size - 1] ^= 0x80;
        cr_assert(!aead_open(box.aead, box.iv, &box.text));
        aead_free(box.aead);
        pack(&box, &cases[i], cases[i].sealed);
        box.iv[3] ^= 4;
        cr_assert(!aead_open(box.aead, box.iv, &box.text));
        aead_free(box.aead);
        pack(&box, &cases[i], cases[i].sealed);
        cr_assert(aead_open(box.aead, box.iv, &box.text));
        assert_body(&box, cases[i].plain);
        aead_free(box.aead);
    }
}

Test(aead, authenticates_what_stays_in_the_clear)
{
    Box box;
    pack(&box, &cases[1], cases[1].sealed);
    box.clear[19] ^= 1;
    cr_expect(!aead_open(box.aead, box.iv, &box.text));
    aead_free(box.aead);
    aead_free(NULL);
}

Test(aead, a_text_may_have_no_body)
{
    Box box;
    pack(&box, &cases[1], "");
    cr_assert(aead_seal(box.aead, box.iv, &box.text));
    cr_expect(aead_open(box.aead, box.iv, &box.text));
    box.tag[0] ^= 1;
    cr_expect(!aead_open(box.aead, box.iv, &box.text));
    aead_free(box.aead);
}
