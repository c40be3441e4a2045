/* Structured log lines on standard error: an event name, then key=value pairs, meeting, site and
 * device ids first. INFO is lifecycle only; nothing is logged per packet; never SDP bodies, keys,
 * tokens or full client addresses. Any thread; a line is one write. */
#pragma once

#include <glib.h>

typedef enum LogLevel { LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERROR } LogLevel;

/* The name that begins every line ("relay", "mixer 12"), and the least level that is written. Call
 * once, before any thread starts. */
void log_init(const char *process, LogLevel least);

/* Sends messages of GLib and GStreamer through the same lines. */
void log_take_over_glib(void);

void log_event(LogLevel level, const char *event, const char *format, ...) G_GNUC_PRINTF(3, 4);

#define log_debug(event, ...) log_event(LOG_DEBUG, event, __VA_ARGS__)
#define log_info(event, ...) log_event(LOG_INFO, event, __VA_ARGS__)
#define log_warning(event, ...) log_event(LOG_WARNING, event, __VA_ARGS__)
#define log_error(event, ...) log_event(LOG_ERROR, event, __VA_ARGS__)
