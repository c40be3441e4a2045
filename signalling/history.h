/* The meetings that were held: found by title, and the report of each. Reads the store only, so
 * that what it says is what was kept. Main loop only. */
#pragma once

#include <stdint.h>

#include "bridge/base/problem.h"
#include "signalling/report.h"
#include "signalling/server.h"

typedef struct json_t json_t;

/* `report` is taken over by whoever is called; NULL with a problem (not_found, unavailable). */
typedef void (*HistoryReport)(Report *report, const Problem *problem, void *data);
/* Of an open meeting it is as of now. Never calls back before returning. */
void history_report(Server *server, int64_t meeting, HistoryReport call, void *data);

/* `list` is borrowed: [Past] of PROTOCOL.md, newest first; NULL with a problem. */
typedef void (*HistoryList)(json_t *list, const Problem *problem, void *data);
/* At most LIMIT_HISTORY_LIST meetings with a number below `before` (0: all) whose title, number or
 * opener has every word of `query`, without regard to case and diacritics. Never calls back before
 * returning. */
void history_list(Server *server, const char *query, int64_t before, HistoryList call, void *data);
