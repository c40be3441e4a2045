#include "signalling/devices.h"

#include <jansson.h>
#include <sodium.h>
#include <string.h>

#include "bridge/base/clock.h"
#include "bridge/base/limits.h"
#include "bridge/base/log.h"
#include "bridge/base/loop.h"
#include "signalling/admission.h"
#include "signalling/audit.h"
#include "signalling/client.h"
#include "signalling/codes.h"
#include "signalling/config.h"
#include "signalling/directory.h"
#include "signalling/meetings.h"
#include "signalling/store.h"

#define KEY_TEXT_SIZE 45 /* base64 of 32 bytes and the NUL */
#define SOFTWARE_BYTES_MAX 64
#define SEEN_SAVE_PERIOD_US (60 * CLOCK_US_PER_S)
#define CLOSE_NORMAL 1000
#define CLOSE_POLICY 1008
#define HEARTBEAT_S 10

typedef enum DeviceState { DEVICE_PENDING, DEVICE_APPROVED, DEVICE_REVOKED } DeviceState;

typedef struct Device {
    char key[KEY_TEXT_SIZE];
    DeviceState state;
    char site[SITE_CODE_BYTES_MAX + 1]; /* "" unless approved */
    char name[LIMIT_NAME_BYTES + 1];
    char software[SOFTWARE_BYTES_MAX + 1];
    char pairing_code[DEVICE_PAIRING_CODE_SIZE]; /* "" unless pending */
    uint64_t client;                             /* 0: not connected */
    bool is_online;                              /* let in */
    bool is_seen_unsaved;
    int64_t last_seen_ms; /* wall clock */
} Device;

struct Devices {
    Server *server;
    GHashTable *by_key;  /* key inside the device → Device *; owns them */
    GHashTable *by_site; /* site inside the device → Device *, approved ones */
    size_t pending_count;
    size_t online_count;
    Admission *admission;
    LoopWatch *seen_timer;
    uint8_t
        code_secret[crypto_generichash_KEYBYTES]; /* so that nobody can aim for a pairing code */
};

static int64_t wall_ms(void)
{
    return g_get_real_time() / 1000;
}

static void key_to_text(const uint8_t *key, char *ret_text)
{
    sodium_bin2base64(ret_text, KEY_TEXT_SIZE, key, DEVICE_KEY_BYTES,
                      sodium_base64_VARIANT_ORIGINAL);
}

/* ---- the memory of devices ---- */

static Device *add_device(Devices *devices, const char *key, DeviceState state)
{
    Device *device = g_new0(Device, 1);
    g_strlcpy(device->key, key, sizeof device->key);
    device->state = state;
    g_hash_table_insert(devices->by_key, device->key, device);
    devices->pending_count += state == DEVICE_PENDING;
    return device;
}

static Site *site_of(Devices *devices, const Device *device)
{
    return device->site[0] != '\0' ? directory_find(devices->server->directory, device->site)
                                   : NULL;
}

/* Its site loses it: no longer online, no longer served. */
static void unbind_site(Devices *devices, Device *device)
{
    Site *site = site_of(devices, device);
    if (device->is_online) {
        device->is_online = false;
        devices->online_count--;
    }
    if (device->site[0] == '\0') {
        return;
    }
    g_hash_table_remove(devices->by_site, device->site);
    device->site[0] = '\0';
    if (site != NULL) {
        site->client = 0;
        site->has_device = false;
        directory_announce(devices->server->directory, site);
    }
}

static void bind_site(Devices *devices, Device *device, Site *site)
{
    devices->pending_count -= device->state == DEVICE_PENDING;
    device->state = DEVICE_APPROVED;
    device->pairing_code[0] = '\0';
    g_strlcpy(device->site, site->code, sizeof device->site);
    g_hash_table_insert(devices->by_site, device->site, device);
    site->has_device = true;
}

static void remove_device(Devices *devices, Device *device)
{
    unbind_site(devices, device);
    devices->pending_count -= device->state == DEVICE_PENDING;
    g_hash_table_remove(devices->by_key, device->key);
}

