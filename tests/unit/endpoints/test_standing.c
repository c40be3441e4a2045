/* What a site is told of its own standing, and the words on its screen. */
#include <criterion/criterion.h>
#include <jansson.h>

#include "bridge/base/clock.h"
#include "endpoints/device/standing.h"

#define NOW_US (1000 * CLOCK_US_PER_S)

static Standing parse(const char *text)
{
    Standing standing = {0};
    Problem problem = {0};
    json_t *event = json_loads(text, 0, NULL);
    cr_assert_not_null(event, "%s", text);
    cr_assert(standing_parse(event, NOW_US, &standing, &problem), "%s", problem.message);
    json_decref(event);
    return standing;
}

static void check_text(const char *event, int later_s, const char *wanted, StandingTone tone)
{
    Standing standing = parse(event);
    StandingTone got;
    g_autofree char *text = standing_write(&standing, NOW_US + later_s * CLOCK_US_PER_S, &got);
    cr_assert_str_eq(text, wanted);
    cr_assert_eq(got, tone, "%s", text);
}

Test(standing, says_the_place_in_the_queue)
{
    check_text("{\"place\":2,\"waiting\":5,\"speaking\":null,\"called\":false,\"mark\":null}", 0,
               "Đã giơ tay, thứ 2 trong 5", STANDING_PLAIN);
}

Test(standing, turns_amber_in_the_last_fifth_and_red_when_time_is_over)
{
    static const char event[] = "{\"place\":null,\"waiting\":1,\"called\":false,\"speaking\":"
                                "{\"own\":true,\"since_s\":100,\"limit_s\":300}}";
    check_text(event, 0, "Mời phát biểu · còn 3:20", STANDING_PLAIN);
    check_text(event, 139, "Mời phát biểu · còn 1:01", STANDING_PLAIN);
    check_text(event, 140, "Mời phát biểu · còn 1:00", STANDING_AMBER);
    check_text(event, 199, "Mời phát biểu · còn 0:01", STANDING_AMBER);
    check_text(event, 265, "Đã quá giờ phát biểu 1:05", STANDING_RED);
}

Test(standing, counts_up_when_there_is_no_limit)
{
    check_text("{\"waiting\":0,\"called\":false,\"speaking\":{\"own\":true,\"since_s\":7,"
               "\"limit_s\":null}}",
               60, "Mời phát biểu · 1:07", STANDING_PLAIN);
}

Test(standing, is_called_until_it_is_marked)
{
    check_text("{\"waiting\":0,\"called\":true,\"speaking\":null,\"mark\":null}", 0,
               "Đang điểm danh: mời trả lời “có mặt”", STANDING_PLAIN);
    Standing standing = parse("{\"waiting\":0,\"called\":true,\"mark\":\"present\"}");
    StandingTone tone;
    cr_assert_null(standing_write(&standing, NOW_US, &tone));
}

Test(standing, says_nothing_while_another_one_speaks)
{
    Standing standing = parse("{\"waiting\":3,\"called\":false,\"speaking\":{\"own\":false,"
                              "\"since_s\":7,\"limit_s\":300}}");
    StandingTone tone;
    cr_assert_null(standing_write(&standing, NOW_US, &tone));
}

Test(standing, keeps_what_it_was_when_the_event_is_broken)
{
    static const char *const broken[] = {
        "{}",
        "{\"waiting\":1}",
        "{\"waiting\":\"1\",\"called\":false}",
        "{\"waiting\":1,\"called\":false,\"place\":0}",
        "{\"waiting\":1,\"called\":false,\"speaking\":{\"own\":true}}",
        "{\"waiting\":1,\"called\":false,\"speaking\":{\"own\":true,\"since_s\":-1}}",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(broken); i++) {
        Standing standing = {.place = 4};
        Problem problem = {0};
        json_t *event = json_loads(broken[i], 0, NULL);
        cr_assert_not(standing_parse(event, NOW_US, &standing, &problem), "%s", broken[i]);
        cr_assert_eq(standing.place, 4);
        json_decref(event);
    }
}
