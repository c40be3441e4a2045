#include <criterion/criterion.h>
#include <sodium.h>
#include <string.h>

#include "bridge/base/limits.h"
#include "signalling/devices.h"
#include "signalling/directory.h"
#include "signalling/store.h"
#include "tests/unit/signalling/house.h"

/* A box: its key, and its connection while it has one. */
typedef struct Box {
    House *house;
    uint8_t public_key[crypto_sign_PUBLICKEYBYTES];
    uint8_t secret_key[crypto_sign_SECRETKEYBYTES];
    char key[64]; /* base64 */
    Visitor *visitor;
} Box;

static Box box_new(House *house)
{
    Box box = {.house = house};
    crypto_sign_keypair(box.public_key, box.secret_key);
    sodium_bin2base64(box.key, sizeof box.key, box.public_key, sizeof box.public_key,
                      sodium_base64_VARIANT_ORIGINAL);
    return box;
}

static void box_connect(Box *box)
{
    box->visitor = visitor_new(box->house, ROLE_GUEST, NULL);
}

static void box_leave(Box *box)
{
    visitor_leave(g_steal_pointer(&box->visitor));
}

static json_t *claim_over(const Box *box, const uint8_t *nonce, const char *context)
{
    uint8_t message[128];
    uint8_t signature[crypto_sign_BYTES];
    char text[128];
    size_t size = strlen(context);
    memcpy(message, context, size);
    memcpy(message + size, nonce, 32);
    crypto_sign_detached(signature, NULL, message, size + 32, box->secret_key);
    sodium_bin2base64(text, sizeof text, signature, sizeof signature,
                      sodium_base64_VARIANT_ORIGINAL);
    return json_pack("{s:s, s:s, s:s, s:s}", "key", box->key, "signature", text, "name", "Hộp số 1",
                     "software", "test 1");
}

static json_t *claim(const Box *box)
{
    return claim_over(box, client_nonce(box->visitor->client), DEVICE_AUTH_CONTEXT);
}

/* Connects and says who it is; the answer. */
static json_t *box_come(Box *box)
{
    box_connect(box);
    return visitor_ask(box->visitor, 1, "device.auth", claim(box));
}

static json_t *box_come_with_token(Box *box, const char *token)
{
    box_connect(box);
    json_t *message = claim(box);
    json_object_set_new(message, "token", json_string(token));
    return visitor_ask(box->visitor, 1, "device.auth", message);
}

static char *make_token(House *house, const char *site)
{
    Visitor *technician = visitor_new(house, ROLE_TECHNICIAN, "ky-thuat");
    json_t *answer = visitor_ask(technician, 1, "token.new", json_pack("{s:s}", "site", site));
    char *token = g_strdup(text_at(answer, "token"));
    visitor_leave(technician);
    return token;
}

static char *approve(House *house, const char *code, const char *site)
{
    Visitor *technician = visitor_new(house, ROLE_TECHNICIAN, "ky-thuat");
    visitor_ask(technician, 1, "device.approve",
                json_pack("{s:s, s:s}", "pairing_code", code, "site", site));
    char *error = g_strdup(visitor_error(technician, 1));
    visitor_leave(technician);
    return error;
}

static char *revoke_key(House *house, const char *key)
{
    Visitor *technician = visitor_new(house, ROLE_TECHNICIAN, "ky-thuat");
    visitor_ask(technician, 1, "device.revoke", json_pack("{s:s}", "key", key));
    char *error = g_strdup(visitor_error(technician, 1));
    visitor_leave(technician);
    return error;
}

/* A box that serves the site and is connected. */
static Box enrolled_box(House *house, const char *site)
{
    Box box = box_new(house);
    g_autofree char *token = make_token(house, site);
    cr_assert_str_eq(text_at(box_come_with_token(&box, token), "state"), "online");
    return box;
}

static Site *site_of(House *house, const char *code)
{
    return directory_find(house->server.directory, code);
}

static const char *state_of(House *house, const char *key)
{
    static char state[16];
    json_t *list = devices_to_json(house->server.devices);
    size_t index;
    json_t *device;
    g_strlcpy(state, "", sizeof state);
    json_array_foreach(list, index, device)
    {
        if (strcmp(text_at(device, "key"), key) == 0) {
            g_strlcpy(state, text_at(device, "state"), sizeof state);
        }
    }
    json_decref(list);
    return state;
}

