/* A program with everybody in their cells, all that the picture thread and the decode workers have
 * to know: what each view shows, which rungs are made of it, whose pictures are needed. Immutable
 * and reference-counted. Any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/base/layout.h"
#include "bridge/mixer/arrangement.h"
#include "bridge/mixer/demand.h"
#include "bridge/mixer/program.h"
#include "bridge/mixer/watch.h"

typedef struct json_t json_t;

/* Longer than a wall waits for the pictures of a new arrangement. */
#define SCENE_KEEP_US INT64_C(600000)

typedef struct SceneCell {
    LayoutRect rect;         /* Without the gap to its neighbours, and clear of the words. */
    const ProgramSeat *seat; /* NULL: nobody. */
} SceneCell;

typedef struct SceneView {
    const ProgramView *view;
    bool is_watched; /* Otherwise it is neither painted nor are its sources needed. */
    size_t cell_count;
    SceneCell *cells;
} SceneView;

/* Somebody whose picture is needed: in a cell of a watched view, soon to be in one, or in one until
 * a moment ago. */
typedef struct SceneSource {
    const ProgramSeat *seat;
    Demand own;            /* The largest of its cells; all zero: it has none any more. */
    Demand demand;         /* What it was a moment ago, when that was more. */
    int64_t kept_until_us; /* So long for that reason; 0: for its own. */
} SceneSource;

typedef struct Scene {
    Program *program;
    Watch watch;
    uint32_t speaker;       /* 0: nobody. */
    int64_t floor_since_us; /* When the turn of program->speaking began. */
    int64_t settle_us;      /* When less is needed than now; INT64_MAX for never. */
    size_t view_count;
    SceneView views[LIMIT_VIEWS]; /* In the program's order. */
    size_t source_count;
    SceneSource sources[LIMIT_SEATS]; /* Each once. */
} Scene;

typedef struct SceneOptions {
    Program *program;                /* The scene holds a reference of its own. */
    const Arrangement *arrangements; /* One for each view. */
    const Watch *watch;              /* NULL: nothing told yet. */
    uint32_t speaker;
    int64_t floor_since_us;
    /* NULL, or what is on the screen until the new scene is there: its pictures stay needed in
     * their size for SCENE_KEEP_US. */
    const Scene *before;
    int64_t now_us;
} SceneOptions;

Scene *scene_new(const SceneOptions *options);
Scene *scene_ref(Scene *scene);
/* NULL is fine. */
void scene_unref(Scene *scene);

/* The source in a cell; 0: nobody. */
uint32_t scene_source(const SceneView *view, size_t cell);
/* The lists of the events `cells` and `demands` (bridge/PROTOCOL.md). */
json_t *scene_views(const Scene *scene);
json_t *scene_demands(const Scene *scene);
