#include "signalling/seat.h"

#include <glib.h>
#include <jansson.h>
#include <string.h>

static const char *const state_names[] = {
    [SEAT_MISSING] = "missing", [SEAT_CALLING] = "calling", [SEAT_CONNECTING] = "connecting",
    [SEAT_JOINED] = "joined",   [SEAT_LOST] = "lost",
};

static const char *const reason_names[] = {
    [REASON_NONE] = NULL,         [REASON_OFFLINE] = "offline",
    [REASON_BUSY] = "busy",       [REASON_NO_ANSWER] = "no_answer",
    [REASON_REFUSED] = "refused", [REASON_MEDIA_FAILED] = "media_failed",
};

static const char *const reason_notes[] = {
    [REASON_NONE] = "Chưa vào phiên", [REASON_OFFLINE] = "Chưa kết nối",
    [REASON_BUSY] = "Đang họp khác",  [REASON_NO_ANSWER] = "Không trả lời",
    [REASON_REFUSED] = "Từ chối",     [REASON_MEDIA_FAILED] = "Mất đường truyền",
};

void seat_set_state(Seat *seat, SeatState state, SeatReason reason)
{
    seat->changed = seat->changed || seat->state != state || seat->reason != reason;
    seat->state = state;
    seat->reason = reason;
    seat->deadline_us = 0;
    if (state != SEAT_JOINED) {
        seat->video_live = false;
        seat->link = (LinkGrade){0};
        seat->trouble = (SeatTrouble){0};
    }
}

bool seat_count_crash(Seat *seat)
{
    if (seat->quarantined || ++seat->crashes < SEAT_CRASHES_MAX) {
        return false;
    }
    seat->quarantined = true;
    seat->changed = true;
    return true;
}

bool seat_release(Seat *seat)
{
    bool was_quarantined = seat->quarantined;
    seat->quarantined = false;
    seat->crashes = 0;
    seat->changed = seat->changed || was_quarantined;
    return was_quarantined;
}

bool seat_is_present(const Seat *seat)
{
    return seat->state == SEAT_JOINED;
}

const char *seat_state_name(SeatState state)
{
    return state_names[state];
}

const char *seat_reason_name(SeatReason reason)
{
    return reason_names[reason];
}

static size_t find_name(const char *const *names, size_t count, const char *name)
{
    for (size_t i = 0; name != NULL && i < count; i++) {
        if (names[i] != NULL && strcmp(names[i], name) == 0) {
            return i;
        }
    }
    return 0;
}

const char *seat_reason_text(SeatReason reason)
{
    return reason_notes[reason];
}

SeatState seat_state_parse(const char *name)
{
    return (SeatState)find_name(state_names, G_N_ELEMENTS(state_names), name);
}

SeatReason seat_reason_parse(const char *name_or_null)
{
    return (SeatReason)find_name(reason_names, G_N_ELEMENTS(reason_names), name_or_null);
}

const char *seat_note(const Seat *seat)
{
    switch (seat->state) {
    case SEAT_CALLING:
        return "Đang gọi…";
    case SEAT_CONNECTING:
        return "Đang kết nối…";
    case SEAT_JOINED:
        return seat->quarantined ? "Hình, tiếng bị chặn vì gây lỗi" : "Không có hình";
    case SEAT_LOST:
        return "Mất kết nối";
    case SEAT_MISSING:
        break;
    }
    return reason_notes[seat->reason];
}

json_t *seat_cell_to_json(const SeatCell *cell)
{
    if (!cell->shown) {
        return json_null();
    }
    return json_pack("{s:f, s:f, s:f, s:f}", "x", cell->x, "y", cell->y, "w", cell->w, "h",
                     cell->h);
}

static const char *video_name(const Seat *seat)
{
    if (seat->demand.width == 0) {
        return "off";
    }
    return seat->video_live ? "live" : "none";
}

static json_t *trouble_to_json(const Seat *seat)
{
    json_t *list = seat_trouble_to_json(&seat->trouble);
    if (seat->quarantined) {
        json_array_append_new(list, json_string("quarantined"));
    }
    return list;
}

json_t *seat_to_json(const Seat *seat)
{
    return json_pack("{s:I, s:s?, s:s, s:s, s:s, s:s?, s:b, s:s, s:i, s:o, s:b, s:o, s:I, s:o}",
                     "source", (json_int_t)seat->source, "site",
                     seat->site[0] != '\0' ? seat->site : NULL, "name", seat->name, "tier",
                     seat->tier, "state", state_names[seat->state], "reason",
                     reason_names[seat->reason], "muted", seat->muted, "video", video_name(seat),
                     "view", seat->view, "cell", seat_cell_to_json(&seat->cell), "stream",
                     seat->stream != 0, "trouble", trouble_to_json(seat), "talk_s",
                     (json_int_t)(seat->talk_ms / 1000), "mark", rollmark_to_json(&seat->mark));
}

bool seat_demand_equals(const SeatDemand *a, const SeatDemand *b)
{
    return a->width == b->width && a->height == b->height && a->fps == b->fps && a->kbps == b->kbps;
}
