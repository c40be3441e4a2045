/* Sums up what the sites of a fleet have seen: totals, medians, and the worst site for each thing
 * that can go wrong. Pure; any thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "endpoints/fleet/tally.h"

typedef struct json_t json_t;

/* One site in one period. */
typedef struct ReportSite {
    const char *code;
    TallySums sums; /* of the period */
    int64_t freeze_us;
    int64_t gap_us;
} ReportSite;

/* Sites that were present (joined, with picture and sound) for less than this share of the period
 * count in the totals only. */
#define REPORT_PRESENT_SHARE 0.5

/* A new object: totals under their names, per_second rates, `fps_min`, `fps_median`, `loss_pct`,
 * `freeze_ms_max`, `audio_gap_ms_max`, and `worst` with the sites' codes. Rates and frame rates are
 * null when nobody was present. */
json_t *report_period(const ReportSite *sites, size_t count, double seconds);
/* `count`, `p50_s`, `p95_s`, `max_s` (null when there is none) of times in microseconds, which are
 * put into order. */
json_t *report_times(int64_t *times_us, size_t count);
/* The smallest value that at least `percent` of the ordered values do not exceed; count > 0. */
double report_percentile(const double *ordered, size_t count, double percent);
