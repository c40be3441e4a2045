/* The messages of PROTOCOL.md about views: checked here, done elsewhere. */
#include <jansson.h>

#include "bridge/base/fields.h"
#include "bridge/base/log.h"
#include "signalling/meeting_fields.h"
#include "signalling/meetings_internal.h"

static void handle_list(Server *server, Client *client, json_t *message, Request request)
{
    Problem problem;
    Meeting *meeting = meeting_field(server, message, &problem);
    if (meeting == NULL) {
        request_fail(server, request, &problem);
        return;
    }
    json_t *views = json_array();
    for (guint i = 0; i < meeting->views->len; i++) {
        json_array_append_new(views, view_to_json(g_ptr_array_index(meeting->views, i)));
    }
    request_ok(server, request,
               json_pack("{s:o, s:o}", "views", views, "presets",
                         view_presets_to_json(server->meetings->presets)));
}

/* Its `view`, numbered when it has no number yet; NULL and a problem. The caller owns it. */
static json_t *take_definition(const Meeting *meeting, json_t *message, Problem *problem)
{
    json_t *given;
    if (!field_object(message, "view", &given, problem)) {
        return NULL;
    }
    json_t *definition = json_copy(given);
    if (!field_has(definition, "id")) {
        json_object_set_new(definition, "id", json_integer(meeting_free_view_id(meeting)));
    }
    if (json_integer_value(json_object_get(definition, "id")) == LIMIT_VIEWS) {
        problem_set(problem, "limit", "view", "view: a meeting has at most %d views", LIMIT_VIEWS);
        json_decref(definition);
        return NULL;
    }
    return definition;
}

static bool are_seats_there(const Meeting *meeting, const View *view, Problem *problem)
{
    for (int role = 0; role < VIEW_ROLES; role++) {
        uint32_t source = view->roles[role].source;
        if (source != 0 && meeting_find_seat(meeting, source) == NULL) {
            const char *name = view_role_name((ViewRole)role);
            return problem_set(problem, "not_found", name, "%s: no seat %u", name, source);
        }
    }
    return true;
}

static View *take_view(Server *server, const Meeting *meeting, json_t *message, Problem *problem)
{
    json_t *definition = take_definition(meeting, message, problem);
    View *view =
        definition != NULL ? view_parse(definition, server->meetings->layouts, problem) : NULL;
    json_decref(definition);
    if (view != NULL && are_seats_there(meeting, view, problem) &&
        view_is_known(view, server->directory, problem)) {
        return view;
    }
    view_free(view);
    return NULL;
}

static bool is_same(const View *a, const View *b)
{
    json_t *first = view_to_json(a);
    json_t *second = view_to_json(b);
    bool is_equal = json_equal(first, second);
    json_decref(first);
    json_decref(second);
    return is_equal;
}

static void handle_set(Server *server, Client *client, json_t *message, Request request)
{
    Problem problem;
    Meeting *meeting = meeting_field(server, message, &problem);
    View *view = meeting != NULL ? take_view(server, meeting, message, &problem) : NULL;
    if (view == NULL) {
        request_fail(server, request, &problem);
        return;
    }
    int id = view->id;
    const View *old = meeting_find_view(meeting, id);
    if (old != NULL && is_same(old, view)) {
        view_free(view);
    } else {
        meeting_put_view(meeting, view);
        watching_on_views(server->meetings, meeting);
    }
    request_ok(server, request, json_pack("{s:i}", "view", id));
}

static void handle_remove(Server *server, Client *client, json_t *message, Request request)
{
    Problem problem;
    int64_t id;
    Meeting *meeting = meeting_field(server, message, &problem);
    if (meeting == NULL || !field_int(message, "view", 1, LIMIT_VIEWS - 1, &id, &problem)) {
        request_fail(server, request, &problem);
        return;
    }
    View *view = meeting_find_view(meeting, (int)id);
    if (view != NULL) {
        meeting_remove_view(meeting, view);
        watching_on_views(server->meetings, meeting);
    }
    request_ok(server, request, NULL);
}

