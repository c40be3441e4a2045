#include "signalling/recordings.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <jansson.h>
#include <string.h>
#include <sys/statvfs.h>

#include "bridge/base/clock.h"
#include "bridge/base/log.h"
#include "signalling/audit.h"
#include "signalling/config.h"
#include "signalling/meetings_internal.h"
#include "signalling/recording_join.h"
#include "signalling/recording_records.h"

#define MIB (INT64_C(1024) * 1024)
#define DAY_MS (INT64_C(24) * 3600 * 1000)
#define TICK_US CLOCK_US_PER_S
#define SWEEP_US (INT64_C(3600) * CLOCK_US_PER_S)
/* As the mixer does: to begin there must be so much more than the reserve, a part of it. */
#define RESTART_PART 8

struct Recordings {
    Server *server;
    GPtrArray *all;    /* Recording, by id */
    GHashTable *joins; /* id → RecordingJoin, borrowed from its process */
    char boot[RECORDING_BOOT_BYTES];
    int64_t last_id;
    int64_t alarms; /* since the start */
    int64_t bytes;
    LoopWatch *tick;
    LoopWatch *sweep;
};

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

static char *directory_of(const Recordings *recordings, int64_t id)
{
    g_autofree char *name = g_strdup_printf("%" G_GINT64_FORMAT, id);
    return g_build_filename(recordings->server->config->recording_dir, name, NULL);
}

