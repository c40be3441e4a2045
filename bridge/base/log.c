#include "bridge/base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LOG_LINE_BYTES_MAX 1024
#define LOG_PROCESS_BYTES_MAX 32

static char process_name[LOG_PROCESS_BYTES_MAX] = "diemcau";
static LogLevel least_level = LOG_INFO;

static const char *const level_names[] = {"DEBUG", "INFO", "WARNING", "ERROR"};

void log_init(const char *process, LogLevel least)
{
    g_strlcpy(process_name, process, sizeof process_name);
    least_level = least;
}

static size_t write_prefix(char *line, size_t capacity, LogLevel level, const char *event)
{
    struct timespec now;
    struct tm day;
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &day);
    int size = snprintf(line, capacity, "%04d-%02d-%02dT%02d:%02d:%02d.%03ldZ %s %s %s ",
                        day.tm_year + 1900, day.tm_mon + 1, day.tm_mday, day.tm_hour, day.tm_min,
                        day.tm_sec, now.tv_nsec / 1000000, level_names[level], process_name, event);
    return MIN((size_t)size, capacity - 1);
}

/* A peer's text must not forge a second line. */
static void flatten(char *line)
{
    for (char *at = line; *at != '\0'; at++) {
        if ((unsigned char)*at < ' ') {
            *at = ' ';
        }
    }
}

void log_event(LogLevel level, const char *event, const char *format, ...)
{
    if (level < least_level) {
        return;
    }
    char line[LOG_LINE_BYTES_MAX];
    size_t used = write_prefix(line, sizeof line - 1, level, event);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line + used, sizeof line - 1 - used, format, arguments);
    va_end(arguments);
    flatten(line);
    size_t size = strlen(line);
    line[size++] = '\n';
    ssize_t written = write(STDERR_FILENO, line, size);
    (void)written;
}

static GLogWriterOutput write_glib(GLogLevelFlags flags, const GLogField *fields, gsize count,
                                   gpointer data)
{
    const char *message = "";
    const char *domain = "glib";
    for (gsize i = 0; i < count; i++) {
        if (strcmp(fields[i].key, "MESSAGE") == 0) {
            message = fields[i].value;
        } else if (strcmp(fields[i].key, "GLIB_DOMAIN") == 0) {
            domain = fields[i].value;
        }
    }
    LogLevel level = flags & (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL) ? LOG_ERROR
                     : flags & G_LOG_LEVEL_WARNING                      ? LOG_WARNING
                                                                        : LOG_DEBUG;
    log_event(level, "library.message", "domain=%s message=\"%s\"", domain, message);
    return G_LOG_WRITER_HANDLED;
}

void log_take_over_glib(void)
{
    g_log_set_writer_func(write_glib, NULL, NULL);
}
