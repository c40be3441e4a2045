#include "signalling/view_rung.h"

#include <jansson.h>
#include <string.h>

#include "bridge/base/fields.h"
#include "bridge/base/limits.h"

#define RUNG_WIDTH_MIN 32
#define RUNG_HEIGHT_MIN 32
#define RUNG_KBPS_MIN 30
/* What an H.264 receiver is sure to decode: level 3.1. */
#define H264_WIDTH_MAX 1280
#define H264_HEIGHT_MAX 720

static const struct {
    int lines;
    int kbps;
} steps[] = {{1080, 2500}, {720, 1500}, {360, 500}, {180, 150}};

static int kbps_of(int lines)
{
    for (size_t i = 0; i < G_N_ELEMENTS(steps); i++) {
        if (lines >= steps[i].lines) {
            return steps[i].kbps;
        }
    }
    return steps[G_N_ELEMENTS(steps) - 1].kbps;
}

static ViewRung scaled(int width, int height, int lines, bool is_h264)
{
    return (ViewRung){.is_h264 = is_h264,
                      .width = MAX(width * lines / height & ~1, RUNG_WIDTH_MIN),
                      .height = lines,
                      .fps = VIEW_FPS,
                      .kbps = kbps_of(lines)};
}

static int h264_lines(int width, int height)
{
    int lines = MIN(height, H264_HEIGHT_MAX);
    return width * lines / height <= H264_WIDTH_MAX ? lines : H264_WIDTH_MAX * height / width & ~1;
}

size_t view_rung_ladder(int width, int height, ViewRung *ret_rungs)
{
    size_t count = 0;
    ret_rungs[count++] = scaled(width, height, height, false);
    for (size_t i = 2; i < G_N_ELEMENTS(steps); i++) {
        if (steps[i].lines < height) {
            ret_rungs[count++] = scaled(width, height, steps[i].lines, false);
        }
    }
    ret_rungs[count++] = scaled(width, height, h264_lines(width, height), true);
    return count;
}

static bool parse_codec(json_t *object, ViewRung *rung, Problem *problem)
{
    const char *codec;
    if (!field_string_or(object, "codec", 8, "VP8", &codec, problem)) {
        return false;
    }
    rung->is_h264 = strcmp(codec, "H264") == 0;
    return rung->is_h264 || strcmp(codec, "VP8") == 0 ||
           problem_set(problem, "bad_field", "codec", "codec: must be \"VP8\" or \"H264\"");
}

static bool parse_rung(json_t *object, ViewRung *rung, Problem *problem)
{
    int64_t width;
    int64_t height;
    int64_t fps;
    int64_t kbps;
    if (!json_is_object(object)) {
        return problem_set(problem, "bad_field", "", "must be an object");
    }
    if (!parse_codec(object, rung, problem) ||
        !field_int(object, "width", RUNG_WIDTH_MIN, LIMIT_PICTURE_WIDTH, &width, problem) ||
        !field_int(object, "height", RUNG_HEIGHT_MIN, LIMIT_PICTURE_HEIGHT, &height, problem) ||
        !field_int_or(object, "fps", 1, VIEW_FPS, VIEW_FPS, &fps, problem) ||
        !field_int(object, "kbps", RUNG_KBPS_MIN, LIMIT_RUNG_KBPS, &kbps, problem)) {
        return false;
    }
    if (((width | height) & 1) != 0) {
        const char *odd = (width & 1) != 0 ? "width" : "height";
        return problem_set(problem, "bad_field", odd, "%s: must be even", odd);
    }
    rung->width = (int)width;
    rung->height = (int)height;
    rung->fps = (int)fps;
    rung->kbps = (int)kbps;
    return true;
}

static bool check_order(const ViewRung *rungs, size_t index, Problem *problem)
{
    if (index == 0) {
        return !rungs[0].is_h264 ||
               problem_set(problem, "bad_field", "codec", "codec: the first must be VP8");
    }
    return rungs[index].is_h264 != rungs[index - 1].is_h264 ||
           rungs[index].kbps <= rungs[index - 1].kbps ||
           problem_set(problem, "bad_field", "kbps", "kbps: the best comes first");
}

static bool name_the_rung(Problem *problem, size_t index)
{
    Problem inner = *problem;
    g_autofree char *field =
        g_strdup_printf("rungs[%zu]%s%s", index, inner.field[0] != '\0' ? "." : "", inner.field);
    return problem_set(problem, inner.code, field, "rungs[%zu]: %s", index, inner.message);
}

bool view_rung_parse_list(json_t *list, ViewRung *ret_rungs, size_t *ret_count, Problem *problem)
{
    size_t count = json_array_size(list);
    if (count < 1 || count > LIMIT_VIEW_RUNGS) {
        return problem_set(problem, "bad_field", "rungs", "rungs: must be a list of 1 to %d",
                           LIMIT_VIEW_RUNGS);
    }
    for (size_t i = 0; i < count; i++) {
        if (!parse_rung(json_array_get(list, i), &ret_rungs[i], problem) ||
            !check_order(ret_rungs, i, problem)) {
            return name_the_rung(problem, i);
        }
    }
    *ret_count = count;
    return true;
}

json_t *view_rung_list_to_json(int view, const ViewRung *rungs, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++) {
        json_array_append_new(
            list, json_pack("{s:i, s:s, s:i, s:i, s:i, s:i}", "id", view * VIEW_RUNG_IDS + (int)i,
                            "codec", rungs[i].is_h264 ? "H264" : "VP8", "width", rungs[i].width,
                            "height", rungs[i].height, "fps", rungs[i].fps, "kbps", rungs[i].kbps));
    }
    return list;
}
