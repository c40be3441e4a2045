#include <criterion/criterion.h>
#include <glib/gstdio.h>
#include <jansson.h>
#include <signal.h>
#include <string.h>

#include "bridge/base/clock.h"
#include "bridge/base/loop.h"
#include "signalling/media_process.h"

typedef struct Stage {
    char *directory;
    char *path;
    MediaProcess *process;
    LoopWatch *guard;
    int ups;
    int downs;
    int pid;
    char code[24];
} Stage;

static void on_up(json_t *hello, void *data)
{
    Stage *stage = data;
    stage->ups++;
    stage->pid = (int)json_integer_value(json_object_get(hello, "pid"));
    loop_stop();
}

static void on_down(void *data)
{
    ((Stage *)data)->downs++;
    loop_stop();
}

static void on_event(const char *event, json_t *fields, void *data)
{
}

static const MediaProcessHandlers handlers = {on_up, on_down, on_event};

static void on_guard(void *data)
{
    cr_assert_fail("nothing happened for 8 seconds");
}

static void start(Stage *stage)
{
    const char *const argv[] = {CONTROL_PROCESS, stage->path, NULL};
    MediaProcessOptions options = {.name = "test",
                                   .socket_path = stage->path,
                                   .argv = argv,
                                   .handlers = &handlers,
                                   .data = stage};
    stage->process = media_process_new(&options);
}

static Stage *stage_new(void)
{
    Stage *stage = g_new0(Stage, 1);
    stage->directory = g_dir_make_tmp("process-XXXXXX", NULL);
    stage->path = g_build_filename(stage->directory, "x.sock", NULL);
    stage->guard = loop_after(8 * CLOCK_US_PER_S, on_guard, NULL);
    start(stage);
    loop_run();
    cr_assert_eq(stage->ups, 1);
    return stage;
}

static bool is_alive(int pid)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/stat", pid);
    g_autofree char *text = NULL;
    return g_file_get_contents(path, &text, NULL, NULL) && strstr(text, ") Z ") == NULL;
}

static void on_poll(void *data)
{
    if (!is_alive(*(int *)data)) {
        loop_stop();
    }
}

static void stage_free(Stage *stage)
{
    int pid = stage->pid;
    media_process_stop(stage->process);
    LoopWatch *poll = loop_every(10 * CLOCK_US_PER_MS, on_poll, &pid);
    loop_run();
    loop_drop(&poll);
    loop_drop(&stage->guard);
    g_rmdir(stage->directory);
    g_free(stage->directory);
    g_free(stage->path);
    g_free(stage);
}

Test(media_process, is_started_and_says_hello)
{
    Stage *stage = stage_new();
    cr_assert_eq(media_process_state(stage->process), PROCESS_UP);
    cr_assert_eq(media_process_pid(stage->process), stage->pid);
    stage_free(stage);
}

Test(media_process, is_started_again_when_it_is_killed)
{
    Stage *stage = stage_new();
    int first = stage->pid;
    kill(first, SIGKILL);
    loop_run();
    cr_assert_eq(stage->downs, 1);
    cr_assert_eq(media_process_state(stage->process), PROCESS_DOWN);
    loop_run();
    cr_assert_eq(stage->ups, 2);
    cr_assert_neq(stage->pid, first);
    stage_free(stage);
}

Test(media_process, is_killed_and_started_again_when_it_hangs)
{
    Stage *stage = stage_new();
    int first = stage->pid;
    int64_t stopped_us = clock_now_us();
    kill(first, SIGSTOP);
    loop_run();
    cr_assert_eq(stage->downs, 1);
    cr_assert_leq(clock_now_us() - stopped_us, 4 * CLOCK_US_PER_S);
    loop_run();
    cr_assert_eq(stage->ups, 2);
    cr_assert(!is_alive(first));
    stage_free(stage);
}

Test(media_process, outlives_the_server_and_is_adopted_by_the_next)
{
    Stage *stage = stage_new();
    int first = stage->pid;
    media_process_release(stage->process);
    cr_assert(is_alive(first));
    start(stage);
    loop_run();
    cr_assert_eq(stage->ups, 2);
    cr_assert_eq(stage->pid, first);
    kill(first, SIGKILL);
    loop_run();
    cr_assert_eq(stage->downs, 1, "the death of an adopted process is noticed too");
    loop_run();
    stage_free(stage);
}

static void on_reply(json_t *ok, const Problem *problem, void *data)
{
    g_strlcpy(((Stage *)data)->code, problem->code, sizeof((Stage *)data)->code);
    loop_stop();
}

Test(media_process, a_request_while_it_is_down_is_answered_unavailable)
{
    Stage *stage = stage_new();
    kill(stage->pid, SIGKILL);
    loop_run();
    media_process_call(stage->process, "hello", json_object(), on_reply, stage);
    cr_assert_eq(stage->code[0], '\0', "never before it returns");
    while (stage->code[0] == '\0') {
        loop_run();
    }
    cr_assert_str_eq(stage->code, "unavailable");
    while (media_process_state(stage->process) != PROCESS_UP) {
        loop_run();
    }
    stage_free(stage);
}