Test(devices, an_unknown_key_waits_with_a_code)
{
    House *house = house_new(NULL);
    Box box = box_new(house);
    json_t *answer = box_come(&box);
    cr_assert_str_eq(text_at(answer, "state"), "pending");
    cr_assert_eq(strlen(text_at(answer, "pairing_code")), 9);
    cr_assert_eq(client_role(box.visitor->client), ROLE_PENDING);
    cr_assert_str_eq(state_of(house, box.key), "pending");
    box_leave(&box);
    cr_assert_str_eq(state_of(house, box.key), "", "a pending device outlives its connection");
    house_free(house);
}

Test(devices, the_same_key_shows_the_same_code_again)
{
    House *house = house_new(NULL);
    Box box = box_new(house);
    g_autofree char *code = g_strdup(text_at(box_come(&box), "pairing_code"));
    box_leave(&box);
    cr_assert_str_eq(text_at(box_come(&box), "pairing_code"), code);
    box_leave(&box);
    house_free(house);
}

Test(devices, a_pending_device_may_not_do_more)
{
    House *house = house_new(NULL);
    Box box = box_new(house);
    box_come(&box);
    visitor_ask(box.visitor, 2, "media.offer", json_object());
    cr_assert_str_eq(visitor_error(box.visitor, 2), "wrong_state");
    visitor_ask(box.visitor, 3, "device.auth", json_object());
    cr_assert_str_eq(visitor_error(box.visitor, 3), "not_allowed");
    box_leave(&box);
    house_free(house);
}

Test(devices, an_approved_device_is_told_and_comes_back_by_itself)
{
    House *house = house_new(NULL);
    Box box = box_new(house);
    g_autofree char *code = g_ascii_strdown(text_at(box_come(&box), "pairing_code"), -1);
    g_autofree char *error = approve(house, code, "TG-A");
    cr_assert_str_eq(error, "");
    json_t *event = visitor_event(box.visitor, "device.approved");
    cr_assert_str_eq(text_at(json_object_get(event, "site"), "code"), "TG-A");
    cr_assert_str_eq(text_at(json_object_get(event, "profile"), "name"), "Xã A");
    cr_assert_eq(client_role(box.visitor->client), ROLE_DEVICE);
    cr_assert_eq(site_of(house, "TG-A")->client, client_id(box.visitor->client));
    cr_assert(site_of(house, "TG-A")->has_device);
    box_leave(&box);
    cr_assert_eq(site_of(house, "TG-A")->client, 0);
    house_reopen(house);
    cr_assert_str_eq(state_of(house, box.key), "offline");
    cr_assert_str_eq(text_at(box_come(&box), "state"), "online");
    cr_assert_str_eq(client_site(box.visitor->client), "TG-A");
    box_leave(&box);
    house_free(house);
}

Test(devices, approves_only_codes_that_are_shown_and_sites_that_exist)
{
    House *house = house_new(NULL);
    Box box = box_new(house);
    g_autofree char *code = g_strdup(text_at(box_come(&box), "pairing_code"));
    g_autofree char *no_site = approve(house, code, "NO");
    g_autofree char *no_code = approve(house, "AAAA-AAAA", "TG-A");
    g_autofree char *nonsense = approve(house, "0", "TG-A");
    cr_assert_str_eq(no_site, "not_found");
    cr_assert_str_eq(no_code, "not_found");
    cr_assert_str_eq(nonsense, "not_found");
    box_leave(&box);
    g_autofree char *gone = approve(house, code, "TG-A");
    cr_assert_str_eq(gone, "not_found");
    house_free(house);
}

Test(devices, a_token_lets_a_device_in_at_once)
{
    House *house = house_new(NULL);
    Box box = enrolled_box(house, "TG-A");
    json_t *answer = visitor_answer(box.visitor, 1);
    cr_assert_str_eq(text_at(json_object_get(answer, "site"), "code"), "TG-A");
    cr_assert_str_eq(text_at(json_object_get(answer, "site"), "tier"), "commune");
    cr_assert_gt(number_at(json_object_get(answer, "profile"), "heartbeat_s"), 0);
    cr_assert_eq(devices_online_count(house->server.devices), 1);
    box_leave(&box);
    house_free(house);
}

