#include "signalling/directory.h"

#include <jansson.h>
#include <string.h>

#include "bridge/base/log.h"
#include "signalling/client.h"
#include "signalling/devices.h"
#include "signalling/nullable.h"
#include "signalling/server.h"
#include "signalling/sites_csv.h"
#include "signalling/store.h"

struct Directory {
    Server *server;
    GPtrArray *sites;     /* Site *, in order; owns them */
    GHashTable *by_code;  /* code inside the site → Site * */
    GPtrArray *importing; /* SiteRow * on their way into the store; NULL when there are none */
    DirectoryChange change;
    DirectoryReply reply;
    void *reply_data;
};

static void add_site(Directory *directory, Site *site)
{
    g_ptr_array_add(directory->sites, site);
    g_hash_table_insert(directory->by_code, site->code, site);
}

static Site *site_new(const char *code)
{
    Site *site = g_new0(Site, 1);
    g_strlcpy(site->code, code, sizeof site->code);
    return site;
}

static void describe(Site *site, const char *name, const char *tier, const char *parent)
{
    g_strlcpy(site->name, name, sizeof site->name);
    g_strlcpy(site->tier, tier, sizeof site->tier);
    g_strlcpy(site->parent, parent, sizeof site->parent);
}

Directory *directory_new(Server *server, GError **error)
{
    Problem problem;
    json_t *rows = store_query_now(
        server->store,
        "SELECT code, name, tier, parent FROM sites WHERE removed = 0 ORDER BY position", NULL,
        &problem);
    if (rows == NULL) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "the sites cannot be read: %s",
                    problem.message);
        return NULL;
    }
    Directory *directory = g_new0(Directory, 1);
    directory->server = server;
    directory->sites = g_ptr_array_new_with_free_func(g_free);
    directory->by_code = g_hash_table_new(g_str_hash, g_str_equal);
    size_t index;
    json_t *row;
    json_array_foreach(rows, index, row)
    {
        Site *site = site_new(json_string_value(json_object_get(row, "code")));
        describe(site, json_string_value(json_object_get(row, "name")),
                 json_string_value(json_object_get(row, "tier")),
                 json_string_value(json_object_get(row, "parent")));
        add_site(directory, site);
    }
    json_decref(rows);
    return directory;
}

void directory_free(Directory *directory)
{
    if (directory == NULL) {
        return;
    }
    g_clear_pointer(&directory->importing, g_ptr_array_unref);
    g_hash_table_unref(directory->by_code);
    g_ptr_array_unref(directory->sites);
    g_free(directory);
}

Site *directory_find(Directory *directory, const char *code)
{
    return g_hash_table_lookup(directory->by_code, code);
}

size_t directory_count(const Directory *directory)
{
    return directory->sites->len;
}

Site *directory_at(Directory *directory, size_t index)
{
    return g_ptr_array_index(directory->sites, index);
}

static bool has_branch(const Directory *directory, const Site *head)
{
    for (guint i = 0; i < directory->sites->len; i++) {
        const Site *site = g_ptr_array_index(directory->sites, i);
        if (strcmp(site->parent, head->code) == 0) {
            return true;
        }
    }
    return false;
}

const char *directory_agency(Directory *directory, const Site *site)
{
    const Site *head = has_branch(directory, site) ? site : directory_find(directory, site->parent);
    return head != NULL ? head->name : "";
}

json_t *site_to_json(const Site *site)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:b, s:b, s:o}", "code", site->code, "name", site->name,
                     "tier", site->tier, "parent", site->parent, "online", site->client != 0,
                     "device", (int)site->has_device, "meeting", number_or_null(site->meeting));
}

json_t *directory_to_json(Directory *directory)
{
    json_t *sites = json_array();
    for (guint i = 0; i < directory->sites->len; i++) {
        json_array_append_new(sites, site_to_json(g_ptr_array_index(directory->sites, i)));
    }
    return sites;
}

void directory_announce(Directory *directory, const Site *site)
{
    if (directory->server->clients != NULL) {
        clients_broadcast(directory->server->clients,
                          json_pack("{s:s, s:o}", "type", "site", "site", site_to_json(site)));
    }
}

/* ---- import ---- */

static GHashTable *codes_of(const GPtrArray *rows)
{
    GHashTable *codes = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < rows->len; i++) {
        SiteRow *row = g_ptr_array_index(rows, i);
        g_hash_table_insert(codes, row->code, row);
    }
    return codes;
}

static bool is_same(const Site *site, const SiteRow *row)
{
    return strcmp(site->name, row->name) == 0 && strcmp(site->tier, row->tier) == 0 &&
           strcmp(site->parent, row->parent) == 0;
}

static DirectoryChange count_changes(Directory *directory, const GPtrArray *rows, GHashTable *codes)
{
    DirectoryChange change = {0};
    for (guint i = 0; i < rows->len; i++) {
        const SiteRow *row = g_ptr_array_index(rows, i);
        const Site *site = directory_find(directory, row->code);
        change.added += site == NULL;
        change.changed += site != NULL && !is_same(site, row);
    }
    for (guint i = 0; i < directory->sites->len; i++) {
        const Site *site = g_ptr_array_index(directory->sites, i);
        change.removed += !g_hash_table_contains(codes, site->code);
    }
    return change;
}