char *recordings_path(const Recordings *recordings, const Recording *recording)
{
    g_autofree char *directory = directory_of(recordings, recording->id);
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

static void tell(Recordings *recordings, const Recording *recording)
{
    Meeting *meeting = meetings_find(recordings->server->meetings, recording->meeting);
    if (meeting != NULL) {
        json_decref(meeting->recordings);
        meeting->recordings = recordings_to_json(recordings, meeting->id, true);
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
    tell(recordings, recording);
    log_info("recording.finished",
             "meeting=%" G_GINT64_FORMAT " recording=%" G_GINT64_FORMAT
             " state=%s bytes=%" G_GINT64_FORMAT " duration_ms=%" G_GINT64_FORMAT,
             recording->meeting, id, recording_state_name(recording->state), recording->bytes,
             recording->duration_ms);
}

static void finish(Recordings *recordings, Recording *recording)
{
    g_autofree char *directory = directory_of(recordings, recording->id);
    RecordingJoin *join = recording_join_start(recordings->server->config, recording->id, directory,
                                               on_joined, recordings);
    g_hash_table_insert(recordings->joins, g_memdup2(&recording->id, sizeof recording->id), join);
}

static void end(Recordings *recordings, Recording *recording, const char *reason)
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
    end(recordings, recording, reason);
    tell(recordings, recording);
    if (meeting != NULL) {
        media_push_program(recordings->server->meetings, meeting);
    }
    finish(recordings, recording);
}

void recordings_on_closed(Recordings *recordings, const Meeting *meeting)
{
    Recording *recording;
    while ((recording = find_on(recordings, meeting->id, -1)) != NULL) {
        end(recordings, recording, "closed");
        tell(recordings, recording);
        finish(recordings, recording);
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
    needed += needed / RESTART_PART;
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

static bool make_place(const Recordings *recordings, int64_t id, Problem *problem)
{
    g_autofree char *directory = directory_of(recordings, id);
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
static Recording *begin(Recordings *recordings, const Meeting *meeting, int view, const char *by)
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
    tell(recordings, recording);
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
               make_place(recordings, recordings->last_id + 1, &problem)) {
        Starting *starting = g_new(Starting, 1);
        *starting = (Starting){recordings, begin(recordings, meeting, view, by), request};
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
            g_autofree char *directory = directory_of(recordings, recording->id);
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

static void judge(Recordings *recordings, Recording *recording)
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
    tell(recordings, recording);
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
    judge(recordings, recording);
}

static void on_tick(void *data)
{
    Recordings *recordings = data;
    for (guint i = 0; i < recordings->all->len; i++) {
        Recording *recording = g_ptr_array_index(recordings->all, i);
        if (recording->state == RECORDING_ON) {
            judge(recordings, recording);
        }
    }
}

/* ---- deleting ---- */

/* Under another name first: what has that name is swept at the next start. Unlinking gigabytes
 * takes a while, so somebody else does it. */
static void delete_files(const Recordings *recordings, int64_t id)
{
    g_autofree char *directory = directory_of(recordings, id);
    g_autofree char *away = g_strconcat(directory, ".deleted", NULL);
    const char *const argv[] = {"rm", "-rf", "--", away, NULL};
    g_autoptr(GError) error = NULL;
    if (g_rename(directory, away) != 0 ||
        !g_spawn_async(NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, &error)) {
        log_warning("recording.not_deleted", "recording=%" G_GINT64_FORMAT " reason=\"%s\"", id,
                    error != NULL ? error->message : g_strerror(errno));
    }
}

static void sweep_deleted(const Recordings *recordings)
{
    const char *root = recordings->server->config->recording_dir;
    g_autoptr(GDir) directory = g_dir_open(root, 0, NULL);
    const char *name;
    while (directory != NULL && (name = g_dir_read_name(directory)) != NULL) {
        g_autofree char *id = g_strndup(name, strspn(name, "0123456789"));
        if (id[0] != '\0' && strcmp(name + strlen(id), ".deleted") == 0) {
            g_autofree char *path = g_build_filename(root, name, NULL);
            const char *const argv[] = {"rm", "-rf", "--", path, NULL};
            g_spawn_async(NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL);
        }
    }
}

static void remove_recording(Recordings *recordings, Recording *recording, const char *by)
{
    g_autofree char *object = g_strdup_printf("%" G_GINT64_FORMAT, recording->id);
    audit(recordings->server, by, "recording.delete", object, "ok");
    recording_records_remove(recordings->server->store, recording->id);
    delete_files(recordings, recording->id);
    clients_broadcast(recordings->server->clients,
                      json_pack("{s:s, s:I}", "type", "recording.removed", "recording",
                                (json_int_t)recording->id));
    g_ptr_array_remove(recordings->all, recording);
}

void recordings_delete(Recordings *recordings, Recording *recording, const char *by,
                       Request request)
{
    if (recording->state == RECORDING_ON || recording->state == RECORDING_FINISHING) {
        Problem problem;
        problem_set(&problem, "wrong_state", "recording", "recording: it has not ended yet");
        request_fail(recordings->server, request, &problem);
        return;
    }
    remove_recording(recordings, recording, by);
    request_ok(recordings->server, request, NULL);
}

static void on_sweep(void *data)
{
    Recordings *recordings = data;
    int64_t keep_ms = recordings->server->config->recording_keep_days * DAY_MS;
    int64_t now_ms = g_get_real_time() / 1000;
    for (guint i = recordings->all->len; keep_ms > 0 && i > 0; i--) {
        Recording *recording = g_ptr_array_index(recordings->all, i - 1);
        bool is_ended = recording->state == RECORDING_DONE || recording->state == RECORDING_FAILED;
        if (is_ended && now_ms - recording->ended_ms >= keep_ms) {
            remove_recording(recordings, recording, "keep_days");
        }
    }
}

/* ---- the start ---- */

static void read_boot(char ret_boot[RECORDING_BOOT_BYTES])
{
    g_autofree char *text = NULL;
    if (g_file_get_contents("/proc/sys/kernel/random/boot_id", &text, NULL, NULL)) {
        g_strlcpy(ret_boot, g_strchomp(text), RECORDING_BOOT_BYTES);
    }
}

/* After a restart of the server it goes on as it was; after one of the machine a new one begins,
 * since time has begun anew. */
static void take_up(Recordings *recordings, Recording *recording)
{
    Meeting *meeting = meetings_find(recordings->server->meetings, recording->meeting);
    Problem problem;
    if (recording->state == RECORDING_ON && meeting != NULL &&
        strcmp(recording->boot, recordings->boot) == 0) {
        recording->grown_us = clock_now_us();
        tell(recordings, recording);
        return;
    }
    if (recording->state == RECORDING_ON) {
        end(recordings, recording, meeting != NULL ? "restart" : "closed");
        bool is_next = meeting != NULL && meeting_find_view(meeting, recording->view) != NULL &&
                       make_place(recordings, recordings->last_id + 1, &problem);
        if (is_next) {
            recording_records_add(
                recordings->server->store,
                begin(recordings, meeting, recording->view, recording->started_by), NULL, NULL);
        }
    }
    if (recording->state == RECORDING_FINISHING) {
        finish(recordings, recording);
    }
}

Recordings *recordings_new(Server *server, GError **error)
{
    Recordings *recordings = g_new0(Recordings, 1);
    recordings->server = server;
    recordings->all = g_ptr_array_new_with_free_func(g_free);
    recordings->joins = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    read_boot(recordings->boot);
    if (!recording_records_load(server->store, recordings->all, &recordings->last_id, error)) {
        recordings_free(recordings);
        return NULL;
    }
    if (g_mkdir_with_parents(server->config->recording_dir, 0700) != 0) {
        g_set_error(error, G_FILE_ERROR, (gint)g_file_error_from_errno(errno),
                    "%s: %s; give recording.directory one of this user",
                    server->config->recording_dir, g_strerror(errno));
        recordings_free(recordings);
        return NULL;
    }
    for (guint i = 0, loaded = recordings->all->len; i < loaded; i++) {
        take_up(recordings, g_ptr_array_index(recordings->all, i));
    }
    sweep_deleted(recordings);
    recordings->tick = loop_every(TICK_US, on_tick, recordings);
    recordings->sweep = loop_every(SWEEP_US, on_sweep, recordings);
    on_sweep(recordings);
    return recordings;
}

void recordings_free(Recordings *recordings)
{
    if (recordings == NULL) {
        return;
    }
    loop_drop(&recordings->tick);
    loop_drop(&recordings->sweep);
    GHashTableIter at;
    gpointer join;
    g_hash_table_iter_init(&at, recordings->joins);
    while (g_hash_table_iter_next(&at, NULL, &join)) {
        recording_join_release(join);
    }
    g_hash_table_unref(recordings->joins);
    g_ptr_array_unref(recordings->all);
    g_free(recordings);
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
