/* What the server says to relay, mixer, pages and devices while a meeting goes on. */
#include <criterion/criterion.h>
#include <jansson.h>
#include <string.h>

#include "signalling/client.h"
#include "signalling/directory.h"
#include "signalling/meetings.h"
#include "tests/unit/signalling/stage.h"

/* A page with media: invited, its offer answered. Returns its peer. */
static json_int_t join(Stage *stage, Visitor *page, int id, json_t *fields)
{
    json_t *answer = visitor_ask(page, id, "media.join", fields);
    cr_assert_str_eq(text_at(answer, "type"), "ok", "%s", text_at(answer, "message"));
    json_int_t peer = number_at(visitor_event(page, "invite"), "peer");
    visitor_ask(page, id + 1, "media.offer",
                json_pack("{s:i, s:I, s:s}", "meeting", 1, "peer", peer, "sdp", "v=0"));
    return peer;
}

static json_t *join_fields(const char *name, int value)
{
    return json_pack("{s:i, s:i, s:b}", "meeting", 1, name, value, "send", false);
}

static Visitor *device_of(Stage *stage, const char *site)
{
    Visitor *device = visitor_new(stage->house, ROLE_DEVICE, NULL);
    client_set_site(device->client, site);
    directory_find(stage->house->server.directory, site)->client = client_id(device->client);
    return device;
}

/* The site's device answers its invitation. Returns its peer. */
static json_int_t answer_call(Visitor *device, int id)
{
    json_int_t peer = number_at(visitor_event(device, "invite"), "peer");
    visitor_ask(device, id, "media.offer",
                json_pack("{s:i, s:I, s:s}", "meeting", 1, "peer", peer, "sdp", "v=0"));
    return peer;
}

static json_t *view_of(const char *text)
{
    json_t *view = json_loads(text, 0, NULL);
    cr_assert_not_null(view, "%s", text);
    return json_pack("{s:i, s:o}", "meeting", 1, "view", view);
}

static json_t *seat_of(Stage *stage, const char *site)
{
    json_t *meeting = stage_meeting(stage);
    json_t *seats = json_object_get(meeting, "seats");
    size_t index;
    json_t *seat;
    json_t *found = NULL;
    json_array_foreach(seats, index, seat)
    {
        if (strcmp(text_at(seat, "site"), site) == 0) {
            found = json_incref(seat);
        }
    }
    json_decref(meeting);
    return found;
}

/* ---- views ---- */

Test(meetings, tells_relay_and_mixer_the_views_of_a_new_meeting)
{
    Stage *stage = stage_new("");
    Visitor *host = visitor_new(stage->house, ROLE_HOST, "chutri");
    stage_open_meeting(stage, host, NULL);
    json_t *said = stage_wait(stage, "meeting.views", 0);
    json_t *views = json_object_get(said, "views");
    cr_assert_eq(number_at(said, "meeting"), 1);
    cr_assert_eq(json_array_size(views), 1);
    json_t *rungs = json_object_get(json_array_get(views, 0), "rungs");
    cr_assert_eq(json_array_size(rungs), 4);
    cr_assert_eq(number_at(json_array_get(rungs, 1), "kbps"), 500);
    json_t *program = stage_wait(stage, "program", 0);
    json_t *view = json_array_get(json_object_get(program, "views"), 0);
    cr_assert_str_eq(text_at(json_object_get(view, "layout"), "name"), "2x2");
    cr_assert(json_equal(json_object_get(view, "rungs"), rungs), "both are told the same");
    visitor_leave(host);
    stage_free(stage);
}

Test(meetings, a_preset_gives_each_site_its_view)
{
    Stage *stage = stage_new("");
    Visitor *host = visitor_new(stage->house, ROLE_HOST, "chutri");
    stage_open_meeting(stage, host, NULL);
    cr_assert_str_eq(
        text_at(visitor_ask(host, 1, "view.preset",
                            json_pack("{s:i, s:s}", "meeting", 1, "preset", "plenary")),
                "code"),
        "not_found", "this house has no central site");
    cr_assert_str_eq(text_at(visitor_answer(host, 1), "field"), "views[1].audience");
    visitor_ask(host, 2, "view.set",
                view_of("{\"layout\":\"1\",\"audience\":{\"sites\":[\"TG\"]}}"));
    stage_settle(stage);
    json_t *seat = seat_of(stage, "TG");
    cr_assert_eq(number_at(seat, "view"), 1);
    json_decref(seat);
    visitor_ask(host, 3, "view.preset", json_pack("{s:i, s:s}", "meeting", 1, "preset", "all"));
    stage_settle(stage);
    seat = seat_of(stage, "TG");
    cr_assert_eq(number_at(seat, "view"), 0);
    json_decref(seat);
    visitor_leave(host);
    stage_free(stage);
}

