#include <glib.h>
#include <intel-ipsec-mb.h>
#include <string.h>

#include "bridge/rtc/aead.h"

#define KEY_ALIGNMENT 64 /* bytes: as the library declares it for its own use */

struct Aead {
    struct gcm_key_data key;
};

/* The library's functions for this processor: never changed once made, so of the whole process. */
static IMB_MGR *library(void)
{
    static gsize made;
    static IMB_MGR *manager;
    if (g_once_init_enter(&made)) {
        manager = alloc_mb_mgr(0);
        if (manager != NULL) {
            init_mb_mgr_auto(manager, NULL);
            if (manager->features == 0 || imb_get_errno(manager) != 0) {
                g_clear_pointer(&manager, free_mb_mgr);
            }
        }
        g_once_init_leave(&made, 1);
    }
    return manager;
}

Aead *aead_new(const uint8_t key[AEAD_KEY_BYTES])
{
    if (library() == NULL) {
        return NULL;
    }
    Aead *aead = g_aligned_alloc0(1, sizeof(Aead), KEY_ALIGNMENT);
    IMB_AES128_GCM_PRE(library(), key, &aead->key);
    return aead;
}

void aead_free(Aead *aead)
{
    if (aead != NULL) {
        explicit_bzero(&aead->key, sizeof aead->key);
        g_aligned_free(aead);
    }
}

bool aead_seal(Aead *aead, const uint8_t iv[AEAD_IV_BYTES], const AeadText *text)
{
    struct gcm_context_data context;
    IMB_AES128_GCM_ENC(library(), &aead->key, &context, text->body, text->body, text->body_size, iv,
                       text->clear, text->clear_size, text->tag, AEAD_TAG_BYTES);
    return true;
}

/* In the same time wherever they differ. */
static bool are_equal(const uint8_t *one, const uint8_t *other)
{
    uint8_t difference = 0;
    for (size_t i = 0; i < AEAD_TAG_BYTES; i++) {
        difference |= one[i] ^ other[i];
    }
    return difference == 0;
}

bool aead_open(Aead *aead, const uint8_t iv[AEAD_IV_BYTES], const AeadText *text)
{
    struct gcm_context_data context;
    uint8_t tag[AEAD_TAG_BYTES];
    IMB_AES128_GCM_DEC(library(), &aead->key, &context, text->body, text->body, text->body_size, iv,
                       text->clear, text->clear_size, tag, AEAD_TAG_BYTES);
    return are_equal(tag, text->tag);
}
