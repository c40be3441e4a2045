/* The picture thread: ticks on the monotonic clock at absolute deadlines that never drift, brings
 * all views up to date and encodes their rungs. A tick that would begin after its successor is left
 * out and counted. Owned by the mixer; the calls below are for the main loop. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "bridge/mixer/gallery.h"
#include "bridge/mixer/look.h"
#include "bridge/mixer/rung.h"
#include "bridge/mixer/scene.h"

typedef struct Picture Picture;

typedef struct PictureOptions {
    Gallery *gallery; /* Borrowed; outlives the picture. */
    RungSend send;    /* Called on the picture thread; must not wait. */
    void *data;
} PictureOptions;

/* A source begins or ceases to be seen, or there is something wrong with its picture. */
typedef struct PictureReport {
    uint32_t source;
    bool is_live;
    Look look;
} PictureReport;

/* Counters since the start. */
typedef struct PictureStats {
    uint64_t ticks;
    uint64_t ticks_skipped;
    uint64_t cells_painted;
    uint64_t frames; /* Of all rungs. */
    uint64_t bytes;
    uint64_t late_max_us; /* Since the last call. */
} PictureStats;

/* Starts the thread; it waits for a scene. */
Picture *picture_new(const PictureOptions *options);
/* Ends the thread; nothing is sent after this returns. */
void picture_free(Picture *picture);

void picture_set_scene(Picture *picture, Scene *scene);
/* A receiver of this rung needs a key frame; PICTURE_ALL_RUNGS: of every rung. Any thread. */
#define PICTURE_ALL_RUNGS (-1)
void picture_ask_keyframe(Picture *picture, int rung);
/* Reports everybody who is seen once more. */
void picture_ask_reports(Picture *picture);
/* Readable while reports wait; owned by the picture. */
int picture_report_fd(const Picture *picture);
bool picture_take_report(Picture *picture, PictureReport *ret_report);
PictureStats picture_stats(Picture *picture);
