/* The messages of PROTOCOL.md about templates. */
#include <jansson.h>

#include "bridge/base/fields.h"
#include "bridge/base/limits.h"
#include "signalling/dispatch.h"
#include "signalling/plan.h"
#include "signalling/templates.h"

static void handle_list(Server *server, Client *client, json_t *message, Request request)
{
    request_ok(server, request,
               json_pack("{s:o}", "templates", templates_to_json(server->templates)));
}

static void handle_get(Server *server, Client *client, json_t *message, Request request)
{
    Problem problem;
    int64_t id;
    if (!field_int(message, "template", 1, INT64_MAX, &id, &problem)) {
        request_fail(server, request, &problem);
        return;
    }
    json_t *template = templates_find(server->templates, id);
    if (template == NULL) {
        problem_set(&problem, "not_found", "template", "template: there is none of this number");
        request_fail(server, request, &problem);
        return;
    }
    request_ok(server, request, template);
}

static void handle_set(Server *server, Client *client, json_t *message, Request request)
{
    Problem problem;
    int64_t id;
    const char *name;
    json_t *plan = NULL;
    if (!field_int_or(message, "template", 1, INT64_MAX, 0, &id, &problem) ||
        !field_string(message, "name", 1, LIMIT_NAME_BYTES, &name, &problem) ||
        (plan = plan_field(server, message, &problem)) == NULL) {
        request_fail(server, request, &problem);
        return;
    }
    templates_set(server->templates, id, name, plan, request);
    json_decref(plan);
}

static void handle_remove(Server *server, Client *client, json_t *message, Request request)
{
    Problem problem;
    int64_t id;
    if (!field_int(message, "template", 1, INT64_MAX, &id, &problem)) {
        request_fail(server, request, &problem);
        return;
    }
    templates_remove(server->templates, id, request);
}

/* ---- of a meeting that is or was ---- */

typedef struct Making {
    Server *server;
    char *name;
    Request request;
} Making;

static void on_plan(json_t *plan, const Problem *problem, void *data)
{
    Making *making = data;
    Problem empty;
    if (problem == NULL && json_array_size(plan_sites(plan)) == 0) {
        problem_set(&empty, "wrong_state", "meeting", "meeting: no site has a seat in it");
        problem = &empty;
    }
    if (problem != NULL) {
        request_fail(making->server, making->request, problem);
    } else {
        templates_set(making->server->templates, 0, making->name, plan, making->request);
    }
    g_free(making->name);
    g_free(making);
}

static void handle_make(Server *server, Client *client, json_t *message, Request request)
{
    Problem problem;
    int64_t meeting;
    const char *name;
    if (!field_int(message, "meeting", 1, INT64_MAX, &meeting, &problem) ||
        !field_string(message, "name", 1, LIMIT_NAME_BYTES, &name, &problem)) {
        request_fail(server, request, &problem);
        return;
    }
    Making *making = g_new(Making, 1);
    *making = (Making){server, g_strdup(name), request};
    plan_of_meeting(server, meeting, on_plan, making);
}

const MessageRow template_rows[] = {
    {"template.list", ROLES_PAGE, handle_list},
    {"template.get", ROLES_PAGE, handle_get},
    {"template.set", ROLES_HOSTING, handle_set},
    {"template.remove", ROLES_HOSTING, handle_remove},
    {"template.make", ROLES_HOSTING, handle_make},
    {NULL, 0, NULL},
};
