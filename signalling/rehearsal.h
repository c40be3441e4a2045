/* "Tổng duyệt": a load test of this machine, started from the page before a large meeting. It is a
 * child process that runs a server, relay and mixer of its own with simulated sites, so nothing of
 * it can show up among the real ones; what it shares with us is the processor, so it does not
 * start while a meeting is open and ends when one opens. One at a time. Main loop only. */
#pragma once

#include <stdbool.h>

#include "bridge/base/problem.h"
#include "signalling/server.h"

typedef struct json_t json_t;

#define REHEARSAL_SITES_MAX 2070
#define REHEARSAL_SECONDS_MIN 5
#define REHEARSAL_SECONDS_MAX 3600

typedef struct RehearsalPlan {
    const char *profile; /* plenary, wall, storm, churn or lossy */
    int sites;
    int seconds;
} RehearsalPlan;

Rehearsal *rehearsal_new(Server *server);
/* One that runs is told to end. */
void rehearsal_free(Rehearsal *rehearsal);

/* False: "unavailable" when this installation has no load test, "conflict" while one runs or a
 * meeting is open, "bad_field" for a profile that is none. */
bool rehearsal_start(Rehearsal *rehearsal, const RehearsalPlan *plan, Problem *problem);
/* Fine when none runs. `reason` is shown. */
void rehearsal_stop(Rehearsal *rehearsal, const char *reason);
/* {state, profile, sites, seconds, progress, pass, message, report}: PROTOCOL.md. */
json_t *rehearsal_to_json(const Rehearsal *rehearsal);
/* Path of the last report as a page; NULL: there is none. */
const char *rehearsal_report(const Rehearsal *rehearsal);
