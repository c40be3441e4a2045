#include "endpoints/fleet/commands.h"

#include <jansson.h>

#include "bridge/base/clock.h"
#include "bridge/base/control.h"
#include "bridge/base/fields.h"
#include "bridge/base/log.h"
#include "bridge/base/loop.h"

#define ORPHAN_US (60 * CLOCK_US_PER_S)
#define TURN_S_MAX 3600

struct Commands {
    Fleet *fleet;
    Control *control;
};

static bool read_range(json_t *request, FleetRange *ret_range, Problem *problem)
{
    int64_t first = 0;
    int64_t count = 0;
    if (!field_int_or(request, "first", 0, FLEET_SITES_MAX, 0, &first, problem) ||
        !field_int_or(request, "count", 0, FLEET_SITES_MAX, 0, &count, problem)) {
        return false;
    }
    *ret_range = (FleetRange){(size_t)first, (size_t)count};
    return true;
}

static json_t *on_start(void *owner, json_t *request, Problem *problem)
{
    Commands *commands = owner;
    FleetRange range;
    bool at_once = false;
    if (!read_range(request, &range, problem) ||
        !field_bool_or(request, "at_once", false, &at_once, problem)) {
        return NULL;
    }
    fleet_start(commands->fleet, range, at_once);
    return json_object();
}

static json_t *on_kill(void *owner, json_t *request, Problem *problem)
{
    Commands *commands = owner;
    FleetRange range;
    if (!read_range(request, &range, problem)) {
        return NULL;
    }
    fleet_kill(commands->fleet, range);
    return json_object();
}

static json_t *on_leave(void *owner, json_t *request, Problem *problem)
{
    Commands *commands = owner;
    FleetRange range;
    if (!read_range(request, &range, problem)) {
        return NULL;
    }
    fleet_leave(commands->fleet, range);
    return json_object();
}

static json_t *on_talkers(void *owner, json_t *request, Problem *problem)
{
    Commands *commands = owner;
    int64_t talkers = 0;
    int64_t turn_s = 0;
    if (!field_int(request, "talkers", 0, FLEET_TALKERS_MAX, &talkers, problem) ||
        !field_int(request, "turn_s", 1, TURN_S_MAX, &turn_s, problem)) {
        return NULL;
    }
    fleet_set_talkers(commands->fleet, (size_t)talkers, turn_s * CLOCK_US_PER_S);
    return json_object();
}

static json_t *on_status(void *owner, json_t *request, Problem *problem)
{
    return fleet_status(((Commands *)owner)->fleet);
}

static json_t *on_window_begin(void *owner, json_t *request, Problem *problem)
{
    fleet_begin_window(((Commands *)owner)->fleet);
    return json_object();
}

static json_t *on_window(void *owner, json_t *request, Problem *problem)
{
    return fleet_window(((Commands *)owner)->fleet);
}

static const ControlOp ops[] = {
    {"status", on_status},   {"start", on_start},
    {"kill", on_kill},       {"leave", on_leave},
    {"talkers", on_talkers}, {"window.begin", on_window_begin},
    {"window", on_window},   {NULL, NULL},
};

static void on_orphaned(void *owner)
{
    log_info("fleet.orphaned", "reason=\"nobody speaks to it\"");
    loop_stop();
}

Commands *commands_new(const char *socket_path, Fleet *fleet, GError **error)
{
    Commands *commands = g_new0(Commands, 1);
    commands->fleet = fleet;
    const ControlOptions options = {
        .path = socket_path,
        .ops = ops,
        .owner = commands,
        .orphan_us = ORPHAN_US,
        .on_orphaned = on_orphaned,
    };
    commands->control = control_new(&options, error);
    if (commands->control == NULL) {
        g_clear_pointer(&commands, g_free);
    }
    return commands;
}

void commands_free(Commands *commands)
{
    if (commands != NULL) {
        control_free(commands->control);
        g_free(commands);
    }
}

void commands_emit_second(Commands *commands, json_t *second)
{
    control_emit(commands->control, "second", json_incref(second));
}
