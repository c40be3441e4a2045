/* The device's own measurements as one JSON line each 200 ms, for tests and rehearsals. Owned by
 * the device; lives on the main loop. A reader that does not read loses lines, never delays media.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "endpoints/device/meter.h"

#define REPORT_EVERY_US INT64_C(200000)

typedef struct Report Report;

typedef struct ReportLine {
    int64_t now_us;
    const char *state;
    bool server;     /* signalling is connected */
    int64_t meeting; /* 0: none */
    int64_t source;
    int64_t peer;
    bool muted;
    MeterReading video;
    MeterReading audio;
    bool has_level;
    double level_dbfs;
    int sent_width; /* 0: no picture is demanded */
    int sent_height;
    double sent_fps;
    double sent_kbps;
    int own_level; /* of our microphone, in -dBov */
} ReportLine;

/* "-" is standard output. An error names the file. */
Report *report_open(const char *path, GError **error);
void report_close(Report *report);
void report_write(Report *report, const ReportLine *line);
/* The line as JSON, without its end; g_free. */
char *report_format(const ReportLine *line);
