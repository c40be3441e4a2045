#include "bridge/base/control.h"

#include <jansson.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bridge/base/channel.h"
#include "bridge/base/clock.h"
#include "bridge/base/fields.h"
#include "bridge/base/log.h"
#include "bridge/base/loop.h"

#define ORPHAN_US (10 * 60 * CLOCK_US_PER_S)

struct Control {
    char *path;
    const ControlOp *ops;
    void *owner;
    void (*on_orphaned)(void *owner);
    int64_t orphan_us;
    int listen_fd;
    LoopWatch *accept_watch;
    LoopWatch *orphan_timer;
    Channel *claim; /* The one server's connection, or NULL. */
};

static const ControlOp *find_op(const Control *control, const char *name)
{
    for (const ControlOp *op = control->ops; op->name != NULL; op++) {
        if (strcmp(op->name, name) == 0) {
            return op;
        }
    }
    return NULL;
}

static json_t *problem_to_json(const Problem *problem)
{
    return json_pack("{s:s, s:s, s:s}", "code", problem->code, "field", problem->field, "message",
                     problem->message);
}

static json_t *run(Control *control, json_t *request, Problem *problem)
{
    const char *name;
    if (!field_string(request, "op", 1, 64, &name, problem)) {
        return NULL;
    }
    const ControlOp *op = find_op(control, name);
    if (op == NULL) {
        problem_set(problem, "unknown_type", "op", "no operation \"%s\"", name);
        return NULL;
    }
    return op->handle(control->owner, request, problem);
}

static void on_message(Channel *channel, json_t *request, void *data)
{
    Control *control = data;
    Problem problem = {0};
    int64_t id = -1;
    json_t *ok = NULL;
    if (field_int(request, "id", 0, INT64_MAX, &id, &problem)) {
        ok = run(control, request, &problem);
    }
    json_t *answer = json_pack("{s:I}", "id", (json_int_t)id);
    if (ok != NULL) {
        json_object_set_new(answer, "ok", ok);
    } else {
        json_object_set_new(answer, "error", problem_to_json(&problem));
    }
    channel_send(channel, answer);
}

static void on_orphan_timer(void *data)
{
    Control *control = data;
    log_warning("control.orphaned", "unclaimed_s=%" G_GINT64_FORMAT,
                control->orphan_us / CLOCK_US_PER_S);
    control->on_orphaned(control->owner);
}

static void await_claim(Control *control)
{
    loop_timer_set(control->orphan_timer, clock_now_us() + control->orphan_us);
}

static void on_closed(Channel *channel, const char *reason, void *data)
{
    Control *control = data;
    log_info("control.released", "reason=\"%s\"", reason);
    g_clear_pointer(&control->claim, channel_free);
    await_claim(control);
}

static const ChannelHandlers handlers = {.on_message = on_message, .on_closed = on_closed};

static void refuse(int fd)
{
    static const char line[] = "{\"event\":\"refused\",\"reason\":\"claimed\"}\n";
    ssize_t sent = send(fd, line, sizeof line - 1, MSG_NOSIGNAL | MSG_DONTWAIT);
    (void)sent;
    close(fd);
}

static void on_connection(int listen_fd, GIOCondition condition, void *data)
{
    Control *control = data;
    int fd = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0) {
        return;
    }
    if (control->claim != NULL) {
        refuse(fd);
        return;
    }
    control->claim = channel_new(fd, &handlers, control);
    loop_timer_set(control->orphan_timer, -1);
    log_info("control.claimed", "path=%s", control->path);
}

Control *control_new(const ControlOptions *options, GError **error)
{
    int fd = channel_listen_fd(options->path, SOCK_STREAM, error);
    if (fd < 0) {
        return NULL;
    }
    Control *control = g_new0(Control, 1);
    control->path = g_strdup(options->path);
    control->ops = options->ops;
    control->owner = options->owner;
    control->on_orphaned = options->on_orphaned;
    control->orphan_us = options->orphan_us > 0 ? options->orphan_us : ORPHAN_US;
    control->listen_fd = fd;
    control->accept_watch = loop_watch(fd, G_IO_IN, on_connection, control);
    control->orphan_timer = loop_after(control->orphan_us, on_orphan_timer, control);
    return control;
}

void control_free(Control *control)
{
    if (control == NULL) {
        return;
    }
    loop_drop(&control->accept_watch);
    loop_drop(&control->orphan_timer);
    channel_free(control->claim);
    close(control->listen_fd);
    unlink(control->path);
    g_free(control->path);
    g_free(control);
}

bool control_is_claimed(const Control *control)
{
    return control->claim != NULL;
}

void control_emit(Control *control, const char *event, json_t *fields)
{
    if (control->claim == NULL) {
        json_decref(fields);
        return;
    }
    json_object_set_new(fields, "event", json_string(event));
    channel_send(control->claim, fields);
}
