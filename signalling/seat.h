/* A seat: the place of a site or a user in a meeting. It keeps its number, its mute and its order
 * through reconnects, restarts and replacement of the box; at most one media session (peer) serves
 * it at a time. A plain value owned by its meeting. Main loop only. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "bridge/base/limits.h"
#include "signalling/directory.h"
#include "signalling/link_grade.h"
#include "signalling/rollmark.h"
#include "signalling/seat_trouble.h"

typedef struct json_t json_t;

typedef enum SeatState {
    SEAT_MISSING,    /* could not be reached: `reason` says why */
    SEAT_CALLING,    /* invited, no offer yet */
    SEAT_CONNECTING, /* offer answered, media not there yet */
    SEAT_JOINED,
    SEAT_LOST, /* was joined, its media stopped */
} SeatState;

typedef enum SeatReason {
    REASON_NONE,
    REASON_OFFLINE,
    REASON_BUSY,
    REASON_NO_ANSWER,
    REASON_REFUSED,
    REASON_MEDIA_FAILED,
} SeatReason;

typedef struct SeatDemand {
    int width, height, fps, kbps; /* all 0: nothing is wanted */
} SeatDemand;

typedef struct SeatCell {
    bool shown;
    double x, y, w, h; /* fractions of the picture */
} SeatCell;

typedef struct Seat {
    uint32_t source;
    char site[SITE_CODE_BYTES_MAX + 1]; /* "" for a user's seat */
    char user[LIMIT_NAME_BYTES + 1];    /* "" for a site's seat */
    int64_t stream;                     /* token of its publisher; 0: a site's or a user's seat */
    char name[LIMIT_NAME_BYTES + 1];
    char tier[SITE_TIER_BYTES_MAX + 1];
    char agency[LIMIT_NAME_BYTES + 1]; /* the branch of the tree it belongs to; "": none */
    SeatState state;
    SeatReason reason;
    bool muted;
    int crashes;         /* of mixers that were decoding it, since it was called */
    bool quarantined;    /* too many: nothing of it is decoded */
    bool is_lent;        /* muted again when it no longer has the floor nor is called */
    bool video_live;     /* the mixer has its picture */
    SeatDemand demand;   /* what the mixer wants from it */
    int view;            /* the one it watches */
    SeatCell cell;       /* in that view */
    LinkGrade link;      /* of its media session */
    SeatTrouble trouble; /* what is wrong with its picture or sound */
    uint32_t peer;       /* its media session, 0: none */
    int64_t deadline_us; /* when calling or connecting is given up; 0: no deadline */
    bool changed;        /* pages have not been told yet */
    bool was_present;    /* as the record of attendance says */
    guint told_status;   /* hash of the `seat.status` it was told; 0: none */
    int64_t note_us;     /* monotonic, when it sent its last note; 0: never */
    int64_t talk_ms;     /* heard so long */
    RollMark mark;
} Seat;

/* A mixer died while it decoded this seat; true when it is quarantined for that. */
#define SEAT_CRASHES_MAX 3
bool seat_count_crash(Seat *seat);
/* Trusts it again; false when nothing has changed. */
bool seat_release(Seat *seat);

void seat_set_state(Seat *seat, SeatState state, SeatReason reason);
bool seat_is_present(const Seat *seat);
const char *seat_state_name(SeatState state);
/* NULL for REASON_NONE. */
const char *seat_reason_name(SeatReason reason);
SeatState seat_state_parse(const char *name);
SeatReason seat_reason_parse(const char *name_or_null);
/* In Vietnamese, for people: "Chưa kết nối", … */
const char *seat_reason_text(SeatReason reason);
/* The words in its cell while there is no picture, in Vietnamese: what a hall can understand. */
const char *seat_note(const Seat *seat);

/* A Seat as PROTOCOL.md says; the caller owns it. */
json_t *seat_to_json(const Seat *seat);
/* {x,y,w,h}, or null when it is not shown. */
json_t *seat_cell_to_json(const SeatCell *cell);
bool seat_demand_equals(const SeatDemand *a, const SeatDemand *b);