Test(meetings, moves_a_receiver_to_another_view_without_a_new_offer)
{
    Stage *stage = stage_new("");
    Visitor *host = visitor_new(stage->house, ROLE_HOST, "chutri");
    Visitor *device = device_of(stage, "TG-A");
    stage_open_meeting(stage, host, NULL);
    json_int_t peer = answer_call(device, 1);
    cr_assert_eq(number_at(stage_wait(stage, "peer.add", 0), "view"), 0);
    guint from = stage->heard->len;
    json_t *answer = visitor_ask(host, 1, "view.set",
                                 view_of("{\"layout\":\"1\",\"audience\":\"tier:commune\"}"));
    cr_assert_eq(number_at(answer, "view"), 1);
    json_t *update = stage_wait(stage, "peer.update", from);
    cr_assert_eq(number_at(update, "peer"), peer);
    cr_assert_eq(number_at(update, "view"), 1);
    cr_assert_eq(stage_count(stage, "meeting.views", from), 1, "the rungs are said before");
    cr_assert_str_eq(text_at(g_ptr_array_index(stage->heard, from), "op"), "meeting.views");
    from = stage->heard->len;
    visitor_ask(host, 2, "view.remove", json_pack("{s:i, s:i}", "meeting", 1, "view", 1));
    cr_assert_eq(number_at(stage_wait(stage, "peer.update", from), "view"), 0);
    cr_assert_eq(stage_count(stage, "peer.add", 0), 1);
    visitor_leave(device);
    visitor_leave(host);
    stage_free(stage);
}

Test(meetings, the_same_view_again_is_no_news)
{
    Stage *stage = stage_new("");
    Visitor *host = visitor_new(stage->house, ROLE_HOST, "chutri");
    stage_open_meeting(stage, host, NULL);
    static const char view[] = "{\"id\":3,\"layout\":\"1\",\"audience\":\"tier:commune\"}";
    visitor_ask(host, 1, "view.set", view_of(view));
    stage_settle(stage);
    guint from = stage->heard->len;
    cr_assert_eq(number_at(visitor_ask(host, 2, "view.set", view_of(view)), "view"), 3);
    cr_assert_str_eq(text_at(visitor_ask(host, 3, "view.remove",
                                         json_pack("{s:i, s:i}", "meeting", 1, "view", 6)),
                             "type"),
                     "ok");
    stage_settle(stage);
    cr_assert_eq(stage_count(stage, "meeting.views", from), 0);
    visitor_leave(host);
    stage_free(stage);
}

Test(meetings, refuses_a_view_that_cannot_be_and_keeps_the_picture)
{
    static const struct {
        const char *view;
        const char *code;
        const char *field;
    } cases[] = {
        {"{\"layout\":\"none\",\"audience\":\"chair\"}", "not_found", "layout"},
        {"{\"layout\":\"1\"}", "bad_field", "audience"},
        {"{\"layout\":\"1\",\"audience\":\"chair\",\"width\":1279}", "bad_field", "width"},
        {"{\"layout\":\"1\",\"audience\":\"tier:planet\"}", "not_found", "audience"},
        {"{\"layout\":\"1\",\"audience\":\"chair\",\"floor\":77}", "not_found", "floor"},
        {"{\"id\":0,\"layout\":\"1\",\"audience\":\"chair\"}", "bad_field", "audience"},
    };
    Stage *stage = stage_new("");
    Visitor *host = visitor_new(stage->house, ROLE_HOST, "chutri");
    stage_open_meeting(stage, host, NULL);
    stage_settle(stage);
    guint from = stage->heard->len;
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        json_t *answer = visitor_ask(host, (int)i, "view.set", view_of(cases[i].view));
        cr_assert_str_eq(text_at(answer, "code"), cases[i].code, "%s", cases[i].view);
        cr_assert_str_eq(text_at(answer, "field"), cases[i].field, "%s", cases[i].view);
        visitor_ask(host, 100 + (int)i, "ping", json_object());
    }
    stage_settle(stage);
    cr_assert_eq(stage->heard->len, from, "nobody was told anything");
    visitor_leave(host);
    stage_free(stage);
}

