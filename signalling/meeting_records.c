/* The meetings in the store: what a restarted server must know. */
#include <jansson.h>
#include <string.h>

#include "bridge/base/fields.h"
#include "bridge/base/log.h"
#include "signalling/config.h"
#include "signalling/meetings_internal.h"
#include "signalling/nullable.h"

static const char *const insert_meeting =
    "INSERT INTO meetings(id, title, layout, spotlight, chair, floor, share, opened_ms, opened_by, "
    "speaking_limit_s) VALUES(?,?,?,?,?,?,?,?,?,?)";
static const char *const upsert_seat =
    "INSERT INTO seats(meeting, source, site, user, stream, name, tier, muted, position, state, "
    "reason, peer, quarantined, agency, talk_ms, is_lent, mark, mark_by, mark_reason, mark_ms) "
    "VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT(meeting, source) DO UPDATE SET "
    "quarantined=excluded.quarantined, "
    "muted=excluded.muted, state=excluded.state, reason=excluded.reason, peer=excluded.peer, "
    "talk_ms=excluded.talk_ms, is_lent=excluded.is_lent, mark=excluded.mark, "
    "mark_by=excluded.mark_by, mark_reason=excluded.mark_reason, mark_ms=excluded.mark_ms, "
    "removed=0";

static json_t *seat_statement(const Meeting *meeting, const Seat *seat, guint position)
{
    const char *reason = seat_reason_name(seat->reason);
    json_t *values = json_pack(
        "[I, I, o, o, I, s, s, i, i, s, s?, o, i, s, I, b, s?, s, s, I]", (json_int_t)meeting->id,
        (json_int_t)seat->source, text_or_null(seat->site), text_or_null(seat->user),
        (json_int_t)seat->stream, seat->name, seat->tier, (int)seat->muted, (int)position,
        seat_state_name(seat->state), reason, number_or_null(seat->peer), (int)seat->quarantined,
        seat->agency, (json_int_t)seat->talk_ms, seat->is_lent, rollmark_name(seat->mark.kind),
        rollmark_by_name(seat->mark.by), seat->mark.reason, (json_int_t)seat->mark.at_ms);
    return json_pack("[s, o]", upsert_seat, values);
}

static void add_view_statements(const Meeting *meeting, json_t *statements)
{
    for (guint i = 0; i < meeting->views->len; i++) {
        const View *view = g_ptr_array_index(meeting->views, i);
        json_t *definition = view_to_json(view);
        char *text = json_dumps(definition, JSON_COMPACT);
        json_array_append_new(statements,
                              json_pack("[s, [I, i, s]]",
                                        "INSERT INTO views(meeting, id, definition) VALUES(?,?,?)",
                                        (json_int_t)meeting->id, view->id, text));
        free(text);
        json_decref(definition);
    }
}

void records_open(Meetings *meetings, const Meeting *meeting, const char *by, StoreReply reply,
                  void *data)
{
    json_t *statements = json_array();
    json_t *values = json_pack(
        "[I, s, s, o, o, o, o, I, s, i]", (json_int_t)meeting->id, meeting->title,
        meeting_find_view(meeting, 0)->layout, number_or_null(meeting->roles[VIEW_SPOTLIGHT]),
        number_or_null(meeting->roles[VIEW_CHAIR]), number_or_null(meeting->roles[VIEW_FLOOR]),
        number_or_null(meeting->roles[VIEW_SHARE]), (json_int_t)meeting->opened_ms, by,
        meeting->leading.speaking_limit_s);
    json_array_append_new(statements, json_pack("[s, o]", insert_meeting, values));
    add_view_statements(meeting, statements);
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
                "UPDATE meetings SET layout=?, spotlight=?, chair=?, floor=?, share=? WHERE id=?",
                json_pack("[s, o, o, o, o, I]", meeting_find_view(meeting, 0)->layout,
                          number_or_null(meeting->roles[VIEW_SPOTLIGHT]),
                          number_or_null(meeting->roles[VIEW_CHAIR]),
                          number_or_null(meeting->roles[VIEW_FLOOR]),
                          number_or_null(meeting->roles[VIEW_SHARE]), (json_int_t)meeting->id),
                NULL, NULL);
}

