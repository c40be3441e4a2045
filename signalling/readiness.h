/* "Kiểm tra trước họp": every site that is online is asked to test itself — 60 and 15 minutes
 * before a booked meeting, and when somebody asks — a bounded number at a time, and its answer is
 * kept until the next; a site that cannot answer has its reason. One in a meeting is asked only for
 * what disturbs nobody. Held in memory. Owned by Server. Main loop only. */
#pragma once

#include <stdint.h>

#include "signalling/dispatch.h"

typedef struct json_t json_t;

Readiness *readiness_new(Server *server);
void readiness_free(Readiness *readiness);

/* Asks these sites (an array of codes; borrowed), all when it is NULL. Those that wait or are being
 * asked already are not asked twice. `by`: who wants it. */
void readiness_run(Readiness *readiness, json_t *sites, const char *by);
/* {run,sites} of PROTOCOL.md; the caller owns it. */
json_t *readiness_to_json(const Readiness *readiness);
/* What the device of this site found, `checks` of its answer to the question of that number; false:
 * it was not asked that. Takes over `checks`. */
bool readiness_answer(Readiness *readiness, const char *site, int64_t check, json_t *checks,
                      bool is_simulated);
