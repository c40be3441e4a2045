/* Calls: who is invited, which offer is passed on, when a call is given up and tried again. */
#include <jansson.h>
#include <string.h>

#include "bridge/base/clock.h"
#include "bridge/base/fields.h"
#include "bridge/base/log.h"
#include "signalling/meetings_internal.h"

/* A device answers an invitation by itself, within a second or two even on a slow link. */
#define ANSWER_US (8 * CLOCK_US_PER_S)
#define CONNECT_US (10 * CLOCK_US_PER_S)
/* A reachable site that failed is called again by itself. */
#define RETRY_US (15 * CLOCK_US_PER_S)
/* A page or device that lost its WebSocket comes back within this, or its media session ends. */
#define UNHELD_US (30 * CLOCK_US_PER_S)

static MediaSession *add_session(Meetings *meetings, const MediaSession *values)
{
    MediaSession *session = g_memdup2(values, sizeof *values);
    session->chosen_view = WATCH_AS_AUDIENCE;
    session->view = -1;
    session->view_kbps = WATCH_NO_CAP;
    meetings->last_peer = MAX(meetings->last_peer, session->peer);
    g_hash_table_insert(meetings->sessions, GUINT_TO_POINTER(session->peer), session);
    return session;
}

static MediaSession *invite(Meetings *meetings, Meeting *meeting, uint32_t source, uint64_t client)
{
    return add_session(meetings, &(MediaSession){.peer = meetings->last_peer + 1,
                                                 .meeting = meeting,
                                                 .source = source,
                                                 .client = client,
                                                 .deadline_us = clock_now_us() + ANSWER_US});
}

MediaSession *calls_adopt(Meetings *meetings, Meeting *meeting, uint32_t source, uint32_t peer)
{
    /* Whoever holds it names it when it is back. */
    return add_session(meetings, &(MediaSession){.peer = peer,
                                                 .meeting = meeting,
                                                 .source = source,
                                                 .offered = true,
                                                 .deadline_us = clock_now_us() + UNHELD_US});
}

MediaSession *calls_find_peer(Meetings *meetings, uint32_t peer)
{
    return g_hash_table_lookup(meetings->sessions, GUINT_TO_POINTER(peer));
}

MediaSession *calls_find_session(Meetings *meetings, int64_t meeting, uint64_t client)
{
    GHashTableIter at;
    gpointer value;
    MediaSession *newest = NULL;
    g_hash_table_iter_init(&at, meetings->sessions);
    while (g_hash_table_iter_next(&at, NULL, &value)) {
        MediaSession *session = value;
        bool held = session->client == client && session->meeting->id == meeting;
        if (held && (newest == NULL || session->peer > newest->peer)) {
            newest = session;
        }
    }
    return newest;
}

/* Forgets the session on our side only. */
static void forget(Meetings *meetings, MediaSession *session)
{
    Seat *seat = meeting_find_seat(session->meeting, session->source);
    if (seat != NULL && seat->peer == session->peer) {
        seat->peer = 0;
    }
    if (session->stream != 0) {
        records_end_stream(meetings, session->peer);
    }
    g_hash_table_remove(meetings->sessions, GUINT_TO_POINTER(session->peer));
}

void calls_end(Meetings *meetings, MediaSession *session)
{
    if (session->offered) {
        media_process_call(meetings->relay, "peer.remove",
                           json_pack("{s:I}", "peer", (json_int_t)session->peer), NULL, NULL);
    }
    forget(meetings, session);
}

MediaSession *calls_begin_stream(Meetings *meetings, Meeting *meeting, Seat *seat_or_null,
                                 int64_t token)
{
    uint32_t source = seat_or_null != NULL ? seat_or_null->source : 0;
    MediaSession *session = invite(meetings, meeting, source, 0);
    session->stream = token;
    session->offered = true;
    if (seat_or_null != NULL) {
        seat_or_null->peer = session->peer;
        seat_set_state(seat_or_null, SEAT_CONNECTING, REASON_NONE);
        meeting->program_changed = true;
    }
    return session;
}