Test(meetings, a_meeting_has_at_most_eight_views)
{
    Stage *stage = stage_new("");
    Visitor *host = visitor_new(stage->house, ROLE_HOST, "chutri");
    stage_open_meeting(stage, host, NULL);
    for (int id = 1; id < LIMIT_VIEWS; id++) {
        json_t *answer =
            visitor_ask(host, id, "view.set", view_of("{\"layout\":\"1\",\"audience\":\"chair\"}"));
        cr_assert_eq(number_at(answer, "view"), id);
    }
    json_t *answer =
        visitor_ask(host, 8, "view.set", view_of("{\"layout\":\"1\",\"audience\":\"chair\"}"));
    cr_assert_str_eq(text_at(answer, "code"), "limit");
    visitor_leave(host);
    stage_free(stage);
}

Test(meetings, views_and_roles_come_back_after_a_restart)
{
    Stage *stage = stage_new("");
    Visitor *host = visitor_new(stage->house, ROLE_HOST, "chutri");
    stage_open_meeting(stage, host, NULL);
    visitor_ask(host, 1, "view.set",
                view_of("{\"id\":4,\"name\":\"Xã\",\"layout\":\"2+4x4\",\"width\":1920,\"height\":"
                        "1080,\"audience\":\"tier:commune\",\"chair\":\"TG\",\"rotate\":{\"who\":"
                        "\"branch:TG\"}}"));
    visitor_ask(host, 2, "meeting.layout", json_pack("{s:i, s:s}", "meeting", 1, "layout", "3x3"));
    visitor_ask(host, 3, "meeting.chair", json_pack("{s:i, s:i}", "meeting", 1, "source", 2));
    visitor_ask(host, 4, "meeting.floor",
                json_pack("{s:i, s:i, s:i}", "meeting", 1, "source", 3, "view", 4));
    stage_settle(stage);
    json_t *before = stage_meeting(stage);
    visitor_leave(host);
    stage_restart(stage);
    stage_settle(stage);
    json_t *after = stage_meeting(stage);
    cr_assert(json_equal(json_object_get(before, "views"), json_object_get(after, "views")));
    cr_assert_eq(json_array_size(json_object_get(after, "views")), 2);
    cr_assert_str_eq(text_at(after, "layout"), "3x3");
    cr_assert_eq(number_at(after, "chair"), 2);
    cr_assert_eq(number_at(json_array_get(json_object_get(after, "views"), 1), "floor"), 3);
    json_decref(before);
    json_decref(after);
    stage_free(stage);
}

Test(meetings, the_chair_watches_its_own_view)
{
    Stage *stage = stage_new("");
    Visitor *host = visitor_new(stage->house, ROLE_HOST, "chutri");
    Visitor *device = device_of(stage, "TG-B");
    stage_open_meeting(stage, host, NULL);
    answer_call(device, 1);
    visitor_ask(host, 1, "view.set", view_of("{\"layout\":\"4x4\",\"audience\":\"chair\"}"));
    stage_settle(stage);
    guint from = stage->heard->len;
    visitor_ask(host, 2, "meeting.chair", json_pack("{s:i, s:i}", "meeting", 1, "source", 3));
    cr_assert_eq(number_at(stage_wait(stage, "peer.update", from), "view"), 1);
    json_t *program = stage_wait(stage, "program", from);
    cr_assert_eq(number_at(json_array_get(json_object_get(program, "views"), 0), "chair"), 3);
    visitor_leave(device);
    visitor_leave(host);
    stage_free(stage);
}

