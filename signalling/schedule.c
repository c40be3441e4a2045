#include "signalling/schedule.h"

#include <jansson.h>
#include <string.h>

#include "bridge/base/clock.h"
#include "bridge/base/limits.h"
#include "bridge/base/log.h"
#include "bridge/base/loop.h"
#include "signalling/invitations.h"
#include "signalling/meetings.h"
#include "signalling/plan.h"
#include "signalling/schedule_internal.h"
#include "signalling/store.h"

#define TICK_US (1 * CLOCK_US_PER_S)
/* What is to open by itself does so up to this late: the server may just restart at its time. */
#define OPEN_LATE_MS 120000
/* A meeting that was just asked for may not be in the store yet. */
#define OPENING_MS 5000

static int64_t wall_ms(void)
{
    return g_get_real_time() / 1000;
}

static Booking *find(const Schedule *schedule, int64_t id)
{
    for (guint i = 0; i < schedule->bookings->len; i++) {
        Booking *booking = g_ptr_array_index(schedule->bookings, i);
        if (booking->id == id) {
            return booking;
        }
    }
    return NULL;
}

const Booking *schedule_find(const Schedule *schedule, int64_t id)
{
    return find(schedule, id);
}

const Booking *schedule_find_meeting(const Schedule *schedule, int64_t meeting)
{
    for (guint i = 0; i < schedule->bookings->len; i++) {
        const Booking *booking = g_ptr_array_index(schedule->bookings, i);
        if (booking->meeting == meeting) {
            return booking;
        }
    }
    return NULL;
}

static void announce(Schedule *schedule)
{
    clients_broadcast(schedule->server->clients, json_pack("{s:s}", "type", "schedule"));
}

int64_t schedule_now_ms(const Schedule *schedule)
{
    return schedule->now_ms();
}

/* ---- the store ---- */

static Booking *booking_from_row(json_t *row)
{
    json_t *plan = plan_from_text(store_text(row, "plan"));
    if (plan == NULL) {
        return NULL;
    }
    Booking *booking = g_new0(Booking, 1);
    *booking = (Booking){.id = store_integer(row, "id"),
                         .start_ms = store_integer(row, "start_ms"),
                         .minutes = (int)store_integer(row, "minutes"),
                         .is_weekly = store_integer(row, "weekly") != 0,
                         .opens_itself = store_integer(row, "auto_open") != 0,
                         .plan = plan,
                         .meeting = store_integer(row, "meeting"),
                         .opened_ms = store_integer(row, "opened_ms")};
    return booking;
}

static bool load(Schedule *schedule, GError **error)
{
    Problem problem = {0};
    json_t *rows = store_query_now(schedule->server->store, "SELECT * FROM bookings ORDER BY id",
                                   NULL, &problem);
    size_t index;
    json_t *row;
    json_array_foreach(rows, index, row)
    {
        Booking *booking = booking_from_row(row);
        schedule->last_id = store_integer(row, "id");
        if (booking != NULL) {
            g_ptr_array_add(schedule->bookings, booking);
        }
    }
    json_decref(rows);
    if (rows == NULL) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "reading the schedule: %s",
                    problem.message);
    }
    return rows != NULL;
}

static void save(Schedule *schedule, const Booking *booking, StoreReply reply, void *data)
{
    char *text = plan_to_text(booking->plan);
    store_query(schedule->server->store,
                "INSERT OR REPLACE INTO bookings(id, start_ms, minutes, weekly, auto_open, plan, "
                "meeting, opened_ms) VALUES(?,?,?,?,?,?,?,?)",
                json_pack("[I, I, i, b, b, s, I, I]", (json_int_t)booking->id,
                          (json_int_t)booking->start_ms, booking->minutes, booking->is_weekly,
                          booking->opens_itself, text, (json_int_t)booking->meeting,
                          (json_int_t)booking->opened_ms),
                reply, data);
    free(text);
}

/* ---- changes ---- */

