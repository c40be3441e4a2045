/* Notes: short messages from the chair to the sites he means, shown on their screens, and back from
 * a site to whoever leads. On disk before they are told. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/base/clock.h"
#include "bridge/base/fields.h"
#include "signalling/meeting_fields.h"
#include "signalling/meetings_internal.h"

/* Between two notes of one site: a stuck button must not fill the chair's screen. */
#define NOTE_PAUSE_US (CLOCK_US_PER_S / 2)

/* A note on its way to the disk. */
typedef struct Note {
    Server *server;
    int64_t meeting;
    int64_t at_ms;
    char author[LIMIT_NAME_BYTES + 1];
    uint32_t source; /* 0: from the chair */
    Audience to;     /* of a note from the chair */
    char *text;
    Request request;
} Note;

static void note_free(Note *note)
{
    audience_clear(&note->to);
    g_free(note->text);
    g_free(note);
}

static json_t *note_to_json(const Note *note, int64_t id)
{
    bool is_chairs = note->source == 0;
    return json_pack("{s:I, s:I, s:s, s:o, s:o, s:s}", "id", (json_int_t)id, "at_ms",
                     (json_int_t)note->at_ms, "from", note->author, "source",
                     is_chairs ? json_null() : json_integer(note->source), "to",
                     is_chairs ? audience_to_json(&note->to) : json_null(), "text", note->text);
}

static void tell_sites(Meetings *meetings, const Meeting *meeting, const Note *note)
{
    for (guint i = 0; i < meeting->seats->len; i++) {
        const Seat *seat = g_ptr_array_index(meeting->seats, i);
        AudienceMember member = meeting_member(meeting, seat);
        Client *client = media_seat_client(meetings, seat);
        if (client != NULL && seat->peer != 0 &&
            audience_rank(&note->to, &member, meetings->server->directory) > 0) {
            client_send(client, json_pack("{s:s, s:I, s:s, s:s}", "type", "notice", "meeting",
                                          (json_int_t)note->meeting, "from", note->author, "text",
                                          note->text));
        }
    }
}

static void on_kept(json_t *rows, const Problem *problem, void *data)
{
    Note *note = data;
    Server *server = note->server;
    const Meeting *meeting = meetings_find(server->meetings, note->meeting);
    if (problem != NULL) {
        request_fail(server, note->request, problem);
        note_free(note);
        return;
    }
    int64_t id = store_integer(json_array_get(rows, 0), "id");
    if (meeting != NULL && note->source == 0) {
        tell_sites(server->meetings, meeting, note);
    }
    clients_broadcast(server->clients,
                      json_pack("{s:s, s:I, s:o}", "type", "note", "meeting",
                                (json_int_t)note->meeting, "note", note_to_json(note, id)));
    request_ok(server, note->request, json_pack("{s:I}", "note", (json_int_t)id));
    note_free(note);
}

static void keep(Note *note)
{
    bool is_chairs = note->source == 0;
    json_t *to = is_chairs ? audience_to_json(&note->to) : NULL;
    char *audience = to != NULL ? json_dumps(to, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
    store_query(note->server->store,
                "INSERT INTO notes(meeting, at_ms, author, source, audience, text) "
                "VALUES(?,?,?,?,?,?) RETURNING id",
                json_pack("[I, I, s, o, s?, s]", (json_int_t)note->meeting, (json_int_t)note->at_ms,
                          note->author, is_chairs ? json_null() : json_integer(note->source),
                          audience, note->text),
                on_kept, note);
    free(audience);
    json_decref(to);
}

/* Whom the note is from, and for: a host's has `to`, a site's is for whoever leads. */
static bool address(Note *note, Meeting *meeting, Client *client, json_t *message, Problem *problem)
{
    Directory *directory = note->server->directory;
    if ((client_role(client) & ROLES_HOSTING) != 0) {
        g_strlcpy(note->author, client_name(client), sizeof note->author);
        return audience_parse(json_object_get(message, "to"), "to", &note->to, problem) &&
               audience_is_known(&note->to, "to", directory, problem);
    }
    Seat *seat = client_role(client) == ROLE_DEVICE
                     ? meeting_find_site(meeting, client_site(client))
                     : meeting_find_user(meeting, client_user(client));
    if (seat == NULL) {
        return problem_set(problem, "not_found", "meeting", "meeting: you have no seat in it");
    }
    int64_t now_us = clock_now_us();
    if (seat->note_us != 0 && now_us - seat->note_us < NOTE_PAUSE_US) {
        return problem_set(problem, "limit", "", "too many notes; wait a moment");
    }
    seat->note_us = now_us;
    note->source = seat->source;
    g_strlcpy(note->author, seat->name, sizeof note->author);
    return true;
}

static void handle_send(Server *server, Client *client, json_t *message, Request request)
{
    Problem problem;
    const char *text;
    Meeting *meeting = meeting_field(server, message, &problem);
    if (meeting == NULL || !field_string(message, "text", 1, LIMIT_NOTE_BYTES, &text, &problem)) {
        request_fail(server, request, &problem);
        return;
    }
    Note *note = g_new0(Note, 1);
    note->server = server;
    note->meeting = meeting->id;
    note->at_ms = g_get_real_time() / 1000;
    note->request = request;
    note->text = g_strdup(text);
    if (!address(note, meeting, client, message, &problem)) {
        request_fail(server, request, &problem);
        note_free(note);
        return;
    }
    keep(note);
}

/* ---- what was said ---- */

typedef struct Listing {
    Server *server;
    Request request;
} Listing;

static json_t *row_to_json(json_t *row)
{
    json_t *to = json_loads(store_text(row, "audience"), JSON_DECODE_ANY, NULL);
    return json_pack("{s:O, s:O, s:O, s:O, s:o?, s:O}", "id", json_object_get(row, "id"), "at_ms",
                     json_object_get(row, "at_ms"), "from", json_object_get(row, "author"),
                     "source", json_object_get(row, "source"), "to", to, "text",
                     json_object_get(row, "text"));
}

static void on_rows(json_t *rows, const Problem *problem, void *data)
{
    g_autofree Listing *listing = data;
    if (rows == NULL) {
        request_fail(listing->server, listing->request, problem);
        return;
    }
    json_t *notes = json_array();
    for (size_t i = json_array_size(rows); i > 0; i--) {
        json_array_append_new(notes, row_to_json(json_array_get(rows, i - 1)));
    }
    request_ok(listing->server, listing->request, json_pack("{s:o}", "notes", notes));
}

static void handle_list(Server *server, Client *client, json_t *message, Request request)
{
    Problem problem;
    const Meeting *meeting = meeting_field(server, message, &problem);
    if (meeting == NULL) {
        request_fail(server, request, &problem);
        return;
    }
    Listing *listing = g_new(Listing, 1);
    *listing = (Listing){.server = server, .request = request};
    store_query(server->store,
                "SELECT id, at_ms, author, source, audience, text FROM notes WHERE meeting=? "
                "ORDER BY id DESC LIMIT ?",
                json_pack("[I, i]", (json_int_t)meeting->id, LIMIT_NOTES_LISTED), on_rows, listing);
}

const MessageRow note_rows[] = {
    {"note.send", ROLES_PAGE | ROLE_DEVICE, handle_send},
    {"note.list", ROLES_PAGE, handle_list},
    {NULL, 0, NULL},
};
