/* What the roll says of one seat, and how it is known. A plain value of its seat. Main loop only.
 */
#pragma once

#include <stdint.h>

#include "bridge/base/limits.h"

typedef struct json_t json_t;

typedef enum RollMarkKind {
    MARK_NONE, /* not called yet, or no answer */
    MARK_PRESENT,
    MARK_ABSENT,
    MARK_LATE,
    MARK_LEFT_EARLY,
} RollMarkKind;

typedef enum RollMarkBy {
    MARK_BY_CHAIR,
    MARK_BY_BUTTON, /* the site pressed it */
    MARK_BY_VOICE,  /* it spoke when it was called */
} RollMarkBy;

typedef struct RollMark {
    RollMarkKind kind;
    RollMarkBy by;
    int64_t at_ms; /* wall clock */
    char reason[LIMIT_NAME_BYTES + 1];
} RollMark;

/* "present", …; NULL for MARK_NONE. */
const char *rollmark_name(RollMarkKind kind);
/* MARK_NONE for NULL and for a word that is none. */
RollMarkKind rollmark_parse(const char *name_or_null);
const char *rollmark_by_name(RollMarkBy by);
RollMarkBy rollmark_by_parse(const char *name_or_null);
/* {mark,by,reason,at_ms}, or null for MARK_NONE; the caller owns it. */
json_t *rollmark_to_json(const RollMark *mark);
