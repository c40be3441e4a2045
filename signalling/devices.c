#include "signalling/devices.h"

#include <jansson.h>
#include <sodium.h>
#include <string.h>

#include "bridge/base/clock.h"
#include "bridge/base/log.h"
#include "bridge/base/loop.h"
#include "signalling/client.h"
#include "signalling/config.h"
#include "signalling/devices_internal.h"
#include "signalling/nullable.h"
#include "signalling/store.h"

#define SEEN_SAVE_PERIOD_US (60 * CLOCK_US_PER_S)

int64_t devices_wall_ms(void)
{
    return g_get_real_time() / 1000;
}

/* ---- the memory of devices ---- */

Device *devices_add(Devices *devices, const char *key, DeviceState state)
{
    Device *device = g_new0(Device, 1);
    g_strlcpy(device->key, key, sizeof device->key);
    device->state = state;
    g_hash_table_insert(devices->by_key, device->key, device);
    devices->pending_count += state == DEVICE_PENDING;
    return device;
}

Site *devices_site_of(Devices *devices, const Device *device)
{
    return device->site[0] != '\0' ? directory_find(devices->server->directory, device->site)
                                   : NULL;
}

/* Its site loses it: no longer online, no longer served. */
void devices_unbind(Devices *devices, Device *device)
{
    Site *site = devices_site_of(devices, device);
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

void devices_bind(Devices *devices, Device *device, Site *site)
{
    devices->pending_count -= device->state == DEVICE_PENDING;
    device->state = DEVICE_APPROVED;
    device->pairing_code[0] = '\0';
    g_strlcpy(device->site, site->code, sizeof device->site);
    g_hash_table_insert(devices->by_site, device->site, device);
    site->has_device = true;
}

void devices_remove(Devices *devices, Device *device)
{
    devices_unbind(devices, device);
    devices->pending_count -= device->state == DEVICE_PENDING;
    g_hash_table_remove(devices->by_key, device->key);
}

void devices_describe(Device *device, const char *name, const char *software)
{
    g_strlcpy(device->name, name, sizeof device->name);
    g_strlcpy(device->software, software, sizeof device->software);
}

/* The connection of a device ends; its site's seat stays. */
void devices_cut(Devices *devices, Device *device, int code, const char *reason)
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
        Device *device = devices_add(devices, json_string_value(json_object_get(row, "key")),
                                     is_revoked ? DEVICE_REVOKED : DEVICE_APPROVED);
        g_strlcpy(device->name, json_string_value(json_object_get(row, "name")),
                  sizeof device->name);
        g_strlcpy(device->software, json_string_value(json_object_get(row, "software")),
                  sizeof device->software);
        device->last_seen_ms = json_integer_value(json_object_get(row, "last_seen_ms"));
        if (!is_revoked) {
            devices_bind(devices, device, site);
        }
    }
}
Device *devices_find_by_client(Devices *devices, const Client *client)
{
    Device *device = g_hash_table_lookup(devices->by_site, client_site(client));
    return device != NULL && device->client == client_id(client) ? device : NULL;
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
    Device *device =
        client_role(client) == ROLE_DEVICE ? devices_find_by_client(devices, client) : NULL;
    if (device == NULL) {
        return;
    }
    Site *site = devices_site_of(devices, device);
    device->client = 0;
    if (!device->is_online || site == NULL) {
        return;
    }
    device->is_online = false;
    devices->online_count--;
    device->last_seen_ms = devices_wall_ms();
    device->is_seen_unsaved = true;
    site->client = 0;
    log_info("device.offline", "site=%s device=%.8s", site->code, device->key);
    directory_announce(devices->server->directory, site);
}

void devices_on_site_removed(Devices *devices, const Site *site)
{
    Device *device = g_hash_table_lookup(devices->by_site, site->code);
    if (device != NULL) {
        devices_cut(devices, device, CLOSE_NORMAL, "the site was removed");
        devices_remove(devices, device);
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
    devices->admission =
        admission_new(server->config->admissions_per_s, devices_on_admitted, devices);
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
