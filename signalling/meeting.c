#include "signalling/meeting.h"

#include <jansson.h>
#include <string.h>

#include "signalling/nullable.h"

static void free_view(gpointer view)
{
    view_free(view);
}

Meeting *meeting_new(Meetings *owner, int64_t id, const char *title, const char *layout)
{
    Meeting *meeting = g_new0(Meeting, 1);
    meeting->owner = owner;
    meeting->id = id;
    meeting->title = g_strdup(title);
    meeting->seats = g_ptr_array_new_with_free_func(g_free);
    meeting->views = g_ptr_array_new_with_free_func(free_view);
    g_ptr_array_add(meeting->views, view_new(layout));
    return meeting;
}

void meeting_free(Meeting *meeting)
{
    if (meeting == NULL) {
        return;
    }
    media_process_release(meeting->mixer);
    g_ptr_array_unref(meeting->seats);
    g_free(meeting->title);
    g_ptr_array_unref(meeting->views);
    json_decref(meeting->cells);
    leading_clear(&meeting->leading);
    json_decref(meeting->recordings);
    g_free(meeting);
}

Seat *meeting_add_seat(Meeting *meeting, uint32_t source)
{
    Seat *seat = g_new0(Seat, 1);
    seat->source = source != 0 ? source : meeting->last_source + 1;
    seat->changed = true;
    seat->muted = meeting->leading.is_muted_all;
    meeting->last_source = MAX(meeting->last_source, seat->source);
    meeting->program_changed = true;
    g_ptr_array_add(meeting->seats, seat);
    return seat;
}

void meeting_remove_seat(Meeting *meeting, Seat *seat)
{
    for (int role = 0; role < VIEW_ROLES; role++) {
        if (meeting->roles[role] == seat->source) {
            meeting->roles[role] = 0;
            meeting->header_changed = true;
        }
    }
    meeting_unbind(meeting, seat->source);
    if (meeting->speaker == seat->source) {
        meeting->speaker = 0;
    }
    meeting->program_changed = true;
    g_ptr_array_remove(meeting->seats, seat);
}

Seat *meeting_find_seat(const Meeting *meeting, uint32_t source)
{
    for (guint i = 0; i < meeting->seats->len; i++) {
        Seat *seat = g_ptr_array_index(meeting->seats, i);
        if (seat->source == source) {
            return seat;
        }
    }
    return NULL;
}

Seat *meeting_find_site(const Meeting *meeting, const char *site)
{
    for (guint i = 0; i < meeting->seats->len; i++) {
        Seat *seat = g_ptr_array_index(meeting->seats, i);
        if (seat->site[0] != '\0' && strcmp(seat->site, site) == 0) {
            return seat;
        }
    }
    return NULL;
}

Seat *meeting_find_user(const Meeting *meeting, const char *user)
{
    for (guint i = 0; i < meeting->seats->len; i++) {
        Seat *seat = g_ptr_array_index(meeting->seats, i);
        if (seat->user[0] != '\0' && strcmp(seat->user, user) == 0) {
            return seat;
        }
    }
    return NULL;
}

size_t meeting_count_joined(const Meeting *meeting)
{
    size_t joined = 0;
    for (guint i = 0; i < meeting->seats->len; i++) {
        joined += seat_is_present(g_ptr_array_index(meeting->seats, i));
    }
    return joined;
}

bool meeting_is_recorded(const Meeting *meeting)
{
    return json_array_size(meeting->recordings) > 0;
}

static json_t *views_to_json(const Meeting *meeting)
{
    json_t *views = json_array();
    for (guint i = 0; i < meeting->views->len; i++) {
        json_array_append_new(views, view_to_json(g_ptr_array_index(meeting->views, i)));
    }
    return views;
}

json_t *meeting_to_json(const Meeting *meeting, bool with_seats)
{
    const char *mixer =
        meeting->mixer != NULL ? media_process_state_name(meeting->mixer) : "starting";
    const View *first = meeting_find_view(meeting, 0);
    json_t *object = json_pack(
        "{s:I, s:s, s:s, s:I, s:s, s:{s:i, s:i}, s:o, s:o}", "id", (json_int_t)meeting->id, "title",
        meeting->title, "layout", first->layout, "opened_ms", (json_int_t)meeting->opened_ms,
        "mixer", mixer, "picture", "width", first->width, "height", first->height, "views",
        views_to_json(meeting), "speaker", number_or_null(meeting->speaker));
    for (int role = 0; role < VIEW_ROLES; role++) {
        json_object_set_new(object, view_role_name((ViewRole)role),
                            number_or_null(meeting->roles[role]));
    }
    leading_add_json(&meeting->leading, object);
    json_object_set_new(object, "recording", json_boolean(meeting_is_recorded(meeting)));
    json_object_set_new(object, "recordings",
                        meeting->recordings != NULL ? json_incref(meeting->recordings)
                                                    : json_array());
    if (with_seats) {
        json_t *seats = json_array();
        for (guint i = 0; i < meeting->seats->len; i++) {
            json_array_append_new(seats, seat_to_json(g_ptr_array_index(meeting->seats, i)));
        }
        json_object_set_new(object, "seats", seats);
    }
    return object;
}

/* The entry of a list from our own mixer for this source, or NULL. */
static json_t *find_entry(json_t *list, uint32_t source)
{
    size_t index;
    json_t *entry;
    json_array_foreach(list, index, entry)
    {
        if (json_integer_value(json_object_get(entry, "source")) == source) {
            return entry;
        }
    }
    return NULL;
}

static double get_number(json_t *entry, const char *name)
{
    return json_number_value(json_object_get(entry, name));
}

static SeatDemand read_demand(json_t *entry)
{
    return (SeatDemand){.width = (int)get_number(entry, "width"),
                        .height = (int)get_number(entry, "height"),
                        .fps = (int)get_number(entry, "fps"),
                        .kbps = (int)get_number(entry, "kbps")};
}

void meeting_apply_demands(Meeting *meeting, json_t *demands, MeetingSeatFunc on_demand)
{
    for (guint i = 0; demands != NULL && i < meeting->seats->len; i++) {
        Seat *seat = g_ptr_array_index(meeting->seats, i);
        json_t *entry = find_entry(demands, seat->source);
        SeatDemand demand = entry != NULL ? read_demand(entry) : (SeatDemand){0};
        if (!seat_demand_equals(&demand, &seat->demand)) {
            seat->changed = seat->changed || (demand.width == 0) != (seat->demand.width == 0);
            seat->demand = demand;
            on_demand(meeting, seat);
        }
    }
}

void meeting_apply_source(Meeting *meeting, json_t *event)
{
    Seat *seat =
        meeting_find_seat(meeting, (uint32_t)json_integer_value(json_object_get(event, "source")));
    const char *video = json_string_value(json_object_get(event, "video"));
    if (seat == NULL || video == NULL) {
        return;
    }
    bool live = strcmp(video, "live") == 0;
    seat->changed = seat->changed || live != seat->video_live;
    seat->video_live = live;
}

void meeting_apply_trouble(Meeting *meeting, json_t *event)
{
    Seat *seat =
        meeting_find_seat(meeting, (uint32_t)json_integer_value(json_object_get(event, "source")));
    if (seat != NULL && seat_is_present(seat) && seat_trouble_apply(&seat->trouble, event)) {
        seat->changed = true;
        meeting->program_changed = true;
    }
}
