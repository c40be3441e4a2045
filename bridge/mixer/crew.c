#include "bridge/mixer/crew.h"

#include <glib.h>

#include "bridge/base/clock.h"
#include "bridge/base/limits.h"
#include "bridge/base/medialink.h"
#include "bridge/mixer/worker.h"

/* Packets of one source in the running second. */
typedef struct Allowance {
    int64_t second_started_us;
    uint32_t packets;
} Allowance;

struct Crew {
    size_t worker_count;
    Worker *workers[CREW_WORKERS_MAX];
    GHashTable *allowances; /* Source of the scene → Allowance. */
    uint64_t packets_unwanted;
    uint64_t packets_excess;
    uint64_t packets_dropped;
};

Crew *crew_new(const CrewOptions *options)
{
    Crew *crew = g_new0(Crew, 1);
    crew->worker_count = (size_t)CLAMP(options->workers, 1, CREW_WORKERS_MAX);
    crew->allowances = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    WorkerOptions worker = {
        .count = crew->worker_count,
        .gallery = options->gallery,
        .ask_keyframe = options->ask_keyframe,
        .data = options->data,
        .mark = options->mark,
    };
    for (size_t i = 0; i < crew->worker_count; i++) {
        worker.index = i;
        crew->workers[i] = worker_new(&worker);
    }
    return crew;
}

void crew_free(Crew *crew)
{
    if (crew == NULL) {
        return;
    }
    for (size_t i = 0; i < crew->worker_count; i++) {
        worker_free(crew->workers[i]);
    }
    g_hash_table_destroy(crew->allowances);
    g_free(crew);
}

static Worker *worker_of(const Crew *crew, uint32_t source)
{
    return crew->workers[source % crew->worker_count];
}

void crew_set_scene(Crew *crew, Scene *scene)
{
    GHashTable *allowances = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    for (size_t i = 0; i < scene->source_count; i++) {
        void *key = GUINT_TO_POINTER(scene->sources[i].seat->source);
        void *allowance = NULL;
        if (!g_hash_table_steal_extended(crew->allowances, key, NULL, &allowance)) {
            allowance = g_new0(Allowance, 1);
        }
        g_hash_table_replace(allowances, key, allowance);
    }
    g_hash_table_destroy(crew->allowances);
    crew->allowances = allowances;
    for (size_t i = 0; i < crew->worker_count; i++) {
        worker_set_scene(crew->workers[i], scene);
    }
}

static bool is_within(Allowance *allowance, int64_t now_us)
{
    if (now_us - allowance->second_started_us >= CLOCK_US_PER_S) {
        allowance->second_started_us = now_us;
        allowance->packets = 0;
    }
    return ++allowance->packets <= LIMIT_SOURCE_PACKETS_PER_S;
}

bool crew_post_packet(Crew *crew, uint32_t source, const uint8_t *rtp, size_t size, int64_t now_us)
{
    Allowance *allowance = g_hash_table_lookup(crew->allowances, GUINT_TO_POINTER(source));
    if (allowance == NULL) {
        crew->packets_unwanted++;
        return false;
    }
    if (!is_within(allowance, now_us)) {
        crew->packets_excess++;
        return false;
    }
    if (size > MEDIALINK_BODY_BYTES_MAX ||
        !worker_post_packet(worker_of(crew, source), source, rtp, size)) {
        crew->packets_dropped++;
        return false;
    }
    return true;
}

void crew_post_gone(Crew *crew, uint32_t source)
{
    worker_post_gone(worker_of(crew, source), source);
}

CrewStats crew_stats(const Crew *crew)
{
    CrewStats stats = {
        .packets_unwanted = crew->packets_unwanted,
        .packets_excess = crew->packets_excess,
        .packets_dropped = crew->packets_dropped,
    };
    for (size_t i = 0; i < crew->worker_count; i++) {
        WorkerStats worker = worker_stats(crew->workers[i]);
        stats.decoders += worker.decoders;
        stats.frames += worker.frames;
        stats.packets_refused += worker.packets_refused;
        stats.keyframes_asked += worker.keyframes_asked;
    }
    return stats;
}
