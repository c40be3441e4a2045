/* The control door of a media process (bridge/PROTOCOL.md): listens on a UNIX socket, lets one
 * server claim it at a time, answers each request from a table of operations, emits events. Events
 * emitted while unclaimed are dropped: `hello` tells the next server the whole state. Lives on the
 * main loop. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "bridge/base/problem.h"

typedef struct json_t json_t;
typedef struct Control Control;

/* Returns what goes into "ok" (owned by the caller; json_object() when there is nothing to say), or
 * NULL with `problem` filled in and nothing changed. */
typedef json_t *(*ControlHandler)(void *owner, json_t *request, Problem *problem);

typedef struct ControlOp {
    const char *name;
    ControlHandler handle;
} ControlOp;

typedef struct ControlOptions {
    const char *path;
    const ControlOp *ops; /* Ends with a NULL name. */
    void *owner;
    /* No server has claimed this process for so long; 0 means the usual 10 minutes. */
    int64_t orphan_us;
    void (*on_orphaned)(void *owner);
} ControlOptions;

Control *control_new(const ControlOptions *options, GError **error);
/* Also removes the socket file. */
void control_free(Control *control);
bool control_is_claimed(const Control *control);
/* Takes over `fields`, a JSON object, and sends it with "event": name. */
void control_emit(Control *control, const char *event, json_t *fields);
