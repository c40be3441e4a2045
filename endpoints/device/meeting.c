#include "endpoints/device/meeting.h"

#include "bridge/base/fields.h"
#include "bridge/base/limits.h"

bool meeting_parse_invite(json_t *event, Meeting *ret_meeting, Problem *problem)
{
    Meeting meeting = {0};
    const char *title = "";
    if (!field_int(event, "meeting", 1, INT64_MAX, &meeting.id, problem) ||
        !field_string_or(event, "title", LIMIT_NAME_BYTES, "", &title, problem) ||
        !field_int(event, "source", 0, UINT32_MAX, &meeting.source, problem) ||
        !field_int(event, "peer", 1, INT64_MAX, &meeting.peer, problem) ||
        !field_bool_or(event, "muted", false, &meeting.muted, problem) ||
        !field_bool_or(event, "send", true, &meeting.sends, problem)) {
        return false;
    }
    g_strlcpy(meeting.title, title, sizeof meeting.title);
    *ret_meeting = meeting;
    return true;
}

bool meeting_is_of(const Meeting *meeting, json_t *event)
{
    int64_t id = 0;
    Problem problem = {0};
    return meeting->id != 0 && field_int(event, "meeting", 1, INT64_MAX, &id, &problem) &&
           id == meeting->id;
}
