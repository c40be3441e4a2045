#include "signalling/layouts.h"

#include <jansson.h>
#include <string.h>

#include "bridge/base/fields.h"
#include "bridge/base/limits.h"

typedef struct Entry {
    Layout *layout;
    json_t *object;
    const char *spotlight; /* In object; NULL: none named. */
} Entry;

struct Layouts {
    json_t *file;
    GHashTable *entries; /* name → Entry */
};

static void entry_free(gpointer data)
{
    Entry *entry = data;
    g_free(entry->layout);
    g_free(entry);
}

static bool refuse(GError **error, const char *path, size_t index, const char *message)
{
    g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "%s: layouts[%zu]: %s", path, index,
                message);
    return false;
}

static bool add_entry(Layouts *layouts, json_t *object, Problem *problem)
{
    const char *spotlight = NULL;
    Layout *layout = layout_parse(object, problem);
    if (layout == NULL ||
        !field_string_or(object, "spotlight", sizeof layout->name - 1, NULL, &spotlight, problem)) {
        g_free(layout);
        return false;
    }
    if (g_hash_table_contains(layouts->entries, layout->name)) {
        problem_set(problem, "bad_field", "name", "name: there are two layouts \"%s\"",
                    layout->name);
        g_free(layout);
        return false;
    }
    Entry *entry = g_new(Entry, 1);
    *entry = (Entry){.layout = layout, .object = object, .spotlight = spotlight};
    g_hash_table_insert(layouts->entries, layout->name, entry);
    return true;
}

static bool add_entries(Layouts *layouts, const char *path, GError **error)
{
    json_t *list;
    Problem problem = {0};
    if (!field_array(layouts->file, "layouts", 1, LIMIT_LAYOUTS, &list, &problem)) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "%s: %s", path, problem.message);
        return false;
    }
    size_t index;
    json_t *object;
    json_array_foreach(list, index, object)
    {
        if (!add_entry(layouts, object, &problem)) {
            return refuse(error, path, index, problem.message);
        }
    }
    json_array_foreach(list, index, object)
    {
        const char *named = json_string_value(json_object_get(object, "spotlight"));
        const Layout *big = named != NULL ? layouts_find(layouts, named) : NULL;
        if (named != NULL && (big == NULL || !layout_has_role(big, LAYOUT_ROLE_FLOOR))) {
            return refuse(error, path, index, "spotlight: names no layout with a floor cell");
        }
    }
    return true;
}

Layouts *layouts_load(const char *path, GError **error)
{
    g_autofree char *text = NULL;
    gsize size;
    if (!g_file_get_contents(path, &text, &size, error)) {
        return NULL;
    }
    Problem problem;
    Layouts *layouts = g_new0(Layouts, 1);
    layouts->entries = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, entry_free);
    layouts->file = fields_parse(text, size, &problem);
    if (layouts->file == NULL) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "%s: %s", path, problem.message);
    }
    if (layouts->file == NULL || !add_entries(layouts, path, error)) {
        layouts_free(layouts);
        return NULL;
    }
    return layouts;
}

void layouts_free(Layouts *layouts)
{
    if (layouts == NULL) {
        return;
    }
    g_hash_table_unref(layouts->entries);
    json_decref(layouts->file);
    g_free(layouts);
}

static const Entry *find(const Layouts *layouts, const char *name)
{
    return g_hash_table_lookup(layouts->entries, name);
}

const Layout *layouts_find(const Layouts *layouts, const char *name)
{
    const Entry *entry = find(layouts, name);
    return entry != NULL ? entry->layout : NULL;
}

const char *layouts_spotlight(const Layouts *layouts, const char *name)
{
    const Entry *entry = find(layouts, name);
    if (entry == NULL) {
        return NULL;
    }
    return layout_has_role(entry->layout, LAYOUT_ROLE_FLOOR) ? entry->layout->name
                                                             : entry->spotlight;
}

json_t *layouts_get_json(const Layouts *layouts, const char *name)
{
    return json_incref(find(layouts, name)->object);
}

json_t *layouts_to_json(const Layouts *layouts)
{
    return json_incref(json_object_get(layouts->file, "layouts"));
}
