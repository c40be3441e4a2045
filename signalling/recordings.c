#include "signalling/recordings_internal.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <jansson.h>
#include <sys/statvfs.h>

#include "bridge/base/clock.h"
#include "bridge/base/log.h"
#include "signalling/config.h"
#include "signalling/meetings_internal.h"
#include "signalling/recording_join.h"
#include "signalling/recording_records.h"

#define MIB (INT64_C(1024) * 1024)

/* ---- looking ---- */

Recording *recordings_find(Recordings *recordings, int64_t id)
{
    for (guint i = 0; i < recordings->all->len; i++) {
        Recording *recording = g_ptr_array_index(recordings->all, i);
        if (recording->id == id) {
            return recording;
        }
    }
    return NULL;
}

static Recording *find_on(Recordings *recordings, int64_t meeting, int view)
{
    for (guint i = 0; i < recordings->all->len; i++) {
        Recording *recording = g_ptr_array_index(recordings->all, i);
        if (recording->state == RECORDING_ON && recording->meeting == meeting &&
            (view < 0 || recording->view == view)) {
            return recording;
        }
    }
    return NULL;
}

bool recordings_is_on(Recordings *recordings, int64_t meeting)
{
    return find_on(recordings, meeting, -1) != NULL;
}

char *recordings_directory(const Recordings *recordings, int64_t id)
{
    g_autofree char *name = g_strdup_printf("%" G_GINT64_FORMAT, id);
    return g_build_filename(recordings->server->config->recording_dir, name, NULL);
}

char *recordings_path(const Recordings *recordings, const Recording *recording)
{
    g_autofree char *directory = recordings_directory(recordings, recording->id);
    return g_build_filename(directory, "recording.webm", NULL);
}

json_t *recordings_to_json(Recordings *recordings, int64_t meeting, bool only_on)
{
    json_t *list = json_array();
    for (guint i = recordings->all->len; i > 0; i--) {
        const Recording *recording = g_ptr_array_index(recordings->all, i - 1);
        if ((meeting == 0 || recording->meeting == meeting) &&
            (!only_on || recording->state == RECORDING_ON)) {
            json_array_append_new(list, recording_to_json(recording));
        }
    }
    return list;
}

/* ---- telling ---- */

/* Whoever is in the meeting with a device; pages see it in the meeting. */
static void tell_devices(Meetings *meetings, const Meeting *meeting)
{
    for (guint i = 0; i < meeting->seats->len; i++) {
        Client *client = media_seat_client(meetings, g_ptr_array_index(meeting->seats, i));
        if (client != NULL && client_role(client) == ROLE_DEVICE) {
            client_send(client, json_pack("{s:s, s:I, s:b}", "type", "recorded", "meeting",
                                          (json_int_t)meeting->id, "recorded",
                                          meeting_is_recorded(meeting)));
        }
    }
}

void recordings_tell(Recordings *recordings, const Recording *recording)
{
    Meeting *meeting = meetings_find(recordings->server->meetings, recording->meeting);
    if (meeting != NULL) {
        bool was_recorded = meeting_is_recorded(meeting);
        json_decref(meeting->recordings);
        meeting->recordings = recordings_to_json(recordings, meeting->id, true);
        if (meeting_is_recorded(meeting) != was_recorded) {
            tell_devices(recordings->server->meetings, meeting);
        }
        meeting->header_changed = true;
        meeting->program_changed = true;
    }
    clients_broadcast(
        recordings->server->clients,
        json_pack("{s:s, s:o}", "type", "recording", "recording", recording_to_json(recording)));
}

/* ---- finishing ---- */

static void on_joined(int64_t id, const RecordingJoinResult *result, void *data)
{
    Recordings *recordings = data;
    Recording *recording = recordings_find(recordings, id);
    g_hash_table_remove(recordings->joins, &id);
    if (recording == NULL) {
        return;
    }
    bool has_file = result != NULL && result->bytes > 0;
    recording->state = has_file ? RECORDING_DONE : RECORDING_FAILED;
    if (has_file) {
        recording->bytes = result->bytes;
        recording->duration_ms = result->duration_ms;
        recording->gap_ms = result->gap_ms;
    }
    recording_records_put(recordings->server->store, recording);
    recordings_tell(recordings, recording);
    log_info("recording.finished",
             "meeting=%" G_GINT64_FORMAT " recording=%" G_GINT64_FORMAT
             " state=%s bytes=%" G_GINT64_FORMAT " duration_ms=%" G_GINT64_FORMAT,
             recording->meeting, id, recording_state_name(recording->state), recording->bytes,
             recording->duration_ms);
}

