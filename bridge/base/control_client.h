/* The server's end of a control socket: requests with answers, events. Lives on the main loop. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "bridge/base/problem.h"

typedef struct json_t json_t;
typedef struct ControlClient ControlClient;

/* Exactly one of `ok` (borrowed) and `problem` is given. When the connection ends first the problem
 * has the code "unavailable". */
typedef void (*ControlReply)(json_t *ok, const Problem *problem, void *data);

typedef struct ControlClientHandlers {
    void (*on_event)(ControlClient *client, const char *event, json_t *fields, void *data);
    /* All outstanding requests have been answered "unavailable"; free the client now or later. */
    void (*on_closed)(ControlClient *client, const char *reason, void *data);
} ControlClientHandlers;

ControlClient *control_client_connect(const char *path, const ControlClientHandlers *handlers,
                                      void *data, GError **error);
/* Outstanding requests are answered "unavailable" first. */
void control_client_free(ControlClient *client);
/* Takes over `request`, an object without "id" and "op". `reply` may be NULL and never runs before
 * this returns. */
void control_client_call(ControlClient *client, const char *op, json_t *request, ControlReply reply,
                         void *data);
