/* Who this device is: an Ed25519 key pair, kept in one file of mode 0600 and made on the first
 * start. Losing the file means enrolling again; copying it means being two. Owned by whoever loaded
 * it; never changes after. Any thread. */
#pragma once

#include <glib.h>
#include <stddef.h>
#include <stdint.h>

#define IDENTITY_FILE_NAME "device.key"
/* What is signed: this text, then the server's nonce. */
#define IDENTITY_AUTH_CONTEXT "diemcau-device-auth-v1\n"

typedef struct Identity Identity;

#define IDENTITY_ERROR (g_quark_from_static_string("diemcau-identity"))
typedef enum IdentityError {
    IDENTITY_ERROR_FILE,    /* cannot be read, written or made private */
    IDENTITY_ERROR_CORRUPT, /* is not a device key */
} IdentityError;

/* Loads DIR/device.key, or makes the directory (mode 0700) and the key. A key file that others can
 * read is made private again; where that is not allowed it is refused. Messages name the file and
 * the remedy. */
Identity *identity_load(const char *dir, GError **error);
/* A key that is kept nowhere, for simulated sites. */
Identity *identity_new_ephemeral(GError **error);
/* The key of a simulated site: always the same for the same seed text. */
Identity *identity_new_from_text(const char *text, GError **error);
void identity_free(Identity *identity);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Identity, identity_free)

/* The public key in base64. */
const char *identity_public_key(const Identity *identity);
/* The signature over the context and the nonce, in base64; g_free. */
char *identity_sign_nonce(const Identity *identity, const uint8_t *nonce, size_t size);
