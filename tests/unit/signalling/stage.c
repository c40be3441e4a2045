#include "tests/unit/signalling/stage.h"

#include <criterion/criterion.h>
#include <glib/gstdio.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bridge/base/clock.h"
#include "signalling/invitations.h"
#include "signalling/meetings.h"
#include "signalling/readiness.h"
#include "signalling/rehearsal.h"
#include "signalling/schedule.h"
#include "signalling/store.h"
#include "signalling/supervisor.h"
#include "signalling/templates.h"

/* Longer than the server gathers changes. */
#define SETTLE_US (120 * CLOCK_US_PER_MS)

static const char *const programs[] = {"diemcau-relay", "diemcau-mixer"};

static uint16_t free_udp_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    cr_assert_eq(bind(fd, (struct sockaddr *)&address, size), 0);
    getsockname(fd, (struct sockaddr *)&address, &size);
    close(fd);
    return ntohs(address.sin_port);
}

/* ---- the doors ---- */

/* Our own pid: while we run we are not hung, however long we were kept from it. */
static json_t *hello(void *owner, json_t *request, Problem *problem)
{
    return json_pack("{s:s, s:i, s:O}", "process", "test", "pid", (int)getpid(), "peers",
                     ((Stage *)owner)->peers);
}

static json_t *keep(void *owner, json_t *request, Problem *problem)
{
    g_ptr_array_add(((Stage *)owner)->heard, json_incref(request));
    return json_object();
}

static json_t *add_peer(void *owner, json_t *request, Problem *problem)
{
    Stage *stage = owner;
    json_decref(keep(owner, request, problem));
    if (stage->sdp_fault != NULL) {
        problem_set(problem, "bad_sdp", "sdp", "%s", stage->sdp_fault);
        return NULL;
    }
    return json_pack("{s:s}", "sdp", STAGE_SDP);
}

static const ControlOp relay_ops[] = {
    {"hello", hello},        {"meeting.add", keep},  {"meeting.remove", keep},
    {"meeting.views", keep}, {"peer.add", add_peer}, {"peer.update", keep},
    {"peer.remove", keep},   {NULL, NULL},
};
static const ControlOp mixer_ops[] = {{"hello", hello}, {"program", keep}, {NULL, NULL}};

static Control *open_door(Stage *stage, const char *name, const ControlOp *ops)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *path = g_build_filename(stage->house->directory, name, NULL);
    ControlOptions options = {.path = path, .ops = ops, .owner = stage};
    Control *door = control_new(&options, &error);
    cr_assert_not_null(door, "%s", error != NULL ? error->message : "");
    return door;
}

/* ---- the house ---- */

static bool is_relay_claimed(void *data)
{
    return control_is_claimed(((Stage *)data)->relay);
}

static void open_meetings(Stage *stage)
{
    g_autoptr(GError) error = NULL;
    Server *server = &stage->house->server;
    server->supervisor = supervisor_new(server, &error);
    cr_assert_not_null(server->supervisor, "%s", error != NULL ? error->message : "");
    server->rehearsal = rehearsal_new(server);
    server->meetings = meetings_new(server, &error);
    cr_assert_not_null(server->meetings, "%s", error != NULL ? error->message : "");
    server->templates = templates_new(server, &error);
    server->schedule = schedule_new(server, &error);
    server->readiness = readiness_new(server);
    server->invitations = invitations_new(server, &error);
    cr_assert_null(error);
    run_until(is_relay_claimed, stage);
    stage_settle(stage);
}

static void close_meetings(Stage *stage)
{
    Server *server = &stage->house->server;
    store_finish(server->store);
    invitations_free(g_steal_pointer(&server->invitations));
    readiness_free(g_steal_pointer(&server->readiness));
    schedule_free(g_steal_pointer(&server->schedule));
    templates_free(g_steal_pointer(&server->templates));
    meetings_free(g_steal_pointer(&server->meetings));
    rehearsal_free(g_steal_pointer(&server->rehearsal));
    supervisor_free(g_steal_pointer(&server->supervisor));
    run_ready();
}