/* The connection of a device ends; its site's seat stays. */
static void cut(Devices *devices, Device *device, int code, const char *reason)
{
    Client *client = clients_find(devices->server->clients, device->client);
    device->client = 0;
    if (client != NULL) {
        client_set_site(client, "");
        client_close(client, code, reason);
    }
}

static void load(Devices *devices, json_t *rows)
{
    size_t index;
    json_t *row;
    json_array_foreach(rows, index, row)
    {
        bool is_revoked = json_integer_value(json_object_get(row, "revoked")) != 0;
        const char *code = json_string_value(json_object_get(row, "site"));
        Site *site = code != NULL ? directory_find(devices->server->directory, code) : NULL;
        if (!is_revoked && site == NULL) {
            continue;
        }
        Device *device = add_device(devices, json_string_value(json_object_get(row, "key")),
                                    is_revoked ? DEVICE_REVOKED : DEVICE_APPROVED);
        g_strlcpy(device->name, json_string_value(json_object_get(row, "name")),
                  sizeof device->name);
        g_strlcpy(device->software, json_string_value(json_object_get(row, "software")),
                  sizeof device->software);
        device->last_seen_ms = json_integer_value(json_object_get(row, "last_seen_ms"));
        if (!is_revoked) {
            bind_site(devices, device, site);
        }
    }
}

/* ---- letting in ---- */

static json_t *profile_of(const Site *site)
{
    return json_pack("{s:s, s:i}", "name", site->name, "heartbeat_s", HEARTBEAT_S);
}

static json_t *site_badge(const Site *site)
{
    return json_pack("{s:s, s:s, s:s}", "code", site->code, "name", site->name, "tier", site->tier);
}

static void say_online(Devices *devices, Client *client, const Site *site, Request request)
{
    if (request.id < 0) {
        client_send(client, json_pack("{s:s, s:o, s:o}", "type", "device.approved", "site",
                                      site_badge(site), "profile", profile_of(site)));
        return;
    }
    request_ok(devices->server, request,
               json_pack("{s:s, s:o, s:o}", "state", "online", "site", site_badge(site), "profile",
                         profile_of(site)));
}

static void set_online(Devices *devices, Device *device, Site *site, Client *client)
{
    devices->online_count += !device->is_online;
    device->is_online = true;
    device->last_seen_ms = wall_ms();
    device->is_seen_unsaved = true;
    site->client = client_id(client);
    log_info("device.online", "site=%s device=%.8s name=\"%s\" software=\"%s\"", site->code,
             device->key, device->name, device->software);
    directory_announce(devices->server->directory, site);
}

static Device *find_by_client(Devices *devices, const Client *client)
{
    Device *device = g_hash_table_lookup(devices->by_site, client_site(client));
    return device != NULL && device->client == client_id(client) ? device : NULL;
}

static void on_admitted(const AdmissionTicket *ticket, void *data)
{
    Devices *devices = data;
    Client *client = clients_find(devices->server->clients, ticket->request.client);
    Device *device = client != NULL ? find_by_client(devices, client) : NULL;
    Site *site = device != NULL ? site_of(devices, device) : NULL;
    if (site == NULL) {
        return;
    }
    set_online(devices, device, site, client);
    say_online(devices, client, site, ticket->request);
    if (devices->server->meetings != NULL) {
        meetings_on_device_online(devices->server->meetings, client, ticket->media);
    }
}

/* The client proved that it holds the key of an approved device. */
static void admit(Devices *devices, Device *device, Client *client, Request request, json_t *media)
{
    if (device->client != client_id(client)) {
        cut(devices, device, CLOSE_NORMAL, "replaced");
    }
    device->client = client_id(client);
    client_set_role(client, ROLE_DEVICE);
    client_set_site(client, device->site);
    if (!admission_add(devices->admission, request, media)) {
        cut(devices, device, 1013, "too many devices at once");
    }
}

/* ---- pending ones ---- */

