#include "signalling/media_process.h"

#include <errno.h>
#include <jansson.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bridge/base/clock.h"
#include "bridge/base/log.h"
#include "bridge/base/loop.h"

/* A process that has just been started listens within a few tens of milliseconds. */
#define CONNECT_RETRY_US (20 * CLOCK_US_PER_MS)
#define CONNECT_GIVE_UP_US (10 * CLOCK_US_PER_S)
/* Noticed within 2 s: a probe each 400 ms, hung after 1.2 s without an answer. */
#define PROBE_US (400 * CLOCK_US_PER_MS)
#define HUNG_US (1200 * CLOCK_US_PER_MS)
/* A process that is ready to run but has no processor is late, not hung: it gets more time. */
#define STARVED_US (6 * CLOCK_US_PER_S)
/* The first restart is at once; one that dies young again waits longer each time. */
#define BACKOFF_FIRST_US (100 * CLOCK_US_PER_MS)
#define BACKOFF_MAX_US (5 * CLOCK_US_PER_S)
#define YOUNG_US (3 * CLOCK_US_PER_S)
#define STOP_GRACE_US (2 * CLOCK_US_PER_S)

struct MediaProcess {
    char *name;
    char *socket_path;
    char **argv;
    MediaProcessHandlers handlers;
    void *data;
    ProcessState state;
    ControlClient *client;
    LoopWatch *timer; /* The next step: connect, start, or probe. */
    LoopWatch *exit_watch;
    int exit_fd; /* pidfd, -1: none */
    pid_t pid;
    bool is_child;
    int64_t started_us;
    int64_t answered_us;
    int64_t backoff_us;
};

static void on_step(void *data);

static void step_after(MediaProcess *process, int64_t delay_us)
{
    loop_timer_set(process->timer, clock_now_us() + delay_us);
}

/* A process that was told to end, until it has. */
typedef struct Stopping {
    pid_t pid;
    int exit_fd;
    bool is_child;
    LoopWatch *exit_watch;
    LoopWatch *timer;
} Stopping;

static void on_stopped(int fd, GIOCondition condition, void *data)
{
    Stopping *stopping = data;
    if (stopping->is_child) {
        waitpid(stopping->pid, NULL, WNOHANG);
    }
    loop_drop(&stopping->exit_watch);
    loop_drop(&stopping->timer);
    close(stopping->exit_fd);
    g_free(stopping);
}

static void on_stop_grace_over(void *data)
{
    kill(((Stopping *)data)->pid, SIGKILL);
}

/* Signals the process and sees it to its end without waiting for it. */
static void retire(MediaProcess *process, int signal_number)
{
    kill(process->pid, signal_number);
    loop_drop(&process->exit_watch);
    if (process->exit_fd >= 0) {
        Stopping *stopping = g_new0(Stopping, 1);
        *stopping = (Stopping){
            .pid = process->pid, .exit_fd = process->exit_fd, .is_child = process->is_child};
        stopping->exit_watch = loop_watch(stopping->exit_fd, G_IO_IN, on_stopped, stopping);
        stopping->timer = loop_after(STOP_GRACE_US, on_stop_grace_over, stopping);
    }
    process->exit_fd = -1;
    process->pid = 0;
}

static void forget_pid(MediaProcess *process)
{
    loop_drop(&process->exit_watch);
    if (process->exit_fd >= 0) {
        close(process->exit_fd);
        process->exit_fd = -1;
    }
    process->pid = 0;
    process->is_child = false;
}

static void go_down(MediaProcess *process)
{
    g_clear_pointer(&process->client, control_client_free);
    if (process->pid > 0) {
        retire(process, SIGKILL); /* Hung, or its control door is broken. */
    }
    forget_pid(process);
    bool young = clock_now_us() - process->started_us < YOUNG_US;
    process->backoff_us =
        !young ? 0 : CLAMP(process->backoff_us * 2, BACKOFF_FIRST_US, BACKOFF_MAX_US);
    bool was_up = process->state == PROCESS_UP;
    process->state = PROCESS_DOWN;
    step_after(process, process->backoff_us);
    if (was_up) {
        process->handlers.on_down(process->data);
    }
}

static void on_exit_fd(int fd, GIOCondition condition, void *data)
{
    MediaProcess *process = data;
    int status = 0;
    if (process->is_child) {
        waitpid(process->pid, &status, WNOHANG);
    }
    log_warning("process.died", "process=\"%s\" pid=%d signal=%d exit=%d", process->name,
                (int)process->pid, WIFSIGNALED(status) ? WTERMSIG(status) : 0,
                WIFEXITED(status) ? WEXITSTATUS(status) : 0);
    loop_drop(&process->exit_watch);
    process->pid = 0;
    go_down(process);
}

static void watch_pid(MediaProcess *process, pid_t pid, bool is_child)
{
    process->pid = pid;
    process->is_child = is_child;
    process->exit_fd = (int)syscall(SYS_pidfd_open, pid, 0);
    if (process->exit_fd >= 0) {
        process->exit_watch = loop_watch(process->exit_fd, G_IO_IN, on_exit_fd, process);
    }
}

static void leave_session(gpointer data)
{
    setsid(); /* A signal to the server's terminal or group is not for the media. */
}

static void start(MediaProcess *process)
{
    g_autoptr(GError) error = NULL;
    GPid pid;
    process->started_us = clock_now_us();
    process->state = PROCESS_STARTING;
    if (!g_spawn_async(NULL, process->argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, leave_session, NULL,
                       &pid, &error)) {
        log_error("process.not_started", "process=\"%s\" error=\"%s\"", process->name,
                  error->message);
        go_down(process);
        return;
    }
    log_info("process.started", "process=\"%s\" pid=%d", process->name, (int)pid);
    watch_pid(process, pid, true);
    step_after(process, CONNECT_RETRY_US);
}

