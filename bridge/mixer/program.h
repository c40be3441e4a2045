/* What the server wants a mixer to show: the `program` operation of bridge/PROTOCOL.md as an
 * immutable, reference-counted value. Any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/base/limits.h"
#include "bridge/base/problem.h"
#include "bridge/mixer/programrecord.h"
#include "bridge/mixer/programview.h"

typedef struct json_t json_t;

typedef struct ProgramSeat {
    uint32_t source; /* 1 and up, once in a program. */
    char *name;
    char *note;    /* Shown when there is no picture; may be empty. */
    char *warning; /* Shown beside the name; may be empty. */
    bool is_present;
    bool is_quarantined; /* Nothing of it is decoded. */
    bool is_muted;
    int hand; /* Place in the queue of raised hands; 0: not raised. */
    bool has_poor_link;
} ProgramSeat;

/* Who has the floor, and for how long already. */
typedef struct ProgramSpeaking {
    uint32_t source;  /* 0: nobody. */
    int64_t used_us;  /* When the program was said. */
    int64_t limit_us; /* 0: none. */
} ProgramSpeaking;

typedef struct Program {
    int64_t revision;
    int fps;
    char *title; /* May be empty. */
    bool is_recorded;
    ProgramSpeaking speaking;
    size_t view_count;
    ProgramView views[LIMIT_VIEWS]; /* Their layouts without per-seat cells. */
    size_t record_count;
    ProgramRecord records[LIMIT_RECORDS];
    size_t seat_count;
    ProgramSeat seats[LIMIT_SEATS]; /* In seating order. */
} Program;

/* NULL and a problem whose field names the culprit by path ("views[1].layout.cells[3].x"). */
Program *program_parse(json_t *request, Problem *problem);
Program *program_ref(Program *program);
/* NULL is fine. */
void program_unref(Program *program);

/* Index of the seat, or -1. */
int program_find_seat(const Program *program, uint32_t source);
