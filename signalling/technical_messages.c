#include <jansson.h>
#include <unistd.h>

#include "bridge/base/fields.h"
#include "bridge/base/limits.h"
#include "signalling/audit.h"
#include "signalling/devices.h"
#include "signalling/directory.h"
#include "signalling/dispatch.h"
#include "signalling/meetings.h"
#include "signalling/rehearsal.h"
#include "signalling/setup_link.h"
#include "signalling/users.h"

#define FILE_NAME_BYTES_MAX 255
#define KEY_BYTES_MAX 64
#define CODE_BYTES_MAX 16
#define PROFILE_BYTES_MAX 16
#define TOKEN_TTL_MIN_S 60
#define TOKEN_TTL_MAX_S 604800
#define TOKEN_TTL_S 86400

/* An answer that comes later. */
typedef struct Later {
    Server *server;
    Request request;
} Later;

static Later *later_new(Server *server, Request request)
{
    Later *later = g_new0(Later, 1);
    later->server = server;
    later->request = request;
    return later;
}

static void on_imported(const DirectoryChange *change, const Problem *problem, void *data)
{
    Later *later = data;
    if (problem != NULL) {
        request_fail(later->server, later->request, problem);
    } else {
        request_ok(later->server, later->request,
                   json_pack("{s:i, s:i, s:i}", "added", change->added, "changed", change->changed,
                             "removed", change->removed));
    }
    g_free(later);
}

static void on_site_import(Server *server, Client *client, json_t *message, Request request)
{
    Problem problem;
    const char *csv = NULL;
    const char *file = NULL;
    if (!field_string(message, "csv", 1, LIMIT_CSV_BYTES, &csv, &problem) ||
        !field_string_or(message, "file", FILE_NAME_BYTES_MAX, "sites.csv", &file, &problem)) {
        request_fail(server, request, &problem);
        return;
    }
    audit(server, client_user(client), "site.import", file, "asked");
    directory_import(server->directory, csv, file, on_imported, later_new(server, request));
}

static void on_site_list(Server *server, Client *client, json_t *message, Request request)
{
    request_ok(server, request, json_pack("{s:o}", "sites", directory_to_json(server->directory)));
}

static void on_device_list(Server *server, Client *client, json_t *message, Request request)
{
    request_ok(server, request, json_pack("{s:o}", "devices", devices_to_json(server->devices)));
}

static void on_device_approve(Server *server, Client *client, json_t *message, Request request)
{
    Problem problem;
    const char *code = NULL;
    const char *site = NULL;
    if (!field_string(message, "pairing_code", 1, CODE_BYTES_MAX, &code, &problem) ||
        !field_string(message, "site", 1, SITE_CODE_BYTES_MAX, &site, &problem)) {
        request_fail(server, request, &problem);
        return;
    }
    devices_approve(server->devices, code, site, client_user(client), request);
}

static void on_device_revoke(Server *server, Client *client, json_t *message, Request request)
{
    Problem problem;
    const char *key = NULL;
    if (!field_string(message, "key", 1, KEY_BYTES_MAX, &key, &problem)) {
        request_fail(server, request, &problem);
        return;
    }
    devices_revoke(server->devices, key, request);
}

static void on_token_new(Server *server, Client *client, json_t *message, Request request)
{
    Problem problem;
    const char *site = NULL;
    int64_t ttl_s = 0;
    if (!field_string(message, "site", 1, SITE_CODE_BYTES_MAX, &site, &problem) ||
        !field_int_or(message, "ttl_s", TOKEN_TTL_MIN_S, TOKEN_TTL_MAX_S, TOKEN_TTL_S, &ttl_s,
                      &problem)) {
        request_fail(server, request, &problem);
        return;
    }
    devices_make_token(server->devices, site, ttl_s, client_user(client), request);
}

static void on_user_added(const Problem *problem, void *data)
{
    Later *later = data;
    if (problem != NULL) {
        request_fail(later->server, later->request, problem);
    } else {
        request_ok(later->server, later->request, NULL);
    }
    g_free(later);
}

