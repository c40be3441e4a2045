/* The check before a meeting: who is asked, when, and what is thought of the answers. */
#include <criterion/criterion.h>
#include <jansson.h>
#include <string.h>

#include "signalling/client.h"
#include "signalling/directory.h"
#include "signalling/readiness.h"
#include "signalling/readiness_verdict.h"
#include "signalling/schedule.h"
#include "tests/unit/signalling/stage.h"

#define MINUTE INT64_C(60000)
#define MONDAY (3000 * 10080 * MINUTE)

static json_t *good_answer(int check)
{
    return json_pack("{s:i, s:i, s:i, s:i, s:i, s:s, s:s, s:s, s:i, s:i}", "check", check, "rtt_ms",
                     12, "up_kbps", 4000, "down_kbps", 9000, "clock_ms", -40, "camera", "ok",
                     "microphone", "ok", "speaker", "ok", "level", 35, "disk_mib", 20000);
}

static json_t *answer_with(const char *name, json_t *value)
{
    json_t *answer = good_answer(1);
    json_object_set_new(answer, name, value);
    return answer;
}

static void check_verdict(json_t *answer, const char *part, Light light, const char *reason)
{
    Problem problem;
    json_t *checks = verdict_make(answer, &problem);
    cr_assert_not_null(checks, "%s", problem.message);
    json_t *checked = json_object_get(checks, part);
    cr_assert_str_eq(text_at(checked, "light"), light_name(light), "%s", part);
    cr_assert_str_eq(text_at(checked, "reason"), reason, "%s", part);
    if (light > LIGHT_GOOD) {
        cr_assert_eq(verdict_worst(checks), light);
    }
    json_decref(checks);
    json_decref(answer);
}

Test(readiness, each_part_has_its_light_and_its_reason)
{
    check_verdict(good_answer(1), "network", LIGHT_GOOD, "");
    check_verdict(answer_with("rtt_ms", json_null()), "network", LIGHT_BAD, "unanswered");
    check_verdict(answer_with("rtt_ms", json_integer(250)), "network", LIGHT_FAIR, "far");
    check_verdict(answer_with("up_kbps", json_integer(300)), "network", LIGHT_FAIR, "slow_up");
    check_verdict(answer_with("up_kbps", json_integer(100)), "network", LIGHT_BAD, "slow_up");
    check_verdict(answer_with("down_kbps", json_integer(249)), "network", LIGHT_BAD, "slow_down");
    check_verdict(answer_with("up_kbps", json_null()), "network", LIGHT_GOOD, "");
    check_verdict(answer_with("camera", json_string("black")), "camera", LIGHT_BAD, "black");
    check_verdict(answer_with("camera", json_string("simulated")), "camera", LIGHT_UNTESTED,
                  "simulated");
    check_verdict(answer_with("microphone", json_string("silent")), "microphone", LIGHT_BAD,
                  "silent");
    check_verdict(answer_with("speaker", json_string("unheard")), "speaker", LIGHT_FAIR, "unheard");
    check_verdict(answer_with("speaker", json_string("untested")), "speaker", LIGHT_UNTESTED,
                  "untested");
    check_verdict(answer_with("clock_ms", json_integer(-2001)), "clock", LIGHT_FAIR, "off");
    check_verdict(answer_with("clock_ms", json_integer(86400000)), "clock", LIGHT_BAD, "off");
    check_verdict(answer_with("disk_mib", json_integer(199)), "disk", LIGHT_BAD, "full");
    check_verdict(answer_with("disk_mib", json_null()), "disk", LIGHT_UNTESTED, "untested");
}

Test(readiness, a_device_that_says_nonsense_is_refused_by_the_field)
{
    static const char *const names[] = {"rtt_ms",     "up_kbps", "down_kbps", "camera",
                                        "microphone", "speaker", "clock_ms",  "disk_mib"};
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        Problem problem = {0};
        json_t *answer = answer_with(names[i], json_pack("[i]", 1));
        cr_assert_null(verdict_make(answer, &problem), "%s", names[i]);
        cr_assert_str_eq(problem.field, names[i]);
        json_decref(answer);
    }
    Problem problem = {0};
    json_t *answer = answer_with("camera", json_string("green"));
    cr_assert_null(verdict_make(answer, &problem));
    cr_assert_str_eq(problem.field, "camera");
    json_decref(answer);
}

/* ---- asking ---- */

static Visitor *device_of(Stage *stage, const char *site)
{
    Visitor *device = visitor_new(stage->house, ROLE_DEVICE, NULL);
    client_set_site(device->client, site);
    Site *place = directory_find(stage->house->server.directory, site);
    place->client = client_id(device->client);
    place->has_device = true;
    return device;
}

static json_t *exam_of(Visitor *page, int id, const char *site)
{
    json_t *answer = visitor_ask(page, id, "readiness.get", json_object());
    size_t index;
    json_t *exam;
    json_array_foreach(json_object_get(answer, "sites"), index, exam)
    {
        if (strcmp(text_at(exam, "site"), site) == 0) {
            return exam;
        }
    }
    return NULL;
}