void records_views(Meetings *meetings, const Meeting *meeting)
{
    json_t *statements =
        json_pack("[[s, [I]]]", "DELETE FROM views WHERE meeting=?", (json_int_t)meeting->id);
    add_view_statements(meeting, statements);
    store_transaction(meetings->server->store, statements, NULL, NULL);
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

void records_stream(Meetings *meetings, const MediaSession *session)
{
    store_query(meetings->server->store, "INSERT OR REPLACE INTO streams(peer, token) VALUES(?,?)",
                json_pack("[I, I]", (json_int_t)session->peer, (json_int_t)session->stream), NULL,
                NULL);
}

void records_end_stream(Meetings *meetings, uint32_t peer)
{
    store_query(meetings->server->store, "DELETE FROM streams WHERE peer=?",
                json_pack("[I]", (json_int_t)peer), NULL, NULL);
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

static void load_mark(RollMark *mark, json_t *row)
{
    mark->kind = rollmark_parse(json_string_value(json_object_get(row, "mark")));
    mark->by = rollmark_by_parse(store_text(row, "mark_by"));
    mark->at_ms = store_integer(row, "mark_ms");
    g_strlcpy(mark->reason, store_text(row, "mark_reason"), sizeof mark->reason);
}

static void load_seat(Meeting *meeting, json_t *row)
{
    Seat *seat = meeting_add_seat(meeting, (uint32_t)store_integer(row, "source"));
    g_strlcpy(seat->site, store_text(row, "site"), sizeof seat->site);
    g_strlcpy(seat->user, store_text(row, "user"), sizeof seat->user);
    seat->stream = store_integer(row, "stream");
    g_strlcpy(seat->name, store_text(row, "name"), sizeof seat->name);
    g_strlcpy(seat->tier, store_text(row, "tier"), sizeof seat->tier);
    seat->muted = store_integer(row, "muted") != 0;
    seat->quarantined = store_integer(row, "quarantined") != 0;
    /* What was up must prove itself: the relay is asked when it is adopted. */
    SeatState state = seat_state_parse(store_text(row, "state"));
    seat->state = state == SEAT_MISSING ? SEAT_MISSING : SEAT_LOST;
    seat->reason = seat_reason_parse(json_string_value(json_object_get(row, "reason")));
    seat->was_present = state == SEAT_JOINED;
    g_strlcpy(seat->agency, store_text(row, "agency"), sizeof seat->agency);
    seat->talk_ms = store_integer(row, "talk_ms");
    seat->is_lent = store_integer(row, "is_lent") != 0;
    load_mark(&seat->mark, row);
    seat->changed = false;
}

static bool load_seats(Meetings *meetings, Meeting *meeting, Problem *problem)
{
    json_t *rows = store_query_now(
        meetings->server->store,
        "SELECT source, site, user, stream, name, tier, muted, quarantined, state, reason, "
        "removed, agency, talk_ms, is_lent, mark, mark_by, mark_reason, mark_ms FROM seats "
        "WHERE meeting=? ORDER BY position",
        json_pack("[I]", (json_int_t)meeting->id), problem);
    size_t index;
    json_t *row;
    json_array_foreach(rows, index, row)
    {
        uint32_t source = (uint32_t)store_integer(row, "source");
        meeting->last_source = MAX(meeting->last_source, source); /* Numbers are not used twice. */
        if (store_integer(row, "removed") == 0) {
            load_seat(meeting, row);
        }
    }
    json_decref(rows);
    return rows != NULL;
}

static void load_view(Meetings *meetings, Meeting *meeting, json_t *row)
{
    Problem problem;
    const char *text = store_text(row, "definition");
    json_t *definition = fields_parse(text, strlen(text), &problem);
    View *view = definition != NULL ? view_parse(definition, meetings->layouts, &problem) : NULL;
    json_decref(definition);
    if (view != NULL) {
        meeting_put_view(meeting, view);
    } else { /* Its layout is gone from the file, for one. */
        log_warning("view.lost", "meeting=%" G_GINT64_FORMAT " view=%d message=\"%s\"", meeting->id,
                    (int)store_integer(row, "id"), problem.message);
    }
}

static bool load_views(Meetings *meetings, Meeting *meeting, Problem *problem)
{
    json_t *rows = store_query_now(meetings->server->store,
                                   "SELECT id, definition FROM views WHERE meeting=? ORDER BY id",
                                   json_pack("[I]", (json_int_t)meeting->id), problem);
    size_t index;
    json_t *row;
    json_array_foreach(rows, index, row)
    {
        load_view(meetings, meeting, row);
    }
    json_decref(rows);
    return rows != NULL;
}

static Meeting *load_meeting(Meetings *meetings, json_t *row)
{
    const char *layout = store_text(row, "layout");
    if (layouts_find(meetings->layouts, layout) == NULL) {
        layout = meetings->server->config->default_layout; /* The file no longer has it. */
    }
    Meeting *meeting =
        meeting_new(meetings, store_integer(row, "id"), store_text(row, "title"), layout);
    for (int role = 0; role < VIEW_ROLES; role++) {
        meeting->roles[role] = (uint32_t)store_integer(row, view_role_name((ViewRole)role));
    }
    meeting->opened_ms = store_integer(row, "opened_ms");
    floor_records_read_header(meeting, row);
    return meeting;
}

static bool load_streams(Meetings *meetings, Problem *problem)
{
    json_t *rows =
        store_query_now(meetings->server->store, "SELECT peer, token FROM streams", NULL, problem);
    size_t index;
    json_t *row;
    json_array_foreach(rows, index, row)
    {
        int64_t token = store_integer(row, "token");
        g_hash_table_insert(meetings->streams,
                            GUINT_TO_POINTER((uint32_t)store_integer(row, "peer")),
                            g_memdup2(&token, sizeof token));
    }
    json_decref(rows);
    return rows != NULL;
}

bool records_load(Meetings *meetings, GError **error)
{
    Problem problem = {0};
    json_t *rows = store_query_now(
        meetings->server->store,
        "SELECT id, title, layout, spotlight, chair, floor, share, opened_ms, floor_since_ms, "
        "speaking_limit_s, muted_all, roll_state, roll_source, roll_started_ms, "
        "closed_ms IS NULL AS open "
        "FROM meetings WHERE closed_ms IS NULL OR id=(SELECT MAX(id) FROM meetings) ORDER BY id",
        NULL, &problem);
    bool loaded = rows != NULL && load_streams(meetings, &problem);
    size_t index;
    json_t *row;
    json_array_foreach(rows, index, row)
    {
        meetings->last_meeting = MAX(meetings->last_meeting, store_integer(row, "id"));
        if (loaded && store_integer(row, "open") != 0) {
            Meeting *meeting = load_meeting(meetings, row);
            g_ptr_array_add(meetings->open, meeting);
            loaded = load_seats(meetings, meeting, &problem) &&
                     load_views(meetings, meeting, &problem) &&
                     floor_records_load(meetings, meeting, &problem);
        }
    }
    json_decref(rows);
    if (!loaded) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "reading the open meetings: %s",
                    problem.message);
    }
    return loaded;
}
