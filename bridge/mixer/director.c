#include "bridge/mixer/director.h"

#include <glib.h>
#include <string.h>

#include "bridge/mixer/stage.h"

/* Seconds are cut off, and programs take their time to come. */
#define FLOOR_SLACK_US INT64_C(1500000)

struct Director {
    Program *program; /* NULL before the first. */
    Scene *scene;
    Watch watch;
    int64_t floor_since_us;
    bool is_speaking;
    size_t speaker_count;
    uint32_t speakers[STAGE_SPEAKERS_MAX]; /* The latest first. */
    GHashTable *live;                      /* Set of sources. */
    Stage *stages[LIMIT_VIEWS];            /* By the view's id. */
    int64_t stages_next_us;
};

Director *director_new(void)
{
    Director *director = g_new0(Director, 1);
    director->live = g_hash_table_new(NULL, NULL);
    director->stages_next_us = INT64_MAX;
    for (size_t i = 0; i < LIMIT_VIEWS; i++) {
        director->stages[i] = stage_new();
    }
    return director;
}

void director_free(Director *director)
{
    if (director == NULL) {
        return;
    }
    for (size_t i = 0; i < LIMIT_VIEWS; i++) {
        stage_free(director->stages[i]);
    }
    g_hash_table_destroy(director->live);
    scene_unref(director->scene);
    program_unref(director->program);
    g_free(director);
}

/* The server says whole seconds: what it says again must not set the timer back. */
static void time_the_floor(Director *director, const ProgramSpeaking *speaking, int64_t now_us)
{
    int64_t since_us = now_us - speaking->used_us;
    bool is_same =
        director->program != NULL && director->program->speaking.source == speaking->source;
    if (!is_same || ABS(since_us - director->floor_since_us) > FLOOR_SLACK_US) {
        director->floor_since_us = since_us;
    }
}

void director_set_program(Director *director, Program *program, int64_t now_us)
{
    time_the_floor(director, &program->speaking, now_us);
    program_ref(program);
    program_unref(director->program);
    director->program = program;
}

bool director_update_watch(Director *director, const uint8_t *body, size_t size)
{
    return watch_update(&director->watch, body, size);
}

void director_set_speaker(Director *director, uint32_t source)
{
    director->is_speaking = source != 0;
    if (source == 0) {
        return;
    }
    size_t rank = 0;
    while (rank < director->speaker_count && director->speakers[rank] != source) {
        rank++;
    }
    if (rank == director->speaker_count) {
        director->speaker_count = MIN(director->speaker_count + 1, STAGE_SPEAKERS_MAX);
        rank = MIN(rank, STAGE_SPEAKERS_MAX - 1);
    }
    memmove(director->speakers + 1, director->speakers, rank * sizeof director->speakers[0]);
    director->speakers[0] = source;
}

void director_set_live(Director *director, uint32_t source, bool is_live)
{
    if (is_live) {
        g_hash_table_add(director->live, GUINT_TO_POINTER(source));
    } else {
        g_hash_table_remove(director->live, GUINT_TO_POINTER(source));
    }
}

static void arrange_all(Director *director, int64_t now_us, Arrangement *ret_arrangements)
{
    StageInput input = {
        .program = director->program,
        .speakers = director->speakers,
        .speaker_count = director->speaker_count,
        .is_speaking = director->is_speaking,
        .live = director->live,
        .now_us = now_us,
    };
    director->stages_next_us = INT64_MAX;
    for (size_t i = 0; i < director->program->view_count; i++) {
        input.view = &director->program->views[i];
        Stage *stage = director->stages[input.view->id];
        stage_arrange(stage, &input, &ret_arrangements[i]);
        director->stages_next_us = MIN(director->stages_next_us, stage_next_us(stage));
    }
}

/* What the relay's receivers watch, and what is recorded. */
static Watch watch_of(const Director *director)
{
    Watch watch = director->watch;
    for (size_t i = 0; i < director->program->record_count; i++) {
        watch_add(&watch, director->program->records[i].rung);
    }
    return watch;
}

Scene *director_direct(Director *director, int64_t now_us)
{
    Arrangement arrangements[LIMIT_VIEWS];
    if (director->program == NULL) {
        return NULL;
    }
    arrange_all(director, now_us, arrangements);
    Watch watch = watch_of(director);
    Scene *scene = scene_new(&(SceneOptions){
        .program = director->program,
        .arrangements = arrangements,
        .watch = &watch,
        .speaker = director->is_speaking ? director->speakers[0] : 0,
        .floor_since_us = director->floor_since_us,
        .before = director->scene,
        .now_us = now_us,
    });
    scene_unref(director->scene);
    director->scene = scene;
    return scene;
}

Scene *director_scene(const Director *director)
{
    return director->scene;
}

int64_t director_next_us(const Director *director)
{
    return director->scene == NULL ? INT64_MAX
                                   : MIN(director->stages_next_us, director->scene->settle_us);
}
