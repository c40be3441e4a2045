#include <criterion/criterion.h>
#include <glib/gstdio.h>
#include <jansson.h>

#include "bridge/base/clock.h"
#include "signalling/meeting.h"

static Meeting *meeting_with_seats(int count)
{
    Meeting *meeting = meeting_new(NULL, 7, "Giao ban", "grid");
    for (int i = 0; i < count; i++) {
        Seat *seat = meeting_add_seat(meeting, 0);
        g_snprintf(seat->site, sizeof seat->site, "S%d", i + 1);
        g_snprintf(seat->name, sizeof seat->name, "Xã số %d", i + 1);
        g_strlcpy(seat->tier, "commune", sizeof seat->tier);
        seat->changed = false;
    }
    meeting->program_changed = false;
    return meeting;
}

static Layouts *two_layouts(void)
{
    static const char text[] =
        "{\"layouts\":[{\"name\":\"grid\",\"spotlight\":\"big\",\"cells\":[{\"role\":\"recent\","
        "\"x\":0,\"y\":0,\"w\":1,\"h\":1}]},{\"name\":\"big\",\"cells\":[{\"role\":\"floor\","
        "\"x\":0,\"y\":0,\"w\":1,\"h\":1}]}]}";
    g_autofree char *path = NULL;
    close(g_file_open_tmp("meeting-XXXXXX.json", &path, NULL));
    g_file_set_contents(path, text, -1, NULL);
    Layouts *layouts = layouts_load(path, NULL);
    g_unlink(path);
    return layouts;
}

static json_t *view_key(json_t *program, const char *name)
{
    return json_object_get(json_array_get(json_object_get(program, "views"), 0), name);
}

static const char *program_layout(json_t *program)
{
    json_t *view = json_array_get(json_object_get(program, "views"), 0);
    return json_string_value(json_object_get(json_object_get(view, "layout"), "name"));
}

Test(meeting, numbers_its_seats_and_never_uses_a_number_twice)
{
    Meeting *meeting = meeting_with_seats(3);
    cr_assert_eq(meeting_find_site(meeting, "S3")->source, 3);
    meeting_remove_seat(meeting, meeting_find_seat(meeting, 3));
    cr_assert_null(meeting_find_seat(meeting, 3));
    cr_assert_eq(meeting_add_seat(meeting, 0)->source, 4);
    meeting_free(meeting);
}

Test(meeting, finds_a_users_seat_but_no_site_by_an_empty_name)
{
    Meeting *meeting = meeting_with_seats(2);
    Seat *seat = meeting_add_seat(meeting, 0);
    g_strlcpy(seat->user, "chutri", sizeof seat->user);
    cr_assert_eq(meeting_find_user(meeting, "chutri"), seat);
    cr_assert_null(meeting_find_user(meeting, ""));
    cr_assert_null(meeting_find_site(meeting, ""));
    meeting_free(meeting);
}

Test(meeting, a_spotlight_changes_the_layout_of_the_program_and_back)
{
    Layouts *layouts = two_layouts();
    Meeting *meeting = meeting_with_seats(2);
    json_t *plain = meeting_make_program(meeting, layouts, NULL);
    cr_assert_str_eq(program_layout(plain), "grid");
    cr_assert(json_is_null(view_key(plain, "spotlight")));
    meeting->roles[VIEW_SPOTLIGHT] = 2;
    json_t *big = meeting_make_program(meeting, layouts, NULL);
    cr_assert_str_eq(program_layout(big), "big");
    cr_assert_eq(json_integer_value(view_key(big, "spotlight")), 2);
    cr_assert_gt(json_integer_value(json_object_get(big, "revision")),
                 json_integer_value(json_object_get(plain, "revision")));
    json_decref(plain);
    json_decref(big);
    meeting_free(meeting);
    layouts_free(layouts);
}