static bool is_code_taken(Devices *devices, const char *code)
{
    GHashTableIter iter;
    gpointer value;
    g_hash_table_iter_init(&iter, devices->by_key);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        if (strcmp(((Device *)value)->pairing_code, code) == 0) {
            return true;
        }
    }
    return false;
}

/* The same key shows the same code until the server is restarted. */
static void make_pairing_code(Devices *devices, const char *key, char *ret_code)
{
    uint8_t hash[crypto_generichash_BYTES];
    crypto_generichash(hash, sizeof hash, (const uint8_t *)key, strlen(key), devices->code_secret,
                       sizeof devices->code_secret);
    code_write(hash, 2, ret_code);
}

static void answer_pending(Devices *devices, const Device *device, Request request)
{
    request_ok(devices->server, request,
               json_pack("{s:s, s:s}", "state", "pending", "pairing_code", device->pairing_code));
}

static void put_on_pending_list(Devices *devices, Device *device, const char *key, Client *client,
                                Request request)
{
    Problem problem;
    char code[DEVICE_PAIRING_CODE_SIZE];
    make_pairing_code(devices, key, code);
    if (device == NULL) {
        if (devices->pending_count >= LIMIT_PENDING_DEVICES || is_code_taken(devices, code)) {
            problem_set(&problem, "limit", "", "%d devices wait for approval already",
                        LIMIT_PENDING_DEVICES);
            request_fail(devices->server, request, &problem);
            client_close(client, 1013, "too many pending devices");
            return;
        }
        device = add_device(devices, key, DEVICE_PENDING);
        g_strlcpy(device->pairing_code, code, sizeof device->pairing_code);
    } else {
        cut(devices, device, CLOSE_NORMAL, "replaced");
    }
    device->client = client_id(client);
    device->last_seen_ms = wall_ms();
    client_set_role(client, ROLE_PENDING);
    log_info("device.pending", "device=%.8s code=%s", device->key, device->pairing_code);
    answer_pending(devices, device, request);
}

static void describe(Device *device, const char *name, const char *software)
{
    g_strlcpy(device->name, name, sizeof device->name);
    g_strlcpy(device->software, software, sizeof device->software);
}

/* ---- authentication ---- */

static void refuse(Devices *devices, Client *client, Request request, const char *why)
{
    Problem problem;
    problem_set(&problem, "bad_credentials", "", "%s", why);
    request_fail(devices->server, request, &problem);
    client_close(client, CLOSE_POLICY, why);
}

static bool is_signature_right(const Client *client, const DeviceClaim *claim)
{
    enum { CONTEXT_BYTES = sizeof DEVICE_AUTH_CONTEXT - 1 };
    uint8_t message[CONTEXT_BYTES + 32];
    memcpy(message, DEVICE_AUTH_CONTEXT, CONTEXT_BYTES);
    memcpy(message + CONTEXT_BYTES, client_nonce(client), 32);
    return crypto_sign_verify_detached(claim->signature, message, sizeof message, claim->key) == 0;
}

/* What has to be remembered while the store is asked. */
typedef struct Enrolment {
    Devices *devices;
    Request request;
    char key[KEY_TEXT_SIZE];
    char site[SITE_CODE_BYTES_MAX + 1]; /* "": the token says */
    char name[LIMIT_NAME_BYTES + 1];
    char software[SOFTWARE_BYTES_MAX + 1];
    char by[LIMIT_NAME_BYTES + 1];
    json_t *media;
    uint64_t client; /* the device's */
} Enrolment;

static void enrolment_free(Enrolment *enrolment)
{
    json_decref(enrolment->media);
    g_free(enrolment);
}

/* The store has it: the key serves the site from now on, whoever served it before does not. */
static Device *seat_device(const Enrolment *enrolment, Site *site)
{
    Devices *devices = enrolment->devices;
    Device *old = g_hash_table_lookup(devices->by_site, site->code);
    if (old != NULL && strcmp(old->key, enrolment->key) != 0) {
        cut(devices, old, CLOSE_NORMAL, "replaced");
        remove_device(devices, old);
    }
    Device *device = g_hash_table_lookup(devices->by_key, enrolment->key);
    if (device == NULL) {
        device = add_device(devices, enrolment->key, DEVICE_APPROVED);
    }
    unbind_site(devices, device);
    bind_site(devices, device, site);
    describe(device, enrolment->name, enrolment->software);
    audit(devices->server, enrolment->by, "device.approve", site->code, "ok");
    directory_announce(devices->server->directory, site);
    return device;
}

