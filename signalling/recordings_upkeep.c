/* Recordings from start to end of the server: what is taken up, looked at, swept and deleted. */
#include <errno.h>
#include <glib/gstdio.h>
#include <jansson.h>
#include <string.h>

#include "bridge/base/clock.h"
#include "bridge/base/log.h"
#include "signalling/audit.h"
#include "signalling/config.h"
#include "signalling/meetings_internal.h"
#include "signalling/recording_join.h"
#include "signalling/recording_records.h"
#include "signalling/recordings_internal.h"

#define DAY_MS (INT64_C(24) * 3600 * 1000)
#define TICK_US CLOCK_US_PER_S
#define SWEEP_US (INT64_C(3600) * CLOCK_US_PER_S)

/* ---- deleting ---- */

/* Under another name first: what has that name is swept at the next start. Unlinking gigabytes
 * takes a while, so somebody else does it. */
static void delete_files(const Recordings *recordings, int64_t id)
{
    g_autofree char *directory = recordings_directory(recordings, id);
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

static void on_tick(void *data)
{
    Recordings *recordings = data;
    for (guint i = 0; i < recordings->all->len; i++) {
        Recording *recording = g_ptr_array_index(recordings->all, i);
        if (recording->state == RECORDING_ON) {
            recordings_judge(recordings, recording);
        }
    }
}

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
        recordings_tell(recordings, recording);
        return;
    }
    if (recording->state == RECORDING_ON) {
        recordings_end(recordings, recording, meeting != NULL ? "restart" : "closed");
        bool is_next = meeting != NULL && meeting_find_view(meeting, recording->view) != NULL &&
                       recordings_make_place(recordings, recordings->last_id + 1, &problem);
        if (is_next) {
            recording_records_add(
                recordings->server->store,
                recordings_begin(recordings, meeting, recording->view, recording->started_by), NULL,
                NULL);
        }
    }
    if (recording->state == RECORDING_FINISHING) {
        recordings_finish(recordings, recording);
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
