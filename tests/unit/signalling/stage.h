/* A house with meetings, whose relay and mixer are doors in the test itself: what the server says
 * to them is kept, what they answer and tell is the test's to say. A meeting must not be closed:
 * that would end its mixer, which is the test. For unit tests. */
#pragma once

#include "bridge/base/control.h"
#include "tests/unit/signalling/house.h"

#define STAGE_SDP "v=0\r\nanswer\r\n"

typedef struct Stage {
    House *house;
    char *programs; /* a directory */
    Control *relay;
    Control *mixer;        /* of meeting 1 */
    GPtrArray *heard;      /* json_t *: the requests to both, but hello */
    json_t *peers;         /* of the relay's hello */
    const char *sdp_fault; /* not NULL: peer.add is refused with it */
} Stage;

/* With the layouts and presets of config/; the relay is up. */
Stage *stage_new(const char *more_settings);
/* The server is closed and opened again; relay and mixer stay. */
void stage_restart(Stage *stage);
void stage_free(Stage *stage);

/* The server's next request of this kind from `from` (a count of those heard) on; waits. */
json_t *stage_wait(Stage *stage, const char *op, guint from);
/* Those of this kind from `from` on, so far. */
guint stage_count(const Stage *stage, const char *op, guint from);
/* Runs the loop until what was changed has been told. */
void stage_settle(Stage *stage);
/* Opens meeting 1 of TG, TG-A and TG-B; its mixer is up. */
void stage_open_meeting(Stage *stage, Visitor *host, const char *preset_or_null);
/* The Meeting that meeting.list has; the caller owns it. */
json_t *stage_meeting(Stage *stage);
