#include "signalling/meetings.h"

#include <jansson.h>
#include <string.h>

#include "bridge/base/clock.h"
#include "bridge/base/log.h"
#include "signalling/config.h"
#include "signalling/meetings_internal.h"
#include "signalling/recordings.h"
#include "signalling/supervisor.h"

/* Changes are gathered so long before they are told: fast enough for a host, and one message
 * instead of many when 207 sites come in at once. */
#define TICK_US (40 * CLOCK_US_PER_MS)

Meeting *meetings_find(Meetings *meetings, int64_t id)
{
    for (guint i = 0; i < meetings->open->len; i++) {
        Meeting *meeting = g_ptr_array_index(meetings->open, i);
        if (meeting->id == id) {
            return meeting;
        }
    }
    return NULL;
}

static void broadcast_seat(Meetings *meetings, const Meeting *meeting, const Seat *seat)
{
    clients_broadcast(meetings->server->clients,
                      json_pack("{s:s, s:I, s:o}", "type", "seat", "meeting",
                                (json_int_t)meeting->id, "seat", seat_to_json(seat)));
}

static void flush_seats(Meetings *meetings, Meeting *meeting)
{
    bool any = false;
    for (guint i = 0; i < meeting->seats->len; i++) {
        const Seat *seat = g_ptr_array_index(meeting->seats, i);
        any = any || seat->changed;
        if (seat->changed) {
            broadcast_seat(meetings, meeting, seat);
        }
    }
    if (!any) {
        return;
    }
    records_seats(meetings, meeting);
    for (guint i = 0; i < meeting->seats->len; i++) {
        ((Seat *)g_ptr_array_index(meeting->seats, i))->changed = false;
    }
}

/* What the report needs, before the meeting is closed. */
static void flush_last(Meetings *meetings, Meeting *meeting)
{
    for (guint i = 0; i < meeting->seats->len; i++) {
        Seat *seat = g_ptr_array_index(meeting->seats, i);
        seat->changed = seat->changed || seat->talk_ms > 0;
    }
    flush_seats(meetings, meeting);
}

static void flush(Meetings *meetings, Meeting *meeting)
{
    if (meeting->header_changed) {
        meeting->header_changed = false;
        records_header(meetings, meeting);
        floor_records_write(meetings, meeting, NULL, NULL);
        if (meeting->views_changed) {
            meeting->views_changed = false;
            records_views(meetings, meeting);
        }
        clients_broadcast(
            meetings->server->clients,
            json_pack("{s:s, s:o}", "type", "meeting", "meeting", meeting_to_json(meeting, false)));
    }
    if (meeting->program_changed) {
        watching_settle(meetings, meeting);
    }
    presence_settle(meetings, meeting);
    flush_seats(meetings, meeting);
    status_settle(meetings, meeting);
    if (meeting->program_changed) {
        media_push_program(meetings, meeting);
    }
}

static void on_tick(void *data)
{
    Meetings *meetings = data;
    calls_sweep(meetings, clock_now_us());
    for (guint i = 0; i < meetings->open->len; i++) {
        flush(meetings, g_ptr_array_index(meetings->open, i));
    }
}

void meetings_bind_site(Meetings *meetings, Meeting *meeting, Seat *seat)
{
    Site *site = directory_find(meetings->server->directory, seat->site);
    if (site != NULL && site->meeting == 0) {
        site->meeting = meeting->id;
        directory_announce(meetings->server->directory, site);
    }
}

/* The site is free again: a meeting that waited for it may have it. */
static void release_site(Meetings *meetings, const Meeting *meeting, const char *code)
{
    Site *site = directory_find(meetings->server->directory, code);
    if (site == NULL || site->meeting != meeting->id) {
        return;
    }
    site->meeting = 0;
    for (guint i = 0; i < meetings->open->len && site->meeting == 0; i++) {
        Meeting *other = g_ptr_array_index(meetings->open, i);
        Seat *seat = other != meeting ? meeting_find_site(other, code) : NULL;
        if (seat != NULL) {
            site->meeting = other->id;
            calls_seat(meetings, other, seat);
        }
    }
    directory_announce(meetings->server->directory, site);
}

void meetings_start(Meetings *meetings, Meeting *meeting)
{
    meeting->mixer = supervisor_start_mixer(meetings->server->supervisor, meeting->id,
                                            &media_mixer_handlers, meeting);
    media_process_call(meetings->relay, "meeting.add",
                       json_pack("{s:I}", "meeting", (json_int_t)meeting->id), NULL, NULL);
    watching_tell_rungs(meetings, meeting);
    for (guint i = 0; i < meeting->seats->len; i++) {
        Seat *seat = g_ptr_array_index(meeting->seats, i);
        if (seat->site[0] != '\0') {
            meetings_bind_site(meetings, meeting, seat);
        }
    }
}

