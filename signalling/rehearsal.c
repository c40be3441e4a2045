#include "signalling/rehearsal.h"

#include <gio/gio.h>
#include <jansson.h>
#include <signal.h>
#include <string.h>

#include "bridge/base/log.h"
#include "signalling/client.h"
#include "signalling/config.h"
#include "signalling/meetings.h"

/* One line of the load test's progress; longer ones are cut. */
#define LINE_BYTES_MAX 300
/* Exit codes of the load test: every threshold kept, one missed, it could not be run. */
#define EXIT_PASS 0
#define EXIT_MISS 1

typedef enum RehearsalState {
    REHEARSAL_IDLE,
    REHEARSAL_RUNNING,
    REHEARSAL_DONE,   /* with a verdict and a report */
    REHEARSAL_FAILED, /* without */
} RehearsalState;

struct Rehearsal {
    Server *server;
    RehearsalState state;
    GSubprocess *child;
    GDataInputStream *progress;
    GCancellable *cancellable; /* of what the child still has under way */
    char *profile;
    int sites;
    int seconds;
    bool is_passed;
    char *line;    /* the latest of its progress */
    char *stopped; /* why it was told to end; NULL: it was not */
    char *out;     /* folder of the report */
    char *report;
};

static const char *const profiles[] = {"plenary", "wall", "storm", "churn", "lossy", NULL};

Rehearsal *rehearsal_new(Server *server)
{
    Rehearsal *rehearsal = g_new0(Rehearsal, 1);
    rehearsal->server = server;
    rehearsal->line = g_strdup("");
    rehearsal->out = g_build_filename(server->config->data_dir, "rehearsal", NULL);
    rehearsal->report = g_build_filename(rehearsal->out, "report.html", NULL);
    return rehearsal;
}

static void drop_child(Rehearsal *rehearsal)
{
    if (rehearsal->cancellable != NULL) {
        g_cancellable_cancel(rehearsal->cancellable);
    }
    g_clear_object(&rehearsal->cancellable);
    g_clear_object(&rehearsal->progress);
    g_clear_object(&rehearsal->child);
}

void rehearsal_free(Rehearsal *rehearsal)
{
    if (rehearsal == NULL) {
        return;
    }
    rehearsal_stop(rehearsal, "");
    drop_child(rehearsal);
    g_free(rehearsal->profile);
    g_free(rehearsal->line);
    g_free(rehearsal->stopped);
    g_free(rehearsal->out);
    g_free(rehearsal->report);
    g_free(rehearsal);
}

static const char *state_name(RehearsalState state)
{
    static const char *const names[] = {"idle", "running", "done", "failed"};
    return names[state];
}

json_t *rehearsal_to_json(const Rehearsal *rehearsal)
{
    bool is_done = rehearsal->state == REHEARSAL_DONE;
    return json_pack("{s:s, s:s?, s:i, s:i, s:s, s:o, s:s?, s:b}", "state",
                     state_name(rehearsal->state), "profile", rehearsal->profile, "sites",
                     rehearsal->sites, "seconds", rehearsal->seconds, "progress", rehearsal->line,
                     "pass", is_done ? json_boolean(rehearsal->is_passed) : json_null(), "stopped",
                     rehearsal->stopped, "report", rehearsal_report(rehearsal) != NULL);
}

static void tell(Rehearsal *rehearsal)
{
    json_t *event = rehearsal_to_json(rehearsal);
    json_object_set_new(event, "type", json_string("rehearsal"));
    clients_broadcast(rehearsal->server->clients, event);
}

const char *rehearsal_report(const Rehearsal *rehearsal)
{
    bool is_there = rehearsal->state != REHEARSAL_RUNNING &&
                    g_file_test(rehearsal->report, G_FILE_TEST_IS_REGULAR);
    return is_there ? rehearsal->report : NULL;
}

/* The child. */

static void read_line(Rehearsal *rehearsal);

static void on_line(GObject *stream, GAsyncResult *result, void *data)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *line = g_data_input_stream_read_line_finish_utf8(G_DATA_INPUT_STREAM(stream),
                                                                      result, NULL, &error);
    if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
        return; /* the rehearsal may be gone */
    }
    if (line == NULL) {
        return;
    }
    Rehearsal *rehearsal = data;
    if (g_strstrip(line)[0] != '\0') {
        g_free(rehearsal->line);
        rehearsal->line = g_utf8_make_valid(line, MIN((gssize)strlen(line), LINE_BYTES_MAX));
        tell(rehearsal);
    }
    read_line(rehearsal);
}

