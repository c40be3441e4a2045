/* The meetings in the store: what a restarted server must know. */
#include <jansson.h>

#include "signalling/meetings_internal.h"

static const char *const insert_meeting =
    "INSERT INTO meetings(id, title, layout, spotlight, chair, opened_ms, opened_by) "
    "VALUES(?,?,?,?,?,?,?)";
static const char *const upsert_seat =
    "INSERT INTO seats(meeting, source, site, user, name, tier, muted, position, state, reason, "
    "peer) VALUES(?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT(meeting, source) DO UPDATE SET "
    "muted=excluded.muted, state=excluded.state, reason=excluded.reason, peer=excluded.peer, "
    "removed=0";

static json_t *text_or_null(const char *text)
{
    return text[0] != '\0' ? json_string(text) : json_null();
}

static json_t *number_or_null(int64_t number)
{
    return number != 0 ? json_integer(number) : json_null();
}

static json_t *seat_statement(const Meeting *meeting, const Seat *seat, guint position)
{
    const char *reason = seat_reason_name(seat->reason);
    json_t *values =
        json_pack("[I, I, o, o, s, s, i, i, s, s?, o]", (json_int_t)meeting->id,
                  (json_int_t)seat->source, text_or_null(seat->site), text_or_null(seat->user),
                  seat->name, seat->tier, (int)seat->muted, (int)position,
                  seat_state_name(seat->state), reason, number_or_null(seat->peer));
    return json_pack("[s, o]", upsert_seat, values);
}

void records_open(Meetings *meetings, const Meeting *meeting, const char *by, StoreReply reply,
                  void *data)
{
    json_t *statements = json_array();
    json_t *values = json_pack("[I, s, s, o, o, I, s]", (json_int_t)meeting->id, meeting->title,
                               meeting->layout, number_or_null(meeting->spotlight),
                               number_or_null(meeting->chair), (json_int_t)meeting->opened_ms, by);
    json_array_append_new(statements, json_pack("[s, o]", insert_meeting, values));
    for (guint i = 0; i < meeting->seats->len; i++) {
        const Seat *seat = g_ptr_array_index(meeting->seats, i);
        json_array_append_new(statements, seat_statement(meeting, seat, i));
    }
    store_transaction(meetings->server->store, statements, reply, data);
}

void records_close(Meetings *meetings, const Meeting *meeting)
{
    store_query(
        meetings->server->store, "UPDATE meetings SET closed_ms=? WHERE id=?",
        json_pack("[I, I]", (json_int_t)(g_get_real_time() / 1000), (json_int_t)meeting->id), NULL,
        NULL);
}

void records_header(Meetings *meetings, const Meeting *meeting)
{
    store_query(meetings->server->store,
                "UPDATE meetings SET layout=?, spotlight=?, chair=? WHERE id=?",
                json_pack("[s, o, o, I]", meeting->layout, number_or_null(meeting->spotlight),
                          number_or_null(meeting->chair), (json_int_t)meeting->id),
                NULL, NULL);
}

void records_seats(Meetings *meetings, const Meeting *meeting)
{
    json_t *statements = json_array();
    for (guint i = 0; i < meeting->seats->len; i++) {
        const Seat *seat = g_ptr_array_index(meeting->seats, i);
        if (seat->changed) {
            json_array_append_new(statements, seat_statement(meeting, seat, i));
        }
    }
    store_transaction(meetings->server->store, statements, NULL, NULL);
}

void records_seat(Meetings *meetings, const Meeting *meeting, const Seat *seat, StoreReply reply,
                  void *data)
{
    guint position = 0;
    g_ptr_array_find(meeting->seats, seat, &position);
    json_t *statement = seat_statement(meeting, seat, position);
    store_transaction(meetings->server->store, json_pack("[o]", statement), reply, data);
}

void records_attendance(Meetings *meetings, const Meeting *meeting, const Seat *seat,
                        const char *event)
{
    store_query(meetings->server->store,
                "INSERT INTO attendance(meeting, source, site, event, reason, at_ms) "
                "VALUES(?,?,?,?,?,?)",
                json_pack("[I, I, o, s, s?, I]", (json_int_t)meeting->id, (json_int_t)seat->source,
                          text_or_null(seat->site), event, seat_reason_name(seat->reason),
                          (json_int_t)(g_get_real_time() / 1000)),
                NULL, NULL);
}

