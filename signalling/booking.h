/* A booking: the plan of a meeting for a time, once or every week. Times are wall clock; a week is
 * always 168 hours, for Vietnam's clock has no summer time. Owned by Schedule. Main loop only. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

typedef struct json_t json_t;

#define BOOKING_MINUTES_MIN 5
#define BOOKING_MINUTES_MAX 1440
#define BOOKING_NEVER INT64_MAX

typedef struct Booking {
    int64_t id;
    int64_t start_ms; /* of the first time */
    int minutes;
    bool is_weekly;
    bool opens_itself;
    json_t *plan;
    int64_t meeting;   /* the last that was opened of it; 0: none */
    int64_t opened_ms; /* when that was */
} Booking;

void booking_free(Booking *booking);

int64_t booking_length_ms(const Booking *booking);
/* The start of the first time that ends after `at_ms`; BOOKING_NEVER when there is none. */
int64_t booking_next(const Booking *booking, int64_t at_ms);
/* Do any of their times overlap? Then *ret_start_ms is when the first such time of `other` starts.
 */
bool booking_overlaps(const Booking *booking, const Booking *other, int64_t *ret_start_ms);