static void on_user_add(Server *server, Client *client, json_t *message, Request request)
{
    Problem problem;
    const char *name = NULL;
    const char *password = NULL;
    const char *role = NULL;
    if (!field_string(message, "name", 1, USER_NAME_BYTES_MAX, &name, &problem) ||
        !field_string(message, "password", 1, LIMIT_PASSWORD_BYTES, &password, &problem) ||
        !field_string(message, "role", 1, 16, &role, &problem)) {
        request_fail(server, request, &problem);
        return;
    }
    users_add(server->users, name, password, role_from_text(role), on_user_added,
              later_new(server, request));
}

static void on_setup_link(Server *server, Client *client, json_t *message, Request request)
{
    Problem problem;
    g_autofree char *url = setup_link_make(server, &problem);
    if (url == NULL) {
        request_fail(server, request, &problem);
        return;
    }
    request_ok(server, request, json_pack("{s:s}", "url", url));
}

static void on_server_status(Server *server, Client *client, json_t *message, Request request)
{
    json_t *fields = json_pack("{s:s, s:i, s:s, s:I, s:I}", "version", DIEMCAU_VERSION, "pid",
                               (int)getpid(), "fingerprint", server->fingerprint, "sites",
                               (json_int_t)directory_count(server->directory), "online",
                               (json_int_t)devices_online_count(server->devices));
    meetings_add_status(server->meetings, fields);
    request_ok(server, request, fields);
}

static void on_rehearsal_get(Server *server, Client *client, json_t *message, Request request)
{
    request_ok(server, request,
               json_pack("{s:o}", "rehearsal", rehearsal_to_json(server->rehearsal)));
}

static void on_rehearsal_start(Server *server, Client *client, json_t *message, Request request)
{
    Problem problem;
    RehearsalPlan plan;
    int64_t sites;
    int64_t seconds;
    if (!field_string(message, "profile", 1, PROFILE_BYTES_MAX, &plan.profile, &problem) ||
        !field_int(message, "sites", 1, REHEARSAL_SITES_MAX, &sites, &problem) ||
        !field_int(message, "seconds", REHEARSAL_SECONDS_MIN, REHEARSAL_SECONDS_MAX, &seconds,
                   &problem)) {
        request_fail(server, request, &problem);
        return;
    }
    plan.sites = (int)sites;
    plan.seconds = (int)seconds;
    if (!rehearsal_start(server->rehearsal, &plan, &problem)) {
        request_fail(server, request, &problem);
        return;
    }
    audit(server, client_user(client), "rehearsal.start", plan.profile, "ok");
    on_rehearsal_get(server, client, message, request);
}

static void on_rehearsal_stop(Server *server, Client *client, json_t *message, Request request)
{
    audit(server, client_user(client), "rehearsal.stop", "", "ok");
    rehearsal_stop(server->rehearsal, client_user(client));
    request_ok(server, request, NULL);
}

const MessageRow technical_rows[] = {
    {"site.import", ROLES_TECHNICAL, on_site_import},
    {"site.list", ROLES_PAGE, on_site_list},
    {"device.list", ROLES_TECHNICAL, on_device_list},
    {"device.approve", ROLES_TECHNICAL, on_device_approve},
    {"device.revoke", ROLES_TECHNICAL, on_device_revoke},
    {"token.new", ROLES_TECHNICAL, on_token_new},
    {"user.add", ROLE_ADMIN, on_user_add},
    {"setup.link", ROLE_ADMIN, on_setup_link},
    {"server.status", ROLES_TECHNICAL, on_server_status},
    {"rehearsal.get", ROLES_TECHNICAL, on_rehearsal_get},
    {"rehearsal.start", ROLES_TECHNICAL, on_rehearsal_start},
    {"rehearsal.stop", ROLES_TECHNICAL, on_rehearsal_stop},
    {NULL, 0, NULL},
};
