/* The messages of PROTOCOL.md about meetings and seats: checked here, done elsewhere. */
#include <jansson.h>
#include <string.h>

#include "bridge/base/fields.h"
#include "bridge/base/log.h"
#include "signalling/config.h"
#include "signalling/meeting_fields.h"
#include "signalling/meetings_internal.h"
#include "signalling/recordings.h"
#include "signalling/rehearsal.h"

static bool site_problem(Problem *problem, const char *code, size_t index, const char *what)
{
    g_autofree char *field = g_strdup_printf("sites[%zu]", index);
    return problem_set(problem, code, field, "%s: %s", field, what);
}

/* Seats for these sites; on a problem some may have been added: the caller drops the meeting or
 * has checked before. */
static bool check_sites(Server *server, const Meeting *meeting_or_null, json_t *sites,
                        Problem *problem)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    size_t index;
    json_t *item;
    json_array_foreach(sites, index, item)
    {
        const char *code = json_string_value(item);
        if (code == NULL) {
            return site_problem(problem, "bad_field", index, "must be a string");
        }
        if (directory_find(server->directory, code) == NULL) {
            return site_problem(problem, "not_found", index, "there is no such site");
        }
        bool seated = meeting_or_null != NULL && meeting_find_site(meeting_or_null, code) != NULL;
        if (seated || !g_hash_table_add(seen, (gpointer)code)) {
            return site_problem(problem, "conflict", index, "this site has a seat already");
        }
    }
    return true;
}

static Seat *add_site_seat(Server *server, Meeting *meeting, const char *code)
{
    const Site *site = directory_find(server->directory, code);
    Seat *seat = meeting_add_seat(meeting, 0);
    g_strlcpy(seat->site, site->code, sizeof seat->site);
    g_strlcpy(seat->name, site->name, sizeof seat->name);
    g_strlcpy(seat->tier, site->tier, sizeof seat->tier);
    g_strlcpy(seat->agency, directory_agency(server->directory, site), sizeof seat->agency);
    return seat;
}

/* meeting.* */

#define WHOLE_MEETING (-1)

typedef struct Opening {
    Meeting *meeting;
    bool is_recorded; /* its view 0, from the start */
    char by[LIMIT_NAME_BYTES + 1];
    Request request;
} Opening;

static void call_everybody(Meetings *meetings, Meeting *meeting)
{
    for (guint i = 0; i < meeting->seats->len; i++) {
        calls_seat(meetings, meeting, g_ptr_array_index(meeting->seats, i));
    }
}

static void on_opened(json_t *rows, const Problem *problem, void *data)
{
    g_autofree Opening *opening = data;
    Meeting *meeting = opening->meeting;
    Meetings *meetings = meeting->owner;
    Server *server = meetings->server;
    if (problem != NULL) {
        request_fail(server, opening->request, problem);
        meeting_free(meeting);
        return;
    }
    g_ptr_array_add(meetings->open, meeting);
    rehearsal_stop(meetings->server->rehearsal, "a meeting was opened");
    meetings_start(meetings, meeting);
    meeting->header_changed = true;
    call_everybody(meetings, meeting);
    if (opening->is_recorded) {
        recordings_start(server->recordings, meeting, 0, opening->by, REQUEST_OF_NOBODY);
    }
    log_info("meeting.opened", "meeting=%" G_GINT64_FORMAT " seats=%u layout=%s", meeting->id,
             meeting->seats->len, meeting_find_view(meeting, 0)->layout);
    request_ok(server, opening->request, json_pack("{s:I}", "meeting", (json_int_t)meeting->id));
}

/* NULL with no problem when the message names none. */
static bool read_preset(Server *server, json_t *message, GPtrArray **ret_views, Problem *problem)
{
    const char *name;
    *ret_views = NULL;
    if (!field_string_or(message, "preset", LIMIT_NAME_BYTES, NULL, &name, problem)) {
        return false;
    }
    if (name == NULL) {
        return true;
    }
    *ret_views = meetings_make_preset(server->meetings, name, problem);
    return *ret_views != NULL;
}

/* Whose turn it is in the pictures, and who leads: `rotate_s` and `chair` (a site). */
static bool apply_conduct(Meeting *meeting, json_t *message, Problem *problem)
{
    const char *chair;
    int64_t rotate_s;
    if (!field_string_or(message, "chair", SITE_CODE_BYTES_MAX, NULL, &chair, problem) ||
        !field_int_or(message, "rotate_s", LIMIT_ROTATE_SECONDS_MIN, LIMIT_ROTATE_SECONDS, 0,
                      &rotate_s, problem)) {
        return false;
    }
    const Seat *seat = chair != NULL ? meeting_find_site(meeting, chair) : NULL;
    if (chair != NULL && seat == NULL) {
        return problem_set(problem, "not_found", "chair", "chair: %s is not among the sites",
                           chair);
    }
    if (seat != NULL) {
        meeting_set_role(meeting, VIEW_CHAIR, seat->source);
    }
    if (rotate_s != 0) {
        meeting_rotate(meeting, (int)rotate_s);
    }
    return true;
}