void calls_end_stream(Meetings *meetings, MediaSession *session)
{
    Meeting *meeting = session->meeting;
    Seat *seat = meeting_find_seat(meeting, session->source);
    bool is_its_seat = seat != NULL && seat->peer == session->peer;
    bool was_connected = session->connected;
    calls_end(meetings, session);
    if (is_its_seat) {
        seat_set_state(seat, SEAT_MISSING, was_connected ? REASON_OFFLINE : REASON_MEDIA_FAILED);
        meeting->program_changed = true;
    }
}

void calls_end_replaced(Meetings *meetings, MediaSession *session)
{
    MediaSession *older = calls_find_peer(meetings, session->replaces);
    session->replaces = 0;
    if (older == NULL) {
        return;
    }
    Meeting *meeting = older->meeting;
    Seat *seat = meeting_find_seat(meeting, older->source);
    calls_end(meetings, older);
    if (seat != NULL && seat->user[0] != '\0' && seat->peer == 0) {
        meetings_remove_seat(meetings, meeting, seat, "left"); /* It only watches from now on. */
    }
}

static void end_peer(Meetings *meetings, uint32_t peer)
{
    MediaSession *session = calls_find_peer(meetings, peer);
    if (session != NULL) {
        calls_end(meetings, session);
    }
}

void calls_tell_leave(Meetings *meetings, MediaSession *session, const char *reason)
{
    Client *client = clients_find(meetings->server->clients, session->client);
    if (client != NULL) {
        client_send(client, json_pack("{s:s, s:I, s:s}", "type", "leave", "meeting",
                                      (json_int_t)session->meeting->id, "reason", reason));
    }
}

static void send_invite(Client *client, const MediaSession *session, const Seat *seat_or_null)
{
    client_send(client,
                json_pack("{s:s, s:I, s:s, s:I, s:I, s:b, s:b, s:b}", "type", "invite", "meeting",
                          (json_int_t)session->meeting->id, "title", session->meeting->title,
                          "source", (json_int_t)session->source, "peer", (json_int_t)session->peer,
                          "muted", seat_or_null != NULL && seat_or_null->muted, "send",
                          seat_or_null != NULL, "recorded", meeting_is_recorded(session->meeting)));
}

static bool is_reachable(Meetings *meetings, Meeting *meeting, Seat *seat)
{
    const Site *site = directory_find(meetings->server->directory, seat->site);
    SeatReason reason = site == NULL || site->client == 0 ? REASON_OFFLINE
                        : site->meeting != meeting->id    ? REASON_BUSY
                                                          : REASON_NONE;
    if (reason == REASON_NONE) {
        return true;
    }
    seat_set_state(seat, SEAT_MISSING, reason);
    meeting->program_changed = true;
    return false;
}

void calls_seat(Meetings *meetings, Meeting *meeting, Seat *seat)
{
    if (seat->site[0] == '\0') {
        return; /* A user joins by hand. */
    }
    const MediaSession *old = calls_find_peer(meetings, seat->peer);
    int view_kbps = old != NULL ? old->view_kbps : WATCH_NO_CAP;
    end_peer(meetings, seat->peer);
    if (!is_reachable(meetings, meeting, seat)) {
        return;
    }
    Client *client = media_seat_client(meetings, seat);
    MediaSession *session = invite(meetings, meeting, seat->source, client_id(client));
    session->view_kbps = view_kbps;
    seat->peer = session->peer;
    seat_set_state(seat, SEAT_CALLING, REASON_NONE);
    meeting->program_changed = true;
    send_invite(client, session, seat);
}

