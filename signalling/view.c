#include "signalling/view.h"

#include <jansson.h>
#include <string.h>

#include "bridge/base/fields.h"
#include "signalling/nullable.h"

#define VIEW_WIDTH_MIN 160
#define VIEW_HEIGHT_MIN 90
/* A rotation faster than that is a flicker. */
#define INTERVAL_MIN_S 2
#define INTERVAL_MAX_S 3600
#define INTERVAL_S 10

static const char *const role_names[] = {
    [VIEW_SPOTLIGHT] = "spotlight",
    [VIEW_FLOOR] = "floor",
    [VIEW_CHAIR] = "chair",
    [VIEW_SHARE] = "share",
};

View *view_new(const char *layout)
{
    View *view = g_new0(View, 1);
    view->width = VIEW_WIDTH;
    view->height = VIEW_HEIGHT;
    view->rung_count = view_rung_ladder(view->width, view->height, view->rungs);
    g_strlcpy(view->layout, layout, sizeof view->layout);
    return view;
}

void view_free(View *view)
{
    if (view == NULL) {
        return;
    }
    audience_clear(&view->audience);
    audience_clear(&view->rotation);
    g_free(view);
}

const char *view_role_name(ViewRole role)
{
    return role_names[role];
}

/* ---- reading ---- */

static bool parse_names(View *view, json_t *object, const Layouts *layouts, Problem *problem)
{
    const char *name;
    const char *layout;
    int64_t id;
    if (!field_int_or(object, "id", 0, LIMIT_VIEWS - 1, 0, &id, problem) ||
        !field_string_or(object, "name", LIMIT_NAME_BYTES, "", &name, problem) ||
        !field_string(object, "layout", 1, LAYOUT_NAME_BYTES_MAX, &layout, problem)) {
        return false;
    }
    if (layouts_find(layouts, layout) == NULL) {
        return problem_set(problem, "not_found", "layout", "layout: there is no layout \"%s\"",
                           layout);
    }
    view->id = (int)id;
    g_strlcpy(view->name, name, sizeof view->name);
    g_strlcpy(view->layout, layout, sizeof view->layout);
    return true;
}

static bool parse_size(View *view, json_t *object, Problem *problem)
{
    int64_t width;
    int64_t height;
    if (!field_int_or(object, "width", VIEW_WIDTH_MIN, LIMIT_PICTURE_WIDTH, VIEW_WIDTH, &width,
                      problem) ||
        !field_int_or(object, "height", VIEW_HEIGHT_MIN, LIMIT_PICTURE_HEIGHT, VIEW_HEIGHT, &height,
                      problem)) {
        return false;
    }
    if (((width | height) & 1) != 0) {
        const char *odd = (width & 1) != 0 ? "width" : "height";
        return problem_set(problem, "bad_field", odd, "%s: must be even", odd);
    }
    view->width = (int)width;
    view->height = (int)height;
    return true;
}

static bool parse_rungs(View *view, json_t *object, Problem *problem)
{
    if (!field_has(object, "rungs")) {
        view->rung_count = view_rung_ladder(view->width, view->height, view->rungs);
        return true;
    }
    if (!view_rung_parse_list(json_object_get(object, "rungs"), view->rungs, &view->rung_count,
                              problem)) {
        return false;
    }
    for (size_t i = 0; i < view->rung_count; i++) {
        if (view->rungs[i].width > view->width || view->rungs[i].height > view->height) {
            g_autofree char *field = g_strdup_printf("rungs[%zu]", i);
            return problem_set(problem, "bad_field", field, "%s: larger than the view", field);
        }
    }
    return true;
}

static bool parse_role(ViewSeat *seat, json_t *value, const char *name, Problem *problem)
{
    size_t size = json_string_length(value);
    json_int_t source = json_integer_value(value);
    if (size > 0 && size <= SITE_CODE_BYTES_MAX) {
        g_strlcpy(seat->site, json_string_value(value), sizeof seat->site);
    } else if (source > 0 && source <= UINT32_MAX) {
        seat->source = (uint32_t)source;
    } else if (value != NULL && !json_is_null(value)) {
        return problem_set(problem, "bad_field", name,
                           "%s: must be the number of a seat, the code of a site, or null", name);
    }
    return true;
}

static bool parse_roles(View *view, json_t *object, Problem *problem)
{
    for (int role = 0; role < VIEW_ROLES; role++) {
        if (!parse_role(&view->roles[role], json_object_get(object, role_names[role]),
                        role_names[role], problem)) {
            return false;
        }
    }
    return true;
}

static bool parse_rotation(View *view, json_t *object, Problem *problem)
{
    json_t *rotation;
    int64_t interval_s;
    if (!field_has(object, "rotate")) {
        return true;
    }
    if (!field_object(object, "rotate", &rotation, problem) ||
        !field_int_or(rotation, "interval_s", INTERVAL_MIN_S, INTERVAL_MAX_S, INTERVAL_S,
                      &interval_s, problem) ||
        !audience_parse(json_object_get(rotation, "who"), "rotate.who", &view->rotation, problem)) {
        return false;
    }
    view->is_rotating = true;
    view->rotation_interval_s = (int)interval_s;
    return true;
}

/* Somebody always has to have something to watch. */
static bool check_first(const View *view, Problem *problem)
{
    return view->id != 0 || view->audience.kind == AUDIENCE_EVERYONE ||
           problem_set(problem, "bad_field", "audience", "audience: view 0 is for \"everyone\"");
}

View *view_parse(json_t *object, const Layouts *layouts, Problem *problem)
{
    View *view = g_new0(View, 1);
    if (parse_names(view, object, layouts, problem) && parse_size(view, object, problem) &&
        parse_rungs(view, object, problem) && parse_roles(view, object, problem) &&
        parse_rotation(view, object, problem) && view_text_parse(object, &view->text, problem) &&
        audience_parse(json_object_get(object, "audience"), "audience", &view->audience, problem) &&
        check_first(view, problem)) {
        return view;
    }
    view_free(view);
    return NULL;
}

/* ---- writing ---- */

static json_t *seat_or_null(const ViewSeat *seat)
{
    if (seat->site[0] != '\0') {
        return json_string(seat->site);
    }
    return number_or_null(seat->source);
}

json_t *view_to_json(const View *view)
{
    json_t *object =
        json_pack("{s:i, s:s, s:s, s:i, s:i, s:o, s:o}", "id", view->id, "name", view->name,
                  "layout", view->layout, "width", view->width, "height", view->height, "rungs",
                  view_rung_list_to_json(view->id, view->rungs, view->rung_count), "audience",
                  audience_to_json(&view->audience));
    for (int role = 0; role < VIEW_ROLES; role++) {
        json_object_set_new(object, role_names[role], seat_or_null(&view->roles[role]));
    }
    json_object_set_new(object, "rotate",
                        !view->is_rotating
                            ? json_null()
                            : json_pack("{s:o, s:i}", "who", audience_to_json(&view->rotation),
                                        "interval_s", view->rotation_interval_s));
    view_text_write(&view->text, object);
    return object;
}

/* ---- against the directory ---- */

bool view_is_known(const View *view, Directory *directory, Problem *problem)
{
    for (int role = 0; role < VIEW_ROLES; role++) {
        const char *site = view->roles[role].site;
        if (site[0] != '\0' && directory_find(directory, site) == NULL) {
            return problem_set(problem, "not_found", role_names[role], "%s: there is no site %s",
                               role_names[role], site);
        }
    }
    return audience_is_known(&view->audience, "audience", directory, problem) &&
           (!view->is_rotating ||
            audience_is_known(&view->rotation, "rotate.who", directory, problem));
}