static void on_token_spent(json_t *rows, const Problem *problem, void *data)
{
    Enrolment *enrolment = data;
    Devices *devices = enrolment->devices;
    Client *client = clients_find(devices->server->clients, enrolment->client);
    const char *code = json_string_value(json_object_get(json_array_get(rows, 0), "site"));
    Site *site = code != NULL ? directory_find(devices->server->directory, code) : NULL;
    if (problem != NULL) {
        request_fail(devices->server, enrolment->request, problem);
    } else if (site == NULL) {
        audit(devices->server, enrolment->key, "device.token", "", "refused");
        if (client != NULL) {
            refuse(devices, client, enrolment->request, "token unknown, used or expired");
        }
    } else {
        Device *device = seat_device(enrolment, site);
        if (client != NULL) {
            admit(devices, device, client, enrolment->request, enrolment->media);
        }
    }
    enrolment_free(enrolment);
}

static void spend_token(Devices *devices, const char *token, Enrolment *enrolment)
{
    char hash[CODE_HASH_SIZE];
    code_hash(token, hash);
    int64_t now_ms = wall_ms();
    json_t *statements = json_pack(
        "[[s[sIs]], [s[sssIsI]], [s[sI]]]",
        "DELETE FROM devices WHERE revoked = 0 AND site = "
        "(SELECT site FROM tokens WHERE hash = ? AND expires_ms > ?) AND key <> ?",
        hash, (json_int_t)now_ms, enrolment->key,
        "INSERT INTO devices (key, site, name, software, approved_ms, approved_by) "
        "SELECT ?, site, ?, ?, ?, 'token:' || made_by FROM tokens WHERE hash = ? AND expires_ms > "
        "? "
        "ON CONFLICT (key) DO UPDATE SET site = excluded.site, name = excluded.name, "
        "software = excluded.software, approved_ms = excluded.approved_ms, "
        "approved_by = excluded.approved_by",
        enrolment->key, enrolment->name, enrolment->software, (json_int_t)now_ms, hash,
        (json_int_t)now_ms, "DELETE FROM tokens WHERE hash = ? AND expires_ms > ? RETURNING site",
        hash, (json_int_t)now_ms);
    store_transaction(devices->server->store, statements, on_token_spent, enrolment);
}

static void enrol_by_token(Devices *devices, Client *client, const char *key,
                           const DeviceClaim *claim, Request request)
{
    Enrolment *enrolment = g_new0(Enrolment, 1);
    enrolment->devices = devices;
    enrolment->request = request;
    enrolment->client = client_id(client);
    g_strlcpy(enrolment->key, key, sizeof enrolment->key);
    g_strlcpy(enrolment->name, claim->name, sizeof enrolment->name);
    g_strlcpy(enrolment->software, claim->software, sizeof enrolment->software);
    g_strlcpy(enrolment->by, "token", sizeof enrolment->by);
    enrolment->media = json_incref(claim->media);
    spend_token(devices, claim->token, enrolment);
}

void devices_authenticate(Devices *devices, Client *client, const DeviceClaim *claim,
                          Request request)
{
    char key[KEY_TEXT_SIZE];
    key_to_text(claim->key, key);
    if (!client_spend_nonce(client)) {
        refuse(devices, client, request, "the nonce was used before");
        return;
    }
    if (!is_signature_right(client, claim)) {
        refuse(devices, client, request, "wrong signature");
        return;
    }
    Device *device = g_hash_table_lookup(devices->by_key, key);
    if (device != NULL && device->state == DEVICE_REVOKED) {
        audit(devices->server, key, "device.auth", "", "revoked");
        refuse(devices, client, request, "this key was revoked");
        return;
    }
    /* A box keeps its token in its settings: what matters is only the first time. */
    if (device != NULL && device->state == DEVICE_APPROVED) {
        describe(device, claim->name, claim->software);
        admit(devices, device, client, request, claim->media);
        return;
    }
    if (claim->token[0] != '\0') {
        enrol_by_token(devices, client, key, claim, request);
        return;
    }
    put_on_pending_list(devices, device, key, client, request);
    device = g_hash_table_lookup(devices->by_key, key);
    if (device != NULL) {
        describe(device, claim->name, claim->software);
    }
}

