/* One open meeting: its seats, what is shown, and its mixer. It holds state and turns it into what
 * is said — a Meeting for the page, a program for the mixer — and applies what the mixer says back.
 * Owned by Meetings, which does the calling. Main loop only. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "signalling/layouts.h"
#include "signalling/leading.h"
#include "signalling/media_process.h"
#include "signalling/seat.h"
#include "signalling/view.h"

typedef struct Meetings Meetings;

typedef struct Meeting {
    Meetings *owner;
    int64_t id;
    char *title;
    uint32_t roles[VIEW_ROLES]; /* sources, 0: nobody; what holds where a view says nothing */
    uint32_t speaker;           /* source, as the mixer hears it; 0: nobody */
    GPtrArray *views;           /* View, by id; the first is view 0 */
    json_t *cells;              /* of all views, as the mixer said it last; NULL before */
    json_t *recordings;         /* [Recording] that are on, as Recordings says; NULL: none yet */
    int64_t opened_ms;          /* wall clock */
    GPtrArray *seats;           /* Seat, in seating order */
    uint32_t last_source;
    Leading leading;
    MediaProcess *mixer;
    int64_t revision;
    bool program_changed; /* the mixer has not been told yet */
    bool header_changed;  /* pages have not been told yet: title, views, roles, mixer */
    bool views_changed;   /* nor relay and store: the views themselves */
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
bool meeting_is_recorded(const Meeting *meeting);

/* Meeting of PROTOCOL.md, with or without its seats; the caller owns it. */
json_t *meeting_to_json(const Meeting *meeting, bool with_seats);
/* meeting_program.c: the whole state for the mixer (bridge/PROTOCOL.md), a new revision each time;
 * and the views' rungs for the relay. */
json_t *meeting_make_program(Meeting *meeting, const Layouts *layouts, Directory *directory);
json_t *meeting_make_rungs(const Meeting *meeting);

/* meeting_views.c. NULL when there is none; view 0 always is. */
View *meeting_find_view(const Meeting *meeting, int id);
/* The least number that no view has; LIMIT_VIEWS when all are taken. */
int meeting_free_view_id(const Meeting *meeting);
/* Takes over `view`, in place of the one of its id. */
void meeting_put_view(Meeting *meeting, View *view);
/* Takes over `views`, which begin with view 0, in place of all. */
void meeting_put_views(Meeting *meeting, GPtrArray *views);
/* A view was changed in place. */
void meeting_view_changed(Meeting *meeting);
/* No view binds this seat to a role any more. */
void meeting_unbind(Meeting *meeting, uint32_t source);
void meeting_set_role(Meeting *meeting, ViewRole role, uint32_t source);
/* In the rotate cells of view 0 everybody takes turns, this long each. */
void meeting_rotate(Meeting *meeting, int interval_s);
/* Not view 0. */
void meeting_remove_view(Meeting *meeting, View *view);
/* Who the seat is to an audience; borrows from it. */
AudienceMember meeting_member(const Meeting *meeting, const Seat *seat);
/* The view whose audience says most specifically that this seat watches it. */
int meeting_view_of(const Meeting *meeting, const Seat *seat, Directory *directory);

/* What the mixer answered or told: lists of cells (of each view) and demands, each borrowed and
 * possibly NULL. A seat that is not in the list loses its cell or demand. `on_demand` is called for
 * each seat whose demand changed, `on_cell` for each whose cell did. */
typedef void (*MeetingSeatFunc)(Meeting *meeting, Seat *seat);
void meeting_apply_cells(Meeting *meeting, json_t *views, MeetingSeatFunc on_cell);
/* The seat watches another view from now on: its cell is the one there. */
void meeting_set_seat_view(Meeting *meeting, Seat *seat, int view, MeetingSeatFunc on_cell);
void meeting_apply_demands(Meeting *meeting, json_t *demands, MeetingSeatFunc on_demand);
void meeting_apply_source(Meeting *meeting, json_t *event);
void meeting_apply_trouble(Meeting *meeting, json_t *event);
