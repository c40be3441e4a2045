/* Templates and the calendar, on a server whose relay and mixer are the test's. */
#include <criterion/criterion.h>
#include <jansson.h>
#include <string.h>

#include "signalling/meetings.h"
#include "signalling/schedule.h"
#include "tests/unit/signalling/stage.h"

#define MINUTE INT64_C(60000)
#define HOUR (60 * MINUTE)
#define WEEK (168 * HOUR)
#define MONDAY (3000 * WEEK)

static json_t *plan_of(const char *title, json_t *sites)
{
    return json_pack("{s:s, s:o}", "title", title, "sites", sites);
}

static json_t *whole_plan(void)
{
    return json_pack("{s:s, s:[s,s,s], s:s, s:s, s:i, s:i, s:b, s:[s,s]}", "title", "Giao ban tuần",
                     "sites", "TG", "TG-A", "TG-B", "chair", "TG", "layout", "2x2", "rotate_s", 15,
                     "speaking_limit_s", 300, "record", true, "agenda", "Báo cáo tuần", "Kết luận");
}

static const char *say(Visitor *host, int id, const char *type, json_t *message)
{
    json_t *answer = visitor_ask(host, id, type, message);
    return strcmp(text_at(answer, "type"), "ok") == 0 ? "ok" : text_at(answer, "code");
}

static json_t *booking_of(int64_t start_ms, bool is_weekly, json_t *plan)
{
    return json_pack("{s:I, s:i, s:b, s:o}", "start_ms", (json_int_t)start_ms, "minutes", 60,
                     "weekly", is_weekly, "plan", plan);
}

static json_t *answer_of(Visitor *host, int id, const char *type, json_t *message,
                         const char *member)
{
    json_t *answer = visitor_ask(host, id, type, message);
    cr_assert_str_eq(text_at(answer, "type"), "ok", "%s", text_at(answer, "message"));
    return json_object_get(answer, member);
}

/* ---- templates ---- */

Test(plans, a_template_is_kept_over_a_restart)
{
    Stage *stage = stage_new("");
    Visitor *host = visitor_new(stage->house, ROLE_HOST, "chutri");
    cr_assert_str_eq(
        say(host, 1, "template.set",
            json_pack("{s:s, s:o}", "name", "Giao ban tuần UBND tỉnh", "plan", whole_plan())),
        "ok");
    visitor_leave(host);
    stage_restart(stage);
    host = visitor_new(stage->house, ROLE_HOST, "chutri");
    json_t *list = answer_of(host, 2, "template.list", json_object(), "templates");
    cr_assert_eq(json_array_size(list), 1);
    cr_assert_eq(number_at(json_array_get(list, 0), "sites"), 3);
    json_t *plan = answer_of(host, 3, "template.get", json_pack("{s:i}", "template", 1), "plan");
    cr_assert_eq(number_at(plan, "rotate_s"), 15);
    cr_assert_eq(number_at(plan, "speaking_limit_s"), 300);
    cr_assert(json_is_true(json_object_get(plan, "record")));
    cr_assert_eq(json_array_size(json_object_get(plan, "agenda")), 2);
    visitor_leave(host);
    stage_free(stage);
}

