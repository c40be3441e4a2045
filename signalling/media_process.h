/* One media process — the relay, or the mixer of a meeting — as the server sees it: adopted when it
 * already listens on its socket, started otherwise, watched, and started again when it dies or
 * hangs. Main loop only. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "bridge/base/control_client.h"

typedef struct json_t json_t;
typedef struct MediaProcess MediaProcess;

typedef enum ProcessState {
    PROCESS_STARTING, /* started or found, `hello` not answered yet */
    PROCESS_UP,
    PROCESS_DOWN, /* died or hung; the next start is due */
} ProcessState;

typedef struct MediaProcessHandlers {
    /* It answered `hello` (borrowed): say to it everything it must know. */
    void (*on_up)(json_t *hello, void *data);
    void (*on_down)(void *data);
    void (*on_event)(const char *event, json_t *fields, void *data);
} MediaProcessHandlers;

typedef struct MediaProcessOptions {
    const char *name;        /* for the log: "relay", "mixer 12" */
    const char *socket_path; /* its control socket */
    const char *const *argv; /* how to start it; copied */
    const MediaProcessHandlers *handlers;
    void *data;
} MediaProcessOptions;

/* Never calls back before returning. */
MediaProcess *media_process_new(const MediaProcessOptions *options);
/* Forgets it; it runs on and the next server adopts it. */
void media_process_release(MediaProcess *process);
/* Ends it: SIGTERM now, SIGKILL after 2 s. The handle is gone at once. */
void media_process_stop(MediaProcess *process);

ProcessState media_process_state(const MediaProcess *process);
const char *media_process_state_name(const MediaProcess *process); /* "starting", "up", "down" */
/* 0 when it is not known. */
int media_process_pid(const MediaProcess *process);
/* Takes over `request`. While it is not up, `reply` is answered "unavailable", later in the loop.
 */
void media_process_call(MediaProcess *process, const char *op, json_t *request, ControlReply reply,
                        void *data);
