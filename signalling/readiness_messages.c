/* The messages of PROTOCOL.md about the check before a meeting. */
#include <jansson.h>
#include <string.h>

#include "bridge/base/fields.h"
#include "bridge/base/limits.h"
#include "signalling/directory.h"
#include "signalling/dispatch.h"
#include "signalling/readiness.h"
#include "signalling/readiness_verdict.h"

/* Bytes that are sent to measure the way: they fit into one message. */
#define PROBE_BYTES_MAX (48 * 1024)

static void handle_get(Server *server, Client *client, json_t *message, Request request)
{
    request_ok(server, request, readiness_to_json(server->readiness));
}

/* NULL with no problem: all. */
static bool read_sites(Server *server, json_t *message, json_t **ret_sites, Problem *problem)
{
    *ret_sites = NULL;
    if (!field_has(message, "sites")) {
        return true;
    }
    if (!field_array(message, "sites", 1, LIMIT_SITES, ret_sites, problem)) {
        return false;
    }
    size_t index;
    json_t *site;
    json_array_foreach(*ret_sites, index, site)
    {
        const char *code = json_string_value(site);
        if (code == NULL || directory_find(server->directory, code) == NULL) {
            g_autofree char *field = g_strdup_printf("sites[%zu]", index);
            return problem_set(problem, "not_found", field, "%s: there is no such site", field);
        }
    }
    return true;
}

static void handle_run(Server *server, Client *client, json_t *message, Request request)
{
    Problem problem;
    json_t *sites;
    if (!read_sites(server, message, &sites, &problem)) {
        request_fail(server, request, &problem);
        return;
    }
    readiness_run(server->readiness, sites, client_user(client));
    request_ok(server, request, NULL);
}

static void handle_probe(Server *server, Client *client, json_t *message, Request request)
{
    Problem problem;
    int64_t bytes;
    const char *fill;
    if (!field_int_or(message, "bytes", 0, PROBE_BYTES_MAX, 0, &bytes, &problem) ||
        !field_string_or(message, "fill", PROBE_BYTES_MAX, "", &fill, &problem)) {
        request_fail(server, request, &problem);
        return;
    }
    g_autofree char *answer = g_strnfill((gsize)bytes, 'x');
    request_ok(server, request, json_pack("{s:s}", "fill", answer));
}

static void handle_checked(Server *server, Client *client, json_t *message, Request request)
{
    Problem problem;
    int64_t check;
    bool is_simulated;
    json_t *checks = NULL;
    if (!field_int(message, "check", 1, INT64_MAX, &check, &problem) ||
        !field_bool_or(message, "simulated", false, &is_simulated, &problem) ||
        (checks = verdict_make(message, &problem)) == NULL) {
        request_fail(server, request, &problem);
        return;
    }
    if (!readiness_answer(server->readiness, client_site(client), check, checks, is_simulated)) {
        problem_set(&problem, "not_found", "check", "check: too late, or never asked");
        request_fail(server, request, &problem);
        return;
    }
    request_ok(server, request, NULL);
}

const MessageRow readiness_rows[] = {
    {"readiness.get", ROLES_PAGE, handle_get},
    {"readiness.run", ROLES_PAGE, handle_run},
    {"device.probe", ROLE_DEVICE, handle_probe},
    {"device.checked", ROLE_DEVICE, handle_checked},
    {NULL, 0, NULL},
};
