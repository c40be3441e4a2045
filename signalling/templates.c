#include "signalling/templates.h"

#include <jansson.h>
#include <string.h>

#include "bridge/base/limits.h"
#include "signalling/plan.h"
#include "signalling/store.h"

typedef struct Template {
    int64_t id;
    char *name;
    json_t *plan;
} Template;

struct Templates {
    Server *server;
    GPtrArray *list; /* Template, by id */
    int64_t last_id;
};

static void template_free(gpointer data)
{
    Template *template = data;
    g_free(template->name);
    json_decref(template->plan);
    g_free(template);
}

static Template *find(const Templates *templates, int64_t id)
{
    for (guint i = 0; i < templates->list->len; i++) {
        Template *template = g_ptr_array_index(templates->list, i);
        if (template->id == id) {
            return template;
        }
    }
    return NULL;
}

/* Takes over the plan. */
static void put(Templates *templates, int64_t id, const char *name, json_t *plan)
{
    Template *template = find(templates, id);
    if (template == NULL) {
        template = g_new0(Template, 1);
        template->id = id;
        g_ptr_array_add(templates->list, template);
    }
    g_free(template->name);
    template->name = g_strdup(name);
    json_decref(template->plan);
    template->plan = plan;
}

static bool load(Templates *templates, GError **error)
{
    Problem problem = {0};
    json_t *rows =
        store_query_now(templates->server->store,
                        "SELECT id, name, plan FROM templates ORDER BY id", NULL, &problem);
    size_t index;
    json_t *row;
    json_array_foreach(rows, index, row)
    {
        json_t *plan = plan_from_text(store_text(row, "plan"));
        templates->last_id = store_integer(row, "id");
        if (plan != NULL) {
            put(templates, templates->last_id, store_text(row, "name"), plan);
        }
    }
    json_decref(rows);
    if (rows == NULL) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "reading the templates: %s",
                    problem.message);
    }
    return rows != NULL;
}

Templates *templates_new(Server *server, GError **error)
{
    Templates *templates = g_new0(Templates, 1);
    templates->server = server;
    templates->list = g_ptr_array_new_with_free_func(template_free);
    if (!load(templates, error)) {
        templates_free(templates);
        return NULL;
    }
    return templates;
}

void templates_free(Templates *templates)
{
    if (templates != NULL) {
        g_ptr_array_unref(templates->list);
        g_free(templates);
    }
}

json_t *templates_to_json(const Templates *templates)
{
    json_t *list = json_array();
    for (guint i = 0; i < templates->list->len; i++) {
        const Template *template = g_ptr_array_index(templates->list, i);
        json_array_append_new(list, json_pack("{s:I, s:s, s:s, s:i}", "template",
                                              (json_int_t) template->id, "name", template->name,
                                              "title", plan_title(template->plan), "sites",
                                              (int)json_array_size(plan_sites(template->plan))));
    }
    return list;
}

json_t *templates_find(const Templates *templates, int64_t id)
{
    const Template *template = find(templates, id);
    return template != NULL ? json_pack("{s:I, s:s, s:O}", "template", (json_int_t)id, "name",
                                        template->name, "plan", template->plan)
                            : NULL;
}

/* ---- changes ---- */

typedef struct Change {
    Templates *templates;
    int64_t id;
    char *name; /* NULL: it is removed */
    json_t *plan;
    Request request;
} Change;

static void on_stored(json_t *rows, const Problem *problem, void *data)
{
    Change *change = data;
    Templates *templates = change->templates;
    Server *server = templates->server;
    if (problem != NULL) {
        request_fail(server, change->request, problem);
    } else if (change->name != NULL) {
        put(templates, change->id, change->name, json_incref(change->plan));
        request_ok(server, change->request, json_pack("{s:I}", "template", (json_int_t)change->id));
    } else {
        g_ptr_array_remove(templates->list, find(templates, change->id));
        request_ok(server, change->request, NULL);
    }
    clients_broadcast(server->clients, json_pack("{s:s}", "type", "schedule"));
    g_free(change->name);
    json_decref(change->plan);
    g_free(change);
}

static Change *change_new(Templates *templates, int64_t id, Request request)
{
    Change *change = g_new0(Change, 1);
    change->templates = templates;
    change->id = id;
    change->request = request;
    return change;
}

void templates_set(Templates *templates, int64_t id, const char *name, json_t *plan,
                   Request request)
{
    Problem problem;
    bool is_good = true;
    if (id != 0 && find(templates, id) == NULL) {
        is_good = problem_set(&problem, "not_found", "template", "template: there is none");
    } else if (id == 0 && templates->list->len >= LIMIT_TEMPLATES) {
        is_good = problem_set(&problem, "limit", "", "there are %d templates; remove one first",
                              LIMIT_TEMPLATES);
    }
    if (!is_good) {
        request_fail(templates->server, request, &problem);
        return;
    }
    Change *change = change_new(templates, id != 0 ? id : ++templates->last_id, request);
    change->name = g_strdup(name);
    change->plan = json_incref(plan);
    char *text = plan_to_text(plan);
    store_query(templates->server->store,
                "INSERT INTO templates(id, name, plan) VALUES(?,?,?) ON CONFLICT(id) DO UPDATE "
                "SET name=excluded.name, plan=excluded.plan",
                json_pack("[I, s, s]", (json_int_t)change->id, name, text), on_stored, change);
    free(text);
}

void templates_remove(Templates *templates, int64_t id, Request request)
{
    if (find(templates, id) == NULL) {
        request_ok(templates->server, request, NULL);
        return;
    }
    store_query(templates->server->store, "DELETE FROM templates WHERE id=?",
                json_pack("[I]", (json_int_t)id), on_stored, change_new(templates, id, request));
}
