#include "signalling/recording_join.h"

#include <gio/gio.h>
#include <jansson.h>

#include "bridge/base/log.h"
#include "signalling/config.h"

struct RecordingJoin {
    int64_t recording;
    RecordingJoined joined;
    void *data;
    GCancellable *cancellable;
    GSubprocess *child; /* NULL: it could not be started */
};

static void join_free(RecordingJoin *join)
{
    g_clear_object(&join->cancellable);
    g_clear_object(&join->child);
    g_free(join);
}

void recording_join_release(RecordingJoin *join)
{
    g_cancellable_cancel(join->cancellable);
}

static bool read_result(const char *text, RecordingJoinResult *ret_result)
{
    json_t *line = json_loads(text != NULL ? text : "", 0, NULL);
    ret_result->duration_ms = json_integer_value(json_object_get(line, "duration_ms"));
    ret_result->bytes = json_integer_value(json_object_get(line, "bytes"));
    ret_result->gap_ms = json_integer_value(json_object_get(line, "gap_ms"));
    bool is_read = line != NULL;
    json_decref(line);
    return is_read;
}

static void on_ended(GObject *child, GAsyncResult *result, void *data)
{
    RecordingJoin *join = data;
    RecordingJoinResult joined;
    g_autoptr(GError) error = NULL;
    g_autofree char *out = NULL;
    g_autofree char *problem = NULL;
    g_subprocess_communicate_utf8_finish(G_SUBPROCESS(child), result, &out, &problem, &error);
    if (!g_cancellable_is_cancelled(join->cancellable)) {
        bool is_done = error == NULL && g_subprocess_get_successful(G_SUBPROCESS(child)) &&
                       read_result(out, &joined);
        if (!is_done) {
            log_warning("recording.not_joined", "recording=%" G_GINT64_FORMAT " problem=\"%s\"",
                        join->recording, problem != NULL ? g_strchomp(problem) : "");
        }
        join->joined(join->recording, is_done ? &joined : NULL, join->data);
    }
    join_free(join);
}

static gboolean on_not_started(gpointer data)
{
    RecordingJoin *join = data;
    if (!g_cancellable_is_cancelled(join->cancellable)) {
        join->joined(join->recording, NULL, join->data);
    }
    join_free(join);
    return G_SOURCE_REMOVE;
}

RecordingJoin *recording_join_start(const Config *config, int64_t recording, const char *directory,
                                    RecordingJoined joined, void *data)
{
    RecordingJoin *join = g_new0(RecordingJoin, 1);
    g_autoptr(GError) error = NULL;
    g_autofree char *program = g_build_filename(config->bin_dir, "diemcau-join", NULL);
    join->recording = recording;
    join->joined = joined;
    join->data = data;
    join->cancellable = g_cancellable_new();
    join->child = g_subprocess_new(G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE,
                                   &error, program, directory, NULL);
    if (join->child == NULL) {
        log_error("recording.not_joined", "recording=%" G_GINT64_FORMAT " problem=\"%s\"",
                  recording, error->message);
        g_idle_add(on_not_started, join);
        return join;
    }
    g_subprocess_communicate_utf8_async(join->child, NULL, join->cancellable, on_ended, join);
    return join;
}
