/* The messages of PROTOCOL.md about the queue, the floor and the roll. What they change is on disk
 * before it is answered: a place in the queue survives any crash. */
#include <jansson.h>

#include "bridge/base/fields.h"
#include "signalling/meeting_fields.h"
#include "signalling/meetings_internal.h"
#include "signalling/nullable.h"

typedef struct Answer {
    Server *server;
    Request request;
    json_t *fields;
} Answer;

static void on_recorded(json_t *rows, const Problem *problem, void *data)
{
    g_autofree Answer *answer = data;
    if (problem != NULL) {
        request_fail(answer->server, answer->request, problem);
        json_decref(answer->fields);
        return;
    }
    request_ok(answer->server, answer->request, answer->fields);
}

/* Takes over `fields` (may be NULL). */
static void answer_when_kept(Server *server, const Meeting *meeting, Request request,
                             json_t *fields)
{
    Answer *answer = g_new(Answer, 1);
    *answer = (Answer){.server = server, .request = request, .fields = fields};
    floor_records_write(server->meetings, meeting, on_recorded, answer);
}

static bool is_hosting(const Client *client)
{
    return (client_role(client) & ROLES_HOSTING) != 0;
}

/* The asker's own seat, or the one a host names. */
static Seat *find_asked_seat(const Meeting *meeting, Client *client, json_t *message,
                             Problem *problem)
{
    int64_t source;
    if (!field_int_or(message, "source", 1, UINT32_MAX, 0, &source, problem)) {
        return NULL;
    }
    if (source != 0 && !is_hosting(client)) {
        problem_set(problem, "not_allowed", "source", "source: only your own hand");
        return NULL;
    }
    if (source != 0) {
        return meeting_field_find_seat(meeting, source, problem);
    }
    Seat *seat = client_role(client) == ROLE_DEVICE
                     ? meeting_find_site(meeting, client_site(client))
                     : meeting_find_user(meeting, client_user(client));
    if (seat == NULL) {
        problem_set(problem, "not_found", "meeting", "meeting: you have no seat in it");
    }
    return seat;
}

static Meeting *read_asked(Server *server, Client *client, json_t *message, Seat **ret_seat,
                           Problem *problem)
{
    Meeting *meeting = meeting_field(server, message, problem);
    *ret_seat = meeting != NULL ? find_asked_seat(meeting, client, message, problem) : NULL;
    return *ret_seat != NULL ? meeting : NULL;
}

/* ---- the queue ---- */

static void handle_raise(Server *server, Client *client, json_t *message, Request request)
{
    Problem problem;
    Seat *seat;
    Meeting *meeting = read_asked(server, client, message, &seat, &problem);
    if (meeting == NULL) {
        request_fail(server, request, &problem);
        return;
    }
    int place = handqueue_raise(&meeting->leading.queue, seat->source, g_get_real_time() / 1000);
    floor_changed(meeting);
    answer_when_kept(server, meeting, request, json_pack("{s:i}", "place", place));
}

static void handle_lower(Server *server, Client *client, json_t *message, Request request)
{
    Problem problem;
    Seat *seat;
    Meeting *meeting = read_asked(server, client, message, &seat, &problem);
    if (meeting == NULL) {
        request_fail(server, request, &problem);
        return;
    }
    if (!handqueue_lower(&meeting->leading.queue, seat->source)) {
        request_ok(server, request, NULL); /* It was not up. */
        return;
    }
    floor_changed(meeting);
    answer_when_kept(server, meeting, request, NULL);
}

static void handle_move(Server *server, Client *client, json_t *message, Request request)
{
    Problem problem;
    Meeting *meeting;
    Seat *seat;
    int64_t place;
    if (!meeting_field_seat(server, message, &meeting, &seat, &problem) ||
        !field_int(message, "place", 1, LIMIT_SEATS, &place, &problem)) {
        request_fail(server, request, &problem);
        return;
    }
    if (!handqueue_move(&meeting->leading.queue, seat->source, (int)place)) {
        problem_set(&problem, "not_found", "source", "source: its hand is not up");
        request_fail(server, request, &problem);
        return;
    }
    floor_changed(meeting);
    answer_when_kept(server, meeting, request, NULL);
}

