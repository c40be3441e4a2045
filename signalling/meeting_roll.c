/* The roll: who is called, in the order of the directory, and what is known of each. Who answers
 * makes room for the next; who is not connected is passed over and may answer when he is there. */
#include <jansson.h>

#include "signalling/meetings_internal.h"

/* Speech that counts as an answer: more than a cough, less than "có mặt". */
#define ANSWER_VOICE_MS 1000

static size_t order_of(Meetings *meetings, const Seat *seat)
{
    Directory *directory = meetings->server->directory;
    for (size_t i = 0; i < directory_count(directory); i++) {
        if (g_str_equal(directory_at(directory, i)->code, seat->site)) {
            return i;
        }
    }
    return directory_count(directory);
}

static bool may_be_called(const Seat *seat)
{
    return seat->site[0] != '\0' && seat->mark.kind == MARK_NONE && seat_is_present(seat);
}

/* The first after the one at place `after` who may be called; -1: from the beginning. */
static Seat *find_next(Meetings *meetings, const Meeting *meeting, gssize after)
{
    Seat *next = NULL;
    gssize next_at = 0;
    for (guint i = 0; i < meeting->seats->len; i++) {
        Seat *seat = g_ptr_array_index(meeting->seats, i);
        gssize at = may_be_called(seat) ? (gssize)order_of(meetings, seat) : -1;
        if (at > after && (next == NULL || at < next_at)) {
            next = seat;
            next_at = at;
        }
    }
    return next;
}

static void set_called(Meetings *meetings, Meeting *meeting, Seat *seat_or_null, const char *by)
{
    Leading *leading = &meeting->leading;
    Seat *last = meeting_find_seat(meeting, leading->roll_source);
    leading->roll_source = seat_or_null != NULL ? seat_or_null->source : 0;
    leading->called_voice_ms = 0;
    if (last != NULL && last != seat_or_null) {
        floor_return_microphone(meetings, meeting, last, by);
    }
    if (seat_or_null != NULL) {
        leading->roll = ROLL_RUNNING;
        floor_lend_microphone(meetings, meeting, seat_or_null, by);
    }
    floor_changed(meeting);
}

void roll_call(Meetings *meetings, Meeting *meeting, Seat *seat_or_null, const char *by)
{
    const Seat *last = meeting_find_seat(meeting, meeting->leading.roll_source);
    Seat *next = seat_or_null;
    if (next == NULL && last != NULL) {
        next = find_next(meetings, meeting, (gssize)order_of(meetings, last));
    }
    if (next == NULL) {
        next = find_next(meetings, meeting, -1); /* Those that came later. */
        next = next != last ? next : NULL;
    }
    if (next == NULL) {
        meeting->leading.roll = ROLL_DONE;
    }
    set_called(meetings, meeting, next, by);
}

void roll_start(Meetings *meetings, Meeting *meeting, const char *by)
{
    for (guint i = 0; i < meeting->seats->len; i++) {
        Seat *seat = g_ptr_array_index(meeting->seats, i);
        seat->changed = seat->changed || seat->mark.kind != MARK_NONE;
        seat->mark = (RollMark){0};
    }
    set_called(meetings, meeting, NULL, by);
    meeting->leading.roll_started_ms = g_get_real_time() / 1000;
    roll_call(meetings, meeting, NULL, by);
}

void roll_stop(Meetings *meetings, Meeting *meeting, const char *by)
{
    meeting->leading.roll = meeting->leading.roll_started_ms != 0 ? ROLL_DONE : ROLL_IDLE;
    set_called(meetings, meeting, NULL, by);
}

void roll_mark(Meetings *meetings, Meeting *meeting, Seat *seat, const RollMark *mark)
{
    seat->mark = *mark;
    seat->mark.at_ms = g_get_real_time() / 1000;
    seat->changed = true;
    floor_changed(meeting);
    if (mark->kind != MARK_NONE && meeting->leading.roll_source == seat->source) {
        roll_call(meetings, meeting, NULL, "diemcau");
    }
}

void roll_hear(Meetings *meetings, Meeting *meeting, Seat *seat, int64_t heard_ms)
{
    Leading *leading = &meeting->leading;
    if (leading->roll_source != seat->source || seat->mark.kind != MARK_NONE) {
        return;
    }
    leading->called_voice_ms += heard_ms;
    if (leading->called_voice_ms >= ANSWER_VOICE_MS) {
        roll_mark(meetings, meeting, seat, &(RollMark){.kind = MARK_PRESENT, .by = MARK_BY_VOICE});
    }
}
