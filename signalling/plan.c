#include "signalling/plan.h"

#include <jansson.h>
#include <string.h>

#include "bridge/base/fields.h"
#include "bridge/base/limits.h"
#include "signalling/config.h"
#include "signalling/directory.h"
#include "signalling/meetings.h"
#include "signalling/nullable.h"
#include "signalling/store.h"
#include "signalling/view.h"

static bool check_site(Server *server, GHashTable *seen, json_t *item, size_t index,
                       Problem *problem)
{
    const char *code = json_string_value(item);
    g_autofree char *field = g_strdup_printf("sites[%zu]", index);
    if (code == NULL) {
        return problem_set(problem, "bad_field", field, "%s: must be a string", field);
    }
    if (directory_find(server->directory, code) == NULL) {
        return problem_set(problem, "not_found", field, "%s: there is no site %s", field, code);
    }
    return g_hash_table_add(seen, (gpointer)code) ||
           problem_set(problem, "conflict", field, "%s: %s is there twice", field, code);
}

static bool check_sites(Server *server, json_t *object, json_t *plan, Problem *problem)
{
    json_t *sites;
    if (!field_array(object, "sites", 1, (size_t)server->config->max_seats, &sites, problem)) {
        return false;
    }
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    size_t index;
    json_t *item;
    json_array_foreach(sites, index, item)
    {
        if (!check_site(server, seen, item, index, problem)) {
            return false;
        }
    }
    const char *chair;
    if (!field_string_or(object, "chair", SITE_CODE_BYTES_MAX, NULL, &chair, problem)) {
        return false;
    }
    if (chair != NULL && !g_hash_table_contains(seen, chair)) {
        return problem_set(problem, "not_found", "chair", "chair: %s is not among the sites",
                           chair);
    }
    json_object_set(plan, "sites", sites);
    json_object_set_new(plan, "chair", chair != NULL ? json_string(chair) : json_null());
    return true;
}

static bool check_shown(Server *server, json_t *object, json_t *plan, Problem *problem)
{
    const char *layout;
    const char *preset;
    if (!field_string_or(object, "layout", LAYOUT_NAME_BYTES_MAX, NULL, &layout, problem) ||
        !field_string_or(object, "preset", LIMIT_NAME_BYTES, NULL, &preset, problem)) {
        return false;
    }
    if (layout != NULL && !meetings_has_layout(server->meetings, layout)) {
        return problem_set(problem, "not_found", "layout", "layout: there is no layout \"%s\"",
                           layout);
    }
    if (preset != NULL && !meetings_has_preset(server->meetings, preset)) {
        return problem_set(problem, "not_found", "preset", "preset: there is no preset \"%s\"",
                           preset);
    }
    json_object_set_new(plan, "layout", json_pack("s?", layout));
    json_object_set_new(plan, "preset", json_pack("s?", preset));
    return true;
}

/* 0 in place of what is absent. */
static bool check_conduct(json_t *object, json_t *plan, Problem *problem)
{
    int64_t rotate_s;
    int64_t speaking_s;
    bool is_recorded;
    if (!field_int_or(object, "rotate_s", LIMIT_ROTATE_SECONDS_MIN, LIMIT_ROTATE_SECONDS, 0,
                      &rotate_s, problem) ||
        !field_int_or(object, "speaking_limit_s", LIMIT_SPEAKING_SECONDS_MIN,
                      LIMIT_SPEAKING_SECONDS, 0, &speaking_s, problem) ||
        !field_bool_or(object, "record", false, &is_recorded, problem)) {
        return false;
    }
    json_object_set_new(plan, "rotate_s", number_or_null(rotate_s));
    json_object_set_new(plan, "speaking_limit_s", number_or_null(speaking_s));
    json_object_set_new(plan, "record", json_boolean(is_recorded));
    return true;
}

static bool check_agenda(json_t *object, json_t *plan, Problem *problem)
{
    json_t *agenda = NULL;
    if (!field_has(object, "agenda")) {
        json_object_set_new(plan, "agenda", json_array());
        return true;
    }
    if (!field_array(object, "agenda", 0, PLAN_AGENDA_ITEMS_MAX, &agenda, problem)) {
        return false;
    }
    size_t index;
    json_t *item;
    json_array_foreach(agenda, index, item)
    {
        size_t size = json_string_length(item);
        if (size == 0 || size > PLAN_AGENDA_ITEM_BYTES_MAX) {
            g_autofree char *field = g_strdup_printf("agenda[%zu]", index);
            return problem_set(problem, "bad_field", field, "%s: must be a text of 1 to %d bytes",
                               field, PLAN_AGENDA_ITEM_BYTES_MAX);
        }
    }
    json_object_set(plan, "agenda", agenda);
    return true;
}