Test(meetings, a_page_looks_at_any_view_and_goes_on_after_a_new_offer)
{
    Stage *stage = stage_new("");
    Visitor *host = visitor_new(stage->house, ROLE_HOST, "chutri");
    stage_open_meeting(stage, host, NULL);
    visitor_ask(host, 1, "view.set", view_of("{\"layout\":\"1\",\"audience\":\"tier:commune\"}"));
    json_int_t peer = join(stage, host, 2, join_fields("view", 1));
    json_t *added = stage_wait(stage, "peer.add", 0);
    cr_assert_eq(number_at(added, "view"), 1);
    cr_assert_eq(number_at(added, "source"), 0);
    guint from = stage->heard->len;
    json_t *answer =
        visitor_ask(host, 4, "media.view", json_pack("{s:i, s:i}", "meeting", 1, "view", 0));
    cr_assert_eq(number_at(answer, "view"), 0);
    json_t *update = stage_wait(stage, "peer.update", from);
    cr_assert_eq(number_at(update, "peer"), peer);
    cr_assert_eq(number_at(update, "view"), 0);
    visitor_ask(host, 5, "media.view",
                json_pack("{s:i, s:i, s:i}", "meeting", 1, "view", 1, "kbps", 200));
    visitor_ask(host, 6, "media.renew", json_pack("{s:i}", "meeting", 1));
    json_int_t again = number_at(visitor_event(host, "invite"), "peer");
    cr_assert_neq(again, peer);
    from = stage->heard->len;
    visitor_ask(host, 7, "media.offer",
                json_pack("{s:i, s:I, s:s}", "meeting", 1, "peer", again, "sdp", "v=0"));
    added = stage_wait(stage, "peer.add", from);
    cr_assert_eq(number_at(added, "view"), 1);
    cr_assert_eq(number_at(added, "view_kbps"), 200);
    cr_assert_str_eq(text_at(visitor_ask(host, 8, "media.view",
                                         json_pack("{s:i, s:i}", "meeting", 1, "view", 5)),
                             "code"),
                     "not_found");
    visitor_leave(host);
    stage_free(stage);
}

Test(meetings, a_page_keeps_its_view_over_a_restart_of_the_server)
{
    Stage *stage = stage_new("");
    Visitor *host = visitor_new(stage->house, ROLE_HOST, "chutri");
    stage_open_meeting(stage, host, NULL);
    visitor_ask(host, 1, "view.set", view_of("{\"layout\":\"1\",\"audience\":\"chair\"}"));
    json_int_t peer = join(stage, host, 2, join_fields("view", 1));
    stage_settle(stage);
    visitor_leave(host);
    json_decref(stage->peers);
    stage->peers = json_pack("[{s:I, s:i, s:i, s:s}]", "peer", peer, "meeting", 1, "source", 0,
                             "state", "connected");
    guint from = stage->heard->len;
    stage_restart(stage);
    stage_settle(stage);
    cr_assert_eq(stage_count(stage, "meeting.views", from), 1);
    cr_assert_eq(stage_count(stage, "peer.update", from), 0);
    host = visitor_new(stage->house, ROLE_HOST, "chutri");
    json_t *fields =
        json_pack("{s:i, s:b, s:i, s:I}", "meeting", 1, "send", false, "view", 1, "peer", peer);
    json_t *answer = visitor_ask(host, 3, "media.join", fields);
    cr_assert(json_is_true(json_object_get(answer, "resumed")));
    cr_assert_eq(number_at(stage_wait(stage, "peer.update", from), "view"), 1);
    visitor_leave(host);
    stage_free(stage);
}

Test(meetings, a_receiver_caps_what_it_is_sent)
{
    Stage *stage = stage_new("");
    Visitor *host = visitor_new(stage->house, ROLE_HOST, "chutri");
    Visitor *device = device_of(stage, "TG");
    stage_open_meeting(stage, host, NULL);
    json_int_t peer = number_at(visitor_event(device, "invite"), "peer");
    visitor_ask(device, 1, "media.offer",
                json_pack("{s:i, s:I, s:s, s:i}", "meeting", 1, "peer", peer, "sdp", "v=0",
                          "view_kbps", 500));
    cr_assert_eq(number_at(stage_wait(stage, "peer.add", 0), "view_kbps"), 500);
    guint from = stage->heard->len;
    visitor_ask(device, 2, "media.view", json_pack("{s:i, s:i}", "meeting", 1, "kbps", 0));
    cr_assert_eq(number_at(stage_wait(stage, "peer.update", from), "view_kbps"), 0);
    from = stage->heard->len;
    visitor_ask(device, 3, "media.view", json_pack("{s:i, s:n}", "meeting", 1, "kbps"));
    cr_assert_eq(number_at(stage_wait(stage, "peer.update", from), "view_kbps"), LIMIT_RUNG_KBPS);
    cr_assert_str_eq(text_at(visitor_ask(device, 4, "media.view",
                                         json_pack("{s:i, s:i}", "meeting", 1, "view", 0)),
                             "code"),
                     "not_allowed", "a site watches what it is shown");
    cr_assert_str_eq(text_at(visitor_ask(device, 5, "media.view",
                                         json_pack("{s:i, s:i}", "meeting", 1, "kbps", -1)),
                             "code"),
                     "bad_field");
    visitor_leave(device);
    visitor_leave(host);
    stage_free(stage);
}

