#include "signalling/devices_internal.h"

#include <jansson.h>
#include <sodium.h>
#include <string.h>

#include "bridge/base/log.h"
#include "signalling/audit.h"
#include "signalling/client.h"
#include "signalling/codes.h"
#include "signalling/meetings.h"

#define HEARTBEAT_S 10

static void key_to_text(const uint8_t *key, char *ret_text)
{
    sodium_bin2base64(ret_text, DEVICE_KEY_TEXT_SIZE, key, DEVICE_KEY_BYTES,
                      sodium_base64_VARIANT_ORIGINAL);
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
    device->last_seen_ms = devices_wall_ms();
    device->is_seen_unsaved = true;
    site->client = client_id(client);
    log_info("device.online", "site=%s device=%.8s name=\"%s\" software=\"%s\"", site->code,
             device->key, device->name, device->software);
    directory_announce(devices->server->directory, site);
}

void devices_on_admitted(const AdmissionTicket *ticket, void *data)
{
    Devices *devices = data;
    Client *client = clients_find(devices->server->clients, ticket->request.client);
    Device *device = client != NULL ? devices_find_by_client(devices, client) : NULL;
    Site *site = device != NULL ? devices_site_of(devices, device) : NULL;
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
void devices_admit(Devices *devices, Device *device, Client *client, Request request, json_t *media)
{
    if (device->client != client_id(client)) {
        devices_cut(devices, device, CLOSE_NORMAL, "replaced");
    }
    device->client = client_id(client);
    client_set_role(client, ROLE_DEVICE);
    client_set_site(client, device->site);
    if (!admission_add(devices->admission, request, media)) {
        devices_cut(devices, device, 1013, "too many devices at once");
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
        device = devices_add(devices, key, DEVICE_PENDING);
        g_strlcpy(device->pairing_code, code, sizeof device->pairing_code);
    } else {
        devices_cut(devices, device, CLOSE_NORMAL, "replaced");
    }
    device->client = client_id(client);
    device->last_seen_ms = devices_wall_ms();
    client_set_role(client, ROLE_PENDING);
    log_info("device.pending", "device=%.8s code=%s", device->key, device->pairing_code);
    answer_pending(devices, device, request);
}

/* ---- authentication ---- */

void devices_refuse(Devices *devices, Client *client, Request request, const char *why)
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

void devices_authenticate(Devices *devices, Client *client, const DeviceClaim *claim,
                          Request request)
{
    char key[DEVICE_KEY_TEXT_SIZE];
    key_to_text(claim->key, key);
    if (!client_spend_nonce(client)) {
        devices_refuse(devices, client, request, "the nonce was used before");
        return;
    }
    if (!is_signature_right(client, claim)) {
        devices_refuse(devices, client, request, "wrong signature");
        return;
    }
    Device *device = g_hash_table_lookup(devices->by_key, key);
    if (device != NULL && device->state == DEVICE_REVOKED) {
        audit(devices->server, key, "device.auth", "", "revoked");
        devices_refuse(devices, client, request, "this key was revoked");
        return;
    }
    /* A box keeps its token in its settings: what matters is only the first time. */
    if (device != NULL && device->state == DEVICE_APPROVED) {
        devices_describe(device, claim->name, claim->software);
        devices_admit(devices, device, client, request, claim->media);
        return;
    }
    if (claim->token[0] != '\0') {
        devices_enrol_by_token(devices, client, key, claim, request);
        return;
    }
    put_on_pending_list(devices, device, key, client, request);
    device = g_hash_table_lookup(devices->by_key, key);
    if (device != NULL) {
        devices_describe(device, claim->name, claim->software);
    }
}
