/* The report of a meeting: who attended, by agency, as the record of comings and goings, the roll
 * and the counted speech say. Made from rows of the store; never changes after, so a worker may
 * read it. Owned by whoever made it. Any thread. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct json_t json_t;

typedef enum ReportStatus {
    REPORT_PRESENT,
    REPORT_LATE,
    REPORT_LEFT_EARLY,
    REPORT_ABSENT,
} ReportStatus;
#define REPORT_STATUSES 4

/* One site. Times are wall clock; 0: never. */
typedef struct ReportRow {
    char *agency; /* "" for none */
    char *code;
    char *name;
    char *tier; /* in words */
    ReportStatus status;
    char *reason; /* "" for none */
    bool is_by_chair;
    int64_t first_ms; /* joined */
    int64_t last_ms;  /* was there until */
    int64_t present_ms;
    int64_t talk_ms;
    int drops; /* times its connection was lost */
} ReportRow;

typedef struct Report {
    int64_t meeting;
    char *title;
    char *opened_by;
    int64_t opened_ms;
    int64_t closed_ms; /* 0: it goes on */
    int64_t made_ms;
    GPtrArray *rows; /* ReportRow; those of one agency together, in seating order */
    int counts[REPORT_STATUSES];
} Report;

/* Rows of the tables meetings (one), seats (in seating order) and attendance (in order of time);
 * borrowed. */
Report *report_new(json_t *meeting, json_t *seats, json_t *attendance, int64_t now_ms);
void report_free(Report *report);
/* In Vietnamese. */
const char *report_status_text(ReportStatus status);
/* "present", …: as PROTOCOL.md says. */
const char *report_status_name(ReportStatus status);
/* The Report of PROTOCOL.md; the caller owns it. */
json_t *report_to_json(const Report *report);
/* "14:05" in the time zone of the server; "" for 0. g_free. */
char *report_write_time(int64_t ms);
/* "14:05, 24/11/2026"; "" for 0. g_free. */
char *report_write_moment(int64_t ms);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Report, report_free)