/* ---- what technicians do ---- */

static Device *find_pending(Devices *devices, const char *pairing_code)
{
    char code[DEVICE_PAIRING_CODE_SIZE];
    if (!code_read(pairing_code, 2, code)) {
        return NULL;
    }
    GHashTableIter iter;
    gpointer value;
    g_hash_table_iter_init(&iter, devices->by_key);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        Device *device = value;
        if (device->state == DEVICE_PENDING && strcmp(device->pairing_code, code) == 0) {
            return device;
        }
    }
    return NULL;
}

static void on_approved(json_t *rows, const Problem *problem, void *data)
{
    Enrolment *enrolment = data;
    Devices *devices = enrolment->devices;
    Site *site = directory_find(devices->server->directory, enrolment->site);
    Problem gone;
    if (problem == NULL && site == NULL) {
        problem_set(&gone, "not_found", "site", "site %s was removed", enrolment->site);
        problem = &gone;
    }
    if (problem != NULL) {
        request_fail(devices->server, enrolment->request, problem);
        enrolment_free(enrolment);
        return;
    }
    Device *device = seat_device(enrolment, site);
    request_ok(devices->server, enrolment->request, NULL);
    Client *client = clients_find(devices->server->clients, enrolment->client);
    if (client != NULL && device->client == enrolment->client) {
        Request unasked = {.client = enrolment->client, .id = -1};
        admit(devices, device, client, unasked, NULL);
    }
    enrolment_free(enrolment);
}

void devices_approve(Devices *devices, const char *pairing_code, const char *site, const char *by,
                     Request request)
{
    Problem problem;
    Device *device = find_pending(devices, pairing_code);
    if (device == NULL) {
        problem_set(&problem, "not_found", "pairing_code", "no device shows this code");
        request_fail(devices->server, request, &problem);
        return;
    }
    if (directory_find(devices->server->directory, site) == NULL) {
        problem_set(&problem, "not_found", "site", "there is no site %s", site);
        request_fail(devices->server, request, &problem);
        return;
    }
    Enrolment *enrolment = g_new0(Enrolment, 1);
    enrolment->devices = devices;
    enrolment->request = request;
    enrolment->client = device->client;
    g_strlcpy(enrolment->key, device->key, sizeof enrolment->key);
    g_strlcpy(enrolment->site, site, sizeof enrolment->site);
    g_strlcpy(enrolment->name, device->name, sizeof enrolment->name);
    g_strlcpy(enrolment->software, device->software, sizeof enrolment->software);
    g_strlcpy(enrolment->by, by, sizeof enrolment->by);
    json_t *statements =
        json_pack("[[s[s]], [s[ssssIs]]]", "DELETE FROM devices WHERE site = ?", site,
                  "INSERT INTO devices (key, site, name, software, approved_ms, approved_by) "
                  "VALUES (?, ?, ?, ?, ?, ?)",
                  device->key, site, device->name, device->software, (json_int_t)wall_ms(), by);
    store_transaction(devices->server->store, statements, on_approved, enrolment);
}

typedef struct Revocation {
    Devices *devices;
    Request request;
    char key[KEY_TEXT_SIZE];
} Revocation;

