/* Who may speak and who is called: what the server decides, tells and keeps. */
#include <criterion/criterion.h>
#include <jansson.h>
#include <string.h>

#include "signalling/client.h"
#include "signalling/directory.h"
#include "tests/unit/signalling/stage.h"

typedef struct Room {
    Stage *stage;
    Visitor *host;
    Visitor *sites[3]; /* TG, TG-A, TG-B: seats 1, 2, 3 */
    int last_id;
} Room;

static const char *const codes[] = {"TG", "TG-A", "TG-B"};

static Visitor *device_of(Stage *stage, const char *code)
{
    Visitor *device = visitor_new(stage->house, ROLE_DEVICE, NULL);
    client_set_site(device->client, code);
    directory_find(stage->house->server.directory, code)->client = client_id(device->client);
    return device;
}

static json_t *ask(Room *room, Visitor *who, const char *type, json_t *fields)
{
    json_object_set_new(fields, "meeting", json_integer(1));
    return visitor_ask(who, ++room->last_id, type, fields);
}

static json_t *do_as_host(Room *room, const char *type, json_t *fields)
{
    json_t *answer = ask(room, room->host, type, fields);
    cr_assert_str_eq(text_at(answer, "type"), "ok", "%s: %s", type, text_at(answer, "message"));
    return answer;
}

static json_t *source_field(int source)
{
    return json_pack("{s:i}", "source", source);
}

/* The relay says of a seat's peer that its media are there, or gone. */
static void emit_peer(Room *room, json_int_t peer, const char *state)
{
    control_emit(room->stage->relay, "peer", json_pack("{s:I, s:s}", "peer", peer, "state", state));
}

static json_int_t join(Room *room, int index)
{
    Visitor *site = room->sites[index];
    json_int_t peer = number_at(visitor_event(site, "invite"), "peer");
    visitor_ask(site, ++room->last_id, "media.offer",
                json_pack("{s:i, s:I, s:s}", "meeting", 1, "peer", peer, "sdp", "v=0"));
    emit_peer(room, peer, "connected");
    stage_settle(room->stage);
    return peer;
}

static Room *room_new(int joined)
{
    Room *room = g_new0(Room, 1);
    room->stage = stage_new("");
    room->host = visitor_new(room->stage->house, ROLE_HOST, "chutri");
    for (int i = 0; i < 3; i++) {
        room->sites[i] = device_of(room->stage, codes[i]);
    }
    stage_open_meeting(room->stage, room->host, NULL);
    for (int i = 0; i < joined; i++) {
        join(room, i);
    }
    return room;
}

static void room_free(Room *room)
{
    for (int i = 0; i < 3; i++) {
        visitor_leave(room->sites[i]);
    }
    visitor_leave(room->host);
    stage_free(room->stage);
    g_free(room);
}

/* The server is closed and opened again; everybody comes back. */
static void restart(Room *room)
{
    for (int i = 0; i < 3; i++) {
        visitor_leave(room->sites[i]);
    }
    visitor_leave(room->host);
    stage_restart(room->stage);
    room->host = visitor_new(room->stage->house, ROLE_HOST, "chutri");
    for (int i = 0; i < 3; i++) {
        room->sites[i] = device_of(room->stage, codes[i]);
    }
}

/* A member of the meeting; borrowed until the next call. */
static json_t *member(Room *room, const char *name)
{
    static json_t *meeting;
    json_decref(meeting);
    meeting = stage_meeting(room->stage);
    return json_object_get(meeting, name);
}

static json_t *seat(Room *room, int source)
{
    size_t index;
    json_t *entry;
    json_array_foreach(member(room, "seats"), index, entry)
    {
        if (number_at(entry, "source") == source) {
            return entry;
        }
    }
    cr_assert_fail("no seat %d", source);
    return NULL;
}

static void check_queue(Room *room, const char *wanted)
{
    g_autoptr(GString) order = g_string_new(NULL);
    size_t index;
    json_t *hand;
    json_array_foreach(member(room, "hands"), index, hand)
    {
        g_string_append_printf(order, "%d ", (int)number_at(hand, "source"));
    }
    cr_assert_str_eq(order->str, wanted);
}

static json_t *status(Room *room, int index)
{
    stage_settle(room->stage);
    return visitor_event(room->sites[index], "seat.status");
}

static void voice(Room *room, int source, int level)
{
    control_emit(room->stage->relay, "voices",
                 json_pack("{s:i, s:[{s:i, s:i}]}", "meeting", 1, "voices", "source", source,
                           "level", level));
    stage_settle(room->stage);
}

/* ---- the queue ---- */

