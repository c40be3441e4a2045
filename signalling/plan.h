/* What a meeting is to be: title, sites, chair, what is shown, speaking time, agenda, the wish to
 * record. A template keeps one under a name, a booking for a time. It is the Plan of PROTOCOL.md,
 * checked and with every field there, in JSON: it comes from the page, goes to the store and back
 * to the page, and its fields are those of meeting.open. Main loop only. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "bridge/base/problem.h"
#include "signalling/server.h"

typedef struct json_t json_t;

#define PLAN_AGENDA_ITEMS_MAX 50
#define PLAN_AGENDA_ITEM_BYTES_MAX 300

/* From `plan` of a message. NULL and a problem whose field begins with "plan."; the caller owns it.
 */
json_t *plan_field(Server *server, json_t *message, Problem *problem);
/* What the store kept; NULL when it is no JSON object. The caller owns it. */
json_t *plan_from_text(const char *text);
/* To be freed with free(). */
char *plan_to_text(json_t *plan);
/* The fields of meeting.open: sites that are no more in the directory are left out, and so are a
 * layout or preset that the configuration no longer has. The caller owns it. */
json_t *plan_to_opening(Server *server, json_t *plan);

/* Borrowed from the plan. */
const char *plan_title(json_t *plan);
json_t *plan_sites(json_t *plan);

/* The plan of a meeting that is or was: read from the store. `plan` is borrowed, NULL with a
 * problem ("not_found", "unavailable"). */
typedef void (*PlanReply)(json_t *plan, const Problem *problem, void *data);
void plan_of_meeting(Server *server, int64_t meeting, PlanReply reply, void *data);