int64_t meetings_open(Server *server, const char *by, json_t *message, Request request)
{
    Problem problem;
    const char *title;
    const char *layout;
    int64_t limit_s;
    bool is_recorded;
    json_t *sites;
    Meetings *meetings = server->meetings;
    size_t most = (size_t)server->config->max_seats;
    if (!field_string(message, "title", 1, LIMIT_NAME_BYTES, &title, &problem) ||
        !field_array(message, "sites", 1, most, &sites, &problem) ||
        !meeting_field_layout(server, message, server->config->default_layout, &layout, &problem) ||
        !meeting_field_speaking_limit(message, &limit_s, &problem) ||
        !field_bool_or(message, "record", false, &is_recorded, &problem) ||
        !check_sites(server, NULL, sites, &problem)) {
        request_fail(server, request, &problem);
        return 0;
    }
    if (meetings->open->len >= LIMIT_MEETINGS) {
        problem_set(&problem, "limit", "", "%d meetings are open; close one first", LIMIT_MEETINGS);
        request_fail(server, request, &problem);
        return 0;
    }
    GPtrArray *views;
    if (!read_preset(server, message, &views, &problem)) {
        request_fail(server, request, &problem);
        return 0;
    }
    Meeting *meeting = meeting_new(meetings, ++meetings->last_meeting, title, layout);
    if (views != NULL) {
        meeting_put_views(meeting, views);
    }
    meeting->opened_ms = g_get_real_time() / 1000;
    meeting->leading.speaking_limit_s = (int)limit_s;
    size_t index;
    json_t *item;
    json_array_foreach(sites, index, item)
    {
        add_site_seat(server, meeting, json_string_value(item));
    }
    if (!apply_conduct(meeting, message, &problem)) {
        request_fail(server, request, &problem);
        meeting_free(meeting);
        return 0;
    }
    Opening *opening = g_new(Opening, 1);
    *opening = (Opening){.meeting = meeting, .is_recorded = is_recorded, .request = request};
    g_strlcpy(opening->by, by, sizeof opening->by);
    int64_t id = meeting->id;
    records_open(meetings, meeting, by, on_opened, opening);
    return id;
}

static void handle_open(Server *server, Client *client, json_t *message, Request request)
{
    meetings_open(server, client_user(client), message, request);
}

static void handle_close(Server *server, Client *client, json_t *message, Request request)
{
    Problem problem;
    Meeting *meeting = meeting_field(server, message, &problem);
    if (meeting == NULL) {
        request_fail(server, request, &problem);
        return;
    }
    meetings_close(server->meetings, meeting);
    request_ok(server, request, NULL);
}

static void handle_list(Server *server, Client *client, json_t *message, Request request)
{
    request_ok(server, request, json_pack("{s:o}", "meetings", meetings_to_json(server->meetings)));
}

static void handle_layout(Server *server, Client *client, json_t *message, Request request)
{
    Problem problem;
    const char *layout;
    int id;
    Meeting *meeting = meeting_field(server, message, &problem);
    if (meeting == NULL || !meeting_field_layout(server, message, NULL, &layout, &problem) ||
        !meeting_field_view(meeting, message, 0, &id, &problem)) {
        request_fail(server, request, &problem);
        return;
    }
    View *view = meeting_find_view(meeting, id);
    g_strlcpy(view->layout, layout, sizeof view->layout);
    meeting_view_changed(meeting);
    request_ok(server, request, NULL);
}

/* For one view when the message names it, for the whole meeting otherwise. */
static void set_role(Server *server, json_t *message, ViewRole role, Request request)
{
    Problem problem;
    int64_t source;
    int id;
    Meeting *meeting = meeting_field(server, message, &problem);
    if (meeting == NULL || !field_int_or(message, "source", 1, UINT32_MAX, 0, &source, &problem) ||
        !meeting_field_view(meeting, message, WHOLE_MEETING, &id, &problem) ||
        (source != 0 && meeting_field_find_seat(meeting, source, &problem) == NULL)) {
        request_fail(server, request, &problem);
        return;
    }
    if (id == WHOLE_MEETING) {
        meeting_set_role(meeting, role, (uint32_t)source);
    } else {
        meeting_find_view(meeting, id)->roles[role] = (ViewSeat){.source = (uint32_t)source};
        meeting_view_changed(meeting);
    }
    request_ok(server, request, NULL);
}

