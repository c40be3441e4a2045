/* The views of a meeting: which there are, which one a seat watches, where its picture lies there.
 */
#include <jansson.h>

#include "signalling/meeting.h"

View *meeting_find_view(const Meeting *meeting, int id)
{
    for (guint i = 0; i < meeting->views->len; i++) {
        View *view = g_ptr_array_index(meeting->views, i);
        if (view->id == id) {
            return view;
        }
    }
    return NULL;
}

int meeting_free_view_id(const Meeting *meeting)
{
    int id = 0;
    while (id < LIMIT_VIEWS && meeting_find_view(meeting, id) != NULL) {
        id++;
    }
    return id;
}

void meeting_view_changed(Meeting *meeting)
{
    meeting->views_changed = true;
    meeting->header_changed = true;
    meeting->program_changed = true;
}

static gint compare_ids(gconstpointer a, gconstpointer b)
{
    const View *first = *(View *const *)a;
    const View *second = *(View *const *)b;
    return first->id - second->id;
}

void meeting_put_view(Meeting *meeting, View *view)
{
    View *old = meeting_find_view(meeting, view->id);
    if (old != NULL) {
        g_ptr_array_remove(meeting->views, old);
    }
    g_ptr_array_add(meeting->views, view);
    g_ptr_array_sort(meeting->views, compare_ids);
    meeting_view_changed(meeting);
}

void meeting_put_views(Meeting *meeting, GPtrArray *views)
{
    g_ptr_array_unref(meeting->views);
    meeting->views = views;
    meeting_view_changed(meeting);
}

void meeting_rotate(Meeting *meeting, int interval_s)
{
    View *view = meeting_find_view(meeting, 0);
    if (view->is_rotating) {
        audience_clear(&view->rotation);
    }
    view->rotation = (Audience){.kind = AUDIENCE_EVERYONE};
    view->is_rotating = true;
    view->rotation_interval_s = interval_s;
    meeting_view_changed(meeting);
}

void meeting_remove_view(Meeting *meeting, View *view)
{
    g_ptr_array_remove(meeting->views, view);
    meeting_view_changed(meeting);
}

void meeting_unbind(Meeting *meeting, uint32_t source)
{
    for (guint i = 0; i < meeting->views->len; i++) {
        View *view = g_ptr_array_index(meeting->views, i);
        for (int role = 0; role < VIEW_ROLES; role++) {
            if (view->roles[role].source == source) {
                view->roles[role].source = 0;
                meeting_view_changed(meeting);
            }
        }
    }
}

void meeting_set_role(Meeting *meeting, ViewRole role, uint32_t source)
{
    meeting->roles[role] = source;
    meeting->header_changed = true;
    meeting->program_changed = true;
}

AudienceMember meeting_member(const Meeting *meeting, const Seat *seat)
{
    return (AudienceMember){.site = seat->site,
                            .tier = seat->tier,
                            .is_chair = seat->source == meeting->roles[VIEW_CHAIR]};
}

int meeting_view_of(const Meeting *meeting, const Seat *seat, Directory *directory)
{
    AudienceMember member = meeting_member(meeting, seat);
    int best = 0;
    int best_rank = 0;
    for (guint i = 0; i < meeting->views->len; i++) {
        const View *view = g_ptr_array_index(meeting->views, i);
        int rank = audience_rank(&view->audience, &member, directory);
        if (rank > best_rank) {
            best = view->id;
            best_rank = rank;
        }
    }
    return best;
}

/* ---- cells ---- */

/* The entry of a list from our own mixer whose `name` is `number`, or NULL. */
static json_t *find_entry(json_t *list, const char *name, json_int_t number)
{
    size_t index;
    json_t *entry;
    json_array_foreach(list, index, entry)
    {
        if (json_integer_value(json_object_get(entry, name)) == number) {
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

static void place(Meeting *meeting, Seat *seat, MeetingSeatFunc on_cell)
{
    json_t *view = find_entry(meeting->cells, "id", seat->view);
    json_t *entry = find_entry(json_object_get(view, "cells"), "source", seat->source);
    SeatCell cell = entry != NULL ? read_cell(entry) : (SeatCell){0};
    if (!same_cell(&cell, &seat->cell)) {
        seat->cell = cell;
        seat->changed = true;
        on_cell(meeting, seat);
    }
}

void meeting_apply_cells(Meeting *meeting, json_t *views, MeetingSeatFunc on_cell)
{
    if (views == NULL) {
        return;
    }
    json_incref(views);
    json_decref(meeting->cells);
    meeting->cells = views;
    for (guint i = 0; i < meeting->seats->len; i++) {
        place(meeting, g_ptr_array_index(meeting->seats, i), on_cell);
    }
}

void meeting_set_seat_view(Meeting *meeting, Seat *seat, int view, MeetingSeatFunc on_cell)
{
    if (seat->view != view) {
        seat->view = view;
        seat->changed = true;
        place(meeting, seat, on_cell);
    }
}
