#include "bridge/mixer/stage.h"

#include <string.h>

#include "bridge/mixer/rotation.h"

#define NEVER_PRESENT_US (INT64_MIN / 2)

typedef struct Occupant {
    uint32_t source;
    int64_t present_us; /* When it was last known to be present. */
} Occupant;

struct Stage {
    size_t cell_count;
    Occupant cells[LIMIT_LAYOUT_CELLS];
    Rotation rotation;
    int64_t next_us;
};

/* One arrangement in the making. */
typedef struct Work {
    const StageInput *input;
    const Program *program;
    const Layout *layout;
    Occupant cells[LIMIT_LAYOUT_CELLS];
    bool is_bound[LIMIT_LAYOUT_CELLS]; /* To somebody or nobody: the free seats do not get it. */
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
    work->cells[cell].present_us = seat->is_present ? work->input->now_us
                                   : before != NULL ? before->present_us
                                                    : NEVER_PRESENT_US;
}

static void displace(Work *work, size_t cell)
{
    int seat = program_find_seat(work->program, work->cells[cell].source);
    work->is_placed[seat] = false;
    work->cells[cell] = (Occupant){0};
}

static bool is_free(const Work *work, size_t cell)
{
    return work->cells[cell].source == 0 && !work->is_bound[cell];
}

/* The first free cell of the role, or -1. */
static int find_role(const Work *work, LayoutRole role)
{
    for (size_t i = 0; i < work->layout->cell_count; i++) {
        if (work->layout->cells[i].role == role && is_free(work, i)) {
            return (int)i;
        }
    }
    return -1;
}

/* The first free cell that shows one chosen seat big. */
static int find_big_cell(const Work *work)
{
    int floor = find_role(work, LAYOUT_ROLE_FLOOR);
    return floor >= 0 ? floor : find_role(work, LAYOUT_ROLE_CHAIR);
}

static void bind(const Stage *stage, Work *work, int cell, uint32_t source)
{
    int seat = program_find_seat(work->program, source);
    if (cell >= 0 && seat >= 0 && !work->is_placed[seat]) {
        place(stage, work, (size_t)cell, seat);
        work->is_bound[cell] = true;
    }
}

static void place_bound(const Stage *stage, Work *work)
{
    const ProgramView *view = work->input->view;
    for (size_t i = 0; i < work->layout->cell_count; i++) {
        if (work->layout->cells[i].role == LAYOUT_ROLE_SITE) {
            bind(stage, work, (int)i, work->layout->cells[i].source);
            work->is_bound[i] = true;
        }
    }
    bind(stage, work, find_big_cell(work), view->spotlight);
    bind(stage, work, find_role(work, LAYOUT_ROLE_CHAIR), view->chair);
    bind(stage, work, find_role(work, LAYOUT_ROLE_FLOOR), view->floor);
    bind(stage, work, find_role(work, LAYOUT_ROLE_SHARE), view->share);
}

static bool is_present(const Work *work, int seat)
{
    return seat >= 0 && work->program->seats[seat].is_present;
}

/* A floor cell that is bound to nobody is the active speaker's. */
static void place_speaker(const Stage *stage, Work *work)
{
    const StageInput *input = work->input;
    int cell = find_role(work, LAYOUT_ROLE_FLOOR);
    int seat = input->is_speaking ? program_find_seat(work->program, input->speakers[0]) : -1;
    if (cell >= 0 && is_present(work, seat) && !work->is_placed[seat]) {
        place(stage, work, (size_t)cell, seat);
    }
}

/* Those of the rotation who may be shown now, in their order. */
static size_t list_rotating(const Work *work, uint32_t *ret_sources, bool *ret_is_live)
{
    const ProgramRotation *rotation = &work->input->view->rotation;
    GHashTable *live = work->input->live;
    size_t count = 0;
    for (size_t i = 0; i < rotation->source_count; i++) {
        uint32_t source = rotation->sources[i];
        int seat = program_find_seat(work->program, source);
        if (is_present(work, seat) && !work->is_placed[seat]) {
            ret_is_live[count] =
                live != NULL && g_hash_table_contains(live, GUINT_TO_POINTER(source));
            ret_sources[count++] = source;
        }
    }
    return count;
}

