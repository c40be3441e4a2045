#include "signalling/meeting_fields.h"

#include <jansson.h>

#include "bridge/base/fields.h"
#include "signalling/meetings_internal.h"

Meeting *meeting_field(Server *server, json_t *message, Problem *problem)
{
    int64_t id;
    if (!field_int(message, "meeting", 1, INT64_MAX, &id, problem)) {
        return NULL;
    }
    Meeting *meeting = meetings_find(server->meetings, id);
    if (meeting == NULL) {
        problem_set(problem, "not_found", "meeting", "meeting: no open meeting %" G_GINT64_FORMAT,
                    id);
    }
    return meeting;
}

Seat *meeting_field_find_seat(const Meeting *meeting, int64_t source, Problem *problem)
{
    Seat *seat = meeting_find_seat(meeting, (uint32_t)source);
    if (seat == NULL) {
        problem_set(problem, "not_found", "source", "source: no seat %" G_GINT64_FORMAT, source);
    }
    return seat;
}

bool meeting_field_seat(Server *server, json_t *message, Meeting **ret_meeting, Seat **ret_seat,
                        Problem *problem)
{
    int64_t source;
    *ret_meeting = meeting_field(server, message, problem);
    if (*ret_meeting == NULL || !field_int(message, "source", 1, UINT32_MAX, &source, problem)) {
        return false;
    }
    *ret_seat = meeting_field_find_seat(*ret_meeting, source, problem);
    return *ret_seat != NULL;
}

bool meeting_field_layout(Server *server, json_t *message, const char *fallback,
                          const char **ret_layout, Problem *problem)
{
    if (!field_string_or(message, "layout", LAYOUT_NAME_BYTES_MAX, fallback, ret_layout, problem)) {
        return false;
    }
    if (*ret_layout == NULL) {
        return problem_set(problem, "bad_field", "layout", "layout: must be a string");
    }
    if (layouts_find(server->meetings->layouts, *ret_layout) == NULL) {
        return problem_set(problem, "not_found", "layout", "layout: there is no layout \"%s\"",
                           *ret_layout);
    }
    return true;
}

bool meeting_field_view(const Meeting *meeting, json_t *message, int fallback, int *ret_view,
                        Problem *problem)
{
    int64_t view;
    if (!field_int_or(message, "view", 0, LIMIT_VIEWS - 1, fallback, &view, problem)) {
        return false;
    }
    if (view >= 0 && meeting_find_view(meeting, (int)view) == NULL) {
        return problem_set(problem, "not_found", "view", "view: there is no view %d", (int)view);
    }
    *ret_view = (int)view;
    return true;
}

bool meeting_field_speaking_limit(json_t *message, int64_t *ret_limit_s, Problem *problem)
{
    return field_int_or(message, "speaking_limit_s", LIMIT_SPEAKING_SECONDS_MIN,
                        LIMIT_SPEAKING_SECONDS, 0, ret_limit_s, problem);
}
