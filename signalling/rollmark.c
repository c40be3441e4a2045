#include "signalling/rollmark.h"

#include <glib.h>
#include <jansson.h>
#include <string.h>

static const char *const kind_names[] = {
    [MARK_NONE] = NULL,   [MARK_PRESENT] = "present",       [MARK_ABSENT] = "absent",
    [MARK_LATE] = "late", [MARK_LEFT_EARLY] = "left_early",
};

static const char *const by_names[] = {
    [MARK_BY_CHAIR] = "chair", [MARK_BY_BUTTON] = "button", [MARK_BY_VOICE] = "voice"};

static size_t find(const char *const *names, size_t count, const char *name)
{
    for (size_t i = 0; name != NULL && i < count; i++) {
        if (names[i] != NULL && strcmp(names[i], name) == 0) {
            return i;
        }
    }
    return 0;
}

const char *rollmark_name(RollMarkKind kind)
{
    return kind_names[kind];
}

RollMarkKind rollmark_parse(const char *name_or_null)
{
    return (RollMarkKind)find(kind_names, G_N_ELEMENTS(kind_names), name_or_null);
}

const char *rollmark_by_name(RollMarkBy by)
{
    return by_names[by];
}

RollMarkBy rollmark_by_parse(const char *name_or_null)
{
    return (RollMarkBy)find(by_names, G_N_ELEMENTS(by_names), name_or_null);
}

json_t *rollmark_to_json(const RollMark *mark)
{
    if (mark->kind == MARK_NONE) {
        return json_null();
    }
    return json_pack("{s:s, s:s, s:s, s:I}", "mark", kind_names[mark->kind], "by",
                     by_names[mark->by], "reason", mark->reason, "at_ms", (json_int_t)mark->at_ms);
}
