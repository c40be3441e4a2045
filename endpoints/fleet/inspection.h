/* Those few sites of a fleet that are looked at with a decoder: probes, which send the time and
 * read it back from the composed picture they receive, and a sample that moves from site to site,
 * to see that what is received can be shown. Owned by the fleet; lives on the main loop. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "endpoints/fleet/examiner.h"
#include "endpoints/fleet/site.h"

typedef struct json_t json_t;
typedef struct Inspection Inspection;

#define INSPECTION_PROBES_MAX (EXAMINER_SLOTS - 1)
#define INSPECTION_LATENCIES_MAX 1000000

typedef struct InspectionOptions {
    Site **sites; /* borrowed, outlive the inspection */
    size_t site_count;
    size_t probe_count; /* the first ones after the very first site, at most
                           INSPECTION_PROBES_MAX */
    int64_t sample_us;  /* how long one site is the sample; 0: none is */
} InspectionOptions;

Inspection *inspection_new(const InspectionOptions *options, GError **error);
void inspection_free(Inspection *inspection);
void inspection_tick(Inspection *inspection, int64_t now_us);

void inspection_begin_window(Inspection *inspection);
/* `count`, `p50_ms`, `p95_ms`, `max_ms` of the time from the last packet of a picture on its way
 * to the bridge to the last packet of the first composed picture that shows it; null without any.
 */
json_t *inspection_latency(Inspection *inspection);
