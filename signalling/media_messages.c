/* The messages of PROTOCOL.md about media sessions: checked here, done elsewhere. */
#include <jansson.h>

#include "bridge/base/fields.h"
#include "signalling/meeting_fields.h"
#include "signalling/meetings_internal.h"

static Seat *take_user_seat(Meeting *meeting, Client *client)
{
    const char *user = client_user(client);
    Seat *seat = meeting_find_user(meeting, user);
    if (seat == NULL) {
        seat = meeting_add_seat(meeting, 0);
        g_strlcpy(seat->user, user, sizeof seat->user);
        g_strlcpy(seat->name, user, sizeof seat->name);
        g_strlcpy(seat->tier, "host", sizeof seat->tier);
    }
    return seat;
}

/* Without the field it stays as it is. */
static void choose_view(Meetings *meetings, Meeting *meeting, Client *client, json_t *message,
                        int view)
{
    if (json_object_get(message, "view") != NULL) {
        calls_find_session(meetings, meeting->id, client_id(client))->chosen_view = view;
        watching_settle(meetings, meeting);
    }
}

static void handle_join(Server *server, Client *client, json_t *message, Request request)
{
    Problem problem;
    bool send;
    int view;
    Meeting *meeting = meeting_field(server, message, &problem);
    if (meeting == NULL || !field_bool(message, "send", &send, &problem) ||
        !meeting_field_view(meeting, message, WATCH_AS_AUDIENCE, &view, &problem)) {
        request_fail(server, request, &problem);
        return;
    }
    if (media_process_state(server->meetings->relay) != PROCESS_UP) {
        problem_set(&problem, "unavailable", "", "the relay is restarting; try again");
        request_fail(server, request, &problem);
        return;
    }
    if (calls_resume(server->meetings, client, message)) {
        choose_view(server->meetings, meeting, client, message, view);
        request_ok(server, request, json_pack("{s:b}", "resumed", true));
        return;
    }
    if (send && client_user(client)[0] == '\0') {
        problem_set(&problem, "wrong_state", "send", "send: only a logged-in user takes a seat");
        request_fail(server, request, &problem);
        return;
    }
    if (send && meeting->seats->len >= LIMIT_SEATS) {
        problem_set(&problem, "limit", "meeting", "meeting: all %d seats are taken", LIMIT_SEATS);
        request_fail(server, request, &problem);
        return;
    }
    Seat *seat = send ? take_user_seat(meeting, client) : NULL;
    request_ok(server, request,
               json_pack("{s:I}", "source", (json_int_t)(seat != NULL ? seat->source : 0)));
    calls_page(server->meetings, meeting, client, seat);
    choose_view(server->meetings, meeting, client, message, view);
}

static void handle_leave(Server *server, Client *client, json_t *message, Request request)
{
    Problem problem;
    Meetings *meetings = server->meetings;
    Meeting *meeting = meeting_field(server, message, &problem);
    if (meeting == NULL) {
        request_fail(server, request, &problem);
        return;
    }
    MediaSession *session;
    while ((session = calls_find_session(meetings, meeting->id, client_id(client))) != NULL) {
        Seat *seat = meeting_find_seat(meeting, session->source);
        calls_end(meetings, session);
        if (seat != NULL && seat->user[0] != '\0' && seat->peer == 0) {
            meetings_remove_seat(meetings, meeting, seat, "left");
        }
    }
    request_ok(server, request, NULL);
}

static MediaSession *get_session(Server *server, Client *client, json_t *message, Problem *problem)
{
    Meeting *meeting = meeting_field(server, message, problem);
    if (meeting == NULL) {
        return NULL;
    }
    MediaSession *session = calls_find_session(server->meetings, meeting->id, client_id(client));
    if (session == NULL) {
        problem_set(problem, "wrong_state", "meeting", "meeting: you are not invited to it");
    }
    return session;
}

static void handle_offer(Server *server, Client *client, json_t *message, Request request)
{
    Problem problem;
    int64_t peer;
    int64_t view_kbps;
    const char *sdp;
    MediaSession *session = get_session(server, client, message, &problem);
    if (session == NULL || !field_int(message, "peer", 1, UINT32_MAX, &peer, &problem) ||
        !field_string(message, "sdp", 1, LIMIT_SDP_BYTES, &sdp, &problem) ||
        !field_int_or(message, "view_kbps", 0, LIMIT_RUNG_KBPS, session->view_kbps, &view_kbps,
                      &problem)) {
        request_fail(server, request, &problem);
        return;
    }
    if (peer != session->peer || session->offered) {
        problem_set(&problem, "wrong_state", "peer",
                    "peer: %" G_GINT64_FORMAT " is not the one invited now", peer);
        request_fail(server, request, &problem);
        return;
    }
    session->view_kbps = (int)view_kbps;
    calls_offer(server->meetings, session, sdp, request);
}

static void handle_renew(Server *server, Client *client, json_t *message, Request request)
{
    Problem problem;
    Meeting *meeting = meeting_field(server, message, &problem);
    Seat *seat = meeting != NULL && client_role(client) == ROLE_DEVICE
                     ? meeting_find_site(meeting, client_site(client))
                     : NULL;
    if (seat != NULL) {
        request_ok(server, request, NULL);
        calls_seat(server->meetings, meeting, seat);
        return;
    }
    MediaSession *session = get_session(server, client, message, &problem);
    if (session == NULL) {
        request_fail(server, request, &problem);
        return;
    }
    request_ok(server, request, NULL);
    calls_renew(server->meetings, session);
}

const MessageRow media_rows[] = {
    {"media.join", ROLES_PAGE, handle_join},
    {"media.leave", ROLES_PAGE, handle_leave},
    {"media.offer", ROLES_PAGE | ROLE_DEVICE, handle_offer},
    {"media.renew", ROLES_PAGE | ROLE_DEVICE, handle_renew},
    {NULL, 0, NULL},
};
