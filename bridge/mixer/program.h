/* What the server wants a mixer to show: the `program` operation of bridge/PROTOCOL.md as an
 * immutable, reference-counted value. Any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/base/layout.h"
#include "bridge/base/limits.h"
#include "bridge/base/problem.h"

typedef struct json_t json_t;

typedef struct ProgramRung {
    uint16_t id;
    int width, height; /* Even, at most the picture's. */
    int fps;           /* At most the picture's. */
    int kbps;
} ProgramRung;

typedef struct ProgramSeat {
    uint32_t source; /* 1 and up, once in a program. */
    char *name;
    char *note; /* Shown when there is no picture; may be empty. */
    bool is_present;
    bool is_muted;
} ProgramSeat;

typedef struct Program {
    int64_t revision;
    int width, height; /* Even. */
    int fps;
    uint32_t spotlight; /* 0: nobody. */
    Layout *layout;
    size_t rung_count;
    ProgramRung rungs[LIMIT_RUNGS];
    size_t seat_count;
    ProgramSeat seats[LIMIT_SEATS]; /* In seating order. */
} Program;

/* NULL and a problem whose field names the culprit by path ("seats[3].name"). */
Program *program_parse(json_t *request, Problem *problem);
Program *program_ref(Program *program);
/* NULL is fine. */
void program_unref(Program *program);

/* Index of the seat, or -1. */
int program_find_seat(const Program *program, uint32_t source);
