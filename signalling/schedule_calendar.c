/* What the calendar has between two moments, who is wanted twice, whose meeting is near. */
#include <glib.h>
#include <jansson.h>

#include "bridge/base/limits.h"
#include "signalling/meetings.h"
#include "signalling/plan.h"
#include "signalling/schedule_internal.h"

static json_t *occasion_to_json(const Schedule *schedule, const Booking *booking, int64_t start_ms)
{
    bool is_open = meetings_is_open(schedule->server->meetings, booking->meeting);
    return json_pack("{s:I, s:s, s:I, s:i, s:b, s:b, s:i, s:o}", "schedule",
                     (json_int_t)booking->id, "title", plan_title(booking->plan), "start_ms",
                     (json_int_t)start_ms, "minutes", booking->minutes, "weekly",
                     booking->is_weekly, "auto_open", booking->opens_itself, "sites",
                     (int)json_array_size(plan_sites(booking->plan)), "meeting",
                     is_open ? json_integer(booking->meeting) : json_null());
}

static int compare_starts(const void *a, const void *b)
{
    json_t *const *first = a;
    json_t *const *second = b;
    json_int_t one = json_integer_value(json_object_get(*first, "start_ms"));
    json_int_t other = json_integer_value(json_object_get(*second, "start_ms"));
    return (one > other) - (one < other);
}

json_t *schedule_to_json(Schedule *schedule, int64_t from_ms, int64_t to_ms)
{
    g_autoptr(GPtrArray) found = g_ptr_array_new();
    for (guint i = 0; i < schedule->bookings->len; i++) {
        const Booking *booking = g_ptr_array_index(schedule->bookings, i);
        int64_t start_ms = booking_next(booking, from_ms);
        while (start_ms < to_ms && found->len < LIMIT_OCCASIONS) {
            g_ptr_array_add(found, occasion_to_json(schedule, booking, start_ms));
            start_ms = booking_next(booking, start_ms + booking_length_ms(booking));
        }
    }
    g_ptr_array_sort(found, compare_starts);
    json_t *list = json_array();
    for (guint i = 0; i < found->len; i++) {
        json_array_append_new(list, g_ptr_array_index(found, i));
    }
    return list;
}

/* Those of `other` that are in `codes`, whose time starts at `start_ms`. */
static void add_conflicts(json_t *list, const Booking *other, GHashTable *codes, int64_t start_ms)
{
    size_t index;
    json_t *site;
    json_array_foreach(plan_sites(other->plan), index, site)
    {
        if (g_hash_table_contains(codes, json_string_value(site)) &&
            json_array_size(list) < LIMIT_SEATS) {
            json_array_append_new(list,
                                  json_pack("{s:O, s:I, s:s, s:I}", "site", site, "schedule",
                                            (json_int_t)other->id, "title", plan_title(other->plan),
                                            "start_ms", (json_int_t)start_ms));
        }
    }
}

json_t *schedule_conflicts(const Schedule *schedule, const Booking *wanted)
{
    g_autoptr(GHashTable) codes = g_hash_table_new(g_str_hash, g_str_equal);
    size_t index;
    json_t *site;
    json_array_foreach(plan_sites(wanted->plan), index, site)
    {
        g_hash_table_add(codes, (gpointer)json_string_value(site));
    }
    json_t *list = json_array();
    for (guint i = 0; i < schedule->bookings->len; i++) {
        const Booking *other = g_ptr_array_index(schedule->bookings, i);
        int64_t start_ms;
        if (other->id != wanted->id && booking_overlaps(wanted, other, &start_ms)) {
            add_conflicts(list, other, codes, start_ms);
        }
    }
    return list;
}

static void add_sites(json_t *list, GHashTable *seen, json_t *sites)
{
    size_t index;
    json_t *site;
    json_array_foreach(sites, index, site)
    {
        if (g_hash_table_add(seen, (gpointer)json_string_value(site))) {
            json_array_append(list, site);
        }
    }
}

json_t *schedule_starting(const Schedule *schedule, int64_t from_ms, int64_t to_ms)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    json_t *list = json_array();
    for (guint i = 0; i < schedule->bookings->len; i++) {
        const Booking *booking = g_ptr_array_index(schedule->bookings, i);
        /* The latest time that starts no later than `to_ms`, if it has not ended then. */
        int64_t start_ms = booking_next(booking, to_ms);
        if (start_ms > from_ms && start_ms <= to_ms) {
            add_sites(list, seen, plan_sites(booking->plan));
        }
    }
    return list;
}
