/* The messages of PROTOCOL.md about the calendar. */
#include <glib.h>
#include <jansson.h>

#include "bridge/base/fields.h"
#include "bridge/base/limits.h"
#include "signalling/dispatch.h"
#include "signalling/plan.h"
#include "signalling/schedule.h"

#define DAY_MS INT64_C(86400000)
/* What schedule.list shows when it is not told. */
#define SHOWN_BEFORE_MS DAY_MS
#define SHOWN_AFTER_MS (62 * DAY_MS)
/* A year and a leap day. */
#define SHOWN_MS_MAX (367 * DAY_MS)
/* The year 2200: later is a slip. */
#define TIME_MS_MAX INT64_C(7258118400000)

static bool field_schedule(json_t *message, int64_t *ret_id, Problem *problem)
{
    return field_int(message, "schedule", 1, INT64_MAX, ret_id, problem);
}

static void handle_list(Server *server, Client *client, json_t *message, Request request)
{
    Problem problem;
    int64_t from_ms;
    int64_t to_ms;
    int64_t now_ms = g_get_real_time() / 1000;
    if (!field_int_or(message, "from_ms", 0, TIME_MS_MAX, now_ms - SHOWN_BEFORE_MS, &from_ms,
                      &problem) ||
        !field_int_or(message, "to_ms", from_ms, from_ms + SHOWN_MS_MAX, from_ms + SHOWN_AFTER_MS,
                      &to_ms, &problem)) {
        request_fail(server, request, &problem);
        return;
    }
    request_ok(server, request,
               json_pack("{s:o}", "meetings", schedule_to_json(server->schedule, from_ms, to_ms)));
}

static void handle_get(Server *server, Client *client, json_t *message, Request request)
{
    Problem problem;
    int64_t id;
    if (!field_schedule(message, &id, &problem)) {
        request_fail(server, request, &problem);
        return;
    }
    const Booking *booking = schedule_find(server->schedule, id);
    if (booking == NULL) {
        problem_set(&problem, "not_found", "schedule", "schedule: there is none of this number");
        request_fail(server, request, &problem);
        return;
    }
    request_ok(server, request,
               json_pack("{s:I, s:I, s:i, s:b, s:b, s:O}", "schedule", (json_int_t)id, "start_ms",
                         (json_int_t)booking->start_ms, "minutes", booking->minutes, "weekly",
                         booking->is_weekly, "auto_open", booking->opens_itself, "plan",
                         booking->plan));
}

/* The time of it; NULL and a problem. */
static Booking *take_time(json_t *message, Problem *problem)
{
    int64_t id;
    int64_t start_ms;
    int64_t minutes;
    bool is_weekly;
    if (!field_int_or(message, "schedule", 1, INT64_MAX, 0, &id, problem) ||
        !field_int(message, "start_ms", 0, TIME_MS_MAX, &start_ms, problem) ||
        !field_int(message, "minutes", BOOKING_MINUTES_MIN, BOOKING_MINUTES_MAX, &minutes,
                   problem) ||
        !field_bool_or(message, "weekly", false, &is_weekly, problem)) {
        return NULL;
    }
    Booking *booking = g_new0(Booking, 1);
    *booking =
        (Booking){.id = id, .start_ms = start_ms, .minutes = (int)minutes, .is_weekly = is_weekly};
    return booking;
}

static void handle_check(Server *server, Client *client, json_t *message, Request request)
{
    Problem problem;
    json_t *sites;
    Booking *booking = take_time(message, &problem);
    if (booking == NULL || !field_array(message, "sites", 0, LIMIT_SEATS, &sites, &problem)) {
        request_fail(server, request, &problem);
        booking_free(booking);
        return;
    }
    booking->plan = json_pack("{s:[]}", "sites");
    size_t index;
    json_t *site;
    json_array_foreach(sites, index, site)
    {
        if (json_is_string(site)) {
            json_array_append(plan_sites(booking->plan), site);
        }
    }
    request_ok(server, request,
               json_pack("{s:o}", "conflicts", schedule_conflicts(server->schedule, booking)));
    booking_free(booking);
}

static void handle_set(Server *server, Client *client, json_t *message, Request request)
{
    Problem problem;
    Booking *booking = take_time(message, &problem);
    if (booking == NULL ||
        !field_bool_or(message, "auto_open", false, &booking->opens_itself, &problem) ||
        (booking->plan = plan_field(server, message, &problem)) == NULL) {
        request_fail(server, request, &problem);
        booking_free(booking);
        return;
    }
    schedule_set(server->schedule, booking, request);
}

static void handle_remove(Server *server, Client *client, json_t *message, Request request)
{
    Problem problem;
    int64_t id;
    if (!field_schedule(message, &id, &problem)) {
        request_fail(server, request, &problem);
        return;
    }
    schedule_remove(server->schedule, id, request);
}

static void handle_open(Server *server, Client *client, json_t *message, Request request)
{
    Problem problem;
    int64_t id;
    if (!field_schedule(message, &id, &problem)) {
        request_fail(server, request, &problem);
        return;
    }
    schedule_open(server->schedule, id, client_user(client), request);
}

const MessageRow schedule_rows[] = {
    {"schedule.list", ROLES_PAGE, handle_list},
    {"schedule.get", ROLES_PAGE, handle_get},
    {"schedule.check", ROLES_PAGE, handle_check},
    {"schedule.set", ROLES_HOSTING, handle_set},
    {"schedule.remove", ROLES_HOSTING, handle_remove},
    {"schedule.open", ROLES_HOSTING, handle_open},
    {NULL, 0, NULL},
};