Test(readiness, every_site_has_a_light_or_a_reason)
{
    Stage *stage = stage_new("");
    Visitor *page = visitor_new(stage->house, ROLE_TECHNICIAN, "kythuat");
    Visitor *device = device_of(stage, "TG-A");
    directory_find(stage->house->server.directory, "TG-B")->has_device = true;
    visitor_ask(page, 1, "page.watch", json_object());
    visitor_ask(page, 2, "readiness.run", json_object());
    json_t *check = visitor_event(device, "check");
    cr_assert_not_null(check);
    cr_assert(json_is_false(json_object_get(check, "quiet")));
    cr_assert_str_eq(text_at(exam_of(page, 3, "TG"), "reason"), "no_device");
    cr_assert_str_eq(text_at(exam_of(page, 4, "TG-B"), "reason"), "offline");
    cr_assert_str_eq(text_at(exam_of(page, 5, "TG-B"), "light"), "bad");
    cr_assert_str_eq(text_at(exam_of(page, 6, "TG-A"), "state"), "asked");
    visitor_ask(device, 1, "device.checked", good_answer((int)number_at(check, "check")));
    cr_assert_str_eq(text_at(exam_of(page, 7, "TG-A"), "light"), "good");
    visitor_ask(device, 2, "device.checked", good_answer((int)number_at(check, "check")));
    cr_assert_str_eq(visitor_error(device, 2), "not_found", "one answer to one question");
    for (int i = 0; i < 4; i++) {
        stage_settle(stage);
    }
    json_t *told = visitor_event(page, "readiness");
    cr_assert_not_null(told);
    cr_assert(json_is_false(json_object_get(json_object_get(told, "run"), "running")));
    visitor_leave(device);
    visitor_leave(page);
    stage_free(stage);
}

Test(readiness, a_site_in_a_meeting_is_asked_quietly)
{
    Stage *stage = stage_new("");
    Visitor *host = visitor_new(stage->house, ROLE_HOST, "chutri");
    Visitor *device = device_of(stage, "TG-A");
    stage_open_meeting(stage, host, NULL);
    visitor_ask(host, 1, "readiness.run", json_pack("{s:[s]}", "sites", "TG-A"));
    cr_assert(json_is_true(json_object_get(visitor_event(device, "check"), "quiet")));
    visitor_ask(host, 2, "readiness.run", json_pack("{s:[s]}", "sites", "NONE"));
    cr_assert_str_eq(visitor_error(host, 2), "not_found");
    visitor_leave(device);
    visitor_leave(host);
    stage_free(stage);
}

static int64_t clock_ms;

static int64_t set_clock(void)
{
    return clock_ms;
}

static bool is_asked(void *data)
{
    return visitor_event(data, "check") != NULL;
}

static guint count_checks(const Visitor *device)
{
    guint count = 0;
    for (guint i = 0; i < device->heard->len; i++) {
        count += strcmp(text_at(g_ptr_array_index(device->heard, i), "type"), "check") == 0;
    }
    return count;
}

static void wait_at(Stage *stage, int64_t now_ms)
{
    clock_ms = now_ms;
    for (int i = 0; i < 5; i++) {
        stage_settle(stage);
    }
}

Test(readiness, the_sites_of_a_booking_are_asked_60_and_15_minutes_before_it)
{
    Stage *stage = stage_new("");
    Visitor *host = visitor_new(stage->house, ROLE_HOST, "chutri");
    Visitor *device = device_of(stage, "TG-A");
    Visitor *other = device_of(stage, "TG-B");
    schedule_set_clock(stage->house->server.schedule, set_clock);
    wait_at(stage, MONDAY - 61 * MINUTE);
    json_t *plan = json_pack("{s:s, s:[s]}", "title", "Giao ban", "sites", "TG-A");
    visitor_ask(
        host, 1, "schedule.set",
        json_pack("{s:I, s:i, s:o}", "start_ms", (json_int_t)MONDAY, "minutes", 60, "plan", plan));
    wait_at(stage, MONDAY - 60 * MINUTE - 1);
    cr_assert_eq(count_checks(device), 0);
    clock_ms = MONDAY - 60 * MINUTE;
    run_until(is_asked, device);
    json_t *check = visitor_event(device, "check");
    visitor_ask(device, 1, "device.checked", good_answer((int)number_at(check, "check")));
    wait_at(stage, MONDAY - 16 * MINUTE);
    cr_assert_eq(count_checks(device), 1);
    wait_at(stage, MONDAY - 15 * MINUTE);
    cr_assert_eq(count_checks(device), 2);
    cr_assert_eq(count_checks(other), 0, "it is not in that meeting");
    visitor_leave(other);
    visitor_leave(device);
    visitor_leave(host);
    stage_free(stage);
}