static void end_sessions(Meetings *meetings, const Meeting *meeting, const char *reason)
{
    g_autoptr(GList) sessions = g_hash_table_get_values(meetings->sessions);
    for (GList *at = sessions; at != NULL; at = at->next) {
        MediaSession *session = at->data;
        if (session->meeting == meeting) {
            calls_tell_leave(meetings, session, reason);
            calls_end(meetings, session);
        }
    }
}

void meetings_close(Meetings *meetings, Meeting *meeting)
{
    if (meetings->server->recordings != NULL) {
        recordings_on_closed(meetings->server->recordings, meeting);
    }
    end_sessions(meetings, meeting, "closed");
    media_process_call(meetings->relay, "meeting.remove",
                       json_pack("{s:I}", "meeting", (json_int_t)meeting->id), NULL, NULL);
    media_process_stop(g_steal_pointer(&meeting->mixer));
    flush_last(meetings, meeting);
    records_close(meetings, meeting);
    stream_tokens_drop(meetings->tokens, meeting->id);
    for (guint i = 0; i < meeting->seats->len; i++) {
        const Seat *seat = g_ptr_array_index(meeting->seats, i);
        release_site(meetings, meeting, seat->site);
    }
    clients_broadcast(meetings->server->clients, json_pack("{s:s, s:I}", "type", "meeting.closed",
                                                           "meeting", (json_int_t)meeting->id));
    log_info("meeting.closed", "meeting=%" G_GINT64_FORMAT, meeting->id);
    g_ptr_array_remove(meetings->open, meeting);
}

void meetings_remove_seat(Meetings *meetings, Meeting *meeting, Seat *seat, const char *reason)
{
    MediaSession *session = calls_find_peer(meetings, seat->peer);
    if (session != NULL) {
        calls_tell_leave(meetings, session, reason);
        calls_end(meetings, session);
    }
    records_attendance(meetings, meeting, seat, reason);
    floor_forget_seat(meeting, seat);
    records_remove_seat(meetings, meeting, seat);
    clients_broadcast(meetings->server->clients,
                      json_pack("{s:s, s:I, s:I}", "type", "seat.removed", "meeting",
                                (json_int_t)meeting->id, "source", (json_int_t)seat->source));
    g_autofree char *site = g_strdup(seat->site);
    meeting_remove_seat(meeting, seat);
    release_site(meetings, meeting, site);
}

static void free_meeting(gpointer meeting)
{
    meeting_free(meeting);
}

/* A file of presets beside the layouts needs no setting. */
static bool load_files(Meetings *meetings, GError **error)
{
    const Config *config = meetings->server->config;
    g_autofree char *folder = g_path_get_dirname(config->layouts_file);
    g_autofree char *beside = g_build_filename(folder, "views.json", NULL);
    const char *path = config->views_file[0] != '\0'             ? config->views_file
                       : g_file_test(beside, G_FILE_TEST_EXISTS) ? beside
                                                                 : NULL;
    meetings->layouts = layouts_load(config->layouts_file, error);
    if (meetings->layouts == NULL) {
        return false;
    }
    meetings->presets = view_presets_load(path, meetings->layouts, error);
    return meetings->presets != NULL;
}

Meetings *meetings_new(Server *server, GError **error)
{
    Meetings *meetings = g_new0(Meetings, 1);
    meetings->server = server;
    meetings->open = g_ptr_array_new_with_free_func(free_meeting);
    meetings->sessions = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    meetings->waiting = json_array();
    meetings->streams = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    meetings->tokens = stream_tokens_new(server, error);
    if (meetings->tokens == NULL || !load_files(meetings, error) ||
        !records_load(meetings, error)) {
        meetings_free(meetings);
        return NULL;
    }
    if (layouts_find(meetings->layouts, server->config->default_layout) == NULL) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                    "meeting.layout: %s has no layout \"%s\"", server->config->layouts_file,
                    server->config->default_layout);
        meetings_free(meetings);
        return NULL;
    }
    meetings->relay = supervisor_start_relay(server->supervisor, &media_relay_handlers, meetings);
    for (guint i = 0; i < meetings->open->len; i++) {
        meetings_start(meetings, g_ptr_array_index(meetings->open, i));
    }
    meetings->tick = loop_every(TICK_US, on_tick, meetings);
    return meetings;
}