static bool check_removals(Directory *directory, GHashTable *codes, Problem *problem)
{
    for (guint i = 0; i < directory->sites->len; i++) {
        const Site *site = g_ptr_array_index(directory->sites, i);
        if (site->meeting != 0 && !g_hash_table_contains(codes, site->code)) {
            return problem_set(problem, "conflict", "csv",
                               "%s would be removed but sits in an open meeting", site->code);
        }
    }
    return true;
}

static json_t *statements_for(const GPtrArray *rows)
{
    json_t *statements = json_array();
    json_array_append_new(statements, json_pack("[s[]]", "UPDATE sites SET removed = 1"));
    for (guint i = 0; i < rows->len; i++) {
        const SiteRow *row = g_ptr_array_index(rows, i);
        json_array_append_new(
            statements,
            json_pack(
                "[s[ssssi]]",
                "INSERT INTO sites (code, name, tier, parent, position) VALUES (?, ?, ?, ?, ?) "
                "ON CONFLICT (code) DO UPDATE SET name = excluded.name, tier = excluded.tier, "
                "parent = excluded.parent, position = excluded.position, removed = 0",
                row->code, row->name, row->tier, row->parent, (int)i));
    }
    json_array_append_new(statements,
                          json_pack("[s[]]", "DELETE FROM devices WHERE site IN "
                                             "(SELECT code FROM sites WHERE removed = 1)"));
    json_array_append_new(statements,
                          json_pack("[s[]]", "DELETE FROM tokens WHERE site IN "
                                             "(SELECT code FROM sites WHERE removed = 1)"));
    return statements;
}

/* A meeting may have taken a seat for it while the import was on its way: then it stays. */
static void keep_site(Directory *directory, Site *site)
{
    add_site(directory, site);
    store_query(directory->server->store, "UPDATE sites SET removed = 0 WHERE code = ?",
                json_pack("[s]", site->code), NULL, NULL);
}

static void drop_removed(Directory *directory, GPtrArray *old, GHashTable *codes)
{
    for (guint i = 0; i < old->len; i++) {
        Site *site = g_ptr_array_index(old, i);
        if (g_hash_table_contains(codes, site->code)) {
            continue;
        }
        if (site->meeting != 0) {
            keep_site(directory, site);
            continue;
        }
        if (directory->server->devices != NULL) {
            devices_on_site_removed(directory->server->devices, site);
        }
        g_free(site);
    }
}

static void apply(Directory *directory, const GPtrArray *rows)
{
    g_autoptr(GHashTable) codes = codes_of(rows);
    g_autoptr(GPtrArray) old = g_steal_pointer(&directory->sites);
    g_autoptr(GHashTable) old_by_code = g_steal_pointer(&directory->by_code);
    g_ptr_array_set_free_func(old, NULL);
    directory->sites = g_ptr_array_new_with_free_func(g_free);
    directory->by_code = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < rows->len; i++) {
        const SiteRow *row = g_ptr_array_index(rows, i);
        Site *site = g_hash_table_lookup(old_by_code, row->code);
        if (site == NULL) {
            site = site_new(row->code);
        }
        describe(site, row->name, row->tier, row->parent);
        add_site(directory, site);
    }
    drop_removed(directory, old, codes);
}

static void finish(Directory *directory, const DirectoryChange *change, const Problem *problem)
{
    DirectoryReply reply = directory->reply;
    g_clear_pointer(&directory->importing, g_ptr_array_unref);
    reply(change, problem, directory->reply_data);
}

static void on_stored(json_t *rows, const Problem *problem, void *data)
{
    Directory *directory = data;
    if (problem != NULL) {
        finish(directory, NULL, problem);
        return;
    }
    apply(directory, directory->importing);
    if (directory->server->clients != NULL) {
        clients_broadcast(
            directory->server->clients,
            json_pack("{s:s, s:o}", "type", "sites", "sites", directory_to_json(directory)));
    }
    DirectoryChange change = directory->change;
    log_info("directory.imported", "added=%d changed=%d removed=%d", change.added, change.changed,
             change.removed);
    finish(directory, &change, NULL);
}

void directory_import(Directory *directory, const char *csv, const char *file, DirectoryReply reply,
                      void *data)
{
    Problem problem;
    if (directory->importing != NULL) {
        problem_set(&problem, "conflict", "", "another import is under way");
        reply(NULL, &problem, data);
        return;
    }
    g_autoptr(GPtrArray) rows = sites_csv_parse(csv, file, &problem);
    g_autoptr(GHashTable) codes = rows != NULL ? codes_of(rows) : NULL;
    if (rows == NULL || !check_removals(directory, codes, &problem)) {
        reply(NULL, &problem, data);
        return;
    }
    directory->change = count_changes(directory, rows, codes);
    directory->reply = reply;
    directory->reply_data = data;
    directory->importing = g_ptr_array_ref(rows);
    store_transaction(directory->server->store, statements_for(rows), on_stored, directory);
}