static void read_line(Rehearsal *rehearsal)
{
    g_data_input_stream_read_line_async(rehearsal->progress, G_PRIORITY_DEFAULT,
                                        rehearsal->cancellable, on_line, rehearsal);
}

static void on_ended(GObject *child, GAsyncResult *result, void *data)
{
    g_autoptr(GError) error = NULL;
    if (!g_subprocess_wait_finish(G_SUBPROCESS(child), result, &error)) {
        return; /* cancelled: the rehearsal may be gone */
    }
    Rehearsal *rehearsal = data;
    bool has_exited = g_subprocess_get_if_exited(G_SUBPROCESS(child));
    int status = has_exited ? g_subprocess_get_exit_status(G_SUBPROCESS(child)) : -1;
    bool is_judged = status == EXIT_PASS || status == EXIT_MISS;
    rehearsal->state = is_judged && rehearsal->stopped == NULL ? REHEARSAL_DONE : REHEARSAL_FAILED;
    rehearsal->is_passed = status == EXIT_PASS;
    log_info("rehearsal.ended", "profile=%s sites=%d status=%d", rehearsal->profile,
             rehearsal->sites, status);
    drop_child(rehearsal);
    tell(rehearsal);
}

static bool spawn(Rehearsal *rehearsal, const RehearsalPlan *plan, Problem *problem)
{
    const Config *config = rehearsal->server->config;
    g_autofree char *sites = g_strdup_printf("%d", plan->sites);
    g_autofree char *seconds = g_strdup_printf("%d", plan->seconds);
    const char *argv[] = {config->rehearsal_command,
                          "--profile",
                          plan->profile,
                          "--sites",
                          sites,
                          "--seconds",
                          seconds,
                          "--out",
                          rehearsal->out,
                          NULL};
    g_autoptr(GError) error = NULL;
    g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new(
        G_SUBPROCESS_FLAGS_STDERR_PIPE | G_SUBPROCESS_FLAGS_STDOUT_SILENCE);
    g_subprocess_launcher_setenv(launcher, "DIEMCAU_BIN", config->bin_dir, TRUE);
    rehearsal->child = g_subprocess_launcher_spawnv(launcher, argv, &error);
    if (rehearsal->child == NULL) {
        return problem_set(problem, "unavailable", "", "%s cannot be started: %s",
                           config->rehearsal_command, error->message);
    }
    rehearsal->cancellable = g_cancellable_new();
    rehearsal->progress = g_data_input_stream_new(g_subprocess_get_stderr_pipe(rehearsal->child));
    g_subprocess_wait_async(rehearsal->child, rehearsal->cancellable, on_ended, rehearsal);
    read_line(rehearsal);
    return true;
}

static bool may_start(const Rehearsal *rehearsal, const RehearsalPlan *plan, Problem *problem)
{
    const Server *server = rehearsal->server;
    if (!g_strv_contains(profiles, plan->profile)) {
        return problem_set(problem, "bad_field", "profile", "there is no profile \"%s\"",
                           plan->profile);
    }
    if (server->config->rehearsal_command[0] == '\0') {
        return problem_set(problem, "unavailable", "",
                           "this installation has no load test: set server.rehearsal_command");
    }
    if (rehearsal->state == REHEARSAL_RUNNING) {
        return problem_set(problem, "conflict", "", "a rehearsal is running");
    }
    if (meetings_count(server->meetings) > 0) {
        return problem_set(problem, "conflict", "",
                           "a meeting is open: a rehearsal would take its processor");
    }
    return true;
}

bool rehearsal_start(Rehearsal *rehearsal, const RehearsalPlan *plan, Problem *problem)
{
    if (!may_start(rehearsal, plan, problem) || !spawn(rehearsal, plan, problem)) {
        return false;
    }
    rehearsal->state = REHEARSAL_RUNNING;
    g_free(rehearsal->profile);
    rehearsal->profile = g_strdup(plan->profile);
    rehearsal->sites = plan->sites;
    rehearsal->seconds = plan->seconds;
    g_clear_pointer(&rehearsal->stopped, g_free);
    g_free(rehearsal->line);
    rehearsal->line = g_strdup("");
    log_info("rehearsal.started", "profile=%s sites=%d seconds=%d", plan->profile, plan->sites,
             plan->seconds);
    tell(rehearsal);
    return true;
}

void rehearsal_stop(Rehearsal *rehearsal, const char *reason)
{
    if (rehearsal->child != NULL && rehearsal->stopped == NULL) {
        rehearsal->stopped = g_strdup(reason);
        g_subprocess_send_signal(rehearsal->child, SIGTERM);
    }
}
