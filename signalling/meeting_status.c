/* What a site is told of its own standing: its place in the queue, who speaks and for how long, is
 * it called. The whole of it whenever it changes, so that one that comes back knows the same. */
#include <jansson.h>
#include <stdlib.h>

#include "signalling/meetings_internal.h"
#include "signalling/nullable.h"

/* Without the time that has passed, which is no news. */
static json_t *speaking_to_json(const Meeting *meeting, const Seat *seat)
{
    const Seat *speaker = meeting_find_seat(meeting, meeting->roles[VIEW_FLOOR]);
    if (speaker == NULL) {
        return json_null();
    }
    return json_pack("{s:I, s:s, s:b, s:o}", "source", (json_int_t)speaker->source, "name",
                     speaker->name, "own", speaker == seat, "limit_s",
                     number_or_null(meeting->leading.speaking_limit_s));
}

static json_t *status_of(const Meeting *meeting, const Seat *seat)
{
    const Leading *leading = &meeting->leading;
    const char *mark = rollmark_name(seat->mark.kind);
    return json_pack("{s:s, s:I, s:o, s:i, s:o, s:b, s:s?}", "type", "seat.status", "meeting",
                     (json_int_t)meeting->id, "place",
                     number_or_null(handqueue_place(&leading->queue, seat->source)), "waiting",
                     (int)handqueue_count(&leading->queue), "speaking",
                     speaking_to_json(meeting, seat), "called",
                     leading->roll_source == seat->source, "mark", mark);
}

static void add_time(const Meeting *meeting, json_t *status)
{
    json_t *speaking = json_object_get(status, "speaking");
    if (json_is_object(speaking)) {
        int64_t since_ms = g_get_real_time() / 1000 - meeting->leading.floor_since_ms;
        json_object_set_new(speaking, "since_s", json_integer(MAX(since_ms, 0) / 1000));
    }
}

static void tell(Meetings *meetings, const Meeting *meeting, Seat *seat)
{
    Client *client = media_seat_client(meetings, seat);
    if (client == NULL || seat->peer == 0) {
        return;
    }
    json_t *status = status_of(meeting, seat);
    char *text = json_dumps(status, JSON_COMPACT);
    guint hash = g_str_hash(text) | 1;
    free(text);
    if (hash == seat->told_status) {
        json_decref(status);
        return;
    }
    seat->told_status = hash;
    add_time(meeting, status);
    client_send(client, status);
}

void status_renew(Meeting *meeting, Seat *seat)
{
    seat->told_status = 0;
    meeting->leading.changed = true;
}

void status_settle(Meetings *meetings, Meeting *meeting)
{
    if (!meeting->leading.changed) {
        return;
    }
    meeting->leading.changed = false;
    for (guint i = 0; i < meeting->seats->len; i++) {
        tell(meetings, meeting, g_ptr_array_index(meeting->seats, i));
    }
}
