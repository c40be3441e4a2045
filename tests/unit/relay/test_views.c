#include <criterion/criterion.h>
#include <jansson.h>

#include "bridge/relay/views.h"

static bool parse(const char *text, Views *views, Problem *problem)
{
    json_error_t error;
    json_t *request = json_loads(text, 0, &error);
    cr_assert_not_null(request, "%s", error.text);
    bool is_fine = views_parse(request, views, problem);
    json_decref(request);
    return is_fine;
}

#define RUNG(id)                                                                                   \
    "{\"id\":" #id ",\"codec\":\"VP8\",\"width\":640,\"height\":360,\"fps\":25,\"kbps\":500}"

Test(views, reads_views_and_their_ladders)
{
    Views views;
    Problem problem = {0};
    cr_assert(parse("{\"views\":[{\"id\":0,\"rungs\":[" RUNG(0) "," RUNG(
                        1) "]},"
                           "{\"id\":3,\"rungs\":[{\"id\":24,\"codec\":\"H264\",\"width\":1280,"
                           "\"height\":720,\"fps\":25,\"kbps\":1500}]}]}",
                    &views, &problem),
              "%s: %s", problem.field, problem.message);
    cr_expect_eq(views.count, 2);
    cr_expect_eq(views_find(&views, 0)->rung_count, 2);
    cr_expect_eq(views_find(&views, 3)->rungs[0].codec, VIDEO_H264);
    cr_expect_eq(views_find_rung(&views, 24)->kbps, 1500);
    cr_expect_null(views_find_rung(&views, 2));
}

Test(views, a_view_that_is_not_there_is_the_first_one)
{
    cr_expect_eq(views_find(&views_default, 5), &views_default.views[0]);
}

Test(views, names_the_place_of_a_mistake_and_changes_nothing)
{
    const struct {
        const char *text;
        const char *field;
    } mistakes[] = {
        {"{}", "views"},
        {"{\"views\":[]}", "views"},
        {"{\"views\":[{\"id\":8,\"rungs\":[" RUNG(0) "]}]}", "views[0].id"},
        {"{\"views\":[{\"id\":0,\"rungs\":[]}]}", "views[0].rungs"},
        {"{\"views\":[{\"id\":0,\"rungs\":[" RUNG(64) "]}]}", "views[0].rungs[0].id"},
        {"{\"views\":[{\"id\":0,\"rungs\":[" RUNG(1) "," RUNG(1) "]}]}", "views[0].rungs[1].id"},
        {"{\"views\":[{\"id\":0,\"rungs\":[" RUNG(1) "]},{\"id\":1,\"rungs\":[" RUNG(1) "]}]}",
         "views[1].rungs[0].id"},
        {"{\"views\":[{\"id\":2,\"rungs\":[" RUNG(1) "]},{\"id\":2,\"rungs\":[" RUNG(2) "]}]}",
         "views[1].id"},
        {"{\"views\":[{\"id\":0,\"rungs\":[{\"id\":0,\"codec\":\"AV1\",\"width\":2,\"height\":2,"
         "\"fps\":1,\"kbps\":1}]}]}",
         "views[0].rungs[0].codec"},
        {"{\"views\":[{\"id\":0,\"rungs\":[7]}]}", "views[0].rungs[0].id"},
        {"{\"views\":[7]}", "views[0].id"},
    };
    for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++) {
        Views views = views_default;
        Problem problem = {0};
        cr_expect_not(parse(mistakes[i].text, &views, &problem), "%s", mistakes[i].text);
        cr_expect_str_eq(problem.field, mistakes[i].field);
        cr_expect_eq(views.count, 1);
        cr_expect_eq(views.views[0].rungs[0].kbps, 1500);
    }
}
