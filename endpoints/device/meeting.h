/* The meeting this device takes part in, as the server's events say. A plain value of the device.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "bridge/base/problem.h"

typedef struct json_t json_t;

#define MEETING_TITLE_BYTES 201

typedef struct Meeting {
    int64_t id; /* 0: none */
    int64_t source;
    int64_t peer;
    bool muted;
    bool sends;
    char title[MEETING_TITLE_BYTES];
} Meeting;

/* Reads an `invite`; *ret_meeting is left alone when it is not well formed. */
bool meeting_parse_invite(json_t *event, Meeting *ret_meeting, Problem *problem);
/* Is the event about this meeting? */
bool meeting_is_of(const Meeting *meeting, json_t *event);
