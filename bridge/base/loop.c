#include "bridge/base/loop.h"

#include <glib-unix.h>
#include <signal.h>

#include "bridge/base/clock.h"

struct LoopWatch {
    GSource source; /* GLib allocates and counts it. */
    gpointer fd_tag;
    int fd;
    int64_t period_us;
    int64_t next_us;
    LoopFdFunc on_fd;
    LoopTimerFunc on_timer;
    void *data;
};

static GMainLoop *running;

static gboolean dispatch(GSource *source, GSourceFunc ignored, gpointer unused)
{
    LoopWatch *watch = (LoopWatch *)source;
    if (watch->on_fd != NULL) {
        watch->on_fd(watch->fd, g_source_query_unix_fd(source, watch->fd_tag), watch->data);
        return G_SOURCE_CONTINUE;
    }
    int64_t now_us = clock_now_us();
    if (watch->period_us > 0) {
        watch->next_us +=
            watch->period_us * (1 + MAX(0, now_us - watch->next_us) / watch->period_us);
        g_source_set_ready_time(source, watch->next_us);
    } else {
        g_source_set_ready_time(source, -1);
    }
    watch->on_timer(watch->data);
    return G_SOURCE_CONTINUE;
}

static GSourceFuncs functions = {.dispatch = dispatch};

static LoopWatch *watch_new(void *data)
{
    LoopWatch *watch = (LoopWatch *)g_source_new(&functions, sizeof(LoopWatch));
    watch->data = data;
    return watch;
}

LoopWatch *loop_watch(int fd, GIOCondition condition, LoopFdFunc call, void *data)
{
    LoopWatch *watch = watch_new(data);
    watch->fd = fd;
    watch->on_fd = call;
    watch->fd_tag = g_source_add_unix_fd(&watch->source, fd, condition | G_IO_ERR | G_IO_HUP);
    g_source_attach(&watch->source, NULL);
    return watch;
}

void loop_watch_set(LoopWatch *watch, GIOCondition condition)
{
    g_source_modify_unix_fd(&watch->source, watch->fd_tag, condition | G_IO_ERR | G_IO_HUP);
}

static LoopWatch *timer_new(int64_t first_us, int64_t period_us, LoopTimerFunc call, void *data)
{
    LoopWatch *watch = watch_new(data);
    watch->on_timer = call;
    watch->period_us = period_us;
    watch->next_us = first_us;
    g_source_set_ready_time(&watch->source, first_us);
    g_source_attach(&watch->source, NULL);
    return watch;
}

LoopWatch *loop_after(int64_t delay_us, LoopTimerFunc call, void *data)
{
    return timer_new(clock_now_us() + delay_us, 0, call, data);
}

LoopWatch *loop_every(int64_t period_us, LoopTimerFunc call, void *data)
{
    return timer_new(clock_now_us() + period_us, period_us, call, data);
}

void loop_timer_set(LoopWatch *timer, int64_t at_us)
{
    timer->next_us = at_us;
    g_source_set_ready_time(&timer->source, at_us);
}

void loop_drop(LoopWatch **watch)
{
    if (*watch == NULL) {
        return;
    }
    LoopWatch *dropped = g_steal_pointer(watch);
    g_source_destroy(&dropped->source);
    g_source_unref(&dropped->source);
}

static gboolean on_signal(gpointer data)
{
    loop_stop();
    return G_SOURCE_CONTINUE;
}

void loop_run(void)
{
    signal(SIGPIPE, SIG_IGN);
    running = g_main_loop_new(NULL, FALSE);
    guint term = g_unix_signal_add(SIGTERM, on_signal, NULL);
    guint interrupt = g_unix_signal_add(SIGINT, on_signal, NULL);
    g_main_loop_run(running);
    g_source_remove(term);
    g_source_remove(interrupt);
    g_clear_pointer(&running, g_main_loop_unref);
}

void loop_stop(void)
{
    if (running != NULL) {
        g_main_loop_quit(running);
    }
}