void records_remove_seat(Meetings *meetings, const Meeting *meeting, const Seat *seat)
{
    store_query(meetings->server->store, "UPDATE seats SET removed=1 WHERE meeting=? AND source=?",
                json_pack("[I, I]", (json_int_t)meeting->id, (json_int_t)seat->source), NULL, NULL);
}

static const char *get_text(json_t *row, const char *column)
{
    const char *text = json_string_value(json_object_get(row, column));
    return text != NULL ? text : "";
}

static int64_t get_integer(json_t *row, const char *column)
{
    return json_integer_value(json_object_get(row, column));
}

static void load_seat(Meeting *meeting, json_t *row)
{
    Seat *seat = meeting_add_seat(meeting, (uint32_t)get_integer(row, "source"));
    g_strlcpy(seat->site, get_text(row, "site"), sizeof seat->site);
    g_strlcpy(seat->user, get_text(row, "user"), sizeof seat->user);
    g_strlcpy(seat->name, get_text(row, "name"), sizeof seat->name);
    g_strlcpy(seat->tier, get_text(row, "tier"), sizeof seat->tier);
    seat->muted = get_integer(row, "muted") != 0;
    /* What was up must prove itself: the relay is asked when it is adopted. */
    SeatState state = seat_state_parse(get_text(row, "state"));
    seat->state = state == SEAT_MISSING ? SEAT_MISSING : SEAT_LOST;
    seat->reason = seat_reason_parse(json_string_value(json_object_get(row, "reason")));
    seat->changed = false;
}

static bool load_seats(Meetings *meetings, Meeting *meeting, Problem *problem)
{
    json_t *rows = store_query_now(
        meetings->server->store,
        "SELECT source, site, user, name, tier, muted, state, reason, removed FROM seats "
        "WHERE meeting=? ORDER BY position",
        json_pack("[I]", (json_int_t)meeting->id), problem);
    size_t index;
    json_t *row;
    json_array_foreach(rows, index, row)
    {
        uint32_t source = (uint32_t)get_integer(row, "source");
        meeting->last_source = MAX(meeting->last_source, source); /* Numbers are not used twice. */
        if (get_integer(row, "removed") == 0) {
            load_seat(meeting, row);
        }
    }
    json_decref(rows);
    return rows != NULL;
}

static Meeting *load_meeting(Meetings *meetings, json_t *row)
{
    const char *layout = get_text(row, "layout");
    if (layouts_find(meetings->layouts, layout) == NULL) {
        layout = "1"; /* The file no longer has it. */
    }
    Meeting *meeting =
        meeting_new(meetings, get_integer(row, "id"), get_text(row, "title"), layout);
    meeting->spotlight = (uint32_t)get_integer(row, "spotlight");
    meeting->chair = (uint32_t)get_integer(row, "chair");
    meeting->opened_ms = get_integer(row, "opened_ms");
    return meeting;
}

bool records_load(Meetings *meetings, GError **error)
{
    Problem problem = {0};
    json_t *rows = store_query_now(
        meetings->server->store,
        "SELECT id, title, layout, spotlight, chair, opened_ms, closed_ms IS NULL AS open "
        "FROM meetings WHERE closed_ms IS NULL OR id=(SELECT MAX(id) FROM meetings) ORDER BY id",
        NULL, &problem);
    bool loaded = rows != NULL;
    size_t index;
    json_t *row;
    json_array_foreach(rows, index, row)
    {
        meetings->last_meeting = MAX(meetings->last_meeting, get_integer(row, "id"));
        if (loaded && get_integer(row, "open") != 0) {
            Meeting *meeting = load_meeting(meetings, row);
            g_ptr_array_add(meetings->open, meeting);
            loaded = load_seats(meetings, meeting, &problem);
        }
    }
    json_decref(rows);
    if (!loaded) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "reading the open meetings: %s",
                    problem.message);
    }
    return loaded;
}
