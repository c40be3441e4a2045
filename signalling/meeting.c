#include "signalling/meeting.h"

#include <jansson.h>
#include <string.h>

Meeting *meeting_new(Meetings *owner, int64_t id, const char *title, const char *layout)
{
    Meeting *meeting = g_new0(Meeting, 1);
    meeting->owner = owner;
    meeting->id = id;
    meeting->title = g_strdup(title);
    meeting->layout = g_strdup(layout);
    meeting->seats = g_ptr_array_new_with_free_func(g_free);
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
    g_free(meeting->layout);
    g_free(meeting);
}

Seat *meeting_add_seat(Meeting *meeting, uint32_t source)
{
    Seat *seat = g_new0(Seat, 1);
    seat->source = source != 0 ? source : meeting->last_source + 1;
    seat->changed = true;
    meeting->last_source = MAX(meeting->last_source, seat->source);
    meeting->program_changed = true;
    g_ptr_array_add(meeting->seats, seat);
    return seat;
}

void meeting_remove_seat(Meeting *meeting, Seat *seat)
{
    if (meeting->spotlight == seat->source) {
        meeting->spotlight = 0;
        meeting->header_changed = true;
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

static json_t *source_or_null(uint32_t source)
{
    return source == 0 ? json_null() : json_integer(source);
}

json_t *meeting_to_json(const Meeting *meeting, bool with_seats)
{
    const char *mixer =
        meeting->mixer != NULL ? media_process_state_name(meeting->mixer) : "starting";
    json_t *object = json_pack(
        "{s:I, s:s, s:s, s:o, s:o, s:I, s:s, s:{s:i, s:i}}", "id", (json_int_t)meeting->id, "title",
        meeting->title, "layout", meeting->layout, "spotlight", source_or_null(meeting->spotlight),
        "chair", source_or_null(meeting->chair), "opened_ms", (json_int_t)meeting->opened_ms,
        "mixer", mixer, "picture", "width", PICTURE_WIDTH, "height", PICTURE_HEIGHT);
    if (with_seats) {
        json_t *seats = json_array();
        for (guint i = 0; i < meeting->seats->len; i++) {
            json_array_append_new(seats, seat_to_json(g_ptr_array_index(meeting->seats, i)));
        }
        json_object_set_new(object, "seats", seats);
    }
    return object;
}

static json_t *program_seat(const Seat *seat)
{
    return json_pack("{s:I, s:s, s:s, s:b, s:b, s:s}", "source", (json_int_t)seat->source, "name",
                     seat->name, "tier", seat->tier, "present", seat_is_present(seat), "muted",
                     seat->muted, "note", seat_note(seat));
}

static const char *effective_layout(const Meeting *meeting, const Layouts *layouts)
{
    const char *big = meeting->spotlight != 0 ? layouts_spotlight(layouts, meeting->layout) : NULL;
    return big != NULL ? big : meeting->layout;
}

json_t *meeting_make_program(Meeting *meeting, const Layouts *layouts)
{
    json_t *seats = json_array();
    for (guint i = 0; i < meeting->seats->len; i++) {
        json_array_append_new(seats, program_seat(g_ptr_array_index(meeting->seats, i)));
    }
    json_t *rungs = json_pack("[{s:i, s:i, s:i, s:i, s:i}]", "id", 0, "width", PICTURE_WIDTH,
                              "height", PICTURE_HEIGHT, "fps", PICTURE_FPS, "kbps", PICTURE_KBPS);
    meeting->program_changed = false;
    return json_pack("{s:I, s:s, s:i, s:i, s:i, s:o, s:o, s:o, s:o}", "revision",
                     (json_int_t)++meeting->revision, "title", meeting->title, "width",
                     PICTURE_WIDTH, "height", PICTURE_HEIGHT, "fps", PICTURE_FPS, "rungs", rungs,
                     "layout", layouts_get_json(layouts, effective_layout(meeting, layouts)),
                     "spotlight", source_or_null(meeting->spotlight), "seats", seats);
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

static SeatCell read_cell(json_t *entry)
{
    return (SeatCell){.shown = true,
                      .x = get_number(entry, "x"),
                      .y = get_number(entry, "y"),
                      .w = get_number(entry, "w"),
                      .h = get_number(entry, "h")};
}

static bool same_cell(const SeatCell *a, const SeatCell *b)
{
    return a->shown == b->shown && a->x == b->x && a->y == b->y && a->w == b->w && a->h == b->h;
}

void meeting_apply_cells(Meeting *meeting, json_t *cells, MeetingSeatFunc on_cell)
{
    for (guint i = 0; cells != NULL && i < meeting->seats->len; i++) {
        Seat *seat = g_ptr_array_index(meeting->seats, i);
        json_t *entry = find_entry(cells, seat->source);
        SeatCell cell = entry != NULL ? read_cell(entry) : (SeatCell){0};
        if (!same_cell(&cell, &seat->cell)) {
            seat->cell = cell;
            seat->changed = true;
            on_cell(meeting, seat);
        }
    }
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