/* A booking holds its time from the moment it was asked for; a store that fails gives it back. */
typedef struct Change {
    Schedule *schedule;
    int64_t id;
    Booking *old; /* what it replaced; NULL: it is new */
    Request request;
} Change;

/* Takes over `booking`; returns what it replaced, or NULL. */
static Booking *put(Schedule *schedule, Booking *booking)
{
    for (guint i = 0; i < schedule->bookings->len; i++) {
        Booking *old = g_ptr_array_index(schedule->bookings, i);
        if (old->id == booking->id) {
            schedule->bookings->pdata[i] = booking;
            return old;
        }
    }
    g_ptr_array_add(schedule->bookings, booking);
    return NULL;
}

static void take_back(Schedule *schedule, Change *change)
{
    if (change->old == NULL) {
        g_ptr_array_remove(schedule->bookings, find(schedule, change->id));
    } else {
        booking_free(put(schedule, g_steal_pointer(&change->old)));
    }
}

static void on_saved(json_t *rows, const Problem *problem, void *data)
{
    Change *change = data;
    Schedule *schedule = change->schedule;
    if (problem != NULL) {
        take_back(schedule, change);
        request_fail(schedule->server, change->request, problem);
    } else {
        request_ok(schedule->server, change->request,
                   json_pack("{s:I}", "schedule", (json_int_t)change->id));
        if (change->old != NULL) {
            invitations_on_changed(schedule->server->invitations, find(schedule, change->id));
        }
    }
    announce(schedule);
    booking_free(change->old);
    g_free(change);
}

static bool is_free(const Schedule *schedule, const Booking *wanted, Problem *problem)
{
    json_t *conflicts = schedule_conflicts(schedule, wanted);
    json_t *first = json_array_get(conflicts, 0);
    if (first != NULL) {
        int64_t start_ms = json_integer_value(json_object_get(first, "start_ms"));
        g_autoptr(GDateTime) start = g_date_time_new_from_unix_utc(start_ms / 1000);
        g_autofree char *when = g_date_time_format(start, "%Y-%m-%dT%H:%MZ");
        problem_set(problem, "conflict", "plan.sites", "plan.sites: %s is in \"%s\" at %s",
                    store_text(first, "site"), store_text(first, "title"), when);
    }
    json_decref(conflicts);
    return first == NULL;
}

static bool may_set(Schedule *schedule, Booking *wanted, Problem *problem)
{
    const Booking *old = find(schedule, wanted->id);
    if (wanted->id != 0 && old == NULL) {
        return problem_set(problem, "not_found", "schedule", "schedule: there is none");
    }
    if (old == NULL && schedule->bookings->len >= LIMIT_BOOKINGS) {
        return problem_set(problem, "limit", "", "%d meetings are booked; remove one first",
                           LIMIT_BOOKINGS);
    }
    return is_free(schedule, wanted, problem);
}

void schedule_set(Schedule *schedule, Booking *wanted, Request request)
{
    Problem problem;
    if (!may_set(schedule, wanted, &problem)) {
        request_fail(schedule->server, request, &problem);
        booking_free(wanted);
        return;
    }
    const Booking *before = find(schedule, wanted->id);
    if (before != NULL) {
        wanted->meeting = before->meeting;
        wanted->opened_ms = before->opened_ms;
    } else {
        wanted->id = ++schedule->last_id;
    }
    Change *change = g_new(Change, 1);
    *change = (Change){schedule, wanted->id, put(schedule, wanted), request};
    save(schedule, wanted, on_saved, change);
}

static void on_removed(json_t *rows, const Problem *problem, void *data)
{
    Change *change = data;
    Schedule *schedule = change->schedule;
    Booking *booking = find(schedule, change->id);
    if (problem != NULL) {
        request_fail(schedule->server, change->request, problem);
    } else if (booking != NULL) {
        invitations_on_removed(schedule->server->invitations, booking);
        g_ptr_array_remove(schedule->bookings, booking);
        request_ok(schedule->server, change->request, NULL);
        announce(schedule);
    } else { /* it was removed twice */
        request_ok(schedule->server, change->request, NULL);
    }
    g_free(change);
}

