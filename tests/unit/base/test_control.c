#include <criterion/criterion.h>
#include <glib/gstdio.h>
#include <jansson.h>
#include <string.h>

#include "bridge/base/clock.h"
#include "bridge/base/control.h"
#include "bridge/base/control_client.h"
#include "bridge/base/fields.h"
#include "bridge/base/loop.h"

typedef struct Stage {
    char *directory;
    char *path;
    Control *control;
    ControlClient *client;
    LoopWatch *guard;
    int replies;
    char text[64];
    char code[24];
    char event[32];
    char closed[64];
    bool orphaned;
} Stage;

static json_t *echo(void *owner, json_t *request, Problem *problem)
{
    const char *text;
    if (!field_string(request, "text", 1, 32, &text, problem)) {
        return NULL;
    }
    return json_pack("{s:s}", "text", text);
}

static const ControlOp ops[] = {{"echo", echo}, {NULL, NULL}};

static void on_orphaned(void *owner)
{
    ((Stage *)owner)->orphaned = true;
    loop_stop();
}

static void on_event(ControlClient *client, const char *event, json_t *fields, void *data)
{
    g_strlcpy(((Stage *)data)->event, event, sizeof((Stage *)data)->event);
    loop_stop();
}

static void on_closed(ControlClient *client, const char *reason, void *data)
{
    g_strlcpy(((Stage *)data)->closed, reason, sizeof((Stage *)data)->closed);
    loop_stop();
}

static const ControlClientHandlers handlers = {.on_event = on_event, .on_closed = on_closed};

static void on_reply(json_t *ok, const Problem *problem, void *data)
{
    Stage *stage = data;
    stage->replies++;
    if (ok != NULL) {
        g_strlcpy(stage->text, json_string_value(json_object_get(ok, "text")), sizeof stage->text);
    } else {
        g_strlcpy(stage->code, problem->code, sizeof stage->code);
    }
    loop_stop();
}

static void on_guard(void *data)
{
    cr_assert_fail("nothing happened for 5 seconds");
}

static Stage *stage_new(int64_t orphan_us)
{
    Stage *stage = g_new0(Stage, 1);
    stage->directory = g_dir_make_tmp("control-XXXXXX", NULL);
    stage->path = g_build_filename(stage->directory, "x.sock", NULL);
    ControlOptions options = {.path = stage->path,
                              .ops = ops,
                              .owner = stage,
                              .orphan_us = orphan_us,
                              .on_orphaned = on_orphaned};
    stage->control = control_new(&options, NULL);
    stage->guard = loop_after(5 * CLOCK_US_PER_S, on_guard, NULL);
    return stage;
}

static void stage_free(Stage *stage)
{
    control_client_free(stage->client);
    control_free(stage->control);
    loop_drop(&stage->guard);
    g_rmdir(stage->directory);
    g_free(stage->directory);
    g_free(stage->path);
    g_free(stage);
}

Test(control, answers_a_request_by_its_table)
{
    Stage *stage = stage_new(0);
    stage->client = control_client_connect(stage->path, &handlers, stage, NULL);
    control_client_call(stage->client, "echo", json_pack("{s:s}", "text", "chào"), on_reply, stage);
    cr_assert_eq(stage->replies, 0, "never before it returns");
    loop_run();
    cr_assert_str_eq(stage->text, "chào");
    cr_assert(control_is_claimed(stage->control));
    stage_free(stage);
}

Test(control, refuses_an_unknown_operation_and_a_bad_field)
{
    Stage *stage = stage_new(0);
    stage->client = control_client_connect(stage->path, &handlers, stage, NULL);
    control_client_call(stage->client, "fly", json_object(), on_reply, stage);
    loop_run();
    cr_assert_str_eq(stage->code, "unknown_type");
    control_client_call(stage->client, "echo", json_object(), on_reply, stage);
    loop_run();
    cr_assert_str_eq(stage->code, "bad_field");
    stage_free(stage);
}

Test(control, lets_only_one_server_claim_it)
{
    Stage *stage = stage_new(0);
    stage->client = control_client_connect(stage->path, &handlers, stage, NULL);
    control_client_call(stage->client, "echo", json_pack("{s:s}", "text", "a"), on_reply, stage);
    loop_run();
    Stage second = {0};
    second.client = control_client_connect(stage->path, &handlers, &second, NULL);
    loop_run();
    cr_assert_str_eq(second.event, "refused");
    loop_run();
    cr_assert_neq(second.closed[0], '\0');
    control_client_free(second.client);
    control_client_call(stage->client, "echo", json_pack("{s:s}", "text", "b"), on_reply, stage);
    loop_run();
    cr_assert_str_eq(stage->text, "b", "the first one keeps it");
    stage_free(stage);
}

Test(control, tells_events_to_its_server)
{
    Stage *stage = stage_new(0);
    stage->client = control_client_connect(stage->path, &handlers, stage, NULL);
    control_client_call(stage->client, "echo", json_pack("{s:s}", "text", "a"), on_reply, stage);
    loop_run();
    control_emit(stage->control, "rain", json_object());
    loop_run();
    cr_assert_str_eq(stage->event, "rain");
    stage_free(stage);
}

Test(control, a_process_nobody_claims_is_orphaned)
{
    Stage *stage = stage_new(20 * CLOCK_US_PER_MS);
    loop_run();
    cr_assert(stage->orphaned);
    stage_free(stage);
}

Test(control, outstanding_requests_are_answered_when_the_process_dies)
{
    Stage *stage = stage_new(0);
    stage->client = control_client_connect(stage->path, &handlers, stage, NULL);
    control_client_call(stage->client, "echo", json_pack("{s:s}", "text", "a"), on_reply, stage);
    g_clear_pointer(&stage->control, control_free);
    loop_run();
    cr_assert_eq(stage->replies, 1);
    cr_assert_str_eq(stage->code, "unavailable");
    stage_free(stage);
}

Test(control, two_processes_cannot_listen_on_one_path)
{
    Stage *stage = stage_new(0);
    ControlOptions options = {.path = stage->path, .ops = ops, .owner = stage};
    GError *error = NULL;
    cr_assert_null(control_new(&options, &error));
    cr_assert_not_null(strstr(error->message, stage->path));
    g_error_free(error);
    stage_free(stage);
}