Test(meetings, tells_a_site_its_cell_in_the_view_it_watches)
{
    Stage *stage = stage_new("");
    Visitor *host = visitor_new(stage->house, ROLE_HOST, "chutri");
    Visitor *device = device_of(stage, "TG-A");
    stage_open_meeting(stage, host, NULL);
    answer_call(device, 1);
    visitor_ask(host, 1, "view.set",
                view_of("{\"layout\":\"1\",\"audience\":{\"sites\":[\"TG-A\"]}}"));
    stage_settle(stage);
    control_emit(stage->mixer, "cells",
                 json_pack("{s:[{s:i, s:[]}, {s:i, s:[{s:i, s:f, s:f, s:f, s:f}]}]}", "views", "id",
                           0, "cells", "id", 1, "cells", "source", 2, "x", 0.25, "y", 0.0, "w", 0.5,
                           "h", 0.5));
    stage_settle(stage);
    json_t *cell = json_object_get(visitor_event(device, "cell"), "cell");
    cr_assert_eq(json_number_value(json_object_get(cell, "x")), 0.25);
    json_t *seat = seat_of(stage, "TG-A");
    cr_assert(json_equal(json_object_get(seat, "cell"), cell));
    json_decref(seat);
    visitor_ask(host, 2, "view.remove", json_pack("{s:i, s:i}", "meeting", 1, "view", 1));
    stage_settle(stage);
    cr_assert(json_is_null(json_object_get(visitor_event(device, "cell"), "cell")));
    visitor_leave(device);
    visitor_leave(host);
    stage_free(stage);
}

Test(meetings, tells_pages_who_speaks)
{
    Stage *stage = stage_new("");
    Visitor *host = visitor_new(stage->house, ROLE_HOST, "chutri");
    client_set_watching(host->client);
    stage_open_meeting(stage, host, NULL);
    control_emit(stage->mixer, "speaker", json_pack("{s:i}", "source", 2));
    stage_settle(stage);
    cr_assert_eq(number_at(visitor_event(host, "speaker"), "source"), 2);
    json_t *meeting = stage_meeting(stage);
    cr_assert_eq(number_at(meeting, "speaker"), 2);
    json_decref(meeting);
    control_emit(stage->mixer, "speaker", json_pack("{s:n}", "source"));
    stage_settle(stage);
    cr_assert(json_is_null(json_object_get(visitor_event(host, "speaker"), "source")));
    visitor_leave(host);
    stage_free(stage);
}

/* ---- statistics ---- */

static void tell_stats(Stage *stage, json_int_t peer, double out_kbps)
{
    control_emit(stage->relay, "stats",
                 json_pack("{s:[{s:I, s:i, s:f, s:f, s:f, s:f, s:f, s:f, s:i, s:i, s:i, s:s}, "
                           "{s:i, s:f}], s:{s:i}}",
                           "peers", "peer", peer, "source", 2, "loss_in_pct", 1.0, "loss_out_pct",
                           2.0, "rtt_ms", 40.0, "jitter_ms", 5.0, "in_kbps", 150.0, "out_kbps",
                           out_kbps, "rung", 1, "view", 0, "estimate_kbps", 700, "profile",
                           "SRTP_AEAD_AES_128_GCM", "peer", 4711, "out_kbps", 1.0, "counters",
                           "dropped", 3));
    stage_settle(stage);
}

