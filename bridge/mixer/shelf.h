/* The frames at hand on the picture thread: the newest of every source that the scene needs, taken
 * from the gallery once a tick, so that all views show the same. Takes away what has not been
 * renewed and says who is seen, and whose picture is black, covered or frozen. Owned by the picture
 * and used on its thread; time is given, never read. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "bridge/mixer/frame.h"
#include "bridge/mixer/gallery.h"
#include "bridge/mixer/look.h"
#include "bridge/mixer/scene.h"

/* A source without a new frame for so long has no picture. */
#define SHELF_STALE_US INT64_C(2000000)

typedef struct Shelf Shelf;

typedef struct ShelfItem {
    uint32_t source;
    Frame *frame;     /* Borrowed until the next tick; NULL: no picture. */
    uint64_t number;  /* Another one for every frame. */
    int64_t fresh_us; /* When the frame was taken. */
    LookWatch watch;
    bool is_share; /* May stand still, and be as dark as it likes. */
} ShelfItem;

/* A source begins or ceases to have a picture, or there is something wrong with it. */
typedef void (*ShelfReport)(uint32_t source, bool is_live, Look look, void *data);

/* The gallery is borrowed. */
Shelf *shelf_new(Gallery *gallery, ShelfReport report, void *data);
void shelf_free(Shelf *shelf);

/* Holds the sources of this scene and no other. May report. */
void shelf_set_scene(Shelf *shelf, const Scene *scene);
/* Takes what is new. May report. */
void shelf_tick(Shelf *shelf, int64_t now_us);
/* NULL when the scene does not need the source. */
const ShelfItem *shelf_find(const Shelf *shelf, uint32_t source);
/* Reports everybody who has a picture once more. */
void shelf_report_all(Shelf *shelf);
