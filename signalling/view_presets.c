#include "signalling/view_presets.h"

#include <jansson.h>
#include <string.h>

#include "bridge/base/fields.h"

#define NAME_BYTES_MAX 31

struct ViewPresets {
    const Layouts *layouts;
    json_t *list; /* of the file, checked; the views have their ids */
};

static void free_view(gpointer view)
{
    view_free(view);
}

static GPtrArray *make_views(json_t *preset, const Layouts *layouts, Problem *problem)
{
    GPtrArray *views = g_ptr_array_new_with_free_func(free_view);
    size_t index;
    json_t *object;
    json_array_foreach(json_object_get(preset, "views"), index, object)
    {
        View *view = view_parse(object, layouts, problem);
        if (view == NULL) {
            Problem inner = *problem;
            problem_set(problem, inner.code, inner.field, "views[%zu]: %s", index, inner.message);
            g_ptr_array_unref(views);
            return NULL;
        }
        g_ptr_array_add(views, view);
    }
    return views;
}

/* A view's id is its place. */
static bool number_views(json_t *views, Problem *problem)
{
    size_t index;
    json_t *object;
    json_array_foreach(views, index, object)
    {
        if (!json_is_object(object)) {
            return problem_set(problem, "bad_field", "views", "views[%zu]: must be an object",
                               index);
        }
        json_object_set_new(object, "id", json_integer((json_int_t)index));
    }
    return true;
}

static bool check_preset(json_t *preset, const Layouts *layouts, Problem *problem)
{
    const char *name;
    json_t *title;
    json_t *views;
    if (!json_is_object(preset)) {
        return problem_set(problem, "bad_field", "", "must be an object");
    }
    if (!field_string(preset, "name", 1, NAME_BYTES_MAX, &name, problem) ||
        !field_object(preset, "title", &title, problem) ||
        !field_array(preset, "views", 1, LIMIT_VIEWS, &views, problem) ||
        !number_views(views, problem)) {
        return false;
    }
    GPtrArray *made = make_views(preset, layouts, problem);
    if (made == NULL) {
        return false;
    }
    g_ptr_array_unref(made);
    return true;
}

static json_t *find(json_t *list, const char *name)
{
    size_t index;
    json_t *preset;
    json_array_foreach(list, index, preset)
    {
        if (strcmp(json_string_value(json_object_get(preset, "name")), name) == 0) {
            return preset;
        }
    }
    return NULL;
}

static bool check_presets(json_t *list, const Layouts *layouts, Problem *problem)
{
    size_t index;
    json_t *preset;
    json_array_foreach(list, index, preset)
    {
        bool is_good = check_preset(preset, layouts, problem);
        if (is_good && find(list, json_string_value(json_object_get(preset, "name"))) != preset) {
            is_good = problem_set(problem, "bad_field", "name", "name: there are two of this name");
        }
        if (!is_good) {
            Problem inner = *problem;
            return problem_set(problem, inner.code, inner.field, "presets[%zu]: %s", index,
                               inner.message);
        }
    }
    return true;
}

/* A new reference to the checked list; NULL and a problem. */
static json_t *read_list(const char *text, size_t size, const Layouts *layouts, Problem *problem)
{
    json_t *list = NULL;
    json_t *file = fields_parse(text, size, problem);
    bool is_good = file != NULL &&
                   field_array(file, "presets", 0, LIMIT_VIEW_PRESETS, &list, problem) &&
                   check_presets(list, layouts, problem);
    json_t *kept = is_good ? json_incref(list) : NULL;
    json_decref(file);
    return kept;
}

ViewPresets *view_presets_load(const char *path, const Layouts *layouts, GError **error)
{
    g_autofree char *text = NULL;
    gsize size = 0;
    Problem problem;
    if (path != NULL && !g_file_get_contents(path, &text, &size, error)) {
        return NULL;
    }
    json_t *list = path != NULL ? read_list(text, size, layouts, &problem) : json_array();
    if (list == NULL) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "%s: %s", path, problem.message);
        return NULL;
    }
    ViewPresets *presets = g_new0(ViewPresets, 1);
    presets->layouts = layouts;
    presets->list = list;
    return presets;
}

void view_presets_free(ViewPresets *presets)
{
    if (presets == NULL) {
        return;
    }
    json_decref(presets->list);
    g_free(presets);
}

GPtrArray *view_presets_make(const ViewPresets *presets, const char *name)
{
    Problem problem;
    json_t *preset = find(presets->list, name);
    return preset != NULL ? make_views(preset, presets->layouts, &problem) : NULL;
}

bool view_presets_has(const ViewPresets *presets, const char *name)
{
    return find(presets->list, name) != NULL;
}

static bool makes_same(json_t *preset, const Layouts *layouts, json_t *views)
{
    Problem problem;
    GPtrArray *made = make_views(preset, layouts, &problem);
    bool is_same = made != NULL && made->len == json_array_size(views);
    for (guint i = 0; is_same && i < made->len; i++) {
        json_t *view = view_to_json(g_ptr_array_index(made, i));
        is_same = json_equal(view, json_array_get(views, i));
        json_decref(view);
    }
    g_clear_pointer(&made, g_ptr_array_unref);
    return is_same;
}

const char *view_presets_find_same(const ViewPresets *presets, json_t *views)
{
    size_t index;
    json_t *preset;
    json_array_foreach(presets->list, index, preset)
    {
        if (makes_same(preset, presets->layouts, views)) {
            return json_string_value(json_object_get(preset, "name"));
        }
    }
    return NULL;
}

json_t *view_presets_to_json(const ViewPresets *presets)
{
    json_t *list = json_array();
    size_t index;
    json_t *preset;
    json_array_foreach(presets->list, index, preset)
    {
        json_array_append_new(list,
                              json_pack("{s:O, s:O, s:i}", "name", json_object_get(preset, "name"),
                                        "title", json_object_get(preset, "title"), "views",
                                        (int)json_array_size(json_object_get(preset, "views"))));
    }
    return list;
}
