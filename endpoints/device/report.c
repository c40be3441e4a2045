#include "endpoints/device/report.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <string.h>
#include <unistd.h>

#include "bridge/base/clock.h"

struct Report {
    int fd;
    bool is_ours;
};

static json_t *id_or_null(int64_t id)
{
    return id != 0 ? json_integer(id) : json_null();
}

static json_t *gap_ms(const MeterReading *reading)
{
    return reading->gap_us < 0 ? json_null() : json_integer(reading->gap_us / CLOCK_US_PER_MS);
}

static double tenths(double value)
{
    return (double)(int64_t)(value * 10 + 0.5) / 10;
}

char *report_format(const ReportLine *line)
{
    json_t *level = line->has_level ? json_real(line->level_dbfs) : json_null();
    json_t *root = json_pack(
        "{s:I, s:s, s:b, s:o, s:o, s:o, s:b,"
        " s:{s:I, s:f, s:i, s:i, s:o}, s:{s:I, s:o, s:o}, s:{s:i, s:i, s:f, s:f, s:i}}",
        "t_ms", (json_int_t)(line->now_us / CLOCK_US_PER_MS), "state", line->state, "server",
        line->server, "meeting", id_or_null(line->meeting), "source", id_or_null(line->source),
        "peer", id_or_null(line->peer), "muted", line->muted, "video", "frames",
        (json_int_t)line->video.count, "fps", tenths(line->video.per_s), "width", line->video.width,
        "height", line->video.height, "last_gap_ms", gap_ms(&line->video), "audio", "packets",
        (json_int_t)line->audio.count, "level_dbfs", level, "gap_ms", gap_ms(&line->audio), "sent",
        "width", line->sent_width, "height", line->sent_height, "fps", tenths(line->sent_fps),
        "kbps", tenths(line->sent_kbps), "level", line->own_level);
    char *text = json_dumps(root, JSON_COMPACT | JSON_REAL_PRECISION(6));
    char *copy = g_strdup(text);
    free(text);
    json_decref(root);
    return copy;
}

Report *report_open(const char *path, GError **error)
{
    bool is_ours = strcmp(path, "-") != 0;
    int fd = STDOUT_FILENO;
    if (is_ours) {
        fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NONBLOCK, 0644);
    }
    if (fd < 0) {
        g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(errno), "cannot write %s: %s",
                    path, g_strerror(errno));
        return NULL;
    }
    Report *report = g_new0(Report, 1);
    report->fd = fd;
    report->is_ours = is_ours;
    return report;
}

void report_close(Report *report)
{
    if (report != NULL) {
        if (report->is_ours) {
            close(report->fd);
        }
        g_free(report);
    }
}

void report_write(Report *report, const ReportLine *line)
{
    g_autofree char *text = report_format(line);
    g_autofree char *ended = g_strconcat(text, "\n", NULL);
    ssize_t written = write(report->fd, ended, strlen(ended));
    (void)written;
}
