/* What messages name of meetings: read and looked up. Each is NULL or false with the problem set
 * when it is missing, malformed or not there. Main loop only. */
#pragma once

#include "signalling/meeting.h"
#include "signalling/server.h"

typedef struct json_t json_t;

/* `meeting` */
Meeting *meeting_field(Server *server, json_t *message, Problem *problem);
/* `meeting` and `source` */
bool meeting_field_seat(Server *server, json_t *message, Meeting **ret_meeting, Seat **ret_seat,
                        Problem *problem);
Seat *meeting_field_find_seat(const Meeting *meeting, int64_t source, Problem *problem);
/* `layout`; `fallback` (may be NULL) when it is absent. */
bool meeting_field_layout(Server *server, json_t *message, const char *fallback,
                          const char **ret_layout, Problem *problem);
/* `speaking_limit_s`; 0 when it is absent or null. */
bool meeting_field_speaking_limit(json_t *message, int64_t *ret_limit_s, Problem *problem);
/* `view`, a number; `fallback` when it is absent or null. */
bool meeting_field_view(const Meeting *meeting, json_t *message, int fallback, int *ret_view,
                        Problem *problem);
