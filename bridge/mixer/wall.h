/* What every cell shows at a moment: takes the newest frames from the gallery, draws labels and
 * cards that are missing (a few a tick, so that no tick is late for them), takes down a picture
 * that has stood still, and says who is seen. Owned by the picture thread; time is given, never
 * read. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/mixer/gallery.h"
#include "bridge/mixer/i420.h"
#include "bridge/mixer/scene.h"

/* A source without a new frame for so long has no picture. */
#define WALL_STALE_US INT64_C(2000000)
#define WALL_DRAWINGS_PER_TICK 8

typedef struct Wall Wall;

/* The source begins or ceases to be seen. */
typedef void (*WallReport)(uint32_t source, bool is_live, void *data);

/* The gallery is borrowed. */
Wall *wall_new(Gallery *gallery, WallReport report, void *data);
void wall_free(Wall *wall);

/* Loads the fonts, which takes longer than a tick. On the thread that will tick. */
void wall_prepare(Wall *wall);
/* Who is seen in the old scene and the new stays seen. May report. */
void wall_set_scene(Wall *wall, Scene *scene);
/* Brings the picture up to date; may report. Returns how many cells were painted. */
size_t wall_tick(Wall *wall, int64_t now_us);
/* NULL before the first scene. One block of i420_alloc, good until the next call. */
const I420 *wall_picture(const Wall *wall);
/* Reports everybody who is seen once more. */
void wall_report_all(Wall *wall);