void recordings_finish(Recordings *recordings, Recording *recording)
{
    g_autofree char *directory = recordings_directory(recordings, recording->id);
    RecordingJoin *join = recording_join_start(recordings->server->config, recording->id, directory,
                                               on_joined, recordings);
    g_hash_table_insert(recordings->joins, g_memdup2(&recording->id, sizeof recording->id), join);
}

void recordings_end(Recordings *recordings, Recording *recording, const char *reason)
{
    recording->state = RECORDING_FINISHING;
    recording->alarm = ALARM_NONE;
    recording->ended_ms = g_get_real_time() / 1000;
    g_strlcpy(recording->reason, reason, sizeof recording->reason);
    recording_records_put(recordings->server->store, recording);
    log_info("recording.ended",
             "meeting=%" G_GINT64_FORMAT " recording=%" G_GINT64_FORMAT " reason=%s",
             recording->meeting, recording->id, reason);
}

void recordings_stop(Recordings *recordings, Recording *recording, const char *reason)
{
    Meeting *meeting = meetings_find(recordings->server->meetings, recording->meeting);
    recordings_end(recordings, recording, reason);
    recordings_tell(recordings, recording);
    if (meeting != NULL) {
        media_push_program(recordings->server->meetings, meeting);
    }
    recordings_finish(recordings, recording);
}

void recordings_on_closed(Recordings *recordings, const Meeting *meeting)
{
    Recording *recording;
    while ((recording = find_on(recordings, meeting->id, -1)) != NULL) {
        recordings_end(recordings, recording, "closed");
        recordings_tell(recordings, recording);
        recordings_finish(recordings, recording);
    }
}

void recordings_on_views(Recordings *recordings, const Meeting *meeting)
{
    for (int view = 1; view < LIMIT_VIEWS; view++) {
        Recording *recording = find_on(recordings, meeting->id, view);
        if (recording != NULL && meeting_find_view(meeting, view) == NULL) {
            recordings_stop(recordings, recording, "view");
        }
    }
}

/* ---- beginning ---- */

static bool has_room(const Recordings *recordings, Problem *problem)
{
    struct statvfs disk;
    const Config *config = recordings->server->config;
    int64_t needed = config->recording_reserve_mib * MIB;
    needed += needed / LIMIT_RECORD_RESTART_PART;
    if (statvfs(config->recording_dir, &disk) != 0) {
        return problem_set(problem, "unavailable", "", "%s: %s", config->recording_dir,
                           g_strerror(errno));
    }
    int64_t free_bytes = (int64_t)(disk.f_bavail * disk.f_frsize);
    return free_bytes >= needed ||
           problem_set(problem, "limit", "",
                       "%" G_GINT64_FORMAT " MiB are free in %s, %" G_GINT64_FORMAT " are needed",
                       free_bytes / MIB, config->recording_dir, needed / MIB);
}

bool recordings_make_place(const Recordings *recordings, int64_t id, Problem *problem)
{
    g_autofree char *directory = recordings_directory(recordings, id);
    return g_mkdir_with_parents(directory, 0700) == 0 ||
           problem_set(problem, "unavailable", "", "%s: %s", directory, g_strerror(errno));
}

typedef struct Starting {
    Recordings *recordings;
    Recording *recording;
    Request request;
} Starting;

static void on_stored(json_t *rows, const Problem *problem, void *data)
{
    g_autofree Starting *starting = data;
    Recordings *recordings = starting->recordings;
    Recording *recording = starting->recording;
    if (problem != NULL) {
        g_ptr_array_remove(recordings->all, recording);
        request_fail(recordings->server, starting->request, problem);
        return;
    }
    json_int_t id = recording->id;
    request_ok(recordings->server, starting->request, json_pack("{s:I}", "recording", id));
}

/* It is on at once; who asked is answered when the store has it. */
Recording *recordings_begin(Recordings *recordings, const Meeting *meeting, int view,
                            const char *by)
{
    Recording *recording = g_new0(Recording, 1);
    recording->id = ++recordings->last_id;
    recording->meeting = meeting->id;
    recording->view = view;
    recording->started_ms = g_get_real_time() / 1000;
    recording->epoch_us = clock_now_us();
    recording->grown_us = recording->epoch_us;
    g_strlcpy(recording->boot, recordings->boot, sizeof recording->boot);
    g_strlcpy(recording->title, meeting->title, sizeof recording->title);
    g_strlcpy(recording->started_by, by, sizeof recording->started_by);
    g_ptr_array_add(recordings->all, recording);
    recordings_tell(recordings, recording);
    log_info("recording.started",
             "meeting=%" G_GINT64_FORMAT " recording=%" G_GINT64_FORMAT " view=%d", meeting->id,
             recording->id, view);
    return recording;
}

