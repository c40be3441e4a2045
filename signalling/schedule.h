/* The calendar: the bookings of meetings to come. A site is in one meeting at a time: a booking
 * whose time and site another has is refused. All are in memory and in the store; every change is
 * told to watching pages as the event `schedule`, as one of a template is. Opens those that are to
 * open by themselves. Owned by Server. Main loop only. */
#pragma once

#include <glib.h>
#include <stdint.h>

#include "signalling/booking.h"
#include "signalling/dispatch.h"

/* Reads them from the store. */
Schedule *schedule_new(Server *server, GError **error);
void schedule_free(Schedule *schedule);
/* For tests: another wall clock. */
void schedule_set_clock(Schedule *schedule, int64_t (*now_ms)(void));

/* NULL when there is none. */
const Booking *schedule_find(const Schedule *schedule, int64_t id);
/* The booking this meeting was opened of. */
const Booking *schedule_find_meeting(const Schedule *schedule, int64_t meeting);
/* [Occasion] of PROTOCOL.md that touch the time between, in the order of their starts, at most
 * LIMIT_OCCASIONS; the caller owns it. */
json_t *schedule_to_json(Schedule *schedule, int64_t from_ms, int64_t to_ms);
/* [{site,schedule,title,start_ms}]: the sites of `wanted` that another booking has at that time; at
 * most LIMIT_SEATS. The caller owns it. */
json_t *schedule_conflicts(const Schedule *schedule, const Booking *wanted);

/* The codes of the sites of all times that start after `from_ms` and not after `to_ms`, each once;
 * the caller owns it. */
json_t *schedule_starting(const Schedule *schedule, int64_t from_ms, int64_t to_ms);
/* Its wall clock. */
int64_t schedule_now_ms(const Schedule *schedule);

/* Makes one (id 0) or replaces that of its id; takes over `wanted`. Answers the request with
 * `schedule` once it is on disk; "conflict" names the site and the other meeting. */
void schedule_set(Schedule *schedule, Booking *wanted, Request request);
/* Answers the request; fine when there is none. */
void schedule_remove(Schedule *schedule, int64_t id, Request request);
/* Opens its meeting now, unless that is open: answers the request with `meeting`. */
void schedule_open(Schedule *schedule, int64_t id, const char *by, Request request);