/* ---- the floor ---- */

void floor_handle_give(Server *server, Client *client, json_t *message, Request request)
{
    Problem problem;
    int64_t source;
    Seat *seat = NULL;
    Meeting *meeting = meeting_field(server, message, &problem);
    if (meeting == NULL || !field_int_or(message, "source", 1, UINT32_MAX, 0, &source, &problem) ||
        (source != 0 && (seat = meeting_field_find_seat(meeting, source, &problem)) == NULL)) {
        request_fail(server, request, &problem);
        return;
    }
    floor_give(server->meetings, meeting, seat, client_name(client));
    answer_when_kept(server, meeting, request, NULL);
}

static void handle_next(Server *server, Client *client, json_t *message, Request request)
{
    Problem problem;
    Meeting *meeting = meeting_field(server, message, &problem);
    if (meeting == NULL) {
        request_fail(server, request, &problem);
        return;
    }
    const Seat *seat = floor_next(server->meetings, meeting, client_name(client));
    json_t *source = seat != NULL ? json_integer(seat->source) : json_null();
    answer_when_kept(server, meeting, request, json_pack("{s:o}", "source", source));
}

static void handle_limit(Server *server, Client *client, json_t *message, Request request)
{
    Problem problem;
    int64_t limit_s;
    Meeting *meeting = meeting_field(server, message, &problem);
    if (meeting == NULL || !meeting_field_speaking_limit(message, &limit_s, &problem)) {
        request_fail(server, request, &problem);
        return;
    }
    meeting->leading.speaking_limit_s = (int)limit_s;
    floor_changed(meeting);
    answer_when_kept(server, meeting, request, NULL);
}

/* ---- all microphones ---- */

static bool is_listed(json_t *sources, uint32_t source)
{
    size_t index;
    json_t *item;
    json_array_foreach(sources, index, item)
    {
        if (json_integer_value(item) == source) {
            return true;
        }
    }
    return false;
}

static void handle_mute_all(Server *server, Client *client, json_t *message, Request request)
{
    Problem problem;
    json_t *except;
    bool muted;
    Meeting *meeting = meeting_field(server, message, &problem);
    if (meeting == NULL || !field_array(message, "except", 0, LIMIT_SEATS, &except, &problem) ||
        !field_bool_or(message, "muted", true, &muted, &problem)) {
        request_fail(server, request, &problem);
        return;
    }
    for (guint i = 0; i < meeting->seats->len; i++) {
        Seat *seat = g_ptr_array_index(meeting->seats, i);
        if (seat->muted != muted && !is_listed(except, seat->source)) {
            media_mute(server->meetings, meeting, seat,
                       &(MuteOptions){.muted = muted, .by = client_name(client)});
        }
    }
    floor_mute_all(meeting, muted);
    answer_when_kept(server, meeting, request, NULL);
}

/* ---- the roll ---- */

static void handle_roll_start(Server *server, Client *client, json_t *message, Request request)
{
    Problem problem;
    Meeting *meeting = meeting_field(server, message, &problem);
    if (meeting == NULL) {
        request_fail(server, request, &problem);
        return;
    }
    roll_start(server->meetings, meeting, client_name(client));
    answer_when_kept(server, meeting, request, NULL);
}

static void handle_roll_call(Server *server, Client *client, json_t *message, Request request)
{
    Problem problem;
    int64_t source;
    Seat *seat = NULL;
    Meeting *meeting = meeting_field(server, message, &problem);
    if (meeting == NULL || !field_int_or(message, "source", 1, UINT32_MAX, 0, &source, &problem) ||
        (source != 0 && (seat = meeting_field_find_seat(meeting, source, &problem)) == NULL)) {
        request_fail(server, request, &problem);
        return;
    }
    roll_call(server->meetings, meeting, seat, client_name(client));
    uint32_t called = meeting->leading.roll_source;
    answer_when_kept(server, meeting, request,
                     json_pack("{s:o}", "source", number_or_null(called)));
}