Test(floor, hands_wait_in_the_order_of_arrival_and_each_site_knows_its_place)
{
    Room *room = room_new(3);
    cr_assert_eq(number_at(ask(room, room->sites[2], "hand.raise", json_object()), "place"), 1);
    cr_assert_eq(number_at(ask(room, room->sites[0], "hand.raise", json_object()), "place"), 2);
    cr_assert_eq(number_at(ask(room, room->sites[2], "hand.raise", json_object()), "place"), 1);
    check_queue(room, "3 1 ");
    cr_assert_eq(number_at(status(room, 0), "place"), 2);
    cr_assert_eq(number_at(status(room, 1), "waiting"), 2);
    cr_assert(json_is_null(json_object_get(status(room, 1), "place")));
    do_as_host(room, "hand.move", json_pack("{s:i, s:i}", "source", 1, "place", 1));
    check_queue(room, "1 3 ");
    cr_assert_eq(number_at(status(room, 0), "place"), 1);
    do_as_host(room, "hand.lower", source_field(1));
    check_queue(room, "3 ");
    cr_assert(json_is_null(json_object_get(status(room, 0), "place")));
    room_free(room);
}

Test(floor, a_site_raises_no_hand_but_its_own)
{
    Room *room = room_new(1);
    json_t *answer = ask(room, room->sites[0], "hand.raise", source_field(2));
    cr_assert_str_eq(text_at(answer, "code"), "not_allowed");
    cr_assert_str_eq(text_at(ask(room, room->sites[0], "floor.next", json_object()), "code"),
                     "not_allowed");
    cr_assert_str_eq(text_at(ask(room, room->host, "hand.raise", json_object()), "code"),
                     "not_found", "this host has no seat");
    check_queue(room, "");
    room_free(room);
}

Test(floor, next_passes_over_who_is_away_and_keeps_his_place)
{
    Room *room = room_new(2);
    do_as_host(room, "hand.raise", source_field(3)); /* It is not connected. */
    do_as_host(room, "hand.raise", source_field(2));
    cr_assert_eq(number_at(do_as_host(room, "floor.next", json_object()), "source"), 2);
    check_queue(room, "3 ");
    cr_assert_eq(json_integer_value(member(room, "floor")), 2);
    cr_assert(
        json_is_null(json_object_get(do_as_host(room, "floor.next", json_object()), "source")));
    cr_assert(json_is_null(member(room, "floor")), "nobody waits who is there");
    check_queue(room, "3 ");
    room_free(room);
}

Test(floor, queue_floor_limit_and_marks_survive_a_restart)
{
    Room *room = room_new(3);
    do_as_host(room, "floor.limit", json_pack("{s:i}", "speaking_limit_s", 300));
    do_as_host(room, "hand.raise", source_field(2));
    do_as_host(room, "hand.raise", source_field(1));
    do_as_host(room, "meeting.floor", source_field(3));
    do_as_host(room, "roll.start", json_object());
    do_as_host(
        room, "roll.mark",
        json_pack("{s:i, s:s, s:s}", "source", 1, "mark", "absent", "reason", "đi công tác"));
    json_int_t since_ms = json_integer_value(member(room, "floor_since_ms"));
    cr_assert_gt(since_ms, 0);
    restart(room);
    check_queue(room, "2 1 ");
    cr_assert_eq(json_integer_value(member(room, "floor")), 3);
    cr_assert_eq(json_integer_value(member(room, "floor_since_ms")), since_ms);
    cr_assert_eq(json_integer_value(member(room, "speaking_limit_s")), 300);
    cr_assert_str_eq(text_at(member(room, "roll"), "state"), "running");
    cr_assert_eq(number_at(member(room, "roll"), "source"), 2);
    json_t *mark = json_object_get(seat(room, 1), "mark");
    cr_assert_str_eq(text_at(mark, "mark"), "absent");
    cr_assert_str_eq(text_at(mark, "reason"), "đi công tác");
    room_free(room);
}

Test(floor, the_time_limit_is_bounded)
{
    Room *room = room_new(0);
    static const int wrong[] = {0, 9, 7201, -1};
    for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
        json_t *answer =
            ask(room, room->host, "floor.limit", json_pack("{s:i}", "speaking_limit_s", wrong[i]));
        cr_assert_str_eq(text_at(answer, "field"), "speaking_limit_s", "%d", wrong[i]);
        ask(room, room->host, "ping", json_object());
    }
    room_free(room);
}

/* ---- microphones ---- */

Test(floor, the_floor_opens_a_muted_microphone_and_closes_it_again)
{
    Room *room = room_new(2);
    do_as_host(room, "seat.mute_all", json_pack("{s:[]}", "except"));
    do_as_host(room, "meeting.floor", source_field(2));
    cr_assert(json_is_false(json_object_get(seat(room, 2), "muted")));
    cr_assert(json_is_true(json_object_get(seat(room, 1), "muted")));
    do_as_host(room, "meeting.floor", source_field(1));
    cr_assert(json_is_true(json_object_get(seat(room, 2), "muted")));
    cr_assert(json_is_false(json_object_get(seat(room, 1), "muted")));
    do_as_host(room, "seat.mute", json_pack("{s:i, s:b}", "source", 1, "muted", 0));
    do_as_host(room, "meeting.floor", json_pack("{s:n}", "source"));
    cr_assert(json_is_false(json_object_get(seat(room, 1), "muted")), "the host's own word stays");
    room_free(room);
}

