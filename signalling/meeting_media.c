/* The words between the server and the media processes. */
#include <jansson.h>
#include <string.h>

#include "bridge/base/decodemark.h"
#include "bridge/base/log.h"
#include "signalling/config.h"
#include "signalling/meetings_internal.h"
#include "signalling/recordings.h"

Client *media_seat_client(Meetings *meetings, const Seat *seat)
{
    MediaSession *session = calls_find_peer(meetings, seat->peer);
    uint64_t client = session != NULL ? session->client : 0;
    if (seat->site[0] != '\0') {
        const Site *site = directory_find(meetings->server->directory, seat->site);
        client = site != NULL ? site->client : 0;
    }
    return client != 0 ? clients_find(meetings->server->clients, client) : NULL;
}

void media_tell_demand(Meeting *meeting, Seat *seat)
{
    Client *client = media_seat_client(meeting->owner, seat);
    if (client != NULL && seat->peer != 0) {
        client_send(client, json_pack("{s:s, s:I, s:i, s:i, s:i, s:i}", "type", "demand", "meeting",
                                      (json_int_t)meeting->id, "width", seat->demand.width,
                                      "height", seat->demand.height, "fps", seat->demand.fps,
                                      "kbps", seat->demand.kbps));
    }
}

void media_tell_cell(Meeting *meeting, Seat *seat)
{
    Client *client = media_seat_client(meeting->owner, seat);
    if (client != NULL && seat->peer != 0) {
        client_send(client,
                    json_pack("{s:s, s:I, s:o}", "type", "cell", "meeting", (json_int_t)meeting->id,
                              "cell", seat_cell_to_json(&seat->cell)));
    }
}

static void on_demand(Meeting *meeting, Seat *seat)
{
    media_tell_demand(meeting, seat);
    if (seat->peer == 0) {
        return;
    }
    json_t *update =
        json_pack("{s:I, s:b}", "peer", (json_int_t)seat->peer, "video", seat->demand.width > 0);
    if (seat->stream == 0) { /* A publisher cannot obey: the mixer scales what it sends. */
        json_object_set_new(update, "kbps", json_integer(seat->demand.kbps));
    }
    media_process_call(meeting->owner->relay, "peer.update", update, NULL, NULL);
}

/* Mute: in force at the relay first, then on disk, then answered. */

typedef struct Muting {
    Meetings *meetings;
    int64_t meeting;
    uint32_t source;
    Request request;
    bool is_asked;
} Muting;

static void on_recorded(json_t *rows, const Problem *problem, void *data)
{
    g_autofree Muting *muting = data;
    if (muting->is_asked) {
        request_ok(muting->meetings->server, muting->request, NULL);
    }
}

static void record(Muting *muting)
{
    Meeting *meeting = meetings_find(muting->meetings, muting->meeting);
    Seat *seat = meeting != NULL ? meeting_find_seat(meeting, muting->source) : NULL;
    if (seat != NULL) {
        records_seat(muting->meetings, meeting, seat, on_recorded, muting);
    } else {
        on_recorded(NULL, NULL, muting);
    }
}

static void on_muted(json_t *ok, const Problem *problem, void *data)
{
    /* A peer that is gone, or whose relay is, says nothing either; its next one begins muted. */
    record(data);
}

static void tell_mute(Meetings *meetings, const Meeting *meeting, const Seat *seat, const char *by)
{
    Client *client = media_seat_client(meetings, seat);
    if (client != NULL) {
        client_send(client, json_pack("{s:s, s:I, s:b, s:s}", "type", "mute", "meeting",
                                      (json_int_t)meeting->id, "muted", seat->muted, "by", by));
    }
}

void media_mute(Meetings *meetings, Meeting *meeting, Seat *seat, const MuteOptions *options)
{
    seat->muted = options->muted;
    seat->changed = true;
    meeting->program_changed = true;
    tell_mute(meetings, meeting, seat, options->by);
    Muting *muting = g_new0(Muting, 1);
    *muting = (Muting){.meetings = meetings, .meeting = meeting->id, .source = seat->source};
    if (options->request != NULL) {
        muting->request = *options->request;
        muting->is_asked = true;
    }
    if (seat->peer == 0) {
        record(muting);
        return;
    }
    media_process_call(
        meetings->relay, "peer.update",
        json_pack("{s:I, s:b}", "peer", (json_int_t)seat->peer, "muted", seat->muted), on_muted,
        muting);
}