void meetings_free(Meetings *meetings)
{
    if (meetings == NULL) {
        return;
    }
    loop_drop(&meetings->tick);
    /* Who still waits for their answer is told, and looks for its meeting then. */
    media_process_release(g_steal_pointer(&meetings->relay));
    for (guint i = 0; i < meetings->open->len; i++) {
        Meeting *meeting = g_ptr_array_index(meetings->open, i);
        media_process_release(g_steal_pointer(&meeting->mixer));
    }
    g_hash_table_unref(meetings->sessions);
    g_ptr_array_unref(meetings->open);
    stream_tokens_free(meetings->tokens);
    g_hash_table_unref(meetings->streams);
    view_presets_free(meetings->presets);
    layouts_free(meetings->layouts);
    json_decref(meetings->waiting);
    json_decref(meetings->relay_counters);
    g_free(meetings);
}

static Seat *find_bound_seat(Meetings *meetings, const char *code, Meeting **ret_meeting)
{
    const Site *site = directory_find(meetings->server->directory, code);
    *ret_meeting = site != NULL ? meetings_find(meetings, site->meeting) : NULL;
    return *ret_meeting != NULL ? meeting_find_site(*ret_meeting, code) : NULL;
}

void meetings_on_device_online(Meetings *meetings, Client *client, json_t *media)
{
    Meeting *meeting;
    Seat *seat = find_bound_seat(meetings, client_site(client), &meeting);
    if (seat == NULL) {
        return;
    }
    if (media_process_state(meetings->relay) != PROCESS_UP) {
        json_array_append_new(
            meetings->waiting,
            json_pack("{s:I, s:O?}", "client", (json_int_t)client_id(client), "media", media));
        return;
    }
    if (media == NULL || !calls_resume(meetings, client, media)) {
        calls_seat(meetings, meeting, seat);
    }
}

void meetings_serve_waiting(Meetings *meetings)
{
    json_t *waiting = meetings->waiting;
    meetings->waiting = json_array();
    size_t index;
    json_t *entry;
    json_array_foreach(waiting, index, entry)
    {
        Client *client =
            clients_find(meetings->server->clients,
                         (uint64_t)json_integer_value(json_object_get(entry, "client")));
        if (client != NULL) {
            meetings_on_device_online(meetings, client, json_object_get(entry, "media"));
        }
    }
    json_decref(waiting);
}

void meetings_on_client_gone(Meetings *meetings, Client *client)
{
    calls_on_client_gone(meetings, client_id(client));
}

void meetings_on_device_revoked(Meetings *meetings, const char *site_code)
{
    Meeting *meeting;
    Seat *seat = find_bound_seat(meetings, site_code, &meeting);
    MediaSession *session = seat != NULL ? calls_find_peer(meetings, seat->peer) : NULL;
    if (session != NULL) {
        calls_tell_leave(meetings, session, "removed");
        calls_end(meetings, session);
        seat_set_state(seat, SEAT_MISSING, REASON_OFFLINE);
        meeting->program_changed = true;
    }
}

json_t *meetings_to_json(Meetings *meetings)
{
    json_t *list = json_array();
    for (guint i = 0; i < meetings->open->len; i++) {
        json_array_append_new(list, meeting_to_json(g_ptr_array_index(meetings->open, i), true));
    }
    return list;
}

size_t meetings_count(const Meetings *meetings)
{
    return meetings->open->len;
}

bool meetings_is_open(Meetings *meetings, int64_t id)
{
    return meetings_find(meetings, id) != NULL;
}

bool meetings_has_layout(const Meetings *meetings, const char *name)
{
    return layouts_find(meetings->layouts, name) != NULL;
}

bool meetings_has_preset(const Meetings *meetings, const char *name)
{
    return view_presets_has(meetings->presets, name);
}

const char *meetings_find_preset(const Meetings *meetings, json_t *views)
{
    return view_presets_find_same(meetings->presets, views);
}

json_t *meetings_layouts_to_json(Meetings *meetings)
{
    return layouts_to_json(meetings->layouts);
}

json_t *meetings_presets_to_json(Meetings *meetings)
{
    return view_presets_to_json(meetings->presets);
}

void meetings_add_status(Meetings *meetings, json_t *fields)
{
    json_object_set_new(fields, "relay",
                        json_pack("{s:s, s:i}", "state", media_process_state_name(meetings->relay),
                                  "pid", media_process_pid(meetings->relay)));
    json_t *mixers = json_array();
    for (guint i = 0; i < meetings->open->len; i++) {
        const Meeting *meeting = g_ptr_array_index(meetings->open, i);
        json_array_append_new(mixers,
                              json_pack("{s:I, s:i, s:s}", "meeting", (json_int_t)meeting->id,
                                        "pid", media_process_pid(meeting->mixer), "state",
                                        media_process_state_name(meeting->mixer)));
    }
    json_object_set_new(fields, "mixers", mixers);
}