static void handle_spotlight(Server *server, Client *client, json_t *message, Request request)
{
    set_role(server, message, VIEW_SPOTLIGHT, request);
}

static void handle_floor(Server *server, Client *client, json_t *message, Request request)
{
    if (field_has(message, "view")) {
        set_role(server, message, VIEW_FLOOR, request);
    } else {
        floor_handle_give(server, client, message, request);
    }
}

static void handle_chair(Server *server, Client *client, json_t *message, Request request)
{
    set_role(server, message, VIEW_CHAIR, request);
}

static void handle_share(Server *server, Client *client, json_t *message, Request request)
{
    set_role(server, message, VIEW_SHARE, request);
}

/* seat.* */

static void handle_mute(Server *server, Client *client, json_t *message, Request request)
{
    Problem problem;
    Meeting *meeting;
    Seat *seat;
    bool muted;
    if (!meeting_field_seat(server, message, &meeting, &seat, &problem) ||
        !field_bool(message, "muted", &muted, &problem)) {
        request_fail(server, request, &problem);
        return;
    }
    seat->is_lent = false;
    media_mute(server->meetings, meeting, seat,
               &(MuteOptions){.muted = muted, .by = client_name(client), .request = &request});
}

static void handle_add(Server *server, Client *client, json_t *message, Request request)
{
    Problem problem;
    json_t *sites;
    Meeting *meeting = meeting_field(server, message, &problem);
    size_t most = (size_t)server->config->max_seats;
    if (meeting == NULL || !field_array(message, "sites", 1, most, &sites, &problem) ||
        !check_sites(server, meeting, sites, &problem)) {
        request_fail(server, request, &problem);
        return;
    }
    if (meeting->seats->len + json_array_size(sites) > most) {
        problem_set(&problem, "limit", "sites", "sites: a meeting has at most %zu seats", most);
        request_fail(server, request, &problem);
        return;
    }
    size_t index;
    json_t *item;
    json_array_foreach(sites, index, item)
    {
        Seat *seat = add_site_seat(server, meeting, json_string_value(item));
        meetings_bind_site(server->meetings, meeting, seat);
        calls_seat(server->meetings, meeting, seat);
    }
    request_ok(server, request, NULL);
}

static void handle_remove(Server *server, Client *client, json_t *message, Request request)
{
    Problem problem;
    Meeting *meeting;
    Seat *seat;
    if (!meeting_field_seat(server, message, &meeting, &seat, &problem)) {
        request_fail(server, request, &problem);
        return;
    }
    meetings_remove_seat(server->meetings, meeting, seat, "removed");
    request_ok(server, request, NULL);
}

static void handle_call(Server *server, Client *client, json_t *message, Request request)
{
    Problem problem;
    Meeting *meeting;
    Seat *seat;
    if (!meeting_field_seat(server, message, &meeting, &seat, &problem)) {
        request_fail(server, request, &problem);
        return;
    }
    if (seat->site[0] == '\0' || seat->state == SEAT_JOINED) {
        problem_set(&problem, "wrong_state", "source",
                    "source: only a site that is missing or lost is called");
        request_fail(server, request, &problem);
        return;
    }
    seat_release(seat);
    calls_seat(server->meetings, meeting, seat);
    request_ok(server, request, NULL);
}

static void handle_release(Server *server, Client *client, json_t *message, Request request)
{
    Problem problem;
    Meeting *meeting;
    Seat *seat;
    if (!meeting_field_seat(server, message, &meeting, &seat, &problem)) {
        request_fail(server, request, &problem);
        return;
    }
    if (seat_release(seat)) {
        meeting->program_changed = true;
        log_info("seat.released", "meeting=%" G_GINT64_FORMAT " source=%u", meeting->id,
                 seat->source);
    }
    request_ok(server, request, NULL);
}

const MessageRow meeting_rows[] = {
    {"meeting.open", ROLES_HOSTING, handle_open},
    {"meeting.close", ROLES_HOSTING, handle_close},
    {"meeting.list", ROLES_PAGE, handle_list},
    {"meeting.layout", ROLES_HOSTING, handle_layout},
    {"meeting.spotlight", ROLES_HOSTING, handle_spotlight},
    {"meeting.floor", ROLES_HOSTING, handle_floor},
    {"meeting.chair", ROLES_HOSTING, handle_chair},
    {"meeting.share", ROLES_HOSTING, handle_share},
    {"seat.mute", ROLES_HOSTING, handle_mute},
    {"seat.add", ROLES_HOSTING, handle_add},
    {"seat.remove", ROLES_HOSTING, handle_remove},
    {"seat.call", ROLES_HOSTING, handle_call},
    {"seat.release", ROLES_PAGE, handle_release},
    {NULL, 0, NULL},
};