/* The relay. */

/* What a page chose to watch is known to the relay only; when that does not say, the page keeps it
 * until it names it again. */
static void adopt_view(Meetings *meetings, MediaSession *session, json_t *peer)
{
    json_t *view = json_object_get(peer, "view");
    json_t *kbps = json_object_get(peer, "view_kbps");
    const Seat *seat = meeting_find_seat(session->meeting, session->source);
    session->view = json_is_integer(view) ? (int)json_integer_value(view) : -1;
    session->view_kbps = json_is_integer(kbps) ? (int)json_integer_value(kbps) : WATCH_NO_CAP;
    bool is_page = session->stream == 0 && (seat == NULL || seat->user[0] != '\0');
    if (is_page && session->view < 0) {
        session->view = watching_view_of(meetings, session);
    } else if (is_page && session->view != watching_view_of(meetings, session)) {
        session->chosen_view = session->view;
    }
}

/* It came by HTTP before the restart; when its token is gone meanwhile, it ends as unheld. */
static void adopt_stream(Meetings *meetings, MediaSession *session)
{
    gpointer id = g_hash_table_lookup(meetings->streams, GUINT_TO_POINTER(session->peer));
    const StreamToken *token =
        id != NULL ? stream_tokens_get(meetings->tokens, *(int64_t *)id) : NULL;
    if (token != NULL) {
        session->stream = token->id;
        session->chosen_view = token->is_publisher ? WATCH_AS_AUDIENCE : token->view;
    }
}

static MediaSession *adopt_peer(Meetings *meetings, json_t *peer)
{
    uint32_t id = (uint32_t)json_integer_value(json_object_get(peer, "peer"));
    uint32_t source = (uint32_t)json_integer_value(json_object_get(peer, "source"));
    Meeting *meeting =
        meetings_find(meetings, json_integer_value(json_object_get(peer, "meeting")));
    Seat *seat = meeting != NULL ? meeting_find_seat(meeting, source) : NULL;
    if (meeting == NULL || (source != 0 && seat == NULL)) {
        media_process_call(meetings->relay, "peer.remove",
                           json_pack("{s:I}", "peer", (json_int_t)id), NULL, NULL);
        return NULL;
    }
    if (seat != NULL) {
        seat->peer = id;
        /* What the relay enforces holds: a muted site never comes back un-muted. */
        seat->muted = seat->muted || json_is_true(json_object_get(peer, "muted"));
    }
    MediaSession *session = calls_adopt(meetings, meeting, source, id);
    adopt_stream(meetings, session);
    adopt_view(meetings, session, peer);
    return session;
}

static void set_connected(Meetings *meetings, MediaSession *session)
{
    Meeting *meeting = session->meeting;
    Seat *seat = meeting_find_seat(meeting, session->source);
    session->connected = true;
    if (session->client != 0 || session->stream != 0) {
        session->deadline_us = 0;
    }
    calls_end_replaced(meetings, session);
    if (seat == NULL || seat->peer != session->peer || seat->state == SEAT_JOINED) {
        return;
    }
    seat_set_state(seat, SEAT_JOINED, REASON_NONE);
    meeting->program_changed = true;
    status_renew(meeting, seat);
    media_tell_demand(meeting, seat);
    media_tell_cell(meeting, seat);
    log_info("seat.joined", "meeting=%" G_GINT64_FORMAT " source=%u site=%s", meeting->id,
             seat->source, seat->site);
}

static void adopt_peers(Meetings *meetings, json_t *peers)
{
    size_t index;
    json_t *peer;
    json_array_foreach(peers, index, peer)
    {
        uint32_t id = (uint32_t)json_integer_value(json_object_get(peer, "peer"));
        const char *state = json_string_value(json_object_get(peer, "state"));
        MediaSession *session = calls_find_peer(meetings, id);
        if (session == NULL) {
            session = adopt_peer(meetings, peer);
        }
        if (session != NULL && g_strcmp0(state, "connected") == 0) {
            set_connected(meetings, session);
        }
    }
}

static bool hello_has(json_t *peers, uint32_t id)
{
    size_t index;
    json_t *peer;
    json_array_foreach(peers, index, peer)
    {
        if (json_integer_value(json_object_get(peer, "peer")) == id) {
            return true;
        }
    }
    return false;
}

