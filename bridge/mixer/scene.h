/* A program with everybody in their cells: what the picture thread paints and the decode workers
 * decode. Immutable and reference-counted. Any thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "bridge/base/layout.h"
#include "bridge/mixer/program.h"

typedef struct json_t json_t;

typedef struct SceneCell {
    LayoutRect rect;         /* Without the gap to its neighbours. */
    const ProgramSeat *seat; /* NULL: nobody. */
} SceneCell;

typedef struct Scene {
    Program *program;
    size_t cell_count;
    SceneCell cells[];
} Scene;

/* `sources` as from stage_arrange; the scene holds a reference of the program. */
Scene *scene_new(Program *program, const uint32_t *sources);
Scene *scene_ref(Scene *scene);
/* NULL is fine. */
void scene_unref(Scene *scene);

/* The source in a cell; 0: nobody. */
uint32_t scene_source(const Scene *scene, size_t cell);
/* The lists of the events `cells` and `demands` (bridge/PROTOCOL.md). */
json_t *scene_cells(const Scene *scene);
json_t *scene_demands(const Scene *scene);
