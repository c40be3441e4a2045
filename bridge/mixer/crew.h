/* The decode workers: a fixed number of threads; every source belongs to one of them, by its
 * number. Work comes through bounded mailboxes, frames go to the gallery. Only sources that
 * the current scene needs have a decoder. Owned by the mixer; the calls below are for the main
 * loop. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/base/decodemark.h"
#include "bridge/mixer/gallery.h"
#include "bridge/mixer/scene.h"

#define CREW_WORKERS_MAX 16

typedef struct Crew Crew;

typedef struct CrewOptions {
    int workers;      /* 1 to CREW_WORKERS_MAX */
    Gallery *gallery; /* Borrowed; outlives the crew. */
    /* `source` needs a key frame. Called on a worker's thread; must not wait. */
    void (*ask_keyframe)(uint32_t source, void *data);
    void *data;
    DecodeMark *mark; /* Borrowed; may be NULL. Each worker has the slot of its index. */
} CrewOptions;

typedef struct CrewStats {
    uint64_t decoders;         /* Now. */
    uint64_t frames;           /* Decoded. */
    uint64_t packets_unwanted; /* Of sources that the scene does not need. */
    uint64_t packets_excess;   /* Over LIMIT_SOURCE_PACKETS_PER_S. */
    uint64_t packets_dropped;  /* The worker was too far behind. */
    uint64_t packets_refused;  /* Not the VP8 that was agreed. */
    uint64_t keyframes_asked;
} CrewStats;

/* Starts the threads. */
Crew *crew_new(const CrewOptions *options);
/* Ends them; nothing is put or asked after this returns. */
void crew_free(Crew *crew);

/* Decode the sources of this scene and no other. */
void crew_set_scene(Crew *crew, Scene *scene);
/* One RTP packet; copied. False: dropped and counted. */
bool crew_post_packet(Crew *crew, uint32_t source, const uint8_t *rtp, size_t size, int64_t now_us);
/* The source has ended: what it showed goes away. */
void crew_post_gone(Crew *crew, uint32_t source);
CrewStats crew_stats(const Crew *crew);