Test(floor, who_was_spared_because_he_spoke_is_muted_when_he_has_spoken)
{
    Room *room = room_new(2);
    do_as_host(room, "meeting.floor", source_field(2));
    do_as_host(room, "seat.mute_all", json_pack("{s:[i]}", "except", 2));
    cr_assert(json_is_false(json_object_get(seat(room, 2), "muted")));
    do_as_host(room, "floor.next", json_object());
    cr_assert(json_is_true(json_object_get(seat(room, 2), "muted")));
    room_free(room);
}

Test(floor, who_comes_after_mute_all_is_muted_until_it_is_lifted)
{
    Room *room = room_new(1);
    do_as_host(room, "seat.remove", source_field(3));
    do_as_host(room, "seat.mute_all", json_pack("{s:[]}", "except"));
    do_as_host(room, "seat.add", json_pack("{s:[s]}", "sites", "TG-B"));
    cr_assert(json_is_true(json_object_get(seat(room, 4), "muted")));
    stage_settle(room->stage);
    restart(room);
    cr_assert(json_is_true(member(room, "muted_all")));
    do_as_host(room, "seat.mute_all", json_pack("{s:[], s:b}", "except", "muted", 0));
    cr_assert(json_is_false(json_object_get(seat(room, 4), "muted")));
    do_as_host(room, "seat.remove", source_field(4));
    do_as_host(room, "seat.add", json_pack("{s:[s]}", "sites", "TG-B"));
    cr_assert(json_is_false(json_object_get(seat(room, 5), "muted")));
    room_free(room);
}

/* ---- the roll ---- */

Test(floor, the_roll_goes_by_the_directory_and_over_who_is_away)
{
    Room *room = room_new(1);
    join(room, 2);
    do_as_host(room, "roll.start", json_object());
    cr_assert(json_is_true(json_object_get(status(room, 0), "called")));
    cr_assert(json_is_false(json_object_get(status(room, 2), "called")));
    cr_assert_str_eq(text_at(ask(room, room->sites[0], "roll.answer", json_object()), "type"),
                     "ok");
    cr_assert_eq(number_at(member(room, "roll"), "source"), 3, "TG-A is not there");
    json_t *mark = json_object_get(seat(room, 1), "mark");
    cr_assert_str_eq(text_at(mark, "by"), "button");
    do_as_host(room, "roll.mark", json_pack("{s:i, s:s}", "source", 3, "mark", "late"));
    cr_assert_str_eq(text_at(member(room, "roll"), "state"), "done");
    join(room, 1);
    cr_assert_eq(number_at(do_as_host(room, "roll.call", json_object()), "source"), 2,
                 "it has come meanwhile");
    room_free(room);
}

Test(floor, speech_answers_the_roll_and_a_cough_does_not)
{
    Room *room = room_new(2);
    do_as_host(room, "roll.start", json_object());
    for (int i = 0; i < 30; i++) {
        voice(room, 2, 30); /* Another one talks. */
    }
    voice(room, 1, 30);
    voice(room, 1, 90); /* noise of the room */
    cr_assert_eq(number_at(member(room, "roll"), "source"), 1);
    for (int i = 0; i < 12; i++) {
        voice(room, 1, 30);
    }
    cr_assert_eq(number_at(member(room, "roll"), "source"), 2);
    cr_assert_str_eq(text_at(json_object_get(seat(room, 1), "mark"), "by"), "voice");
    room_free(room);
}

Test(floor, nobody_answers_when_no_roll_is_called)
{
    Room *room = room_new(1);
    cr_assert_str_eq(text_at(ask(room, room->sites[0], "roll.answer", json_object()), "code"),
                     "conflict");
    json_t *answer =
        ask(room, room->host, "roll.mark", json_pack("{s:i, s:s}", "source", 1, "mark", "asleep"));
    cr_assert_str_eq(text_at(answer, "field"), "mark");
    room_free(room);
}

/* ---- time ---- */

Test(floor, the_time_a_seat_talks_is_counted)
{
    Room *room = room_new(1);
    for (int i = 0; i < 12; i++) {
        voice(room, 1, 25);
    }
    json_int_t talked = number_at(seat(room, 1), "talk_s");
    cr_assert(talked >= 1 && talked <= 4, "%d s", (int)talked);
    cr_assert_eq(number_at(seat(room, 2), "talk_s"), 0);
    room_free(room);
}