void calls_page(Meetings *meetings, Meeting *meeting, Client *client, Seat *seat_or_null)
{
    MediaSession *old = calls_find_session(meetings, meeting->id, client_id(client));
    uint32_t old_peer = old != NULL ? old->peer : 0;
    uint32_t source = seat_or_null != NULL ? seat_or_null->source : 0;
    MediaSession *session = invite(meetings, meeting, source, client_id(client));
    if (old != NULL) {
        session->chosen_view = old->chosen_view;
        session->view_kbps = old->view_kbps;
    }
    session->replaces = old_peer;
    if (seat_or_null != NULL) {
        if (seat_or_null->peer != old_peer) {
            end_peer(meetings, seat_or_null->peer); /* The same user in another window. */
        }
        seat_or_null->peer = session->peer;
        seat_set_state(seat_or_null, SEAT_CALLING, REASON_NONE);
        meeting->program_changed = true;
    }
    send_invite(client, session, seat_or_null);
}

typedef struct Offer {
    Meetings *meetings;
    uint32_t peer;
    Request request;
} Offer;

static void on_answer(json_t *ok, const Problem *problem, void *data)
{
    g_autofree Offer *offer = data;
    Server *server = offer->meetings->server;
    MediaSession *session = calls_find_peer(offer->meetings, offer->peer);
    if (ok == NULL) {
        request_fail(server, offer->request, problem);
        return; /* The deadline of the session gives the call up. */
    }
    json_t *sdp = json_object_get(ok, "sdp");
    request_ok(server, offer->request, json_pack("{s:O}", "sdp", sdp));
    Seat *seat = session != NULL ? meeting_find_seat(session->meeting, session->source) : NULL;
    if (seat != NULL && seat->peer == offer->peer && seat->state == SEAT_CALLING) {
        seat_set_state(seat, SEAT_CONNECTING, REASON_NONE);
        session->meeting->program_changed = true;
    }
    if (seat != NULL) {
        media_tell_demand(session->meeting, seat);
    }
}

json_t *calls_make_peer(Meetings *meetings, MediaSession *session, const char *sdp)
{
    const Seat *seat = meeting_find_seat(session->meeting, session->source);
    session->view = watching_view_of(meetings, session);
    json_t *peer =
        json_pack("{s:I, s:I, s:I, s:s, s:b, s:b, s:i}", "peer", (json_int_t)session->peer,
                  "meeting", (json_int_t)session->meeting->id, "source",
                  (json_int_t)session->source, "sdp", sdp, "muted", seat != NULL && seat->muted,
                  "video", seat != NULL && seat->demand.width > 0, "view", session->view);
    if (session->view_kbps != WATCH_NO_CAP) {
        json_object_set_new(peer, "view_kbps", json_integer(session->view_kbps));
    }
    return peer;
}

void calls_offer(Meetings *meetings, MediaSession *session, const char *sdp, Request request)
{
    Offer *offer = g_new(Offer, 1);
    *offer = (Offer){.meetings = meetings, .peer = session->peer, .request = request};
    session->offered = true;
    session->deadline_us = clock_now_us() + CONNECT_US;
    media_process_call(meetings->relay, "peer.add", calls_make_peer(meetings, session, sdp),
                       on_answer, offer);
}

void calls_renew(Meetings *meetings, MediaSession *session)
{
    Meeting *meeting = session->meeting;
    Seat *seat = meeting_find_seat(meeting, session->source);
    if (session->stream != 0) {
        calls_end_stream(meetings, session); /* It calls again by itself. */
        return;
    }
    if (session->source != 0 && (seat == NULL || seat->peer != session->peer)) {
        calls_end(meetings, session); /* Another one serves the seat now. */
        return;
    }
    if (seat != NULL && seat->site[0] != '\0') {
        calls_seat(meetings, meeting, seat);
        return;
    }
    Client *client = clients_find(meetings->server->clients, session->client);
    if (client != NULL) {
        calls_page(meetings, meeting, client, seat);
    } else {
        calls_end(meetings, session);
    }
}

static bool may_hold(Meetings *meetings, Client *client, const MediaSession *session,
                     const Seat *seat)
{
    if (client_role(client) == ROLE_DEVICE) {
        return seat != NULL && strcmp(seat->site, client_site(client)) == 0;
    }
    bool own_seat = seat != NULL && strcmp(seat->user, client_user(client)) == 0;
    return session->client == 0 && session->stream == 0 && (session->source == 0 || own_seat);
}