Test(plans, a_bad_plan_is_refused_by_the_field_that_is_wrong)
{
    Stage *stage = stage_new("");
    Visitor *host = visitor_new(stage->house, ROLE_HOST, "chutri");
    static const struct {
        const char *change;
        const char *field;
    } wrong[] = {
        {"{\"title\":\"\"}", "plan.title"},
        {"{\"sites\":[]}", "plan.sites"},
        {"{\"sites\":[\"TG\",\"KHONG-CO\"]}", "plan.sites[1]"},
        {"{\"sites\":[\"TG\",\"TG\"]}", "plan.sites[1]"},
        {"{\"sites\":[\"TG\",7]}", "plan.sites[1]"},
        {"{\"sites\":[\"TG-A\"]}", "plan.chair"},
        {"{\"layout\":\"không có\"}", "plan.layout"},
        {"{\"preset\":\"không có\"}", "plan.preset"},
        {"{\"rotate_s\":1}", "plan.rotate_s"},
        {"{\"speaking_limit_s\":9}", "plan.speaking_limit_s"},
        {"{\"record\":1}", "plan.record"},
        {"{\"agenda\":[\"Một\",\"\"]}", "plan.agenda[1]"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
        json_t *plan = whole_plan();
        json_t *change = json_loads(wrong[i].change, 0, NULL);
        json_object_update(plan, change);
        json_decref(change);
        json_t *answer = visitor_ask(host, 10 + 2 * (int)i, "template.set",
                                     json_pack("{s:s, s:o}", "name", "Mẫu", "plan", plan));
        cr_assert_str_eq(text_at(answer, "field"), wrong[i].field, "%s", wrong[i].change);
        visitor_ask(host, 11 + 2 * (int)i, "ping", json_object()); /* three in a row would close */
    }
    visitor_leave(host);
    stage_free(stage);
}

Test(plans, two_templates_cannot_have_one_name)
{
    Stage *stage = stage_new("");
    Visitor *host = visitor_new(stage->house, ROLE_HOST, "chutri");
    for (int i = 1; i <= 2; i++) {
        json_t *plan = plan_of("Họp", json_pack("[s]", "TG"));
        cr_assert_str_eq(
            say(host, i, "template.set", json_pack("{s:s, s:o}", "name", "Giao ban", "plan", plan)),
            i == 1 ? "ok" : "conflict");
    }
    cr_assert_str_eq(say(host, 3, "template.remove", json_pack("{s:i}", "template", 1)), "ok");
    cr_assert_str_eq(say(host, 4, "template.get", json_pack("{s:i}", "template", 1)), "not_found");
    visitor_leave(host);
    stage_free(stage);
}

Test(plans, a_template_is_made_of_a_meeting_as_it_is)
{
    Stage *stage = stage_new("");
    Visitor *host = visitor_new(stage->house, ROLE_HOST, "chutri");
    stage_open_meeting(stage, host, NULL);
    visitor_ask(host, 1, "meeting.chair", json_pack("{s:i, s:i}", "meeting", 1, "source", 2));
    visitor_ask(host, 2, "seat.remove", json_pack("{s:i, s:i}", "meeting", 1, "source", 3));
    stage_settle(stage);
    cr_assert_str_eq(
        say(host, 3, "template.make", json_pack("{s:i, s:s}", "meeting", 1, "name", "Mẫu")), "ok");
    json_t *plan = answer_of(host, 4, "template.get", json_pack("{s:i}", "template", 1), "plan");
    cr_assert_str_eq(text_at(plan, "chair"), "TG-A");
    cr_assert_str_eq(text_at(plan, "layout"), "2x2");
    cr_assert_eq(json_array_size(json_object_get(plan, "sites")), 2);
    visitor_ask(host, 5, "view.preset", json_pack("{s:i, s:s}", "meeting", 1, "preset", "all"));
    stage_settle(stage);
    say(host, 6, "template.make", json_pack("{s:i, s:s}", "meeting", 1, "name", "Mẫu 2"));
    plan = answer_of(host, 7, "template.get", json_pack("{s:i}", "template", 2), "plan");
    cr_assert_str_eq(text_at(plan, "preset"), "all");
    cr_assert_str_eq(
        say(host, 8, "template.make", json_pack("{s:i, s:s}", "meeting", 77, "name", "Mẫu 3")),
        "not_found");
    visitor_leave(host);
    stage_free(stage);
}

/* ---- the calendar ---- */

Test(plans, a_site_is_booked_once_and_the_other_meeting_is_named)
{
    Stage *stage = stage_new("");
    Visitor *host = visitor_new(stage->house, ROLE_HOST, "chutri");
    cr_assert_str_eq(say(host, 1, "schedule.set", booking_of(MONDAY, true, whole_plan())), "ok");
    json_t *plan = plan_of("Họp xã", json_pack("[s]", "TG-B"));
    json_t *answer = visitor_ask(host, 2, "schedule.set",
                                 booking_of(MONDAY + 2 * WEEK + 30 * MINUTE, false, plan));
    cr_assert_str_eq(text_at(answer, "code"), "conflict");
    cr_assert_not_null(strstr(text_at(answer, "message"), "TG-B is in \"Giao ban tuần\" at "));
    json_t *conflicts =
        answer_of(host, 3, "schedule.check",
                  json_pack("{s:I, s:i, s:[s,s]}", "start_ms", (json_int_t)(MONDAY + WEEK),
                            "minutes", 5, "sites", "TG-A", "TG-B"),
                  "conflicts");
    cr_assert_eq(json_array_size(conflicts), 2);
    cr_assert_eq(number_at(json_array_get(conflicts, 0), "start_ms"), MONDAY + WEEK);
    plan = plan_of("Họp xã", json_pack("[s]", "TG-B"));
    cr_assert_str_eq(say(host, 4, "schedule.set", booking_of(MONDAY + HOUR, false, plan)), "ok");
    json_t *moved = booking_of(MONDAY + 10 * MINUTE, true, whole_plan());
    json_object_set_new(moved, "schedule", json_integer(1));
    cr_assert_str_eq(say(host, 5, "schedule.set", moved), "conflict", "the second is in its way");
    moved = booking_of(MONDAY - 10 * MINUTE, true, whole_plan());
    json_object_set_new(moved, "schedule", json_integer(1));
    cr_assert_str_eq(say(host, 6, "schedule.set", moved), "ok", "it is not in its own way");
    visitor_leave(host);
    stage_free(stage);
}

Test(plans, the_calendar_shows_each_week_of_a_weekly_meeting)
{
    Stage *stage = stage_new("");
    Visitor *host = visitor_new(stage->house, ROLE_HOST, "chutri");
    visitor_ask(host, 1, "page.watch", json_object());
    say(host, 2, "schedule.set", booking_of(MONDAY, true, whole_plan()));
    cr_assert_not_null(visitor_event(host, "schedule"), "pages are told");
    say(host, 3, "schedule.set",
        booking_of(MONDAY + 24 * HOUR, false, plan_of("Họp", json_pack("[s]", "TG"))));
    json_t *range = json_pack("{s:I, s:I}", "from_ms", (json_int_t)(MONDAY + 30 * MINUTE), "to_ms",
                              (json_int_t)(MONDAY + 2 * WEEK + 1));
    visitor_leave(host);
    stage_restart(stage);
    host = visitor_new(stage->house, ROLE_TECHNICIAN, "kythuat");
    json_t *list = answer_of(host, 4, "schedule.list", range, "meetings");
    cr_assert_eq(json_array_size(list), 4);
    static const int64_t starts[] = {MONDAY, MONDAY + 24 * HOUR, MONDAY + WEEK, MONDAY + 2 * WEEK};
    for (size_t i = 0; i < G_N_ELEMENTS(starts); i++) {
        cr_assert_eq(number_at(json_array_get(list, i), "start_ms"), starts[i]);
    }
    cr_assert_str_eq(say(host, 5, "schedule.remove", json_pack("{s:i}", "schedule", 1)),
                     "not_allowed");
    visitor_leave(host);
    stage_free(stage);
}

static bool is_opened(void *data)
{
    json_t *meeting = stage_meeting(data);
    json_decref(meeting);
    return meeting != NULL;
}

static int64_t clock_ms;

static int64_t set_clock(void)
{
    return clock_ms;
}

static void check_meeting(Stage *stage)
{
    json_t *meeting = stage_meeting(stage);
    cr_assert_str_eq(text_at(meeting, "title"), "Giao ban tuần");
    cr_assert_str_eq(text_at(meeting, "layout"), "2x2");
    cr_assert_eq(number_at(meeting, "chair"), 1);
    json_t *view = json_array_get(json_object_get(meeting, "views"), 0);
    cr_assert_eq(number_at(json_object_get(view, "rotate"), "interval_s"), 15);
    cr_assert_eq(json_array_size(json_object_get(meeting, "seats")), 3);
    json_decref(meeting);
}

Test(plans, one_press_opens_what_was_planned_and_a_second_finds_it_open)
{
    Stage *stage = stage_new("");
    Visitor *host = visitor_new(stage->house, ROLE_HOST, "chutri");
    json_t *plan = whole_plan();
    json_object_set_new(plan, "record", json_false()); /* nothing records in this house */
    say(host, 1, "schedule.set", booking_of(MONDAY, false, plan));
    visitor_say(host, "{\"type\":\"schedule.open\",\"id\":2,\"schedule\":1}");
    visitor_say(host, "{\"type\":\"schedule.open\",\"id\":3,\"schedule\":1}");
    json_t *answer = visitor_ask(host, 4, "schedule.open", json_pack("{s:i}", "schedule", 1));
    cr_assert_eq(number_at(answer, "meeting"), 1);
    cr_assert_eq(number_at(visitor_answer(host, 3), "meeting"), 1);
    run_until(is_opened, stage);
    check_meeting(stage);
    json_t *list = answer_of(host, 5, "schedule.list",
                             json_pack("{s:I}", "from_ms", (json_int_t)MONDAY), "meetings");
    cr_assert_eq(number_at(json_array_get(list, 0), "meeting"), 1);
    visitor_leave(host);
    stage_free(stage);
}

Test(plans, a_meeting_opens_by_itself_only_at_its_time_and_only_when_chosen)
{
    Stage *stage = stage_new("");
    Visitor *host = visitor_new(stage->house, ROLE_HOST, "chutri");
    clock_ms = MONDAY - 2000;
    schedule_set_clock(stage->house->server.schedule, set_clock);
    say(host, 1, "schedule.set",
        booking_of(MONDAY, false, plan_of("Không tự mở", json_pack("[s]", "TG-B"))));
    json_t *chosen = booking_of(MONDAY, true, plan_of("Tự mở", json_pack("[s]", "TG")));
    json_object_set_new(chosen, "auto_open", json_true());
    cr_assert_str_eq(say(host, 2, "schedule.set", chosen), "ok");
    for (int i = 0; i < 4; i++) {
        stage_settle(stage);
    }
    cr_assert_not(is_opened(stage));
    clock_ms = MONDAY;
    run_until(is_opened, stage);
    json_t *meeting = stage_meeting(stage);
    cr_assert_str_eq(text_at(meeting, "title"), "Tự mở");
    json_decref(meeting);
    for (int i = 0; i < 10; i++) {
        stage_settle(stage);
    }
    cr_assert_eq(meetings_count(stage->house->server.meetings), 1);
    visitor_leave(host);
    stage_free(stage);
}
