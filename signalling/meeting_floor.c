/* Who may speak: the floor, its time, and the microphones that are open only while it lasts. */
#include <jansson.h>

#include "signalling/meetings_internal.h"

static int64_t now_ms(void)
{
    return g_get_real_time() / 1000;
}

void floor_changed(Meeting *meeting)
{
    meeting->leading.changed = true;
    meeting->header_changed = true;
    meeting->program_changed = true; /* hands and time are in the picture */
}

void floor_lend_microphone(Meetings *meetings, Meeting *meeting, Seat *seat, const char *by)
{
    if (seat->muted) {
        seat->is_lent = true;
        media_mute(meetings, meeting, seat, &(MuteOptions){.muted = false, .by = by});
    }
}

void floor_return_microphone(Meetings *meetings, Meeting *meeting, Seat *seat, const char *by)
{
    bool is_needed =
        seat->source == meeting->roles[VIEW_FLOOR] || seat->source == meeting->leading.roll_source;
    if (seat->is_lent && !is_needed) {
        seat->is_lent = false;
        media_mute(meetings, meeting, seat, &(MuteOptions){.muted = true, .by = by});
    }
}

void floor_give(Meetings *meetings, Meeting *meeting, Seat *seat_or_null, const char *by)
{
    uint32_t before = meeting->roles[VIEW_FLOOR];
    uint32_t source = seat_or_null != NULL ? seat_or_null->source : 0;
    if (source != 0) {
        handqueue_lower(&meeting->leading.queue, source);
    }
    meeting_set_role(meeting, VIEW_FLOOR, source);
    if (source != before) {
        meeting->leading.floor_since_ms = source != 0 ? now_ms() : 0;
        Seat *last = meeting_find_seat(meeting, before);
        if (last != NULL) {
            floor_return_microphone(meetings, meeting, last, by);
        }
    }
    if (seat_or_null != NULL) {
        floor_lend_microphone(meetings, meeting, seat_or_null, by);
    }
    floor_changed(meeting);
}

/* Hands of sites that are away keep their place until they are back. */
static Seat *first_present(const Meeting *meeting)
{
    const HandQueue *queue = &meeting->leading.queue;
    for (guint i = 0; i < handqueue_count(queue); i++) {
        Seat *seat = meeting_find_seat(meeting, handqueue_at(queue, i)->source);
        if (seat != NULL && seat_is_present(seat)) {
            return seat;
        }
    }
    return NULL;
}

Seat *floor_next(Meetings *meetings, Meeting *meeting, const char *by)
{
    Seat *seat = first_present(meeting);
    floor_give(meetings, meeting, seat, by);
    return seat;
}

void floor_mute_all(Meeting *meeting, bool muted)
{
    Leading *leading = &meeting->leading;
    leading->is_muted_all = muted;
    for (guint i = 0; i < meeting->seats->len; i++) {
        Seat *seat = g_ptr_array_index(meeting->seats, i);
        bool is_speaking =
            seat->source == meeting->roles[VIEW_FLOOR] || seat->source == leading->roll_source;
        /* Who was spared because he speaks is muted with the others when he has spoken. */
        seat->is_lent = muted && is_speaking && !seat->muted;
        seat->changed = true;
    }
    meeting->header_changed = true;
}

void floor_forget_seat(Meeting *meeting, const Seat *seat)
{
    Leading *leading = &meeting->leading;
    bool is_known = handqueue_lower(&leading->queue, seat->source);
    if (meeting->roles[VIEW_FLOOR] == seat->source) {
        leading->floor_since_ms = 0;
        is_known = true;
    }
    if (leading->roll_source == seat->source) {
        leading->roll_source = 0;
        is_known = true;
    }
    if (is_known) {
        floor_changed(meeting);
    }
}