bool calls_resume(Meetings *meetings, Client *client, json_t *media)
{
    int64_t meeting = json_integer_value(json_object_get(media, "meeting"));
    int64_t peer = json_integer_value(json_object_get(media, "peer"));
    MediaSession *session = peer > 0 ? calls_find_peer(meetings, (uint32_t)peer) : NULL;
    if (session == NULL || session->meeting->id != meeting || !session->connected) {
        return false;
    }
    Seat *seat = meeting_find_seat(session->meeting, session->source);
    if (!may_hold(meetings, client, session, seat)) {
        return false;
    }
    session->client = client_id(client);
    session->deadline_us = 0;
    client_send(client, json_pack("{s:s, s:I, s:I, s:I, s:b}", "type", "media.resumed", "meeting",
                                  (json_int_t)meeting, "source", (json_int_t)session->source,
                                  "peer", (json_int_t)peer, "muted", seat != NULL && seat->muted));
    if (seat != NULL) {
        media_tell_demand(session->meeting, seat);
        media_tell_cell(session->meeting, seat);
        status_renew(session->meeting, seat);
    }
    return true;
}

void calls_on_client_gone(Meetings *meetings, uint64_t client)
{
    GHashTableIter at;
    gpointer value;
    g_hash_table_iter_init(&at, meetings->sessions);
    while (g_hash_table_iter_next(&at, NULL, &value)) {
        MediaSession *session = value;
        if (session->client == client) {
            session->client = 0;
            session->deadline_us = clock_now_us() + (session->connected ? UNHELD_US : 0);
        }
    }
}

static void give_up(Meetings *meetings, MediaSession *session)
{
    if (session->stream != 0) {
        calls_end_stream(meetings, session);
        return;
    }
    Meeting *meeting = session->meeting;
    Seat *seat = meeting_find_seat(meeting, session->source);
    bool seated = seat != NULL && seat->peer == session->peer;
    SeatReason reason = session->offered ? REASON_MEDIA_FAILED : REASON_NO_ANSWER;
    bool held = session->client != 0;
    if (held && !session->connected) {
        log_warning("call.failed", "meeting=%" G_GINT64_FORMAT " source=%u reason=%s", meeting->id,
                    session->source, seat_reason_name(reason));
    } else if (session->connected && seated && seat->site[0] != '\0') {
        /* A device without signalling whose media goes on: it may talk as long as it can. */
        session->deadline_us = 0;
        return;
    }
    calls_end(meetings, session);
    if (!seated) {
        return;
    }
    if (seat->user[0] != '\0') {
        meetings_remove_seat(meetings, meeting, seat, "left");
        return;
    }
    seat_set_state(seat, SEAT_MISSING, held ? reason : REASON_OFFLINE);
    seat->deadline_us = clock_now_us() + RETRY_US;
    meeting->program_changed = true;
}

static void sweep_seats(Meetings *meetings, Meeting *meeting, int64_t now_us)
{
    for (guint i = 0; i < meeting->seats->len; i++) {
        Seat *seat = g_ptr_array_index(meeting->seats, i);
        if (seat->deadline_us != 0 && seat->deadline_us <= now_us) {
            calls_seat(meetings, meeting, seat);
        }
    }
}

void calls_sweep(Meetings *meetings, int64_t now_us)
{
    g_autoptr(GList) sessions = g_hash_table_get_values(meetings->sessions);
    for (GList *at = sessions; at != NULL; at = at->next) {
        MediaSession *session = at->data;
        if (session->deadline_us != 0 && session->deadline_us <= now_us) {
            give_up(meetings, session);
        }
    }
    for (guint i = 0; i < meetings->open->len; i++) {
        sweep_seats(meetings, g_ptr_array_index(meetings->open, i), now_us);
    }
}