Test(meeting, the_spotlight_goes_with_its_seat)
{
    Meeting *meeting = meeting_with_seats(2);
    meeting->roles[VIEW_SPOTLIGHT] = 2;
    meeting_remove_seat(meeting, meeting_find_seat(meeting, 2));
    cr_assert_eq(meeting->roles[VIEW_SPOTLIGHT], 0);
    cr_assert(meeting->header_changed);
    meeting_free(meeting);
}

Test(meeting, the_program_says_who_is_there_and_why_not)
{
    Layouts *layouts = two_layouts();
    Meeting *meeting = meeting_with_seats(2);
    seat_set_state(meeting_find_seat(meeting, 1), SEAT_JOINED, REASON_NONE);
    seat_set_state(meeting_find_seat(meeting, 2), SEAT_MISSING, REASON_OFFLINE);
    json_t *program = meeting_make_program(meeting, layouts, NULL);
    json_t *seats = json_object_get(program, "seats");
    json_t *first = json_array_get(seats, 0);
    json_t *second = json_array_get(seats, 1);
    cr_assert(json_is_true(json_object_get(first, "present")));
    cr_assert(json_is_false(json_object_get(second, "present")));
    cr_assert_str_eq(json_string_value(json_object_get(second, "note")), "Chưa kết nối");
    json_decref(program);
    meeting_free(meeting);
    layouts_free(layouts);
}

static int told;
static uint32_t told_source;

static void count(Meeting *meeting, Seat *seat)
{
    told++;
    told_source = seat->source;
}

Test(meeting, tells_only_the_seats_whose_demand_changed)
{
    Meeting *meeting = meeting_with_seats(3);
    json_t *demands = json_pack("[{s:i,s:i,s:i,s:i,s:i}]", "source", 2, "width", 424, "height", 240,
                                "fps", 25, "kbps", 200);
    told = 0;
    meeting_apply_demands(meeting, demands, count);
    cr_assert_eq(told, 1);
    cr_assert_eq(told_source, 2);
    cr_assert_eq(meeting_find_seat(meeting, 2)->demand.width, 424);
    cr_assert(meeting_find_seat(meeting, 2)->changed, "its video goes from off to on");
    meeting_apply_demands(meeting, demands, count);
    cr_assert_eq(told, 1, "the same again is no news");
    json_t *nobody = json_array();
    meeting_apply_demands(meeting, nobody, count);
    cr_assert_eq(told, 2);
    cr_assert_eq(meeting_find_seat(meeting, 2)->demand.width, 0);
    json_decref(nobody);
    json_decref(demands);
    meeting_free(meeting);
}

Test(meeting, a_seat_that_is_not_listed_loses_its_cell)
{
    Meeting *meeting = meeting_with_seats(2);
    json_t *cells = json_pack("[{s:i,s:[{s:i,s:f,s:f,s:f,s:f}]}]", "id", 0, "cells", "source", 1,
                              "x", 0.0, "y", 0.5, "w", 0.25, "h", 0.25);
    told = 0;
    meeting_apply_cells(meeting, cells, count);
    cr_assert_eq(told, 1);
    cr_assert(meeting_find_seat(meeting, 1)->cell.shown);
    cr_assert_eq(meeting_find_seat(meeting, 1)->cell.y, 0.5);
    json_t *none = json_array();
    meeting_apply_cells(meeting, none, count);
    cr_assert(!meeting_find_seat(meeting, 1)->cell.shown);
    json_decref(none);
    json_decref(cells);
    meeting_free(meeting);
}

Test(meeting, a_seat_that_leaves_is_not_live_any_more)
{
    Meeting *meeting = meeting_with_seats(1);
    Seat *seat = meeting_find_seat(meeting, 1);
    seat->demand = (SeatDemand){424, 240, 25, 200};
    seat_set_state(seat, SEAT_JOINED, REASON_NONE);
    json_t *live = json_pack("{s:i,s:s}", "source", 1, "video", "live");
    meeting_apply_source(meeting, live);
    cr_assert(seat->video_live);
    seat_set_state(seat, SEAT_LOST, REASON_NONE);
    cr_assert(!seat->video_live);
    cr_assert_eq(meeting_count_joined(meeting), 0);
    json_decref(live);
    meeting_free(meeting);
}

