#include <criterion/criterion.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <jansson.h>
#include <string.h>

#include "endpoints/device/report.h"

static ReportLine sample(void)
{
    return (ReportLine){
        .now_us = 1234567,
        .state = "joined",
        .server = true,
        .meeting = 7,
        .source = 3,
        .peer = 9,
        .muted = true,
        .video = {.count = 100, .per_s = 24.96, .width = 1280, .height = 720, .gap_us = 41999},
        .audio = {.count = 200, .per_s = 50, .gap_us = -1},
        .has_level = true,
        .level_dbfs = -23,
        .sent_width = 424,
        .sent_height = 240,
        .sent_fps = 25.04,
        .sent_kbps = 199.97,
        .own_level = 31,
    };
}

static json_t *formatted(const ReportLine *line)
{
    g_autofree char *text = report_format(line);
    json_t *object = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    cr_assert_not_null(object, "%s", text);
    cr_assert_null(strchr(text, '\n'));
    return object;
}

Test(report, writes_one_json_object_with_the_documented_keys)
{
    ReportLine line = sample();
    json_t *object = formatted(&line);
    const char *state = NULL;
    int t_ms, meeting, source, peer, muted, frames, width, height, gap_ms, packets, sent_width;
    double fps, level, kbps;
    cr_assert_eq(json_unpack(object,
                             "{s:i, s:s, s:i, s:i, s:i, s:b, s:{s:i, s:F, s:i, s:i, s:i},"
                             " s:{s:i, s:F, s:n}, s:{s:i, s:F}}",
                             "t_ms", &t_ms, "state", &state, "meeting", &meeting, "source", &source,
                             "peer", &peer, "muted", &muted, "video", "frames", &frames, "fps",
                             &fps, "width", &width, "height", &height, "last_gap_ms", &gap_ms,
                             "audio", "packets", &packets, "level_dbfs", &level, "gap_ms", "sent",
                             "width", &sent_width, "kbps", &kbps),
                 0);
    cr_assert_eq(t_ms, 1234);
    cr_assert_str_eq(state, "joined");
    cr_assert(muted);
    cr_assert_float_eq(fps, 25.0, 0.001);
    cr_assert_eq(gap_ms, 41);
    cr_assert_float_eq(level, -23, 0.001);
    cr_assert_float_eq(kbps, 200, 0.001);
    json_decref(object);
}

Test(report, says_null_for_what_is_not_known)
{
    ReportLine line = sample();
    line.meeting = line.source = line.peer = 0;
    line.has_level = false;
    line.video.gap_us = -1;
    json_t *object = formatted(&line);
    cr_assert(json_is_null(json_object_get(object, "meeting")));
    cr_assert(json_is_null(json_object_get(object, "peer")));
    cr_assert(json_is_null(json_object_get(json_object_get(object, "audio"), "level_dbfs")));
    cr_assert(json_is_null(json_object_get(json_object_get(object, "video"), "last_gap_ms")));
    json_decref(object);
}

Test(report, appends_a_line_for_each_measurement)
{
    g_autofree char *dir = g_dir_make_tmp("diemcau-report-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(dir, "report", NULL);
    g_autofree char *text = NULL;
    ReportLine line = sample();
    Report *report = report_open(path, NULL);
    cr_assert_not_null(report);
    report_write(report, &line);
    report_write(report, &line);
    report_close(report);
    cr_assert(g_file_get_contents(path, &text, NULL, NULL));
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    cr_assert_eq(g_strv_length(lines), 3);
    cr_assert_str_eq(lines[0], lines[1]);
    cr_assert_str_eq(lines[2], "");
    g_unlink(path);
    g_rmdir(dir);
}

Test(report, names_a_file_that_cannot_be_written)
{
    g_autoptr(GError) error = NULL;
    cr_assert_null(report_open("/proc/no/such/report", &error));
    cr_assert_not_null(strstr(error->message, "/proc/no/such/report"));
}