static void revoke_in_memory(Devices *devices, Device *device)
{
    char site[sizeof device->site];
    g_strlcpy(site, device->site, sizeof site);
    audit(devices->server, device->key, "device.revoke", site, "ok");
    cut(devices, device, CLOSE_POLICY, "revoked");
    unbind_site(devices, device);
    device->state = DEVICE_REVOKED;
    if (site[0] != '\0' && devices->server->meetings != NULL) {
        meetings_on_device_revoked(devices->server->meetings, site);
    }
    log_info("device.revoked", "site=%s device=%.8s", site, device->key);
}

static void on_revoked(json_t *rows, const Problem *problem, void *data)
{
    Revocation *revocation = data;
    Devices *devices = revocation->devices;
    Device *device = g_hash_table_lookup(devices->by_key, revocation->key);
    if (problem != NULL) {
        request_fail(devices->server, revocation->request, problem);
    } else {
        if (device != NULL) {
            devices->pending_count -= device->state == DEVICE_PENDING;
            device->pairing_code[0] = '\0';
            revoke_in_memory(devices, device);
        }
        request_ok(devices->server, revocation->request, NULL);
    }
    g_free(revocation);
}

void devices_revoke(Devices *devices, const char *key, Request request)
{
    Device *device = g_hash_table_lookup(devices->by_key, key);
    if (device == NULL) {
        Problem problem;
        problem_set(&problem, "not_found", "key", "no device has this key");
        request_fail(devices->server, request, &problem);
        return;
    }
    Revocation *revocation = g_new0(Revocation, 1);
    revocation->devices = devices;
    revocation->request = request;
    g_strlcpy(revocation->key, key, sizeof revocation->key);
    store_query(
        devices->server->store,
        "INSERT INTO devices (key, site, name, software, revoked) VALUES (?, NULL, ?, ?, 1) "
        "ON CONFLICT (key) DO UPDATE SET site = NULL, revoked = 1",
        json_pack("[sss]", key, device->name, device->software), on_revoked, revocation);
}

typedef struct TokenAsked {
    Devices *devices;
    Request request;
    char token[DEVICE_TOKEN_SIZE];
} TokenAsked;

static void on_token_stored(json_t *rows, const Problem *problem, void *data)
{
    TokenAsked *asked = data;
    if (problem != NULL) {
        request_fail(asked->devices->server, asked->request, problem);
    } else {
        request_ok(asked->devices->server, asked->request,
                   json_pack("{s:s}", "token", asked->token));
    }
    sodium_memzero(asked, sizeof *asked);
    g_free(asked);
}

void devices_make_token(Devices *devices, const char *site, int64_t ttl_s, const char *by,
                        Request request)
{
    if (directory_find(devices->server->directory, site) == NULL) {
        Problem problem;
        problem_set(&problem, "not_found", "site", "there is no site %s", site);
        request_fail(devices->server, request, &problem);
        return;
    }
    TokenAsked *asked = g_new0(TokenAsked, 1);
    asked->devices = devices;
    asked->request = request;
    code_make(4, asked->token);
    char hash[CODE_HASH_SIZE];
    code_hash(asked->token, hash);
    audit(devices->server, by, "token.new", site, "ok");
    int64_t now_ms = wall_ms();
    json_t *statements = json_pack(
        "[[s[I]], [s[ssIs]]]", "DELETE FROM tokens WHERE expires_ms <= ?", (json_int_t)now_ms,
        "INSERT INTO tokens (hash, site, expires_ms, made_by) VALUES (?, ?, ?, ?)", hash, site,
        (json_int_t)(now_ms + ttl_s * 1000), by);
    store_transaction(devices->server->store, statements, on_token_stored, asked);
}

static const char *state_text(const Device *device)
{
    switch (device->state) {
    case DEVICE_PENDING:
        return "pending";
    case DEVICE_APPROVED:
        return device->is_online ? "online" : "offline";
    case DEVICE_REVOKED:
        return "revoked";
    }
    return "";
}

static json_t *text_or_null(const char *text)
{
    return text[0] != '\0' ? json_string(text) : json_null();
}

