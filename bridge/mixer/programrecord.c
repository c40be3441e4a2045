#include "bridge/mixer/programrecord.h"

#include <glib.h>
#include <jansson.h>
#include <limits.h>

#include "bridge/base/fields.h"

static const ProgramRung *find_rung(const ProgramView *views, size_t view_count, int64_t id)
{
    for (size_t v = 0; v < view_count; v++) {
        for (size_t r = 0; views[v].id == id && r < views[v].rung_count; r++) {
            if (views[v].rungs[r].codec == VIDEO_VP8) {
                return &views[v].rungs[r];
            }
        }
    }
    return NULL;
}

bool program_record_parse(json_t *object, const ProgramView *views, size_t view_count,
                          ProgramRecord *ret_record, Problem *problem)
{
    int64_t view;
    int64_t reserve;
    const char *directory;
    if (!json_is_object(object)) {
        return problem_set(problem, "bad_field", "", "must be an object");
    }
    if (!field_int(object, "id", 1, INT64_MAX, &ret_record->id, problem) ||
        !field_int(object, "view", 0, LIMIT_VIEWS - 1, &view, problem) ||
        !field_string(object, "directory", 1, PATH_MAX - 1, &directory, problem) ||
        !field_int(object, "epoch_us", 0, INT64_MAX, &ret_record->epoch_us, problem) ||
        !field_int_or(object, "reserve_bytes", 0, INT64_MAX, 0, &reserve, problem)) {
        return false;
    }
    const ProgramRung *rung = find_rung(views, view_count, view);
    if (rung == NULL) {
        return problem_set(problem, "bad_field", "view",
                           "view: %" G_GINT64_FORMAT " has no VP8 rung", view);
    }
    ret_record->rung = rung->id;
    ret_record->reserve_bytes = (uint64_t)reserve;
    ret_record->directory = g_strdup(directory);
    return true;
}

void program_record_clear(ProgramRecord *record)
{
    g_free(record->directory);
}
