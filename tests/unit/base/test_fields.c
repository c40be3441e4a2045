#include <criterion/criterion.h>
#include <glib.h>
#include <jansson.h>
#include <string.h>

#include "bridge/base/fields.h"
#include "bridge/base/limits.h"

static json_t *parse(const char *text, Problem *problem)
{
    return fields_parse(text, strlen(text), problem);
}

Test(fields, parses_an_object)
{
    Problem problem;
    json_t *object = parse("{\"name\":\"Cái Bè\"}", &problem);
    const char *name;
    cr_assert(field_string(object, "name", 1, 20, &name, &problem));
    cr_assert_str_eq(name, "Cái Bè");
    json_decref(object);
}

Test(fields, refuses_what_is_not_one_json_object)
{
    static const char *const texts[] = {"",
                                        "[]",
                                        "1",
                                        "{",
                                        "{}{}",
                                        "{a:1}",
                                        "{\"a\":1,}",
                                        "\"text\"",
                                        "{\"a\":1,\"a\":2}",
                                        "{\"a\":\"\xff\"}"};
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        Problem problem = {0};
        cr_assert_null(parse(texts[i], &problem), "%s", texts[i]);
        cr_assert_str_eq(problem.code, "bad_json");
        cr_assert_not_null(strstr(problem.message, "line 1"), "%s", problem.message);
    }
}

Test(fields, refuses_nesting_that_would_eat_the_stack)
{
    g_autoptr(GString) text = g_string_new("{\"a\":");
    for (int i = 0; i < 100000; i++) {
        g_string_append_c(text, '[');
    }
    Problem problem = {0};
    cr_assert_null(parse(text->str, &problem));
    cr_assert_str_eq(problem.code, "bad_json");
}

Test(fields, brackets_inside_a_string_are_not_nesting)
{
    Problem problem;
    json_t *object = parse("{\"a\":\"[[[[[[[[[[[[[[[[[[[[[[[[\\\"[[[[\"}", &problem);
    cr_assert_not_null(object);
    json_decref(object);
}

Test(fields, names_the_field_that_is_wrong)
{
    Problem problem;
    json_t *object =
        parse("{\"text\":5,\"number\":\"5\",\"flag\":1,\"list\":{},\"nul\":\"a\\u0000b\","
              "\"long\":\"123456\",\"big\":300}",
              &problem);
    cr_assert_null(object, "NUL in a string is refused by the parser");
    object = parse(
        "{\"text\":5,\"number\":\"5\",\"flag\":1,\"list\":{},\"long\":\"123456\",\"big\":300}",
        &problem);
    const char *text;
    int64_t number;
    bool flag;
    json_t *list;
    cr_assert(!field_string(object, "text", 0, 9, &text, &problem));
    cr_assert_str_eq(problem.field, "text");
    cr_assert_str_eq(problem.code, "bad_field");
    cr_assert(!field_int(object, "number", 0, 9, &number, &problem));
    cr_assert_str_eq(problem.field, "number");
    cr_assert(!field_bool(object, "flag", &flag, &problem));
    cr_assert(!field_array(object, "list", 0, 9, &list, &problem));
    cr_assert(!field_string(object, "missing", 0, 9, &text, &problem));
    cr_assert(!field_string(object, "long", 0, 5, &text, &problem));
    cr_assert(!field_string(object, "long", 7, 9, &text, &problem));
    cr_assert(!field_int(object, "big", 0, 299, &number, &problem));
    json_decref(object);
}

Test(fields, a_missing_or_null_field_has_its_fallback)
{
    Problem problem;
    json_t *object = parse("{\"nothing\":null}", &problem);
    const char *text;
    int64_t number;
    bool flag;
    cr_assert(field_string_or(object, "nothing", 9, "x", &text, &problem));
    cr_assert_str_eq(text, "x");
    cr_assert(field_int_or(object, "missing", 0, 9, 4, &number, &problem));
    cr_assert_eq(number, 4);
    cr_assert(field_bool_or(object, "missing", true, &flag, &problem));
    cr_assert(flag);
    cr_assert(!field_has(object, "nothing"));
    json_decref(object);
}