void recordings_start(Recordings *recordings, Meeting *meeting, int view, const char *by,
                      Request request)
{
    Problem problem;
    if (find_on(recordings, meeting->id, view) != NULL) {
        problem_set(&problem, "conflict", "view", "view: %d is recorded already", view);
    } else if (has_room(recordings, &problem) &&
               recordings_make_place(recordings, recordings->last_id + 1, &problem)) {
        Starting *starting = g_new(Starting, 1);
        *starting =
            (Starting){recordings, recordings_begin(recordings, meeting, view, by), request};
        recording_records_add(recordings->server->store, starting->recording, on_stored, starting);
        return;
    }
    request_fail(recordings->server, request, &problem);
}

/* ---- the mixer ---- */

void recordings_add_program(Recordings *recordings, const Meeting *meeting, json_t *program)
{
    json_t *list = json_array();
    int64_t reserve = recordings->server->config->recording_reserve_mib * MIB;
    for (guint i = 0; i < recordings->all->len; i++) {
        const Recording *recording = g_ptr_array_index(recordings->all, i);
        if (recording->state == RECORDING_ON && recording->meeting == meeting->id) {
            g_autofree char *directory = recordings_directory(recordings, recording->id);
            json_array_append_new(list, json_pack("{s:I, s:i, s:s, s:I, s:I}", "id",
                                                  (json_int_t)recording->id, "view",
                                                  recording->view, "directory", directory,
                                                  "epoch_us", (json_int_t)recording->epoch_us,
                                                  "reserve_bytes", (json_int_t)reserve));
        }
    }
    json_object_set_new(program, "recording_mark", json_boolean(json_array_size(list) > 0));
    json_object_set_new(program, "record", list);
}

void recordings_judge(Recordings *recordings, Recording *recording)
{
    if (!recording_judge(recording, clock_now_us())) {
        return;
    }
    json_t *object = recording_to_json(recording);
    const char *alarm = json_string_value(json_object_get(object, "alarm"));
    recordings->alarms += alarm != NULL;
    log_warning("recording.alarm",
                "meeting=%" G_GINT64_FORMAT " recording=%" G_GINT64_FORMAT " alarm=%s",
                recording->meeting, recording->id, alarm != NULL ? alarm : "none");
    json_decref(object);
    recordings_tell(recordings, recording);
}

void recordings_on_event(Recordings *recordings, Meeting *meeting, json_t *event)
{
    int64_t id = json_integer_value(json_object_get(event, "recording"));
    Recording *recording = recordings_find(recordings, id);
    if (recording == NULL || recording->meeting != meeting->id ||
        recording->state != RECORDING_ON) {
        return;
    }
    int64_t before = recording->bytes;
    recording_apply(recording, event, clock_now_us());
    recordings->bytes += recording->bytes - before;
    recordings_judge(recordings, recording);
}

void recordings_write_metrics(Recordings *recordings, GString *text)
{
    int on = 0;
    int in_alarm = 0;
    for (guint i = 0; i < recordings->all->len; i++) {
        const Recording *recording = g_ptr_array_index(recordings->all, i);
        on += recording->state == RECORDING_ON;
        in_alarm += recording->alarm != ALARM_NONE;
    }
    g_string_append_printf(text,
                           "# HELP diemcau_recordings Views that are recorded\n"
                           "# TYPE diemcau_recordings gauge\n"
                           "diemcau_recordings %d\n"
                           "# HELP diemcau_recordings_in_alarm Recordings whose bytes do not come\n"
                           "# TYPE diemcau_recordings_in_alarm gauge\n"
                           "diemcau_recordings_in_alarm %d\n"
                           "# HELP diemcau_recording_alarms_total Alarms of recordings\n"
                           "# TYPE diemcau_recording_alarms_total counter\n"
                           "diemcau_recording_alarms_total %" G_GINT64_FORMAT "\n"
                           "# HELP diemcau_recording_bytes_total Bytes recorded\n"
                           "# TYPE diemcau_recording_bytes_total counter\n"
                           "diemcau_recording_bytes_total %" G_GINT64_FORMAT "\n",
                           on, in_alarm, recordings->alarms, recordings->bytes);
}
