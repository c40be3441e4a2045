#include <criterion/criterion.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <sodium.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

#include "endpoints/client/identity.h"

typedef struct Place {
    char *dir;
    char *state; /* does not exist yet */
    char *key;
} Place;

static Place place_new(void)
{
    Place place = {.dir = g_dir_make_tmp("diemcau-identity-XXXXXX", NULL)};
    place.state = g_build_filename(place.dir, "a", "b", NULL);
    place.key = g_build_filename(place.state, IDENTITY_FILE_NAME, NULL);
    return place;
}

static void place_remove(Place *place)
{
    g_autofree char *middle = g_path_get_dirname(place->state);
    g_chmod(place->key, 0600);
    g_unlink(place->key);
    g_rmdir(place->state);
    g_rmdir(middle);
    g_rmdir(place->dir);
    g_free(place->dir);
    g_free(place->state);
    g_free(place->key);
}

static mode_t mode_of(const char *path)
{
    struct stat info;
    cr_assert_eq(stat(path, &info), 0);
    return info.st_mode & 07777;
}

static void expect_refusal(const Place *place, IdentityError code, const char *phrase)
{
    g_autoptr(GError) error = NULL;
    Identity *identity = identity_load(place->state, &error);
    cr_assert_null(identity);
    cr_assert(g_error_matches(error, IDENTITY_ERROR, code), "%s", error->message);
    cr_assert_not_null(strstr(error->message, place->key), "%s", error->message);
    cr_assert_not_null(strstr(error->message, phrase), "%s", error->message);
}

Test(identity, makes_a_private_key_on_the_first_start_and_keeps_it)
{
    Place place = place_new();
    g_autoptr(Identity) first = identity_load(place.state, NULL);
    g_autoptr(Identity) second = identity_load(place.state, NULL);
    cr_assert_not_null(first);
    cr_assert_eq(mode_of(place.key), 0600);
    cr_assert_eq(mode_of(place.state), 0700);
    cr_assert_str_eq(identity_public_key(first), identity_public_key(second));
    place_remove(&place);
}

Test(identity, gives_every_device_another_key)
{
    Place one = place_new();
    Place other = place_new();
    g_autoptr(Identity) first = identity_load(one.state, NULL);
    g_autoptr(Identity) second = identity_load(other.state, NULL);
    cr_assert_str_neq(identity_public_key(first), identity_public_key(second));
    place_remove(&one);
    place_remove(&other);
}

Test(identity, signs_the_context_and_the_nonce)
{
    Place place = place_new();
    g_autoptr(Identity) identity = identity_load(place.state, NULL);
    uint8_t nonce[32];
    randombytes_buf(nonce, sizeof nonce);
    g_autofree char *text = identity_sign_nonce(identity, nonce, sizeof nonce);
    gsize signature_size = 0;
    gsize key_size = 0;
    g_autofree guchar *signature = g_base64_decode(text, &signature_size);
    g_autofree guchar *key = g_base64_decode(identity_public_key(identity), &key_size);
    g_autoptr(GByteArray) message = g_byte_array_new();
    g_byte_array_append(message, (const guint8 *)IDENTITY_AUTH_CONTEXT,
                        sizeof IDENTITY_AUTH_CONTEXT - 1);
    g_byte_array_append(message, nonce, sizeof nonce);
    cr_assert_eq(key_size, crypto_sign_PUBLICKEYBYTES);
    cr_assert_eq(signature_size, crypto_sign_BYTES);
    cr_assert_eq(crypto_sign_verify_detached(signature, message->data, message->len, key), 0);
    message->data[message->len - 1] ^= 1;
    cr_assert_neq(crypto_sign_verify_detached(signature, message->data, message->len, key), 0);
    place_remove(&place);
}

Test(identity, makes_a_key_file_that_others_can_read_private_again)
{
    Place place = place_new();
    g_autoptr(Identity) first = identity_load(place.state, NULL);
    g_chmod(place.key, 0644);
    g_autoptr(Identity) second = identity_load(place.state, NULL);
    cr_assert_not_null(second);
    cr_assert_eq(mode_of(place.key), 0600);
    place_remove(&place);
}

Test(identity, refuses_a_corrupt_key_and_says_what_to_do)
{
    static const char *const texts[] = {
        "",
        "\n",
        "diemcau-device-key-v1",
        "diemcau-device-key-v1 \n",
        "diemcau-device-key-v1 c2hvcnQ=\n",
        "diemcau-device-key-v2 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
        "diemcau-device-key-v1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n",
        "diemcau-device-key-v1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= and more\n",
    };
    Place place = place_new();
    g_mkdir_with_parents(place.state, 0700);
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_file_set_contents_full(place.key, texts[i], -1, G_FILE_SET_CONTENTS_NONE, 0600, NULL);
        expect_refusal(&place, IDENTITY_ERROR_CORRUPT, "enrol again");
    }
    place_remove(&place);
}

Test(identity, does_not_overwrite_a_corrupt_key)
{
    Place place = place_new();
    g_autofree char *kept = NULL;
    g_mkdir_with_parents(place.state, 0700);
    g_file_set_contents_full(place.key, "precious", -1, G_FILE_SET_CONTENTS_NONE, 0600, NULL);
    expect_refusal(&place, IDENTITY_ERROR_CORRUPT, "not a device key");
    cr_assert(g_file_get_contents(place.key, &kept, NULL, NULL));
    cr_assert_str_eq(kept, "precious");
    place_remove(&place);
}

Test(identity, refuses_a_symbolic_link_and_a_directory)
{
    Place place = place_new();
    g_mkdir_with_parents(place.state, 0700);
    cr_assert_eq(symlink("/dev/zero", place.key), 0);
    expect_refusal(&place, IDENTITY_ERROR_FILE, "cannot read");
    g_unlink(place.key);
    g_mkdir(place.key, 0700);
    expect_refusal(&place, IDENTITY_ERROR_FILE, "not a regular file");
    g_rmdir(place.key);
    place_remove(&place);
}

Test(identity, refuses_a_state_directory_that_cannot_be_made)
{
    g_autoptr(GError) error = NULL;
    cr_assert_null(identity_load("/proc/diemcau/state", &error));
    cr_assert(g_error_matches(error, IDENTITY_ERROR, IDENTITY_ERROR_FILE));
}

Test(identity, derives_the_same_simulated_key_from_the_same_text)
{
    g_autoptr(Identity) first = identity_new_from_text("site 1", NULL);
    g_autoptr(Identity) again = identity_new_from_text("site 1", NULL);
    g_autoptr(Identity) other = identity_new_from_text("site 2", NULL);
    cr_assert_str_eq(identity_public_key(first), identity_public_key(again));
    cr_assert_str_neq(identity_public_key(first), identity_public_key(other));
}