Test(devices, a_token_is_good_once)
{
    House *house = house_new(NULL);
    g_autofree char *token = make_token(house, "TG-A");
    Box first = box_new(house);
    Box second = box_new(house);
    cr_assert_str_eq(text_at(box_come_with_token(&first, token), "state"), "online");
    cr_assert_str_eq(text_at(box_come_with_token(&second, token), "code"), "bad_credentials");
    cr_assert_eq(second.visitor->close_code, 1008);
    cr_assert_eq(site_of(house, "TG-A")->client, client_id(first.visitor->client));
    cr_assert_eq(first.visitor->close_code, 0);
    box_leave(&first);
    box_leave(&second);
    house_free(house);
}

Test(devices, a_device_that_keeps_its_token_still_comes_in)
{
    House *house = house_new(NULL);
    g_autofree char *token = make_token(house, "TG-A");
    Box box = box_new(house);
    box_come_with_token(&box, token);
    box_leave(&box);
    cr_assert_str_eq(text_at(box_come_with_token(&box, token), "state"), "online");
    box_leave(&box);
    house_free(house);
}

Test(devices, refuses_tokens_that_are_expired_or_made_up)
{
    House *house = house_new(NULL);
    g_autofree char *token = make_token(house, "TG-A");
    Box box = box_new(house);
    json_decref(
        store_query_now(house->server.store, "UPDATE tokens SET expires_ms = 1", NULL, NULL));
    cr_assert_str_eq(text_at(box_come_with_token(&box, token), "code"), "bad_credentials");
    box_leave(&box);
    cr_assert_str_eq(text_at(box_come_with_token(&box, "2222-2222-2222-2222"), "code"),
                     "bad_credentials");
    box_leave(&box);
    cr_assert_not(site_of(house, "TG-A")->has_device);
    house_free(house);
}

Test(devices, stores_a_token_as_a_hash_only)
{
    House *house = house_new(NULL);
    g_autofree char *token = make_token(house, "TG-A");
    json_t *rows = store_query_now(house->server.store, "SELECT hash FROM tokens", NULL, NULL);
    cr_assert_eq(strlen(token), 19);
    cr_assert_eq(strlen(text_at(json_array_get(rows, 0), "hash")), 64);
    json_decref(rows);
    house_free(house);
}

Test(devices, a_new_box_replaces_the_old_one_of_its_site)
{
    House *house = house_new(NULL);
    Box old = enrolled_box(house, "TG-A");
    Box box = enrolled_box(house, "TG-A");
    cr_assert_eq(old.visitor->close_code, 1000);
    cr_assert_eq(site_of(house, "TG-A")->client, client_id(box.visitor->client));
    box_leave(&old);
    cr_assert_eq(site_of(house, "TG-A")->client, client_id(box.visitor->client),
                 "the old box took the site offline");
    cr_assert_eq(devices_online_count(house->server.devices), 1);
    cr_assert_str_eq(text_at(box_come(&old), "state"), "pending");
    box_leave(&old);
    box_leave(&box);
    house_reopen(house);
    cr_assert_str_eq(state_of(house, box.key), "offline");
    cr_assert_str_eq(state_of(house, old.key), "");
    house_free(house);
}

Test(devices, a_second_connection_of_a_device_replaces_the_first)
{
    House *house = house_new(NULL);
    Box box = enrolled_box(house, "TG-A");
    Visitor *first = box.visitor;
    box_come(&box);
    cr_assert_eq(first->close_code, 1000);
    cr_assert_eq(site_of(house, "TG-A")->client, client_id(box.visitor->client));
    visitor_leave(first);
    cr_assert_eq(site_of(house, "TG-A")->client, client_id(box.visitor->client));
    cr_assert_eq(devices_online_count(house->server.devices), 1);
    box_leave(&box);
    cr_assert_eq(devices_online_count(house->server.devices), 0);
    house_free(house);
}

Test(devices, a_device_can_move_to_another_site)
{
    House *house = house_new(NULL);
    Box box = box_new(house);
    g_autofree char *code = g_strdup(text_at(box_come(&box), "pairing_code"));
    g_autofree char *error = approve(house, code, "TG-A");
    cr_assert_str_eq(error, "");
    Box other = enrolled_box(house, "TG-A");
    box_leave(&box);
    g_autofree char *again = g_strdup(text_at(box_come(&box), "pairing_code"));
    g_autofree char *moved = approve(house, again, "TG-B");
    cr_assert_str_eq(moved, "");
    cr_assert_eq(site_of(house, "TG-B")->client, client_id(box.visitor->client));
    cr_assert_eq(site_of(house, "TG-A")->client, client_id(other.visitor->client));
    box_leave(&box);
    box_leave(&other);
    house_free(house);
}