static void handle_roll_stop(Server *server, Client *client, json_t *message, Request request)
{
    Problem problem;
    Meeting *meeting = meeting_field(server, message, &problem);
    if (meeting == NULL) {
        request_fail(server, request, &problem);
        return;
    }
    roll_stop(server->meetings, meeting, client_name(client));
    answer_when_kept(server, meeting, request, NULL);
}

/* `mark` and `reason` */
static bool read_mark(json_t *message, RollMark *ret_mark, Problem *problem)
{
    const char *name;
    const char *reason;
    if (!field_string_or(message, "mark", LIMIT_NAME_BYTES, NULL, &name, problem) ||
        !field_string_or(message, "reason", LIMIT_NAME_BYTES, "", &reason, problem)) {
        return false;
    }
    *ret_mark = (RollMark){.kind = rollmark_parse(name), .by = MARK_BY_CHAIR};
    g_strlcpy(ret_mark->reason, reason, sizeof ret_mark->reason);
    if (name != NULL && ret_mark->kind == MARK_NONE) {
        return problem_set(problem, "bad_field", "mark",
                           "mark: must be present, absent, late, left_early or null");
    }
    return true;
}

static void mark_and_answer(Server *server, Meeting *meeting, Seat *seat, const RollMark *mark,
                            Request request)
{
    roll_mark(server->meetings, meeting, seat, mark);
    records_seat(server->meetings, meeting, seat, NULL, NULL); /* on disk before the answer */
    answer_when_kept(server, meeting, request, NULL);
}

static void handle_roll_mark(Server *server, Client *client, json_t *message, Request request)
{
    Problem problem;
    Meeting *meeting;
    Seat *seat;
    RollMark mark;
    if (!meeting_field_seat(server, message, &meeting, &seat, &problem) ||
        !read_mark(message, &mark, &problem)) {
        request_fail(server, request, &problem);
        return;
    }
    mark_and_answer(server, meeting, seat, &mark, request);
}

static void handle_roll_answer(Server *server, Client *client, json_t *message, Request request)
{
    Problem problem;
    Seat *seat;
    Meeting *meeting = read_asked(server, client, message, &seat, &problem);
    if (meeting == NULL) {
        request_fail(server, request, &problem);
        return;
    }
    if (meeting->leading.roll != ROLL_RUNNING) {
        problem_set(&problem, "conflict", "meeting", "meeting: no roll is being called");
        request_fail(server, request, &problem);
        return;
    }
    mark_and_answer(server, meeting, seat, &(RollMark){.kind = MARK_PRESENT, .by = MARK_BY_BUTTON},
                    request);
}

const MessageRow floor_rows[] = {
    {"hand.raise", ROLES_PAGE | ROLE_DEVICE, handle_raise},
    {"hand.lower", ROLES_PAGE | ROLE_DEVICE, handle_lower},
    {"hand.move", ROLES_HOSTING, handle_move},
    {"floor.next", ROLES_HOSTING, handle_next},
    {"floor.limit", ROLES_HOSTING, handle_limit},
    {"seat.mute_all", ROLES_HOSTING, handle_mute_all},
    {"roll.start", ROLES_HOSTING, handle_roll_start},
    {"roll.call", ROLES_HOSTING, handle_roll_call},
    {"roll.stop", ROLES_HOSTING, handle_roll_stop},
    {"roll.mark", ROLES_HOSTING, handle_roll_mark},
    {"roll.answer", ROLES_PAGE | ROLE_DEVICE, handle_roll_answer},
    {NULL, 0, NULL},
};
