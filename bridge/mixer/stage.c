#include "bridge/mixer/stage.h"

#include <glib.h>
#include <string.h>

#define NEVER_PRESENT_US (INT64_MIN / 2)

typedef struct Occupant {
    uint32_t source;
    int64_t present_us; /* When it was last known to be present. */
} Occupant;

struct Stage {
    size_t cell_count;
    Occupant cells[LIMIT_LAYOUT_CELLS];
    int64_t next_us;
};

/* One arrangement in the making. */
typedef struct Work {
    const Program *program;
    int64_t now_us;
    Occupant cells[LIMIT_LAYOUT_CELLS];
    bool is_placed[LIMIT_SEATS];
} Work;

Stage *stage_new(void)
{
    Stage *stage = g_new0(Stage, 1);
    stage->next_us = INT64_MAX;
    return stage;
}

void stage_free(Stage *stage)
{
    g_free(stage);
}

static const Occupant *find_occupant(const Stage *stage, uint32_t source)
{
    for (size_t i = 0; i < stage->cell_count; i++) {
        if (stage->cells[i].source == source) {
            return &stage->cells[i];
        }
    }
    return NULL;
}

static void place(const Stage *stage, Work *work, size_t cell, int seat_index)
{
    const ProgramSeat *seat = &work->program->seats[seat_index];
    const Occupant *before = find_occupant(stage, seat->source);
    work->is_placed[seat_index] = true;
    work->cells[cell].source = seat->source;
    work->cells[cell].present_us = seat->is_present ? work->now_us
                                   : before != NULL ? before->present_us
                                                    : NEVER_PRESENT_US;
}

/* The first cell of the role that shows one chosen seat big. */
static int find_big_cell(const Layout *layout)
{
    static const LayoutRole roles[] = {LAYOUT_ROLE_FLOOR, LAYOUT_ROLE_CHAIR};
    for (size_t r = 0; r < G_N_ELEMENTS(roles); r++) {
        for (size_t i = 0; i < layout->cell_count; i++) {
            if (layout->cells[i].role == roles[r]) {
                return (int)i;
            }
        }
    }
    return -1;
}

static void place_bound(const Stage *stage, Work *work)
{
    const Layout *layout = work->program->layout;
    for (size_t i = 0; i < layout->cell_count; i++) {
        if (layout->cells[i].role != LAYOUT_ROLE_SITE) {
            continue;
        }
        int seat = program_find_seat(work->program, layout->cells[i].source);
        if (seat >= 0 && !work->is_placed[seat]) {
            place(stage, work, i, seat);
        }
    }
    int big = find_big_cell(layout);
    int spotlight = program_find_seat(work->program, work->program->spotlight);
    if (big >= 0 && spotlight >= 0 && !work->is_placed[spotlight]) {
        place(stage, work, (size_t)big, spotlight);
    }
}

static bool is_free(const Work *work, size_t cell)
{
    return work->cells[cell].source == 0 &&
           work->program->layout->cells[cell].role != LAYOUT_ROLE_SITE;
}

static void place_occupants(const Stage *stage, Work *work)
{
    size_t count = MIN(stage->cell_count, work->program->layout->cell_count);
    for (size_t i = 0; i < count; i++) {
        int seat = program_find_seat(work->program, stage->cells[i].source);
        if (seat >= 0 && !work->is_placed[seat] && is_free(work, i)) {
            place(stage, work, i, seat);
        }
    }
}

static bool may_be_displaced(const Work *work, size_t cell)
{
    const Occupant *occupant = &work->cells[cell];
    return work->program->layout->cells[cell].role != LAYOUT_ROLE_SITE &&
           occupant->source != work->program->spotlight &&
           work->now_us - occupant->present_us >= STAGE_KEEP_US;
}

static int find_cell(const Work *work, bool (*matches)(const Work *work, size_t cell))
{
    for (size_t i = 0; i < work->program->layout->cell_count; i++) {
        if (matches(work, i)) {
            return (int)i;
        }
    }
    return -1;
}

static void displace(Work *work, size_t cell)
{
    int seat = program_find_seat(work->program, work->cells[cell].source);
    work->is_placed[seat] = false;
    work->cells[cell] = (Occupant){0};
}

/* Present seats first, each into a free cell or that of a seat long absent. */
static void place_others(const Stage *stage, Work *work, bool is_present)
{
    for (size_t s = 0; s < work->program->seat_count; s++) {
        if (work->is_placed[s] || work->program->seats[s].is_present != is_present) {
            continue;
        }
        int cell = find_cell(work, is_free);
        if (cell < 0 && is_present) {
            cell = find_cell(work, may_be_displaced);
            if (cell >= 0) {
                displace(work, (size_t)cell);
            }
        }
        if (cell < 0) {
            return;
        }
        place(stage, work, (size_t)cell, (int)s);
    }
}

static bool has_present_waiting(const Work *work)
{
    for (size_t s = 0; s < work->program->seat_count; s++) {
        if (work->program->seats[s].is_present && !work->is_placed[s]) {
            return true;
        }
    }
    return false;
}

static int64_t next_change_us(const Work *work)
{
    int64_t next_us = INT64_MAX;
    for (size_t i = 0; i < work->program->layout->cell_count; i++) {
        const Occupant *occupant = &work->cells[i];
        int seat = program_find_seat(work->program, occupant->source);
        bool is_bound = work->program->layout->cells[i].role == LAYOUT_ROLE_SITE ||
                        occupant->source == work->program->spotlight;
        if (seat >= 0 && !is_bound && !work->program->seats[seat].is_present) {
            next_us = MIN(next_us, occupant->present_us + STAGE_KEEP_US);
        }
    }
    return has_present_waiting(work) ? next_us : INT64_MAX;
}

void stage_arrange(Stage *stage, const Program *program, int64_t now_us, uint32_t *ret_sources)
{
    Work work = {.program = program, .now_us = now_us};
    place_bound(stage, &work);
    place_occupants(stage, &work);
    place_others(stage, &work, true);
    place_others(stage, &work, false);
    stage->next_us = next_change_us(&work);
    stage->cell_count = program->layout->cell_count;
    memcpy(stage->cells, work.cells, sizeof stage->cells);
    for (size_t i = 0; i < stage->cell_count; i++) {
        ret_sources[i] = stage->cells[i].source;
    }
}

int64_t stage_next_us(const Stage *stage)
{
    return stage->next_us;
}