static void assert_not_authenticated(Box *box, json_t *message)
{
    json_t *answer = visitor_ask(box->visitor, 1, "device.auth", message);
    cr_assert_str_eq(text_at(answer, "code"), "bad_credentials");
    cr_assert_eq(box->visitor->close_code, 1008);
    cr_assert_eq(client_role(box->visitor->client), ROLE_GUEST);
    box_leave(box);
}

Test(devices, refuses_a_signature_of_another_key)
{
    House *house = house_new(NULL);
    Box box = enrolled_box(house, "TG-A");
    Box thief = box_new(house);
    g_strlcpy(thief.key, box.key, sizeof thief.key);
    box_connect(&thief);
    assert_not_authenticated(&thief, claim(&thief));
    cr_assert_eq(box.visitor->close_code, 0, "the thief threw the device out");
    box_leave(&box);
    house_free(house);
}

Test(devices, refuses_a_signature_over_another_nonce)
{
    House *house = house_new(NULL);
    Box box = enrolled_box(house, "TG-A");
    uint8_t nonce[32];
    memcpy(nonce, client_nonce(box.visitor->client), sizeof nonce);
    box_leave(&box);
    box_connect(&box);
    assert_not_authenticated(&box, claim_over(&box, nonce, DEVICE_AUTH_CONTEXT));
    house_free(house);
}

Test(devices, refuses_a_signature_for_another_purpose)
{
    House *house = house_new(NULL);
    Box box = enrolled_box(house, "TG-A");
    box_leave(&box);
    box_connect(&box);
    const uint8_t *nonce = client_nonce(box.visitor->client);
    assert_not_authenticated(&box, claim_over(&box, nonce, ""));
    house_free(house);
}

Test(devices, refuses_a_nonce_that_was_used)
{
    House *house = house_new(NULL);
    Box box = box_new(house);
    box_connect(&box);
    cr_assert(client_spend_nonce(box.visitor->client));
    assert_not_authenticated(&box, claim(&box));
    house_free(house);
}

Test(devices, gives_every_connection_its_own_nonce)
{
    House *house = house_new(NULL);
    Visitor *one = visitor_new(house, ROLE_GUEST, NULL);
    Visitor *two = visitor_new(house, ROLE_GUEST, NULL);
    cr_assert_neq(memcmp(client_nonce(one->client), client_nonce(two->client), 32), 0);
    visitor_leave(one);
    visitor_leave(two);
    house_free(house);
}

Test(devices, refuses_claims_that_are_not_well_formed)
{
    House *house = house_new(NULL);
    static const struct {
        const char *field;
        const char *value;
    } wrong[] = {{"key", ""},        {"key", "AAAA"},       {"key", "!!!!"},
                 {"signature", "A"}, {"signature", "AAAA"}, {"software", NULL}};
    for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
        Box box = box_new(house);
        box_connect(&box);
        json_t *message = claim(&box);
        json_object_set_new(message, wrong[i].field,
                            wrong[i].value != NULL ? json_string(wrong[i].value) : json_true());
        json_t *answer = visitor_ask(box.visitor, 1, "device.auth", message);
        cr_assert_str_eq(text_at(answer, "code"), "bad_field", "%s %s", wrong[i].field,
                         wrong[i].value);
        cr_assert_str_eq(text_at(answer, "field"), wrong[i].field);
        box_leave(&box);
    }
    house_free(house);
}

Test(devices, a_revoked_key_is_cut_off_and_never_comes_back)
{
    House *house = house_new(NULL);
    Box box = enrolled_box(house, "TG-A");
    g_autofree char *error = revoke_key(house, box.key);
    cr_assert_str_eq(error, "");
    cr_assert_eq(box.visitor->close_code, 1008);
    cr_assert_eq(site_of(house, "TG-A")->client, 0);
    cr_assert_not(site_of(house, "TG-A")->has_device);
    box_leave(&box);
    cr_assert_str_eq(text_at(box_come(&box), "code"), "bad_credentials");
    box_leave(&box);
    house_reopen(house);
    cr_assert_str_eq(state_of(house, box.key), "revoked");
    g_autofree char *token = make_token(house, "TG-A");
    cr_assert_str_eq(text_at(box_come_with_token(&box, token), "code"), "bad_credentials");
    box_leave(&box);
    house_free(house);
}

