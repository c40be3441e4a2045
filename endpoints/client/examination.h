/* What a site finds out about itself before a meeting, and how it is said: the request
 * device.checked of signalling/PROTOCOL.md. A plain value. Any thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "endpoints/client/linkcheck.h"

typedef struct json_t json_t;

/* How one part did, in the words of the protocol; NULL: "untested". */
typedef struct Examination {
    int64_t check; /* the number of the server's question */
    bool is_simulated;
    LinkResult link;
    const char *camera;     /* "ok", "black", "none", "simulated" */
    const char *microphone; /* "ok", "silent", "none", "simulated" */
    const char *speaker;    /* "ok", "unheard", "failed" */
    int level;              /* of the microphone, −dBov; negative: not measured */
    int64_t disk_mib;       /* free where the device keeps its state; negative: unknown */
} Examination;

/* The number of a `check` event, and whether it asks for what disturbs nobody. 0: it is none. */
int64_t examination_read_event(json_t *event, bool *ret_is_quiet);
/* The request; the caller owns it. */
json_t *examination_to_json(const Examination *examination);
/* Free for us in the file system of `path`; −1: unknown. */
int64_t examination_disk_mib(const char *path);
