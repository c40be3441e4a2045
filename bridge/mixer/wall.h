/* What every cell of one view shows at a moment: the frames of the shelf in their cells, with
 * labels and cards drawn as they are missing (a few a tick, so that no tick is late for them), a
 * border around who speaks, a timer on who has the floor, and the view's words around the cells. A
 * new arrangement is shown when the pictures it needs are there, but no later than WALL_WAIT_US:
 * until then the one before goes on, live. Owned by the picture thread; time is given, never read.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "bridge/mixer/i420.h"
#include "bridge/mixer/scene.h"
#include "bridge/mixer/shelf.h"

/* Nine ticks of 25 a second. */
#define WALL_WAIT_US INT64_C(360000)
/* What is drawn in a tick: about 6 ms of labels and cards, however large. A drawing counts as many
 * pixels as its cell has, and no fewer than the least. */
#define WALL_DRAWN_PIXELS_PER_TICK 480000
#define WALL_DRAWN_PIXELS_MIN 20000

typedef struct Wall Wall;

Wall *wall_new(void);
void wall_free(Wall *wall);

/* Loads the fonts, which takes longer than a tick. On the thread that will tick. */
void wall_prepare(void);
/* Shows the scene's view of this index; at once when it has another size than before. */
void wall_set_scene(Wall *wall, Scene *scene, size_t view);
/* Brings the picture up to date with the shelf; `real_us` is the time of day, for the clock.
 * Returns how many cells were painted. */
size_t wall_tick(Wall *wall, const Shelf *shelf, int64_t now_us, int64_t real_us);
/* NULL before the first scene. One block of i420_alloc, good until the next call. */
const I420 *wall_picture(const Wall *wall);