static guint count_events(const Visitor *visitor, const char *type)
{
    guint count = 0;
    for (guint i = 0; i < visitor->heard->len; i++) {
        count += strcmp(text_at(g_ptr_array_index(visitor->heard, i), "type"), type) == 0;
    }
    return count;
}

Test(meetings, tells_statistics_to_who_asked_and_only_what_has_changed)
{
    Stage *stage = stage_new("");
    Visitor *host = visitor_new(stage->house, ROLE_HOST, "chutri");
    Visitor *other = visitor_new(stage->house, ROLE_HOST, "khac");
    Visitor *device = device_of(stage, "TG-A");
    client_set_watching(other->client);
    stage_open_meeting(stage, host, NULL);
    json_int_t peer = answer_call(device, 1);
    json_t *answer = visitor_ask(host, 1, "stats.watch", json_pack("{s:i}", "meeting", 1));
    cr_assert_eq(json_array_size(json_object_get(answer, "seats")), 0);
    tell_stats(stage, peer, 500);
    json_t *event = visitor_event(host, "stats");
    json_t *seat = json_array_get(json_object_get(event, "seats"), 0);
    cr_assert_eq(json_array_size(json_object_get(event, "seats")), 1);
    cr_assert_eq(number_at(seat, "source"), 2);
    cr_assert_eq(number_at(seat, "out_kbps"), 500);
    cr_assert_eq(number_at(seat, "rung"), 1);
    tell_stats(stage, peer, 510);
    cr_assert_eq(count_events(host, "stats"), 1, "nothing has changed");
    tell_stats(stage, peer, 150);
    cr_assert_eq(count_events(host, "stats"), 2);
    cr_assert_eq(count_events(other, "stats"), 0, "it did not ask");
    answer = visitor_ask(other, 1, "stats.watch", json_pack("{s:i}", "meeting", 1));
    seat = json_array_get(json_object_get(answer, "seats"), 0);
    cr_assert_eq(number_at(seat, "out_kbps"), 150, "who comes later has all of it");
    visitor_ask(host, 2, "stats.watch", json_pack("{s:n}", "meeting"));
    tell_stats(stage, peer, 1500);
    cr_assert_eq(count_events(host, "stats"), 2);
    cr_assert_eq(count_events(other, "stats"), 1);
    visitor_leave(device);
    visitor_leave(other);
    visitor_leave(host);
    stage_free(stage);
}

static void check_line(const char *text, const char *line)
{
    g_autofree char *whole = g_strconcat(line, "\n", NULL);
    cr_assert_not_null(strstr(text, whole), "\"%s\" not in:\n%s", line, text);
}

Test(meetings, writes_what_it_knows_for_prometheus_in_base_units)
{
    Stage *stage = stage_new("");
    Visitor *host = visitor_new(stage->house, ROLE_HOST, "chutri");
    Visitor *device = device_of(stage, "TG-A");
    stage_open_meeting(stage, host, NULL);
    json_int_t peer = answer_call(device, 1);
    tell_stats(stage, peer, 500);
    GString *text = g_string_new(NULL);
    meetings_write_metrics(stage->house->server.meetings, text);
#define SEAT "{meeting=\"1\",source=\"2\",site=\"TG-A\""
    check_line(text->str, "diemcau_seat_loss_ratio" SEAT ",direction=\"in\"} 0.01");
    check_line(text->str, "diemcau_seat_loss_ratio" SEAT ",direction=\"out\"} 0.02");
    check_line(text->str, "diemcau_seat_rtt_seconds" SEAT "} 0.04");
    check_line(text->str, "diemcau_seat_bits_per_second" SEAT ",direction=\"out\"} 500000");
    check_line(text->str, "diemcau_seat_rung" SEAT "} 1");
    check_line(text->str, "diemcau_seat_srtp_info" SEAT ",profile=\"SRTP_AEAD_AES_128_GCM\"} 1");
    check_line(text->str, "diemcau_watchers{meeting=\"1\",view=\"0\"} 0");
    check_line(text->str, "diemcau_relay_dropped_total 3");
    cr_assert_null(strstr(text->str, "source=\"1\""), "who has no session is not measured");
    g_string_free(text, TRUE);
    visitor_leave(device);
    visitor_leave(host);
    stage_free(stage);
}
