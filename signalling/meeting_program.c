/* The state of a meeting in the words of bridge/PROTOCOL.md. */
#include <jansson.h>
#include <string.h>

#include "signalling/meeting.h"
#include "signalling/nullable.h"

/* The mixer counts no further. */
#define SPEAKING_SECONDS_MAX 86400

static json_t *seat_to_program(const Meeting *meeting, const Seat *seat)
{
    int place = handqueue_place(&meeting->leading.queue, seat->source);
    g_autofree char *warning = seat_trouble_words(&seat->trouble);
    return json_pack("{s:I, s:s, s:s, s:b, s:b, s:s, s:s?, s:s, s:b, s:o}", "source",
                     (json_int_t)seat->source, "name", seat->name, "tier", seat->tier, "present",
                     seat_is_present(seat), "muted", seat->muted, "note", seat_note(seat), "link",
                     link_grade_name(&seat->link), "warning", warning, "quarantined",
                     seat->quarantined, "hand", number_or_null(place));
}

/* Whom the view binds to this role, or the meeting does; 0: nobody who has a seat. */
static uint32_t source_of(const Meeting *meeting, const View *view, ViewRole role)
{
    const ViewSeat *bound = &view->roles[role];
    if (bound->site[0] != '\0') {
        const Seat *seat = meeting_find_site(meeting, bound->site);
        return seat != NULL ? seat->source : 0;
    }
    return bound->source == 0                                  ? meeting->roles[role]
           : meeting_find_seat(meeting, bound->source) != NULL ? bound->source
                                                               : 0;
}

static void add_turn(const Meeting *meeting, const Seat *seat, const View *view,
                     Directory *directory, json_t *sources)
{
    AudienceMember member = meeting_member(meeting, seat);
    if (audience_rank(&view->rotation, &member, directory) > 0) {
        json_array_append_new(sources, json_integer(seat->source));
    }
}

/* Chosen sites take turns in the order in which they were named, others in seating order. */
static json_t *rotation_to_program(const Meeting *meeting, const View *view, Directory *directory)
{
    if (!view->is_rotating) {
        return json_null();
    }
    json_t *sources = json_array();
    if (view->rotation.kind == AUDIENCE_SITES) {
        for (char **code = view->rotation.sites; *code != NULL; code++) {
            const Seat *seat = meeting_find_site(meeting, *code);
            if (seat != NULL) {
                json_array_append_new(sources, json_integer(seat->source));
            }
        }
    } else {
        for (guint i = 0; i < meeting->seats->len; i++) {
            add_turn(meeting, g_ptr_array_index(meeting->seats, i), view, directory, sources);
        }
    }
    return json_pack("{s:o, s:i}", "sources", sources, "interval_s", view->rotation_interval_s);
}

static const char *effective_layout(const View *view, uint32_t spotlight, const Layouts *layouts)
{
    const char *big = spotlight != 0 ? layouts_spotlight(layouts, view->layout) : NULL;
    return big != NULL ? big : view->layout;
}

static json_t *view_to_program(const Meeting *meeting, const View *view, const Layouts *layouts,
                               Directory *directory)
{
    uint32_t spotlight = source_of(meeting, view, VIEW_SPOTLIGHT);
    json_t *object =
        json_pack("{s:i, s:s, s:i, s:i, s:o, s:o, s:o}", "id", view->id, "name", view->name,
                  "width", view->width, "height", view->height, "layout",
                  layouts_get_json(layouts, effective_layout(view, spotlight, layouts)), "rotate",
                  rotation_to_program(meeting, view, directory), "rungs",
                  view_rung_list_to_json(view->id, view->rungs, view->rung_count));
    for (int role = 0; role < VIEW_ROLES; role++) {
        json_object_set_new(object, view_role_name((ViewRole)role),
                            number_or_null(source_of(meeting, view, (ViewRole)role)));
    }
    view_text_write(&view->text, object);
    return object;
}

/* Who has the floor of the meeting, and for how long already. */
static json_t *speaking_to_program(const Meeting *meeting)
{
    uint32_t source = meeting->roles[VIEW_FLOOR];
    if (source == 0 || meeting_find_seat(meeting, source) == NULL) {
        return json_null();
    }
    const Leading *leading = &meeting->leading;
    int64_t used_s = (g_get_real_time() / 1000 - leading->floor_since_ms) / 1000;
    return json_pack("{s:I, s:I, s:o}", "source", (json_int_t)source, "since_s",
                     (json_int_t)CLAMP(used_s, 0, SPEAKING_SECONDS_MAX), "limit_s",
                     number_or_null(leading->speaking_limit_s));
}

json_t *meeting_make_program(Meeting *meeting, const Layouts *layouts, Directory *directory)
{
    json_t *views = json_array();
    for (guint i = 0; i < meeting->views->len; i++) {
        json_array_append_new(views, view_to_program(meeting, g_ptr_array_index(meeting->views, i),
                                                     layouts, directory));
    }
    json_t *seats = json_array();
    for (guint i = 0; i < meeting->seats->len; i++) {
        json_array_append_new(seats,
                              seat_to_program(meeting, g_ptr_array_index(meeting->seats, i)));
    }
    meeting->program_changed = false;
    return json_pack("{s:I, s:s, s:i, s:o, s:o, s:o}", "revision", (json_int_t)++meeting->revision,
                     "title", meeting->title, "fps", VIEW_FPS, "views", views, "seats", seats,
                     "speaking", speaking_to_program(meeting));
}

json_t *meeting_make_rungs(const Meeting *meeting)
{
    json_t *views = json_array();
    for (guint i = 0; i < meeting->views->len; i++) {
        const View *view = g_ptr_array_index(meeting->views, i);
        json_array_append_new(
            views, json_pack("{s:i, s:o}", "id", view->id, "rungs",
                             view_rung_list_to_json(view->id, view->rungs, view->rung_count)));
    }
    return json_pack("{s:I, s:o}", "meeting", (json_int_t)meeting->id, "views", views);
}