GPtrArray *meetings_make_preset(Meetings *meetings, const char *name, Problem *problem)
{
    GPtrArray *views = view_presets_make(meetings->presets, name);
    if (views == NULL) {
        problem_set(problem, "not_found", "preset", "preset: there is no preset \"%s\"", name);
        return NULL;
    }
    for (guint i = 0; i < views->len; i++) {
        if (!view_is_known(g_ptr_array_index(views, i), meetings->server->directory, problem)) {
            Problem inner = *problem;
            g_autofree char *field = g_strdup_printf("views[%u].%s", i, inner.field);
            problem_set(problem, inner.code, field, "preset %s, views[%u]: %s", name, i,
                        inner.message);
            g_ptr_array_unref(views);
            return NULL;
        }
    }
    return views;
}

/* A message that is up stays up, on the view of the same number. */
static void keep_texts(const Meeting *meeting, GPtrArray *views)
{
    for (guint i = 0; i < views->len; i++) {
        View *view = g_ptr_array_index(views, i);
        const View *before = meeting_find_view(meeting, view->id);
        if (before != NULL) {
            view->text = before->text;
        }
    }
}

static void handle_preset(Server *server, Client *client, json_t *message, Request request)
{
    Problem problem;
    const char *name;
    GPtrArray *views = NULL;
    Meeting *meeting = meeting_field(server, message, &problem);
    if (meeting == NULL || !field_string(message, "preset", 1, LIMIT_NAME_BYTES, &name, &problem) ||
        (views = meetings_make_preset(server->meetings, name, &problem)) == NULL) {
        request_fail(server, request, &problem);
        return;
    }
    keep_texts(meeting, views);
    meeting_put_views(meeting, views);
    watching_on_views(server->meetings, meeting);
    log_info("meeting.preset", "meeting=%" G_GINT64_FORMAT " preset=%s", meeting->id, name);
    request_ok(server, request, NULL);
}

/* What is written over one view; what the message does not name stays. */
static void handle_banner(Server *server, Client *client, json_t *message, Request request)
{
    Problem problem;
    int id;
    Meeting *meeting = meeting_field(server, message, &problem);
    if (meeting == NULL || !meeting_field_view(meeting, message, 0, &id, &problem)) {
        request_fail(server, request, &problem);
        return;
    }
    View *view = meeting_find_view(meeting, id);
    ViewText text = view->text;
    if (!view_text_parse(message, &text, &problem)) {
        request_fail(server, request, &problem);
        return;
    }
    view->text = text;
    meeting_view_changed(meeting);
    request_ok(server, request, NULL);
}

/* ---- what is watched, and how much of it ---- */

static bool read_choice(json_t *message, MediaSession *session, Client *client, Problem *problem)
{
    int view = session->chosen_view;
    int64_t kbps = session->view_kbps;
    json_t *given = json_object_get(message, "view");
    if (given != NULL && client_role(client) == ROLE_DEVICE) {
        return problem_set(problem, "not_allowed", "view", "view: a site watches what it is shown");
    }
    if ((given != NULL &&
         !meeting_field_view(session->meeting, message, WATCH_AS_AUDIENCE, &view, problem)) ||
        (json_object_get(message, "kbps") != NULL &&
         !field_int_or(message, "kbps", 0, LIMIT_RUNG_KBPS, WATCH_NO_CAP, &kbps, problem))) {
        return false;
    }
    session->chosen_view = view;
    watching_cap(session->meeting->owner, session, (int)kbps);
    return true;
}

static void handle_watch(Server *server, Client *client, json_t *message, Request request)
{
    Problem problem;
    Meeting *meeting = meeting_field(server, message, &problem);
    MediaSession *session = NULL;
    if (meeting != NULL) {
        session = calls_find_session(server->meetings, meeting->id, client_id(client));
        problem_set(&problem, "wrong_state", "meeting", "meeting: you are not invited to it");
    }
    if (session == NULL || !read_choice(message, session, client, &problem)) {
        request_fail(server, request, &problem);
        return;
    }
    watching_settle(server->meetings, meeting);
    request_ok(server, request,
               json_pack("{s:i}", "view", watching_view_of(server->meetings, session)));
}

const MessageRow view_rows[] = {
    {"view.list", ROLES_PAGE, handle_list},
    {"view.set", ROLES_HOSTING, handle_set},
    {"view.remove", ROLES_HOSTING, handle_remove},
    {"view.preset", ROLES_HOSTING, handle_preset},
    {"view.banner", ROLES_HOSTING, handle_banner},
    {"media.view", ROLES_PAGE | ROLE_DEVICE, handle_watch},
    {NULL, 0, NULL},
};
