/* One invitation as it is mailed: Vietnamese text, and the same as an iCalendar object (RFC 5545,
 * 5546) that a calendar program puts in, changes or takes out. The only file that knows libical.
 * Main loop only. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

typedef struct json_t json_t;

typedef struct Letter {
    const char *uid; /* of the booking, the same for all its letters */
    int sequence;    /* greater with each change */
    bool is_cancelled;
    int64_t start_ms;
    int minutes;
    bool is_weekly;
    json_t *plan; /* borrowed */
    const char *site_name;
    const char *to;   /* address */
    const char *from; /* address */
    const char *link; /* where it is answered */
} Letter;

/* The whole message, lines ended by CRLF; free with g_free. */
char *letter_write(const Letter *letter);
/* Its iCalendar object alone. */
char *letter_write_calendar(const Letter *letter);
/* "08:00, thứ Ba 24/11/2026", in the server's zone; free with g_free. */
char *letter_format_time(int64_t start_ms);
/* One address as we send to: no list, no name, nothing that could be a header. */
bool letter_is_address(const char *text);
