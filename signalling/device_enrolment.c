#include "signalling/devices_internal.h"

#include <jansson.h>
#include <sodium.h>
#include <string.h>

#include "bridge/base/log.h"
#include "signalling/audit.h"
#include "signalling/client.h"
#include "signalling/codes.h"
#include "signalling/meetings.h"
#include "signalling/store.h"

/* What has to be remembered while the store is asked. */
typedef struct Enrolment {
    Devices *devices;
    Request request;
    char key[DEVICE_KEY_TEXT_SIZE];
    char site[SITE_CODE_BYTES_MAX + 1]; /* "": the token says */
    char name[LIMIT_NAME_BYTES + 1];
    char software[DEVICE_SOFTWARE_BYTES_MAX + 1];
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
        devices_cut(devices, old, CLOSE_NORMAL, "replaced");
        devices_remove(devices, old);
    }
    Device *device = g_hash_table_lookup(devices->by_key, enrolment->key);
    if (device == NULL) {
        device = devices_add(devices, enrolment->key, DEVICE_APPROVED);
    }
    devices_unbind(devices, device);
    devices_bind(devices, device, site);
    devices_describe(device, enrolment->name, enrolment->software);
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
            devices_refuse(devices, client, enrolment->request, "token unknown, used or expired");
        }
    } else {
        Device *device = seat_device(enrolment, site);
        if (client != NULL) {
            devices_admit(devices, device, client, enrolment->request, enrolment->media);
        }
    }
    enrolment_free(enrolment);
}

static void spend_token(Devices *devices, const char *token, Enrolment *enrolment)
{
    char hash[CODE_HASH_SIZE];
    code_hash(token, hash);
    int64_t now_ms = devices_wall_ms();
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

void devices_enrol_by_token(Devices *devices, Client *client, const char *key,
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
        devices_admit(devices, device, client, unasked, NULL);
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
    json_t *statements = json_pack(
        "[[s[s]], [s[ssssIs]]]", "DELETE FROM devices WHERE site = ?", site,
        "INSERT INTO devices (key, site, name, software, approved_ms, approved_by) "
        "VALUES (?, ?, ?, ?, ?, ?)",
        device->key, site, device->name, device->software, (json_int_t)devices_wall_ms(), by);
    store_transaction(devices->server->store, statements, on_approved, enrolment);
}

typedef struct Revocation {
    Devices *devices;
    Request request;
    char key[DEVICE_KEY_TEXT_SIZE];
} Revocation;

static void revoke_in_memory(Devices *devices, Device *device)
{
    char site[sizeof device->site];
    g_strlcpy(site, device->site, sizeof site);
    audit(devices->server, device->key, "device.revoke", site, "ok");
    devices_cut(devices, device, CLOSE_POLICY, "revoked");
    devices_unbind(devices, device);
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
    int64_t now_ms = devices_wall_ms();
    json_t *statements = json_pack(
        "[[s[I]], [s[ssIs]]]", "DELETE FROM tokens WHERE expires_ms <= ?", (json_int_t)now_ms,
        "INSERT INTO tokens (hash, site, expires_ms, made_by) VALUES (?, ?, ?, ?)", hash, site,
        (json_int_t)(now_ms + ttl_s * 1000), by);
    store_transaction(devices->server->store, statements, on_token_stored, asked);
}