/* Sessions the relay does not know (it is a new one) are made again. */
static void renew_lost_sessions(Meetings *meetings, json_t *peers)
{
    g_autoptr(GList) sessions = g_hash_table_get_values(meetings->sessions);
    for (GList *at = sessions; at != NULL; at = at->next) {
        MediaSession *session = at->data;
        if (session->offered && !hello_has(peers, session->peer)) {
            session->offered = false; /* Nothing to remove there. */
            session->connected = false;
            calls_renew(meetings, session);
        }
    }
}

/* Those the relay no longer has; their numbers may be used again. */
static void forget_old_streams(Meetings *meetings)
{
    GHashTableIter at;
    gpointer peer;
    g_hash_table_iter_init(&at, meetings->streams);
    while (g_hash_table_iter_next(&at, &peer, NULL)) {
        const MediaSession *session = calls_find_peer(meetings, GPOINTER_TO_UINT(peer));
        if (session == NULL || session->stream == 0) {
            records_end_stream(meetings, GPOINTER_TO_UINT(peer));
        }
    }
    g_hash_table_remove_all(meetings->streams);
}

static void on_relay_up(json_t *hello, void *data)
{
    Meetings *meetings = data;
    json_t *peers = json_object_get(hello, "peers");
    for (guint i = 0; i < meetings->open->len; i++) {
        Meeting *meeting = g_ptr_array_index(meetings->open, i);
        media_process_call(meetings->relay, "meeting.add",
                           json_pack("{s:I}", "meeting", (json_int_t)meeting->id), NULL, NULL);
        watching_tell_rungs(meetings, meeting);
    }
    adopt_peers(meetings, peers);
    forget_old_streams(meetings);
    renew_lost_sessions(meetings, peers);
    for (guint i = 0; i < meetings->open->len; i++) {
        watching_settle(meetings, g_ptr_array_index(meetings->open, i));
    }
    meetings_serve_waiting(meetings);
}

static void on_relay_down(void *data)
{
    Meetings *meetings = data;
    for (guint i = 0; i < meetings->open->len; i++) {
        Meeting *meeting = g_ptr_array_index(meetings->open, i);
        for (guint j = 0; j < meeting->seats->len; j++) {
            Seat *seat = g_ptr_array_index(meeting->seats, j);
            if (seat->state == SEAT_JOINED || seat->state == SEAT_CONNECTING) {
                seat_set_state(seat, SEAT_LOST, REASON_NONE);
                meeting->program_changed = true;
            }
        }
    }
}

static void on_peer_lost(Meetings *meetings, MediaSession *session, bool gone, const char *reason)
{
    Meeting *meeting = session->meeting;
    Seat *seat = meeting_find_seat(meeting, session->source);
    bool seated = seat != NULL && seat->peer == session->peer;
    if (seated && seat->state == SEAT_JOINED) {
        seat_set_state(seat, SEAT_LOST, REASON_NONE);
        meeting->program_changed = true;
        log_info("seat.lost", "meeting=%" G_GINT64_FORMAT " source=%u site=%s reason=%s",
                 meeting->id, seat->source, seat->site, reason);
    }
    if (gone) {
        session->offered = false; /* Nothing to remove there. */
        session->connected = false;
        calls_renew(meetings, session);
    }
}

static void on_peer(Meetings *meetings, json_t *event)
{
    uint32_t id = (uint32_t)json_integer_value(json_object_get(event, "peer"));
    const char *state = json_string_value(json_object_get(event, "state"));
    const char *reason = json_string_value(json_object_get(event, "reason"));
    MediaSession *session = calls_find_peer(meetings, id);
    if (session == NULL || state == NULL) {
        return;
    }
    if (strcmp(state, "connected") == 0) {
        set_connected(meetings, session);
    } else if (strcmp(state, "silent") == 0 || strcmp(state, "gone") == 0) {
        on_peer_lost(meetings, session, state[0] == 'g', reason != NULL ? reason : "");
    }
}

static void on_relay_event(const char *event, json_t *fields, void *data)
{
    Meetings *meetings = data;
    if (strcmp(event, "peer") == 0) {
        on_peer(meetings, fields);
    } else if (strcmp(event, "stats") == 0) {
        stats_apply(meetings, fields);
    } else if (strcmp(event, "voices") == 0) {
        talk_on_voices(meetings, fields);
    }
}

