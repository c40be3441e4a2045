/* One recording that the server wants: `record` of a program. A part of a Program and as immutable.
 * Any thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "bridge/base/problem.h"
#include "bridge/mixer/programview.h"

typedef struct json_t json_t;

typedef struct ProgramRecord {
    int64_t id;
    uint16_t rung;   /* The best VP8 rung of its view. */
    char *directory; /* Where its fragments go; nothing else is touched. */
    int64_t epoch_us;
    uint64_t reserve_bytes; /* That must stay free. */
} ProgramRecord;

/* Fills *ret_record in, which is all zero before and needs program_record_clear after, also when it
 * fails: false and a problem whose field is a path inside the record. */
bool program_record_parse(json_t *object, const ProgramView *views, size_t view_count,
                          ProgramRecord *ret_record, Problem *problem);
void program_record_clear(ProgramRecord *record);
