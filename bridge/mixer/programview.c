#include "bridge/mixer/programview.h"

#include <glib.h>
#include <jansson.h>
#include <string.h>

#include "bridge/base/clock.h"
#include "bridge/base/fields.h"

#define WIDTH_MIN 64
#define HEIGHT_MIN 36
#define KBPS_MIN 20
#define CODEC_BYTES_MAX 16

static bool field_small(json_t *object, const char *name, int min, int max, int *ret_value,
                        Problem *problem)
{
    int64_t value;
    if (!field_int(object, name, min, max, &value, problem)) {
        return false;
    }
    *ret_value = (int)value;
    return true;
}

static bool field_even(json_t *object, const char *name, int min, int max, int *ret_value,
                       Problem *problem)
{
    if (!field_small(object, name, min, max, ret_value, problem)) {
        return false;
    }
    return *ret_value % 2 == 0 || problem_set(problem, "bad_field", name, "%s: must be even", name);
}

static bool parse_codec(json_t *object, VideoCodec *ret_codec, Problem *problem)
{
    const char *name;
    if (!field_string(object, "codec", 1, CODEC_BYTES_MAX, &name, problem)) {
        return false;
    }
    if (videocodec_find(name, ret_codec)) {
        return true;
    }
    return problem_set(problem, "bad_field", "codec", "codec: must be VP8 or H264");
}

static bool parse_rung(json_t *object, int fps, ProgramView *view, Problem *problem)
{
    ProgramRung *rung = &view->rungs[view->rung_count];
    int id;
    if (!json_is_object(object)) {
        return problem_set(problem, "bad_field", "", "must be an object");
    }
    if (!field_small(object, "id", 0, UINT16_MAX, &id, problem) ||
        !parse_codec(object, &rung->codec, problem) ||
        !field_even(object, "width", WIDTH_MIN, view->width, &rung->width, problem) ||
        !field_even(object, "height", HEIGHT_MIN, view->height, &rung->height, problem) ||
        !field_small(object, "fps", 1, fps, &rung->fps, problem) ||
        !field_small(object, "kbps", KBPS_MIN, LIMIT_RUNG_KBPS, &rung->kbps, problem)) {
        return false;
    }
    rung->id = (uint16_t)id;
    view->rung_count++;
    return true;
}

static bool parse_rungs(json_t *object, int fps, ProgramView *view, Problem *problem)
{
    json_t *list;
    if (!field_array(object, "rungs", 1, LIMIT_VIEW_RUNGS, &list, problem)) {
        return false;
    }
    for (size_t i = 0; i < json_array_size(list); i++) {
        if (!parse_rung(json_array_get(list, i), fps, view, problem)) {
            return problem_within(problem, "rungs[%zu]", i);
        }
    }
    return true;
}

static bool parse_layout(json_t *object, ProgramView *view, Problem *problem)
{
    json_t *layout;
    if (!field_object(object, "layout", &layout, problem)) {
        return false;
    }
    view->layout = layout_parse(layout, problem);
    return view->layout != NULL || problem_within(problem, "layout");
}

static bool field_source(json_t *object, const char *name, uint32_t *ret_source, Problem *problem)
{
    int64_t source = 0;
    if (field_has(object, name) && !field_int(object, name, 1, UINT32_MAX, &source, problem)) {
        return false;
    }
    *ret_source = (uint32_t)source;
    return true;
}

static void add_to_rotation(ProgramRotation *rotation, uint32_t source)
{
    for (size_t i = 0; i < rotation->source_count; i++) {
        if (rotation->sources[i] == source) {
            return;
        }
    }
    rotation->sources[rotation->source_count++] = source;
}

static bool parse_rotation_sources(json_t *list, ProgramRotation *rotation, Problem *problem)
{
    rotation->sources = g_new0(uint32_t, json_array_size(list));
    for (size_t i = 0; i < json_array_size(list); i++) {
        json_t *item = json_array_get(list, i);
        json_int_t source = json_integer_value(item);
        if (!json_is_integer(item) || source < 1 || source > UINT32_MAX) {
            return problem_set(problem, "bad_field", "sources", "sources[%zu]: must be a source",
                               i);
        }
        add_to_rotation(rotation, (uint32_t)source);
    }
    return true;
}

static bool parse_rotation(json_t *object, ProgramRotation *rotation, Problem *problem)
{
    json_t *rotate;
    json_t *sources;
    int interval_s;
    if (!field_has(object, "rotate")) {
        return true;
    }
    if (!field_object(object, "rotate", &rotate, problem)) {
        return false;
    }
    if (!field_small(rotate, "interval_s", LIMIT_ROTATE_SECONDS_MIN, LIMIT_ROTATE_SECONDS,
                     &interval_s, problem) ||
        !field_array(rotate, "sources", 0, LIMIT_SEATS, &sources, problem) ||
        !parse_rotation_sources(sources, rotation, problem)) {
        return problem_within(problem, "rotate");
    }
    rotation->interval_us = interval_s * CLOCK_US_PER_S;
    return true;
}

/* In UTF-8 a character has at most four bytes. */
static bool parse_texts(json_t *object, ProgramView *view, Problem *problem)
{
    const char *banner;
    if (!field_string_or(object, "banner", 4 * LIMIT_BANNER_CHARS, NULL, &banner, problem) ||
        !field_bool_or(object, "clock", false, &view->has_clock, problem) ||
        !field_bool_or(object, "show_title", false, &view->shows_title, problem)) {
        return false;
    }
    if (banner != NULL && g_utf8_strlen(banner, -1) > LIMIT_BANNER_CHARS) {
        return problem_set(problem, "bad_field", "banner", "banner: longer than %d characters",
                           LIMIT_BANNER_CHARS);
    }
    view->banner = banner == NULL || banner[0] == '\0' ? NULL : g_strdup(banner);
    return true;
}

bool program_view_parse(json_t *object, int fps, ProgramView *ret_view, Problem *problem)
{
    const char *name;
    if (!json_is_object(object)) {
        return problem_set(problem, "bad_field", "", "must be an object");
    }
    return field_small(object, "id", 0, LIMIT_VIEWS - 1, &ret_view->id, problem) &&
           field_string_or(object, "name", LIMIT_NAME_BYTES, "", &name, problem) &&
           field_even(object, "width", WIDTH_MIN, LIMIT_PICTURE_WIDTH, &ret_view->width, problem) &&
           field_even(object, "height", HEIGHT_MIN, LIMIT_PICTURE_HEIGHT, &ret_view->height,
                      problem) &&
           parse_rungs(object, fps, ret_view, problem) && parse_layout(object, ret_view, problem) &&
           field_source(object, "spotlight", &ret_view->spotlight, problem) &&
           field_source(object, "floor", &ret_view->floor, problem) &&
           field_source(object, "chair", &ret_view->chair, problem) &&
           field_source(object, "share", &ret_view->share, problem) &&
           parse_rotation(object, &ret_view->rotation, problem) &&
           parse_texts(object, ret_view, problem);
}

void program_view_clear(ProgramView *view)
{
    g_free(view->layout);
    g_free(view->rotation.sources);
    g_free(view->banner);
}
