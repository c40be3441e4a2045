#include "bridge/mixer/rotation.h"

#include <glib.h>

static bool contains(const uint32_t *sources, size_t count, uint32_t source)
{
    for (size_t i = 0; i < count; i++) {
        if (sources[i] == source) {
            return true;
        }
    }
    return false;
}

/* The index after the source that came last. */
static size_t find_start(const Rotation *rotation, const RotationInput *input)
{
    for (size_t i = 0; i < input->count; i++) {
        if (input->sources[i] == rotation->last) {
            return i + 1;
        }
    }
    return 0;
}

static void drop_others(const RotationInput *input, uint32_t *cells, size_t cell_count)
{
    for (size_t i = 0; i < cell_count; i++) {
        if (!contains(input->sources, input->count, cells[i])) {
            cells[i] = 0;
        }
    }
}

/* An empty cell waits for nobody's turn. */
static void fill_empty(Rotation *rotation, const RotationInput *input, uint32_t *cells,
                       size_t cell_count)
{
    size_t start = find_start(rotation, input);
    size_t step = 0;
    for (size_t i = 0; i < cell_count; i++) {
        while (cells[i] == 0 && step < input->count) {
            uint32_t source = input->sources[(start + step++) % input->count];
            if (!contains(cells, cell_count, source)) {
                cells[i] = source;
                rotation->last = source;
            }
        }
    }
}

/* Indices of those whose turn comes, in their order: some more than there are cells, because some
 * may turn out to have no picture. */
static size_t list_next(const Rotation *rotation, const RotationInput *input, const uint32_t *cells,
                        size_t cell_count, size_t *ret_indices)
{
    size_t start = find_start(rotation, input);
    size_t count = 0;
    size_t most = MIN(2 * cell_count, ARRANGEMENT_SOON_MAX);
    for (size_t step = 0; step < input->count && count < most; step++) {
        size_t index = (start + step) % input->count;
        if (!contains(cells, cell_count, input->sources[index])) {
            ret_indices[count++] = index;
        }
    }
    return count;
}

static void turn(Rotation *rotation, const RotationInput *input, uint32_t *cells, size_t cell_count)
{
    size_t next[ARRANGEMENT_SOON_MAX];
    size_t count = list_next(rotation, input, cells, cell_count, next);
    size_t shown = 0;
    for (size_t i = 0; i < count && shown < cell_count; i++) {
        rotation->last = input->sources[next[i]];
        if (input->is_live[next[i]]) {
            cells[rotation->cell++ % cell_count] = rotation->last;
            shown++;
        }
    }
    rotation->cell %= cell_count;
}

static void announce(const Rotation *rotation, const RotationInput *input, const uint32_t *cells,
                     size_t cell_count, Arrangement *arrangement)
{
    size_t next[ARRANGEMENT_SOON_MAX];
    size_t count = list_next(rotation, input, cells, cell_count, next);
    for (size_t i = 0; i < count && arrangement->soon_count < ARRANGEMENT_SOON_MAX; i++) {
        arrangement->soon[arrangement->soon_count++] = input->sources[next[i]];
    }
}

int64_t rotation_run(Rotation *rotation, const RotationInput *input, uint32_t *cells,
                     size_t cell_count, Arrangement *arrangement)
{
    drop_others(input, cells, cell_count);
    fill_empty(rotation, input, cells, cell_count);
    bool is_speaking = input->speaker != 0 && contains(cells, cell_count, input->speaker);
    if (cell_count == 0 || input->count <= cell_count || is_speaking) {
        rotation->due_us = 0;
        return INT64_MAX;
    }
    if (rotation->due_us != 0 && input->now_us >= rotation->due_us) {
        turn(rotation, input, cells, cell_count);
        rotation->due_us = 0;
    }
    if (rotation->due_us == 0) {
        rotation->due_us = input->now_us + input->interval_us;
    }
    int64_t ahead_us = rotation->due_us - ROTATION_AHEAD_US;
    if (input->now_us < ahead_us) {
        return ahead_us;
    }
    announce(rotation, input, cells, cell_count, arrangement);
    return rotation->due_us;
}