static void drop(gpointer message)
{
    json_decref(message);
}

Stage *stage_new(const char *more_settings)
{
    Stage *stage = g_new0(Stage, 1);
    stage->programs = g_dir_make_tmp("programs-XXXXXX", NULL);
    stage->heard = g_ptr_array_new_with_free_func(drop);
    stage->peers = json_array();
    for (size_t i = 0; i < G_N_ELEMENTS(programs); i++) {
        g_autofree char *path = g_build_filename(stage->programs, programs[i], NULL);
        g_file_set_contents(path, "#!/bin/false\n", -1, NULL);
        g_chmod(path, 0700);
    }
    g_autofree char *settings = g_strdup_printf(
        "server.bin_dir=%s\nserver.layouts_file=%s\nmedia.port=%u\n%s", stage->programs,
        SOURCE_DIR "/config/layouts.json", free_udp_port(), more_settings);
    stage->house = house_new(settings);
    stage->relay = open_door(stage, "relay.sock", relay_ops);
    stage->mixer = open_door(stage, "mixer-1.sock", mixer_ops);
    open_meetings(stage);
    return stage;
}

void stage_restart(Stage *stage)
{
    close_meetings(stage);
    house_reopen(stage->house);
    open_meetings(stage);
}

void stage_free(Stage *stage)
{
    close_meetings(stage);
    control_free(stage->relay);
    control_free(stage->mixer);
    house_free(stage->house);
    for (size_t i = 0; i < G_N_ELEMENTS(programs); i++) {
        g_autofree char *path = g_build_filename(stage->programs, programs[i], NULL);
        g_unlink(path);
    }
    g_rmdir(stage->programs);
    g_free(stage->programs);
    g_ptr_array_unref(stage->heard);
    json_decref(stage->peers);
    g_free(stage);
}

/* ---- what is said ---- */

typedef struct Waiting {
    const Stage *stage;
    const char *op;
    guint from;
    json_t *found;
} Waiting;

static bool is_heard(void *data)
{
    Waiting *waiting = data;
    const GPtrArray *heard = waiting->stage->heard;
    for (guint i = waiting->from; i < heard->len; i++) {
        if (strcmp(text_at(g_ptr_array_index(heard, i), "op"), waiting->op) == 0) {
            waiting->found = g_ptr_array_index(heard, i);
            return true;
        }
    }
    return false;
}

json_t *stage_wait(Stage *stage, const char *op, guint from)
{
    Waiting waiting = {stage, op, from, NULL};
    run_until(is_heard, &waiting);
    return waiting.found;
}

guint stage_count(const Stage *stage, const char *op, guint from)
{
    guint count = 0;
    for (guint i = from; i < stage->heard->len; i++) {
        count += strcmp(text_at(g_ptr_array_index(stage->heard, i), "op"), op) == 0;
    }
    return count;
}

static bool is_over(void *data)
{
    return clock_now_us() >= *(int64_t *)data;
}

void stage_settle(Stage *stage)
{
    int64_t end_us = clock_now_us() + SETTLE_US;
    run_until(is_over, &end_us);
}

void stage_open_meeting(Stage *stage, Visitor *host, const char *preset_or_null)
{
    json_t *message = json_pack("{s:s, s:[s,s,s], s:s, s:s*}", "title", "Giao ban", "sites", "TG",
                                "TG-A", "TG-B", "layout", "2x2", "preset", preset_or_null);
    json_t *answer = visitor_ask(host, 900, "meeting.open", message);
    cr_assert_eq(number_at(answer, "meeting"), 1, "%s", text_at(answer, "message"));
    stage_wait(stage, "program", 0);
}

json_t *stage_meeting(Stage *stage)
{
    json_t *list = meetings_to_json(stage->house->server.meetings);
    json_t *meeting = json_incref(json_array_get(list, 0));
    json_decref(list);
    return meeting;
}
