/* One open meeting: its seats, what is shown, and its mixer. It holds state and turns it into what
 * is said — a Meeting for the page, a program for the mixer — and applies what the mixer says back.
 * Owned by Meetings, which does the calling. Main loop only. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "signalling/layouts.h"
#include "signalling/media_process.h"
#include "signalling/seat.h"

typedef struct Meetings Meetings;

#define PICTURE_WIDTH 1280
#define PICTURE_HEIGHT 720
#define PICTURE_FPS 25
#define PICTURE_KBPS 1500

typedef struct Meeting {
    Meetings *owner;
    int64_t id;
    char *title;
    char *layout;       /* the chosen one, a name that Layouts knows */
    uint32_t spotlight; /* source, 0: none */
    uint32_t chair;
    int64_t opened_ms; /* wall clock */
    GPtrArray *seats;  /* Seat, in seating order */
    uint32_t last_source;
    MediaProcess *mixer;
    int64_t revision;
    bool program_changed; /* the mixer has not been told yet */
    bool header_changed;  /* pages have not been told yet: title, layout, spotlight, mixer */
} Meeting;

Meeting *meeting_new(Meetings *owner, int64_t id, const char *title, const char *layout);
/* Releases the mixer without ending it. */
void meeting_free(Meeting *meeting);

/* A new seat at the end of the order; the meeting owns it. Source 0 takes the next number. */
Seat *meeting_add_seat(Meeting *meeting, uint32_t source);
void meeting_remove_seat(Meeting *meeting, Seat *seat);
/* NULL when there is none. */
Seat *meeting_find_seat(const Meeting *meeting, uint32_t source);
Seat *meeting_find_site(const Meeting *meeting, const char *site);
Seat *meeting_find_user(const Meeting *meeting, const char *user);
size_t meeting_count_joined(const Meeting *meeting);

/* Meeting of PROTOCOL.md, with or without its seats; the caller owns it. */
json_t *meeting_to_json(const Meeting *meeting, bool with_seats);
/* The whole state for the mixer (bridge/PROTOCOL.md); a new revision each time. */
json_t *meeting_make_program(Meeting *meeting, const Layouts *layouts);

/* What the mixer answered or told: lists of cells and demands, each borrowed and possibly NULL. A
 * seat that is not in the list loses its cell or demand. `on_demand` is called for each seat whose
 * demand changed, `on_cell` for each whose cell did. */
typedef void (*MeetingSeatFunc)(Meeting *meeting, Seat *seat);
void meeting_apply_cells(Meeting *meeting, json_t *cells, MeetingSeatFunc on_cell);
void meeting_apply_demands(Meeting *meeting, json_t *demands, MeetingSeatFunc on_demand);
void meeting_apply_source(Meeting *meeting, json_t *event);