void schedule_remove(Schedule *schedule, int64_t id, Request request)
{
    if (find(schedule, id) == NULL) {
        request_ok(schedule->server, request, NULL);
        return;
    }
    Change *change = g_new(Change, 1);
    *change = (Change){schedule, id, NULL, request};
    store_query(schedule->server->store, "DELETE FROM bookings WHERE id=?",
                json_pack("[I]", (json_int_t)id), on_removed, change);
}

/* ---- opening ---- */

static bool is_under_way(const Schedule *schedule, const Booking *booking)
{
    return meetings_is_open(schedule->server->meetings, booking->meeting) ||
           (booking->meeting != 0 && schedule->now_ms() - booking->opened_ms < OPENING_MS);
}

/* False when it was refused: then the request has been answered. */
static void open_now(Schedule *schedule, Booking *booking, const char *by, Request request)
{
    json_t *opening = plan_to_opening(schedule->server, booking->plan);
    int64_t meeting = meetings_open(schedule->server, by, opening, request);
    json_decref(opening);
    if (meeting != 0) {
        booking->meeting = meeting;
        booking->opened_ms = schedule->now_ms();
        store_query(schedule->server->store,
                    "UPDATE bookings SET meeting=?, opened_ms=? WHERE id=?",
                    json_pack("[I, I, I]", (json_int_t)meeting, (json_int_t)booking->opened_ms,
                              (json_int_t)booking->id),
                    NULL, NULL);
        announce(schedule);
    }
}

void schedule_open(Schedule *schedule, int64_t id, const char *by, Request request)
{
    Problem problem;
    Booking *booking = find(schedule, id);
    if (booking == NULL) {
        problem_set(&problem, "not_found", "schedule", "schedule: there is none");
        request_fail(schedule->server, request, &problem);
    } else if (is_under_way(schedule, booking)) {
        request_ok(schedule->server, request,
                   json_pack("{s:I}", "meeting", (json_int_t)booking->meeting));
    } else {
        open_now(schedule, booking, by, request);
    }
}

/* Its time has just come, and nobody has opened it. */
static bool is_due(const Schedule *schedule, const Booking *booking, int64_t now_ms)
{
    int64_t start_ms = booking_next(booking, now_ms);
    return booking->opens_itself && start_ms <= now_ms && now_ms - start_ms < OPEN_LATE_MS &&
           booking->opened_ms < start_ms && !is_under_way(schedule, booking);
}

static void on_tick(void *data)
{
    Schedule *schedule = data;
    int64_t now_ms = schedule->now_ms();
    for (guint i = 0; i < schedule->bookings->len; i++) {
        Booking *booking = g_ptr_array_index(schedule->bookings, i);
        if (is_due(schedule, booking, now_ms)) {
            log_info("schedule.opening", "schedule=%" G_GINT64_FORMAT, booking->id);
            open_now(schedule, booking, "schedule", (Request){.id = -1});
            booking->opened_ms = now_ms; /* refused or not: once */
        }
    }
}

static void free_booking(gpointer booking)
{
    booking_free(booking);
}

Schedule *schedule_new(Server *server, GError **error)
{
    Schedule *schedule = g_new0(Schedule, 1);
    schedule->server = server;
    schedule->bookings = g_ptr_array_new_with_free_func(free_booking);
    schedule->now_ms = wall_ms;
    if (!load(schedule, error)) {
        schedule_free(schedule);
        return NULL;
    }
    schedule->tick = loop_every(TICK_US, on_tick, schedule);
    return schedule;
}

void schedule_free(Schedule *schedule)
{
    if (schedule != NULL) {
        loop_drop(&schedule->tick);
        g_ptr_array_unref(schedule->bookings);
        g_free(schedule);
    }
}

void schedule_set_clock(Schedule *schedule, int64_t (*now_ms)(void))
{
    schedule->now_ms = now_ms;
}
