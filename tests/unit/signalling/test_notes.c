/* Short messages between the chair and the sites. */
#include <criterion/criterion.h>
#include <jansson.h>
#include <string.h>

#include "signalling/client.h"
#include "signalling/directory.h"
#include "tests/unit/signalling/stage.h"

typedef struct Room {
    Stage *stage;
    Visitor *host;
    Visitor *hall;    /* TG */
    Visitor *commune; /* TG-A */
    int last_id;
} Room;

static Visitor *device_of(Stage *stage, const char *code)
{
    Visitor *device = visitor_new(stage->house, ROLE_DEVICE, NULL);
    client_set_site(device->client, code);
    directory_find(stage->house->server.directory, code)->client = client_id(device->client);
    return device;
}

static Room *room_new(void)
{
    Room *room = g_new0(Room, 1);
    room->stage = stage_new("");
    room->host = visitor_new(room->stage->house, ROLE_HOST, "chutri");
    room->hall = device_of(room->stage, "TG");
    room->commune = device_of(room->stage, "TG-A");
    stage_open_meeting(room->stage, room->host, NULL);
    visitor_ask(room->host, ++room->last_id, "page.watch", json_object());
    return room;
}

static void room_free(Room *room)
{
    visitor_leave(room->hall);
    visitor_leave(room->commune);
    visitor_leave(room->host);
    stage_free(room->stage);
    g_free(room);
}

static json_t *send_note(Room *room, Visitor *who, const char *text, json_t *to_or_null)
{
    json_t *note = json_pack("{s:i, s:s}", "meeting", 1, "text", text);
    if (to_or_null != NULL) {
        json_object_set_new(note, "to", to_or_null);
    }
    return visitor_ask(who, ++room->last_id, "note.send", note);
}

static const char *notice_of(Visitor *site)
{
    json_t *notice = visitor_event(site, "notice");
    return notice != NULL ? text_at(notice, "text") : "";
}

Test(notes, reach_those_they_are_for)
{
    Room *room = room_new();
    send_note(room, room->host, "Các xã tắt micro", json_string("tier:commune"));
    cr_assert_str_eq(notice_of(room->commune), "Các xã tắt micro");
    cr_assert_str_eq(notice_of(room->hall), "");
    send_note(room, room->host, "Riêng tỉnh", json_pack("{s:[s]}", "sites", "TG"));
    cr_assert_str_eq(notice_of(room->hall), "Riêng tỉnh");
    cr_assert_str_eq(notice_of(room->commune), "Các xã tắt micro");
    json_t *note = json_object_get(visitor_event(room->host, "note"), "note");
    cr_assert_str_eq(text_at(note, "from"), "chutri");
    cr_assert(json_is_null(json_object_get(note, "source")));
    room_free(room);
}

Test(notes, a_site_writes_to_whoever_leads_and_to_nobody_else)
{
    Room *room = room_new();
    json_t *answer = send_note(room, room->commune, "<b>Mất tiếng</b>", json_string("everyone"));
    cr_assert_str_eq(text_at(answer, "type"), "ok");
    json_t *note = json_object_get(visitor_event(room->host, "note"), "note");
    cr_assert_str_eq(text_at(note, "text"), "<b>Mất tiếng</b>");
    cr_assert_str_eq(text_at(note, "from"), "Xã A");
    cr_assert_eq(number_at(note, "source"), 2);
    cr_assert(json_is_null(json_object_get(note, "to")));
    cr_assert_str_eq(notice_of(room->hall), "");
    room_free(room);
}

Test(notes, are_kept_in_their_order)
{
    Room *room = room_new();
    send_note(room, room->host, "một", json_string("everyone"));
    send_note(room, room->commune, "hai", NULL);
    json_t *notes = json_object_get(
        visitor_ask(room->host, ++room->last_id, "note.list", json_pack("{s:i}", "meeting", 1)),
        "notes");
    cr_assert_eq(json_array_size(notes), 2);
    cr_assert_str_eq(text_at(json_array_get(notes, 0), "text"), "một");
    cr_assert_str_eq(text_at(json_array_get(notes, 0), "to"), "everyone");
    cr_assert_str_eq(text_at(json_array_get(notes, 1), "text"), "hai");
    cr_assert_eq(number_at(json_array_get(notes, 1), "source"), 2);
    room_free(room);
}

Test(notes, refuses_what_is_too_long_too_often_or_for_nobody)
{
    Room *room = room_new();
    g_autofree char *long_text = g_strnfill(LIMIT_NOTE_BYTES + 1, 'x');
    cr_assert_str_eq(
        text_at(send_note(room, room->host, long_text, json_string("everyone")), "field"), "text");
    cr_assert_str_eq(text_at(send_note(room, room->host, "a", NULL), "field"), "to");
    visitor_ask(room->host, ++room->last_id, "ping", json_object());
    cr_assert_str_eq(
        text_at(send_note(room, room->host, "a", json_string("branch:NOWHERE")), "code"),
        "not_found");
    send_note(room, room->commune, "một", NULL);
    cr_assert_str_eq(text_at(send_note(room, room->commune, "hai", NULL), "code"), "limit");
    room_free(room);
}