json_t *plan_field(Server *server, json_t *message, Problem *problem)
{
    json_t *object;
    const char *title;
    if (!field_object(message, "plan", &object, problem)) {
        return NULL;
    }
    json_t *plan = json_object();
    bool is_good = field_string(object, "title", 1, LIMIT_NAME_BYTES, &title, problem);
    if (is_good) {
        json_object_set_new(plan, "title", json_string(title));
        is_good = check_sites(server, object, plan, problem) &&
                  check_shown(server, object, plan, problem) &&
                  check_conduct(object, plan, problem) && check_agenda(object, plan, problem);
    }
    if (!is_good) {
        problem_within(problem, "plan");
        json_decref(plan);
        return NULL;
    }
    return plan;
}

json_t *plan_from_text(const char *text)
{
    Problem problem;
    return fields_parse(text, strlen(text), &problem);
}

char *plan_to_text(json_t *plan)
{
    return json_dumps(plan, JSON_COMPACT);
}

const char *plan_title(json_t *plan)
{
    return json_string_value(json_object_get(plan, "title"));
}

json_t *plan_sites(json_t *plan)
{
    return json_object_get(plan, "sites");
}

static bool is_among(json_t *sites, json_t *code)
{
    size_t index;
    json_t *item;
    json_array_foreach(sites, index, item)
    {
        if (json_equal(item, code)) {
            return true;
        }
    }
    return false;
}

static bool is_text_known(json_t *plan, const char *name,
                          bool (*is_known)(const Meetings *meetings, const char *name),
                          const Meetings *meetings)
{
    const char *text = json_string_value(json_object_get(plan, name));
    return text != NULL && is_known(meetings, text);
}

json_t *plan_to_opening(Server *server, json_t *plan)
{
    json_t *opening = json_copy(plan);
    json_t *sites = json_array();
    size_t index;
    json_t *item;
    json_array_foreach(plan_sites(plan), index, item)
    {
        if (directory_find(server->directory, json_string_value(item)) != NULL) {
            json_array_append(sites, item);
        }
    }
    if (!is_among(sites, json_object_get(plan, "chair"))) {
        json_object_del(opening, "chair");
    }
    if (!is_text_known(plan, "layout", meetings_has_layout, server->meetings)) {
        json_object_del(opening, "layout");
    }
    if (!is_text_known(plan, "preset", meetings_has_preset, server->meetings)) {
        json_object_del(opening, "preset");
    }
    json_object_set_new(opening, "sites", sites);
    return opening;
}

/* ---- of a meeting in the store ---- */

static const char *const select_meeting =
    "SELECT title, layout, speaking_limit_s, "
    "(SELECT site FROM seats WHERE meeting=m.id AND source=m.chair) AS chair, "
    "(SELECT json_group_array(site) FROM (SELECT site FROM seats WHERE meeting=m.id AND "
    "removed=0 AND site IS NOT NULL ORDER BY position)) AS sites, "
    "(SELECT json_extract(definition, '$.rotate.interval_s') FROM views WHERE meeting=m.id AND "
    "id=0) AS rotate_s, "
    "(SELECT json_group_array(json(definition)) FROM (SELECT definition FROM views WHERE "
    "meeting=m.id ORDER BY id)) AS views FROM meetings m WHERE id=?";

typedef struct Asking {
    Server *server;
    PlanReply reply;
    void *data;
} Asking;

static json_t *list_from_text(const char *text)
{
    json_t *list = json_loads(text, 0, NULL);
    return list != NULL ? list : json_array();
}

static json_t *make_plan(Server *server, json_t *row)
{
    json_t *views = list_from_text(store_text(row, "views"));
    const char *preset = meetings_find_preset(server->meetings, views);
    json_decref(views);
    int64_t rotate_s = preset == NULL ? store_integer(row, "rotate_s") : 0;
    return json_pack(
        "{s:s, s:o, s:O, s:O, s:s?, s:o, s:o, s:b, s:[]}", "title", store_text(row, "title"),
        "sites", list_from_text(store_text(row, "sites")), "chair", json_object_get(row, "chair"),
        "layout", json_object_get(row, "layout"), "preset", preset, "rotate_s",
        number_or_null(rotate_s), "speaking_limit_s",
        number_or_null(store_integer(row, "speaking_limit_s")), "record", false, "agenda");
}

static void on_meeting(json_t *rows, const Problem *problem, void *data)
{
    g_autofree Asking *asking = data;
    Problem missing;
    if (problem == NULL && json_array_size(rows) == 0) {
        problem_set(&missing, "not_found", "meeting", "meeting: there was no such meeting");
        problem = &missing;
    }
    if (problem != NULL) {
        asking->reply(NULL, problem, asking->data);
        return;
    }
    json_t *plan = make_plan(asking->server, json_array_get(rows, 0));
    asking->reply(plan, NULL, asking->data);
    json_decref(plan);
}

void plan_of_meeting(Server *server, int64_t meeting, PlanReply reply, void *data)
{
    Asking *asking = g_new(Asking, 1);
    *asking = (Asking){server, reply, data};
    store_query(server->store, select_meeting, json_pack("[I]", (json_int_t)meeting), on_meeting,
                asking);
}
