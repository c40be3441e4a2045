#include "signalling/booking.h"

#include <glib.h>
#include <jansson.h>

#define MINUTE_MS INT64_C(60000)
#define WEEK_MS (7 * 24 * 60 * MINUTE_MS)

void booking_free(Booking *booking)
{
    if (booking != NULL) {
        json_decref(booking->plan);
        g_free(booking);
    }
}

int64_t booking_length_ms(const Booking *booking)
{
    return booking->minutes * MINUTE_MS;
}

int64_t booking_next(const Booking *booking, int64_t at_ms)
{
    int64_t end_ms = booking->start_ms + booking_length_ms(booking);
    if (end_ms > at_ms) {
        return booking->start_ms;
    }
    if (!booking->is_weekly) {
        return BOOKING_NEVER;
    }
    int64_t weeks = (at_ms - end_ms) / WEEK_MS + 1;
    return booking->start_ms + weeks * WEEK_MS;
}

/* `early` begins for the first time no later than `late`. A time of `early` that overlaps one of
 * `late` overlaps its first: both go on by the week, or `late` comes but once. */
static bool overlaps_first(const Booking *early, const Booking *late, int64_t *ret_early_ms)
{
    int64_t start_ms = booking_next(early, late->start_ms);
    *ret_early_ms = start_ms;
    return start_ms != BOOKING_NEVER && start_ms < late->start_ms + booking_length_ms(late);
}

bool booking_overlaps(const Booking *booking, const Booking *other, int64_t *ret_start_ms)
{
    int64_t start_ms;
    if (other->start_ms <= booking->start_ms) {
        return overlaps_first(other, booking, ret_start_ms);
    }
    *ret_start_ms = other->start_ms;
    return overlaps_first(booking, other, &start_ms);
}
