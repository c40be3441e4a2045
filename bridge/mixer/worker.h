/* One decode worker: a thread that owns the sources whose number falls to it. Owned by the crew,
 * called on the main loop. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/base/decodemark.h"
#include "bridge/mixer/gallery.h"
#include "bridge/mixer/scene.h"

typedef struct Worker Worker;

typedef struct WorkerOptions {
    size_t index, count; /* It owns the sources with source % count == index. */
    Gallery *gallery;    /* Borrowed. */
    void (*ask_keyframe)(uint32_t source, void *data); /* On the worker's thread. */
    void *data;
    DecodeMark *mark; /* Borrowed; may be NULL. */
} WorkerOptions;

typedef struct WorkerStats {
    uint64_t decoders; /* Now. */
    uint64_t frames;
    uint64_t packets_refused;
    uint64_t keyframes_asked;
} WorkerStats;

Worker *worker_new(const WorkerOptions *options);
void worker_free(Worker *worker);
void worker_set_scene(Worker *worker, Scene *scene);
/* Copies; false when the worker is too far behind. At most MEDIALINK_BODY_BYTES_MAX. */
bool worker_post_packet(Worker *worker, uint32_t source, const uint8_t *rtp, size_t size);
void worker_post_gone(Worker *worker, uint32_t source);
WorkerStats worker_stats(const Worker *worker);
