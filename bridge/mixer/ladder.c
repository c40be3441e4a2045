#include "bridge/mixer/ladder.h"

#include <glib.h>

#include "bridge/base/limits.h"
#include "bridge/base/log.h"
#include "bridge/mixer/scaler.h"

/* A size in which the picture is needed. */
typedef struct Size {
    I420 picture; /* plane[0] NULL: the view's own. */
    Scaler *scaler;
    int from; /* Another size that it is made of; -1: the view's picture. */
    uint64_t tick;
} Size;

struct Ladder {
    Workshop *workshop;
    RungSend send;
    void *data;
    size_t rung_count;
    Rung *rungs[LIMIT_VIEW_RUNGS];
    int rung_sizes[LIMIT_VIEW_RUNGS]; /* Index of sizes; -1: the view's own. */
    size_t size_count;
    Size sizes[LIMIT_VIEW_RUNGS]; /* Larger ones first. */
    int width, height;            /* Of the view. */
};

Ladder *ladder_new(Workshop *workshop, RungSend send, void *data)
{
    Ladder *ladder = g_new0(Ladder, 1);
    ladder->workshop = workshop;
    ladder->send = send;
    ladder->data = data;
    return ladder;
}

static void clear_sizes(Ladder *ladder)
{
    for (size_t i = 0; i < ladder->size_count; i++) {
        i420_release(&ladder->sizes[i].picture);
        scaler_free(ladder->sizes[i].scaler);
    }
    ladder->size_count = 0;
}

void ladder_free(Ladder *ladder)
{
    if (ladder == NULL) {
        return;
    }
    for (size_t i = 0; i < ladder->rung_count; i++) {
        rung_free(ladder->rungs[i]);
    }
    clear_sizes(ladder);
    g_free(ladder);
}

static Rung *steal_rung(Ladder *ladder, const RungOptions *options)
{
    for (size_t i = 0; i < ladder->rung_count; i++) {
        if (ladder->rungs[i] != NULL && rung_adopt(ladder->rungs[i], options)) {
            return g_steal_pointer(&ladder->rungs[i]);
        }
    }
    return rung_new(options);
}

static void set_rungs(Ladder *ladder, const Scene *scene, const SceneView *view)
{
    Rung *rungs[LIMIT_VIEW_RUNGS] = {NULL};
    size_t count = 0;
    RungOptions options = {
        .picture_fps = scene->program->fps,
        .workshop = ladder->workshop,
        .send = ladder->send,
        .data = ladder->data,
    };
    for (size_t i = 0; i < view->view->rung_count; i++) {
        options.shape = view->view->rungs[i];
        if (watch_has_rung(&scene->watch, options.shape.id)) {
            rungs[count++] = steal_rung(ladder, &options);
        }
    }
    for (size_t i = 0; i < LIMIT_VIEW_RUNGS; i++) {
        if (i < ladder->rung_count) {
            rung_free(ladder->rungs[i]);
        }
        ladder->rungs[i] = rungs[i];
    }
    ladder->rung_count = count;
}

static bool is_size(const Size *size, const ProgramRung *shape)
{
    return size->picture.width == shape->width && size->picture.height == shape->height;
}

static void add_size(Ladder *ladder, const ProgramRung *shape)
{
    bool is_own = shape->width == ladder->width && shape->height == ladder->height;
    for (size_t i = 0; i < ladder->size_count; i++) {
        is_own = is_own || is_size(&ladder->sizes[i], shape);
    }
    if (is_own) {
        return;
    }
    size_t at = ladder->size_count++;
    for (; at > 0 && ladder->sizes[at - 1].picture.width < shape->width; at--) {
        ladder->sizes[at] = ladder->sizes[at - 1];
    }
    ladder->sizes[at] = (Size){.picture = i420_alloc(shape->width, shape->height), .from = -1};
}

/* Half of a picture that is there anyway is cheaper than a part of the whole, and as good. */
static void find_way(Ladder *ladder, size_t index)
{
    Size *size = &ladder->sizes[index];
    ScalerShape shape = {
        .from_width = ladder->width,
        .from_height = ladder->height,
        .to_width = size->picture.width,
        .to_height = size->picture.height,
    };
    for (size_t i = 0; i < index; i++) {
        const I420 *larger = &ladder->sizes[i].picture;
        if (larger->width == 2 * shape.to_width && larger->height == 2 * shape.to_height) {
            size->from = (int)i;
            shape.from_width = larger->width;
            shape.from_height = larger->height;
        }
    }
    shape.crop_w = shape.from_width;
    shape.crop_h = shape.from_height;
    size->scaler = scaler_new(&shape);
}

static void set_sizes(Ladder *ladder, const ProgramView *view)
{
    clear_sizes(ladder);
    ladder->width = view->width;
    ladder->height = view->height;
    for (size_t i = 0; i < ladder->rung_count; i++) {
        add_size(ladder, rung_shape(ladder->rungs[i]));
    }
    for (size_t i = 0; i < ladder->size_count; i++) {
        find_way(ladder, i);
    }
    for (size_t r = 0; r < ladder->rung_count; r++) {
        ladder->rung_sizes[r] = -1;
        for (size_t i = 0; i < ladder->size_count; i++) {
            if (is_size(&ladder->sizes[i], rung_shape(ladder->rungs[r]))) {
                ladder->rung_sizes[r] = (int)i;
            }
        }
    }
}

void ladder_set_scene(Ladder *ladder, const Scene *scene, const SceneView *view)
{
    set_rungs(ladder, scene, view);
    set_sizes(ladder, view->view);
}

void ladder_ask_keyframe(Ladder *ladder, int rung)
{
    for (size_t i = 0; i < ladder->rung_count; i++) {
        if (rung < 0 || rung_shape(ladder->rungs[i])->id == rung) {
            rung_ask_keyframe(ladder->rungs[i]);
        }
    }
}

/* A size may be made of a larger one, with a smaller index. */
static const I420 *scale(Ladder *ladder, int index, const I420 *picture, uint64_t tick)
{
    if (index < 0) {
        return picture;
    }
    Size *size = &ladder->sizes[index];
    if (size->tick != tick) {
        scaler_run(size->scaler, scale(ladder, size->from, picture, tick), &size->picture);
        size->tick = tick;
    }
    return &size->picture;
}

void ladder_encode(Ladder *ladder, const I420 *picture, uint64_t tick, int64_t time_us)
{
    for (size_t i = 0; i < ladder->rung_count; i++) {
        Rung *rung = ladder->rungs[i];
        if (!rung_is_due(rung, tick)) {
            continue;
        }
        const I420 *scaled = scale(ladder, ladder->rung_sizes[i], picture, tick);
        if (!rung_encode(rung, scaled, time_us)) {
            log_warning("rung.broken", "rung=%d", rung_shape(rung)->id);
        }
    }
}
