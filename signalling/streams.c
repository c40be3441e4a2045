#include "signalling/streams.h"

#include <jansson.h>
#include <string.h>

#include "bridge/base/clock.h"
#include "bridge/base/log.h"
#include "signalling/meetings_internal.h"

#define CONNECT_US (15 * CLOCK_US_PER_S)

typedef struct Beginning {
    Meetings *meetings;
    uint32_t peer;
    bool has_new_seat;
    StreamReply reply;
    void *data;
} Beginning;

static Seat *find_seat(const Meeting *meeting, int64_t token)
{
    for (guint i = 0; i < meeting->seats->len; i++) {
        Seat *seat = g_ptr_array_index(meeting->seats, i);
        if (seat->stream == token) {
            return seat;
        }
    }
    return NULL;
}

static Seat *add_seat(Meeting *meeting, const StreamToken *token)
{
    const Site *site = directory_find(meeting->owner->server->directory, token->site);
    Seat *seat = meeting_add_seat(meeting, 0);
    seat->stream = token->id;
    g_strlcpy(seat->name, token->name, sizeof seat->name);
    g_strlcpy(seat->tier, site != NULL ? site->tier : "stream", sizeof seat->tier);
    return seat;
}

static guint count_sessions(Meetings *meetings, int64_t token)
{
    guint count = 0;
    GHashTableIter at;
    gpointer value;
    g_hash_table_iter_init(&at, meetings->sessions);
    while (g_hash_table_iter_next(&at, NULL, &value)) {
        count += ((MediaSession *)value)->stream == token;
    }
    return count;
}

/* The publisher's seat, free for a new session; NULL and a problem. */
static Seat *take_seat(Meetings *meetings, Meeting *meeting, const StreamToken *token,
                       Problem *problem)
{
    Seat *seat = find_seat(meeting, token->id);
    if (seat != NULL && seat_is_present(seat)) {
        problem_set(problem, "conflict", "", "the publisher of this token is there already");
        return NULL;
    }
    if (seat == NULL && meeting->seats->len >= LIMIT_SEATS) {
        problem_set(problem, "limit", "", "all %d seats are taken", LIMIT_SEATS);
        return NULL;
    }
    MediaSession *old = seat != NULL ? calls_find_peer(meetings, seat->peer) : NULL;
    if (old != NULL) {
        calls_end(meetings, old);
    }
    return seat != NULL ? seat : add_seat(meeting, token);
}

/* The relay has not taken it: nobody has been here. */
static void undo(const Beginning *beginning, MediaSession *session)
{
    Meeting *meeting = session->meeting;
    Seat *seat = meeting_find_seat(meeting, session->source);
    session->offered = false;
    calls_end_stream(beginning->meetings, session);
    if (seat != NULL && beginning->has_new_seat) {
        meetings_remove_seat(beginning->meetings, meeting, seat, "left");
    }
}

static void on_answer(json_t *ok, const Problem *problem, void *data)
{
    g_autofree Beginning *beginning = data;
    Meetings *meetings = beginning->meetings;
    MediaSession *session = calls_find_peer(meetings, beginning->peer);
    Problem gone;
    if (problem == NULL && session == NULL) {
        problem_set(&gone, "not_found", "", "the meeting was closed");
        problem = &gone;
    }
    if (problem != NULL) {
        if (session != NULL) {
            undo(beginning, session);
        }
        beginning->reply(NULL, 0, problem, beginning->data);
        return;
    }
    records_stream(meetings, session);
    beginning->reply(json_string_value(json_object_get(ok, "sdp")), session->peer, NULL,
                     beginning->data);
}

void streams_begin(Meetings *meetings, Meeting *meeting, const StreamToken *token, const char *sdp,
                   StreamReply reply, void *data)
{
    Problem problem;
    Seat *seat = NULL;
    bool has_seat = find_seat(meeting, token->id) != NULL;
    if (count_sessions(meetings, token->id) >= LIMIT_STREAM_WATCHERS) {
        problem_set(&problem, "limit", "", "%d use this token already", LIMIT_STREAM_WATCHERS);
        reply(NULL, 0, &problem, data);
        return;
    }
    if (token->is_publisher && (seat = take_seat(meetings, meeting, token, &problem)) == NULL) {
        reply(NULL, 0, &problem, data);
        return;
    }
    MediaSession *session = calls_begin_stream(meetings, meeting, seat, token->id);
    session->chosen_view = token->is_publisher ? WATCH_AS_AUDIENCE : token->view;
    session->deadline_us = clock_now_us() + CONNECT_US;
    Beginning *beginning = g_new(Beginning, 1);
    *beginning = (Beginning){.meetings = meetings,
                             .peer = session->peer,
                             .has_new_seat = seat != NULL && !has_seat,
                             .reply = reply,
                             .data = data};
    log_info("stream.begun", "meeting=%" G_GINT64_FORMAT " source=%u token=%" G_GINT64_FORMAT,
             meeting->id, session->source, token->id);
    media_process_call(meetings->relay, "peer.add", calls_make_peer(meetings, session, sdp),
                       on_answer, beginning);
}

bool streams_end(Meetings *meetings, const StreamToken *token, uint32_t peer)
{
    MediaSession *session = calls_find_peer(meetings, peer);
    if (session == NULL || session->stream != token->id) {
        return false;
    }
    calls_end_stream(meetings, session);
    return true;
}

void streams_drop_token(Meetings *meetings, int64_t token)
{
    g_autoptr(GList) sessions = g_hash_table_get_values(meetings->sessions);
    for (GList *at = sessions; at != NULL; at = at->next) {
        MediaSession *session = at->data;
        if (session->stream == token) {
            calls_end_stream(meetings, session);
        }
    }
    for (guint i = 0; i < meetings->open->len; i++) {
        Meeting *meeting = g_ptr_array_index(meetings->open, i);
        Seat *seat = find_seat(meeting, token);
        if (seat != NULL) {
            meetings_remove_seat(meetings, meeting, seat, "removed");
        }
    }
}
