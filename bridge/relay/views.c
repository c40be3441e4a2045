#include "bridge/relay/views.h"

#include <glib.h>
#include <jansson.h>

#include "bridge/base/fields.h"

const Views views_default = {
    .count = 1,
    .views = {{.rung_count = 1, .rungs = {{.codec = VIDEO_VP8, .kbps = 1500}}}},
};

/* Puts the place before the field that a getter named. */
static bool at(Problem *problem, const char *place)
{
    g_autofree char *field = g_strdup_printf("%s.%s", place, problem->field);
    g_strlcpy(problem->field, field, sizeof problem->field);
    return false;
}

static bool parse_rung(json_t *object, const char *place, Views *views, View *view,
                       Problem *problem)
{
    int64_t id, width, height, fps, kbps;
    const char *name;
    VideoCodec codec;
    if (!field_int(object, "id", 0, LIMIT_RUNGS - 1, &id, problem) ||
        !field_string(object, "codec", 1, LIMIT_NAME_BYTES, &name, problem) ||
        !field_int(object, "width", 2, LIMIT_PICTURE_WIDTH, &width, problem) ||
        !field_int(object, "height", 2, LIMIT_PICTURE_HEIGHT, &height, problem) ||
        !field_int(object, "fps", 1, LIMIT_PICTURE_FPS, &fps, problem) ||
        !field_int(object, "kbps", 1, LIMIT_RUNG_KBPS, &kbps, problem)) {
        return at(problem, place);
    }
    if (!videocodec_find(name, &codec)) {
        problem_set(problem, "bad_field", "codec", "\"%s\" is neither VP8 nor H264", name);
        return at(problem, place);
    }
    if (views_find_rung(views, (uint16_t)id) != NULL) {
        problem_set(problem, "bad_field", "id", "two rungs have the id %d", (int)id);
        return at(problem, place);
    }
    view->rungs[view->rung_count++] =
        (ViewRung){.id = (uint16_t)id, .codec = codec, .kbps = (int)kbps};
    return true;
}

static bool parse_view(json_t *object, const char *place, Views *views, Problem *problem)
{
    int64_t id;
    json_t *rungs;
    if (!field_int(object, "id", 0, LIMIT_VIEWS - 1, &id, problem) ||
        !field_array(object, "rungs", 1, LIMIT_VIEW_RUNGS, &rungs, problem)) {
        return at(problem, place);
    }
    for (size_t i = 0; i < views->count; i++) {
        if (views->views[i].id == id) {
            problem_set(problem, "bad_field", "id", "two views have the id %d", (int)id);
            return at(problem, place);
        }
    }
    View *view = &views->views[views->count++];
    *view = (View){.id = (uint8_t)id};
    size_t index;
    json_t *rung;
    json_array_foreach(rungs, index, rung)
    {
        g_autofree char *below = g_strdup_printf("%s.rungs[%zu]", place, index);
        if (!parse_rung(rung, below, views, view, problem)) {
            return false;
        }
    }
    return true;
}

bool views_parse(json_t *request, Views *ret_views, Problem *problem)
{
    json_t *list;
    if (!field_array(request, "views", 1, LIMIT_VIEWS, &list, problem)) {
        return false;
    }
    Views views = {0};
    size_t index;
    json_t *view;
    json_array_foreach(list, index, view)
    {
        g_autofree char *place = g_strdup_printf("views[%zu]", index);
        if (!parse_view(view, place, &views, problem)) {
            return false;
        }
    }
    *ret_views = views;
    return true;
}

const View *views_find(const Views *views, uint8_t id)
{
    for (size_t i = 0; i < views->count; i++) {
        if (views->views[i].id == id) {
            return &views->views[i];
        }
    }
    return &views->views[0];
}

const ViewRung *views_find_rung(const Views *views, uint16_t rung)
{
    for (size_t i = 0; i < views->count; i++) {
        for (size_t j = 0; j < views->views[i].rung_count; j++) {
            if (views->views[i].rungs[j].id == rung) {
                return &views->views[i].rungs[j];
            }
        }
    }
    return NULL;
}