const MediaProcessHandlers media_relay_handlers = {
    .on_up = on_relay_up, .on_down = on_relay_down, .on_event = on_relay_event};

/* The mixers. */

typedef struct Pushed {
    Meetings *meetings;
    int64_t meeting;
} Pushed;

static void on_program(json_t *ok, const Problem *problem, void *data)
{
    g_autofree Pushed *pushed = data;
    Meeting *meeting = meetings_find(pushed->meetings, pushed->meeting);
    if (ok == NULL || meeting == NULL) {
        if (problem != NULL && strcmp(problem->code, "unavailable") != 0) {
            log_error("program.refused", "meeting=%" G_GINT64_FORMAT " field=%s message=\"%s\"",
                      pushed->meeting, problem->field, problem->message);
        }
        return;
    }
    meeting_apply_cells(meeting, json_object_get(ok, "views"), media_tell_cell);
    meeting_apply_demands(meeting, json_object_get(ok, "demands"), on_demand);
}

void media_push_program(Meetings *meetings, Meeting *meeting)
{
    if (media_process_state(meeting->mixer) != PROCESS_UP) {
        return; /* It gets all of it when it is up. */
    }
    Pushed *pushed = g_new(Pushed, 1);
    *pushed = (Pushed){.meetings = meetings, .meeting = meeting->id};
    json_t *program = meeting_make_program(meeting, meetings->layouts, meetings->server->directory);
    if (meetings->server->recordings != NULL) {
        recordings_add_program(meetings->server->recordings, meeting, program);
    }
    media_process_call(meeting->mixer, "program", program, on_program, pushed);
}

static void on_mixer_up(json_t *hello, void *data)
{
    Meeting *meeting = data;
    /* An adopted mixer has shown a program already; ours must be the newer one. */
    meeting->revision =
        MAX(meeting->revision, json_integer_value(json_object_get(hello, "revision")));
    meeting->header_changed = true;
    media_push_program(meeting->owner, meeting);
}

/* Whoever it was decoding when it died may be to blame. */
static void count_crash(Meeting *meeting)
{
    const Config *config = meeting->owner->server->config;
    uint32_t sources[DECODEMARK_SLOTS];
    g_autofree char *path =
        g_strdup_printf("%s/mixer-%" G_GINT64_FORMAT ".decoding", config->runtime_dir, meeting->id);
    size_t count = decodemark_read(path, sources);
    for (size_t i = 0; i < count; i++) {
        Seat *seat = meeting_find_seat(meeting, sources[i]);
        if (seat != NULL && seat_count_crash(seat)) {
            log_warning("seat.quarantined", "meeting=%" G_GINT64_FORMAT " source=%u site=%s",
                        meeting->id, seat->source, seat->site);
        }
    }
}

static void on_mixer_down(void *data)
{
    Meeting *meeting = data;
    count_crash(meeting);
    meeting->speaker = 0;
    meeting->header_changed = true;
}

static void set_speaker(Meeting *meeting, json_t *event)
{
    json_t *source = json_object_get(event, "source");
    meeting->speaker = (uint32_t)json_integer_value(source);
    clients_broadcast(meeting->owner->server->clients,
                      json_pack("{s:s, s:I, s:O?}", "type", "speaker", "meeting",
                                (json_int_t)meeting->id, "source", source));
}

static void on_mixer_event(const char *event, json_t *fields, void *data)
{
    Meeting *meeting = data;
    if (strcmp(event, "cells") == 0) {
        meeting_apply_cells(meeting, json_object_get(fields, "views"), media_tell_cell);
    } else if (strcmp(event, "demands") == 0) {
        meeting_apply_demands(meeting, json_object_get(fields, "demands"), on_demand);
    } else if (strcmp(event, "source") == 0) {
        meeting_apply_source(meeting, fields);
    } else if (strcmp(event, "trouble") == 0) {
        meeting_apply_trouble(meeting, fields);
    } else if (strcmp(event, "speaker") == 0) {
        set_speaker(meeting, fields);
    } else if (strcmp(event, "recording") == 0 && meeting->owner->server->recordings != NULL) {
        recordings_on_event(meeting->owner->server->recordings, meeting, fields);
    }
}

const MediaProcessHandlers media_mixer_handlers = {
    .on_up = on_mixer_up, .on_down = on_mixer_down, .on_event = on_mixer_event};