Test(devices, a_pending_key_can_be_revoked)
{
    House *house = house_new(NULL);
    Box box = box_new(house);
    box_come(&box);
    g_autofree char *error = revoke_key(house, box.key);
    cr_assert_str_eq(error, "");
    cr_assert_eq(box.visitor->close_code, 1008);
    box_leave(&box);
    cr_assert_str_eq(text_at(box_come(&box), "code"), "bad_credentials");
    box_leave(&box);
    house_free(house);
}

Test(devices, revokes_only_keys_it_knows)
{
    House *house = house_new(NULL);
    g_autofree char *error = revoke_key(house, "AAAA");
    cr_assert_str_eq(error, "not_found");
    house_free(house);
}

Test(devices, the_device_of_a_removed_site_has_to_be_approved_again)
{
    House *house = house_new(NULL);
    Box box = enrolled_box(house, "TG-A");
    Visitor *technician = visitor_new(house, ROLE_TECHNICIAN, "ky-thuat");
    visitor_ask(technician, 1, "site.import",
                json_pack("{s:s}", "csv", "code,name,tier,parent\nTG,UBND,province,\n"));
    cr_assert_eq(box.visitor->close_code, 1000);
    cr_assert_eq(devices_online_count(house->server.devices), 0);
    box_leave(&box);
    cr_assert_str_eq(text_at(box_come(&box), "state"), "pending");
    box_leave(&box);
    visitor_leave(technician);
    house_free(house);
}

Test(devices, refuses_more_pending_devices_than_the_limit)
{
    House *house = house_new(NULL);
    Box boxes[LIMIT_PENDING_DEVICES];
    for (size_t i = 0; i < G_N_ELEMENTS(boxes); i++) {
        boxes[i] = box_new(house);
        cr_assert_str_eq(text_at(box_come(&boxes[i]), "state"), "pending");
    }
    Box late = box_new(house);
    cr_assert_str_eq(text_at(box_come(&late), "code"), "limit");
    cr_assert_eq(late.visitor->close_code, 1013);
    box_leave(&late);
    box_leave(&boxes[0]);
    cr_assert_str_eq(text_at(box_come(&late), "state"), "pending");
    box_leave(&late);
    for (size_t i = 1; i < G_N_ELEMENTS(boxes); i++) {
        box_leave(&boxes[i]);
    }
    house_free(house);
}

static bool is_second_online(void *data)
{
    Box *boxes = data;
    return visitor_answer(boxes[1].visitor, 2) != NULL;
}

Test(devices, lets_them_in_at_the_pace_of_the_configuration)
{
    House *house = house_new("devices.admissions_per_s=2");
    Box boxes[4];
    int at_once = 0;
    static const char *const sites[] = {"TG", "TG-A", "TG-B"};
    for (int i = 0; i < 3; i++) {
        boxes[i] = box_new(house);
        g_autofree char *token = make_token(house, sites[i]);
        box_connect(&boxes[i]);
        json_t *message = claim(&boxes[i]);
        json_object_set_new(message, "token", json_string(token));
        visitor_ask(boxes[i].visitor, 1, "device.auth", message);
        box_leave(&boxes[i]);
    }
    for (int i = 0; i < 3; i++) {
        box_connect(&boxes[i]);
        json_t *message = claim(&boxes[i]);
        json_object_set_new(message, "type", json_string("device.auth"));
        json_object_set_new(message, "id", json_integer(2));
        g_autofree char *text = json_dumps(message, 0);
        json_decref(message);
        visitor_say(boxes[i].visitor, text);
        at_once += visitor_answer(boxes[i].visitor, 2) != NULL;
        cr_assert_eq(client_role(boxes[i].visitor->client), ROLE_DEVICE);
    }
    cr_assert_lt(at_once, 3);
    cr_assert_eq(devices_waiting_count(house->server.devices), (size_t)(3 - at_once));
    box_leave(&boxes[2]);
    run_until(is_second_online, boxes);
    box_leave(&boxes[0]);
    box_leave(&boxes[1]);
    house_free(house);
}
