#include <criterion/criterion.h>
#include <glib/gstdio.h>
#include <jansson.h>
#include <string.h>

#include "signalling/layouts.h"

#define CELL(role) "{\"role\":\"" role "\",\"x\":0,\"y\":0,\"w\":1,\"h\":1}"

static Layouts *load(const char *text, char **ret_message)
{
    GError *error = NULL;
    g_autofree char *path = NULL;
    close(g_file_open_tmp("layouts-XXXXXX.json", &path, NULL));
    g_file_set_contents(path, text, -1, NULL);
    Layouts *layouts = layouts_load(path, &error);
    *ret_message = error != NULL ? g_strdup(error->message) : NULL;
    if (error != NULL) {
        cr_assert_not_null(strstr(error->message, path), "the file is named: %s", error->message);
    }
    g_clear_error(&error);
    g_unlink(path);
    return layouts;
}

static void refuse(const char *text, const char *words)
{
    g_autofree char *message = NULL;
    cr_assert_null(load(text, &message), "%s", text);
    cr_assert_not_null(strstr(message, words), "\"%s\" not in \"%s\"", words, message);
}

Test(layouts, finds_a_layout_by_its_name)
{
    g_autofree char *message = NULL;
    Layouts *layouts =
        load("{\"layouts\":[{\"name\":\"1\",\"cells\":[" CELL("floor") "]}]}", &message);
    cr_assert_not_null(layouts, "%s", message);
    cr_assert_not_null(layouts_find(layouts, "1"));
    cr_assert_null(layouts_find(layouts, "2"));
    json_t *object = layouts_get_json(layouts, "1");
    cr_assert_str_eq(json_string_value(json_object_get(object, "name")), "1");
    json_decref(object);
    layouts_free(layouts);
}

Test(layouts, a_spotlight_goes_to_the_layout_that_has_a_big_cell)
{
    g_autofree char *message = NULL;
    Layouts *layouts = load("{\"layouts\":[{\"name\":\"grid\",\"spotlight\":\"big\",\"cells\":"
                            "[" CELL("recent") "]},{\"name\":\"big\",\"cells\":[" CELL(
                                "floor") "]},"
                                         "{\"name\":\"plain\",\"cells\":[" CELL("recent") "]}]}",
                            &message);
    cr_assert_str_eq(layouts_spotlight(layouts, "grid"), "big");
    cr_assert_str_eq(layouts_spotlight(layouts, "big"), "big");
    cr_assert_null(layouts_spotlight(layouts, "plain"));
    layouts_free(layouts);
}

Test(layouts, refuses_a_broken_file_and_names_the_place)
{
    refuse("{\"layouts\":[\n{]}", "line 2");
    refuse("{\"layouts\":[]}", "layouts");
    refuse("{\"layouts\":[{\"name\":\"1\",\"cells\":[{\"role\":\"x\"}]}]}", "layouts[0]");
    refuse("{\"layouts\":[{\"name\":\"1\",\"cells\":[" CELL(
               "floor") "]},"
                        "{\"name\":\"1\",\"cells\":[" CELL("floor") "]}]}",
           "layouts[1]: name");
    refuse("{\"layouts\":[{\"name\":\"1\",\"spotlight\":\"none\",\"cells\":[" CELL("recent") "]}]}",
           "spotlight");
}

Test(layouts, a_missing_file_is_an_error)
{
    GError *error = NULL;
    cr_assert_null(layouts_load("/nonexistent/layouts.json", &error));
    cr_assert_not_null(error);
    g_error_free(error);
}