Test(meeting, every_state_and_reason_reads_back_by_its_name)
{
    for (int state = SEAT_MISSING; state <= SEAT_LOST; state++) {
        cr_assert_eq((int)seat_state_parse(seat_state_name((SeatState)state)), state);
    }
    for (int reason = REASON_NONE; reason <= REASON_MEDIA_FAILED; reason++) {
        cr_assert_eq((int)seat_reason_parse(seat_reason_name((SeatReason)reason)), reason);
    }
    cr_assert_eq(seat_state_parse("nonsense"), SEAT_MISSING);
}

Test(meeting, its_seats_read_as_the_protocol_says)
{
    Meeting *meeting = meeting_with_seats(1);
    Seat *seat = meeting_find_seat(meeting, 1);
    json_t *object = seat_to_json(seat);
    cr_assert_str_eq(json_string_value(json_object_get(object, "site")), "S1");
    cr_assert_str_eq(json_string_value(json_object_get(object, "video")), "off");
    cr_assert_str_eq(json_string_value(json_object_get(object, "state")), "missing");
    cr_assert(json_is_null(json_object_get(object, "cell")));
    cr_assert(json_is_null(json_object_get(object, "reason")));
    json_decref(object);
    meeting_free(meeting);
}

Test(meeting, times_whoever_has_the_floor)
{
    Layouts *layouts = two_layouts();
    Meeting *meeting = meeting_with_seats(2);
    json_t *program = meeting_make_program(meeting, layouts, NULL);
    cr_assert(json_is_null(json_object_get(program, "speaking")));
    json_decref(program);
    meeting_set_role(meeting, VIEW_FLOOR, 2);
    meeting->leading.floor_since_ms = g_get_real_time() / 1000 - 75000;
    meeting->leading.speaking_limit_s = 180;
    handqueue_raise(&meeting->leading.queue, 1, 1);
    program = meeting_make_program(meeting, layouts, NULL);
    json_t *speaking = json_object_get(program, "speaking");
    cr_assert_eq(json_integer_value(json_object_get(speaking, "source")), 2);
    cr_assert_eq(json_integer_value(json_object_get(speaking, "since_s")), 75);
    cr_assert_eq(json_integer_value(json_object_get(speaking, "limit_s")), 180);
    json_t *seats = json_object_get(program, "seats");
    cr_assert_eq(json_integer_value(json_object_get(json_array_get(seats, 0), "hand")), 1);
    cr_assert(json_is_null(json_object_get(json_array_get(seats, 1), "hand")));
    json_decref(program);
    meeting_free(meeting);
    layouts_free(layouts);
}

Test(meeting, quarantines_a_seat_at_the_third_crash_and_says_so_to_mixer_and_page)
{
    Layouts *layouts = two_layouts();
    Meeting *meeting = meeting_with_seats(1);
    Seat *seat = meeting_find_seat(meeting, 1);
    cr_expect_not(seat_count_crash(seat));
    cr_expect_not(seat_count_crash(seat));
    cr_expect(seat_count_crash(seat));
    cr_expect_not(seat_count_crash(seat), "no news");
    json_t *program = meeting_make_program(meeting, layouts, NULL);
    json_t *entry = json_array_get(json_object_get(program, "seats"), 0);
    cr_expect(json_is_true(json_object_get(entry, "quarantined")));
    json_decref(program);
    json_t *object = seat_to_json(seat);
    json_t *trouble = json_object_get(object, "trouble");
    cr_expect_str_eq(json_string_value(json_array_get(trouble, 0)), "quarantined");
    json_decref(object);
    cr_expect(seat_release(seat));
    cr_expect_not(seat_release(seat));
    cr_expect_not(seat_count_crash(seat), "it begins anew");
    meeting_free(meeting);
    layouts_free(layouts);
}