static void on_hello(json_t *ok, const Problem *problem, void *data)
{
    MediaProcess *process = data;
    if (ok == NULL) {
        return; /* The connection ended; on_closed goes on. */
    }
    process->answered_us = clock_now_us();
    if (process->state == PROCESS_UP) {
        return;
    }
    pid_t pid = (pid_t)json_integer_value(json_object_get(ok, "pid"));
    if (process->pid == 0 && pid > 0) {
        watch_pid(process, pid, false);
        log_info("process.adopted", "process=\"%s\" pid=%d", process->name, (int)pid);
    }
    process->state = PROCESS_UP;
    step_after(process, PROBE_US);
    process->handlers.on_up(ok, process->data);
}

static void on_event(ControlClient *client, const char *event, json_t *fields, void *data)
{
    MediaProcess *process = data;
    if (process->state == PROCESS_UP) {
        process->handlers.on_event(event, fields, process->data);
    }
}

static void on_closed(ControlClient *client, const char *reason, void *data)
{
    MediaProcess *process = data;
    if (process->client != client) {
        return;
    }
    log_warning("process.control_lost", "process=\"%s\" reason=\"%s\"", process->name, reason);
    go_down(process);
}

static const ControlClientHandlers client_handlers = {.on_event = on_event, .on_closed = on_closed};

static bool try_connect(MediaProcess *process)
{
    process->client = control_client_connect(process->socket_path, &client_handlers, process, NULL);
    if (process->client == NULL) {
        return false;
    }
    process->answered_us = clock_now_us();
    control_client_call(process->client, "hello", json_object(), on_hello, process);
    step_after(process, PROBE_US);
    return true;
}

/* The scheduler's state of its main thread: "R" is running or waiting for a processor. */
static bool is_runnable(pid_t pid)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/stat", (int)pid);
    g_autofree char *text = NULL;
    const char *state = g_file_get_contents(path, &text, NULL, NULL) ? strrchr(text, ')') : NULL;
    return state != NULL && g_str_has_prefix(state, ") R");
}

static bool is_hung(const MediaProcess *process, int64_t silent_us)
{
    return silent_us > STARVED_US || (silent_us > HUNG_US && !is_runnable(process->pid));
}

static void probe(MediaProcess *process)
{
    int64_t silent_us = clock_now_us() - process->answered_us;
    if (is_hung(process, silent_us)) {
        log_error("process.hung", "process=\"%s\" pid=%d silent_ms=%" G_GINT64_FORMAT,
                  process->name, (int)process->pid, silent_us / CLOCK_US_PER_MS);
        go_down(process);
        return;
    }
    control_client_call(process->client, "hello", json_object(), on_hello, process);
    step_after(process, PROBE_US);
}

static void on_step(void *data)
{
    MediaProcess *process = data;
    if (process->client != NULL) {
        probe(process);
    } else if (try_connect(process)) {
        return;
    } else if (process->pid == 0) {
        start(process);
    } else if (clock_now_us() - process->started_us > CONNECT_GIVE_UP_US) {
        log_error("process.not_listening", "process=\"%s\" pid=%d", process->name,
                  (int)process->pid);
        go_down(process);
    } else {
        step_after(process, CONNECT_RETRY_US);
    }
}

MediaProcess *media_process_new(const MediaProcessOptions *options)
{
    MediaProcess *process = g_new0(MediaProcess, 1);
    process->name = g_strdup(options->name);
    process->socket_path = g_strdup(options->socket_path);
    process->argv = g_strdupv((char **)options->argv);
    process->handlers = *options->handlers;
    process->data = options->data;
    process->state = PROCESS_STARTING;
    process->exit_fd = -1;
    process->timer = loop_after(0, on_step, process);
    return process;
}

void media_process_release(MediaProcess *process)
{
    if (process == NULL) {
        return;
    }
    control_client_free(g_steal_pointer(&process->client));
    loop_drop(&process->timer);
    forget_pid(process);
    g_strfreev(process->argv);
    g_free(process->socket_path);
    g_free(process->name);
    g_free(process);
}

void media_process_stop(MediaProcess *process)
{
    if (process == NULL) {
        return;
    }
    if (process->pid > 0) {
        retire(process, SIGTERM);
    }
    media_process_release(process);
}

ProcessState media_process_state(const MediaProcess *process)
{
    return process->state;
}

const char *media_process_state_name(const MediaProcess *process)
{
    static const char *const names[] = {"starting", "up", "down"};
    return names[process->state];
}

int media_process_pid(const MediaProcess *process)
{
    return (int)process->pid;
}

typedef struct Refusal {
    ControlReply reply;
    void *data;
} Refusal;

static gboolean refuse(gpointer data)
{
    g_autofree Refusal *refusal = data;
    Problem problem;
    problem_set(&problem, "unavailable", "", "the media process is restarting; try again");
    refusal->reply(NULL, &problem, refusal->data);
    return G_SOURCE_REMOVE;
}

void media_process_call(MediaProcess *process, const char *op, json_t *request, ControlReply reply,
                        void *data)
{
    if (process->state == PROCESS_UP && process->client != NULL) {
        control_client_call(process->client, op, request, reply, data);
        return;
    }
    json_decref(request);
    if (reply != NULL) {
        Refusal *refusal = g_new(Refusal, 1);
        *refusal = (Refusal){.reply = reply, .data = data};
        g_idle_add(refuse, refusal);
    }
}