/* Returns when to look again. */
static int64_t place_rotating(Stage *stage, Work *work, Arrangement *arrangement)
{
    size_t indices[LIMIT_LAYOUT_CELLS];
    uint32_t cells[LIMIT_LAYOUT_CELLS];
    uint32_t sources[LIMIT_SEATS];
    bool is_live[LIMIT_SEATS];
    const StageInput *input = work->input;
    size_t cell_count = 0;
    for (size_t i = 0; i < work->layout->cell_count; i++) {
        if (work->layout->cells[i].role == LAYOUT_ROLE_ROTATE) {
            indices[cell_count] = i;
            cells[cell_count++] = i < stage->cell_count ? stage->cells[i].source : 0;
        }
    }
    if (input->view->rotation.source_count == 0) {
        return INT64_MAX;
    }
    RotationInput rotation = {
        .sources = sources,
        .is_live = is_live,
        .count = list_rotating(work, sources, is_live),
        .speaker = input->is_speaking ? input->speakers[0] : 0,
        .interval_us = input->view->rotation.interval_us,
        .now_us = input->now_us,
    };
    int64_t next_us = rotation_run(&stage->rotation, &rotation, cells, cell_count, arrangement);
    for (size_t i = 0; i < cell_count; i++) {
        work->is_bound[indices[i]] = true;
        if (cells[i] != 0) {
            bind(stage, work, (int)indices[i], cells[i]);
        }
    }
    return next_us;
}

static void place_occupants(const Stage *stage, Work *work)
{
    size_t count = MIN(stage->cell_count, work->layout->cell_count);
    for (size_t i = 0; i < count; i++) {
        int seat = program_find_seat(work->program, stage->cells[i].source);
        if (seat >= 0 && !work->is_placed[seat] && is_free(work, i)) {
            place(stage, work, i, seat);
        }
    }
}

static int find_cell(const Work *work, bool (*matches)(const Work *work, size_t cell))
{
    for (size_t i = 0; i < work->layout->cell_count; i++) {
        if (matches(work, i)) {
            return (int)i;
        }
    }
    return -1;
}

/* How many have spoken since the source did; those who never did are all the same. */
static size_t rank_of(const Work *work, uint32_t source)
{
    size_t rank = 0;
    while (rank < work->input->speaker_count && work->input->speakers[rank] != source) {
        rank++;
    }
    return rank;
}

/* The `recent` cell, from the last on, of somebody who spoke longer ago than `rank`, or -1. */
static int find_less_recent(const Work *work, size_t rank)
{
    int found = -1;
    size_t worst = rank;
    for (size_t i = work->layout->cell_count; i > 0; i--) {
        size_t cell = i - 1;
        if (work->layout->cells[cell].role != LAYOUT_ROLE_RECENT || work->is_bound[cell] ||
            work->cells[cell].source == 0) {
            continue;
        }
        size_t other = rank_of(work, work->cells[cell].source);
        if (other > worst) {
            worst = other;
            found = (int)cell;
        }
    }
    return found;
}

static void place_recent(const Stage *stage, Work *work)
{
    for (size_t rank = 0; rank < work->input->speaker_count; rank++) {
        int seat = program_find_seat(work->program, work->input->speakers[rank]);
        if (!is_present(work, seat) || work->is_placed[seat]) {
            continue;
        }
        int cell = find_cell(work, is_free);
        if (cell < 0) {
            cell = find_less_recent(work, rank);
            if (cell < 0) {
                return;
            }
            displace(work, (size_t)cell);
        }
        place(stage, work, (size_t)cell, seat);
    }
}

static bool may_be_displaced(const Work *work, size_t cell)
{
    return !work->is_bound[cell] &&
           work->input->now_us - work->cells[cell].present_us >= STAGE_KEEP_US;
}

/* Each into a free cell, a present one also into that of a seat long absent. */
static void place_others(const Stage *stage, Work *work, bool are_present)
{
    for (size_t s = 0; s < work->program->seat_count; s++) {
        if (work->is_placed[s] || work->program->seats[s].is_present != are_present) {
            continue;
        }
        int cell = find_cell(work, is_free);
        if (cell < 0 && are_present) {
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
    for (size_t i = 0; i < work->layout->cell_count; i++) {
        const Occupant *occupant = &work->cells[i];
        int seat = program_find_seat(work->program, occupant->source);
        if (seat >= 0 && !work->is_bound[i] && !work->program->seats[seat].is_present) {
            next_us = MIN(next_us, occupant->present_us + STAGE_KEEP_US);
        }
    }
    return has_present_waiting(work) ? next_us : INT64_MAX;
}

void stage_arrange(Stage *stage, const StageInput *input, Arrangement *ret_arrangement)
{
    Work work = {.input = input, .program = input->program, .layout = input->view->layout};
    ret_arrangement->soon_count = 0;
    place_bound(stage, &work);
    place_speaker(stage, &work);
    int64_t turn_us = place_rotating(stage, &work, ret_arrangement);
    place_occupants(stage, &work);
    place_recent(stage, &work);
    place_others(stage, &work, true);
    place_others(stage, &work, false);
    stage->next_us = MIN(next_change_us(&work), turn_us);
    stage->cell_count = work.layout->cell_count;
    memcpy(stage->cells, work.cells, sizeof stage->cells);
    for (size_t i = 0; i < LIMIT_LAYOUT_CELLS; i++) {
        ret_arrangement->cells[i] = work.cells[i].source;
    }
}

int64_t stage_next_us(const Stage *stage)
{
    return stage->next_us;
}