json_t *devices_to_json(Devices *devices)
{
    json_t *list = json_array();
    GHashTableIter iter;
    gpointer value;
    g_hash_table_iter_init(&iter, devices->by_key);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        const Device *device = value;
        json_array_append_new(list, json_pack("{s:s, s:o, s:s, s:s, s:s, s:o, s:I}", "key",
                                              device->key, "site", text_or_null(device->site),
                                              "state", state_text(device), "name", device->name,
                                              "software", device->software, "pairing_code",
                                              text_or_null(device->pairing_code), "last_seen_ms",
                                              (json_int_t)device->last_seen_ms));
    }
    return list;
}

/* ---- what happens to them ---- */

static void forget_pending(Devices *devices, const Client *client)
{
    GHashTableIter iter;
    gpointer value;
    g_hash_table_iter_init(&iter, devices->by_key);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        Device *device = value;
        if (device->state == DEVICE_PENDING && device->client == client_id(client)) {
            devices->pending_count--;
            g_hash_table_iter_remove(&iter);
            return;
        }
    }
}

void devices_on_client_gone(Devices *devices, Client *client)
{
    if (client_role(client) == ROLE_PENDING) {
        forget_pending(devices, client);
        return;
    }
    Device *device = client_role(client) == ROLE_DEVICE ? find_by_client(devices, client) : NULL;
    if (device == NULL) {
        return;
    }
    Site *site = site_of(devices, device);
    device->client = 0;
    if (!device->is_online || site == NULL) {
        return;
    }
    device->is_online = false;
    devices->online_count--;
    device->last_seen_ms = wall_ms();
    device->is_seen_unsaved = true;
    site->client = 0;
    log_info("device.offline", "site=%s device=%.8s", site->code, device->key);
    directory_announce(devices->server->directory, site);
}

void devices_on_site_removed(Devices *devices, const Site *site)
{
    Device *device = g_hash_table_lookup(devices->by_site, site->code);
    if (device != NULL) {
        cut(devices, device, CLOSE_NORMAL, "the site was removed");
        remove_device(devices, device);
    }
}

size_t devices_online_count(const Devices *devices)
{
    return devices->online_count;
}

size_t devices_waiting_count(const Devices *devices)
{
    return admission_waiting_count(devices->admission);
}

static void save_seen(void *data)
{
    Devices *devices = data;
    json_t *statements = json_array();
    GHashTableIter iter;
    gpointer value;
    g_hash_table_iter_init(&iter, devices->by_key);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        Device *device = value;
        if (device->is_seen_unsaved) {
            device->is_seen_unsaved = false;
            json_array_append_new(
                statements, json_pack("[s[Isss]]",
                                      "UPDATE devices SET last_seen_ms = ?, name = ?, software = ? "
                                      "WHERE key = ?",
                                      (json_int_t)device->last_seen_ms, device->name,
                                      device->software, device->key));
        }
    }
    if (json_array_size(statements) == 0) {
        json_decref(statements);
        return;
    }
    store_transaction(devices->server->store, statements, NULL, NULL);
}

Devices *devices_new(Server *server, GError **error)
{
    Problem problem;
    json_t *rows = store_query_now(
        server->store, "SELECT key, site, name, software, revoked, last_seen_ms FROM devices", NULL,
        &problem);
    if (rows == NULL) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "the devices cannot be read: %s",
                    problem.message);
        return NULL;
    }
    Devices *devices = g_new0(Devices, 1);
    devices->server = server;
    devices->by_key = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);
    devices->by_site = g_hash_table_new(g_str_hash, g_str_equal);
    devices->admission = admission_new(server->config->admissions_per_s, on_admitted, devices);
    devices->seen_timer = loop_every(SEEN_SAVE_PERIOD_US, save_seen, devices);
    crypto_generichash_keygen(devices->code_secret);
    load(devices, rows);
    json_decref(rows);
    return devices;
}

void devices_free(Devices *devices)
{
    if (devices == NULL) {
        return;
    }
    save_seen(devices);
    loop_drop(&devices->seen_timer);
    admission_free(devices->admission);
    g_hash_table_unref(devices->by_site);
    g_hash_table_unref(devices->by_key);
    g_free(devices);
}
