#include "endpoints/fleet/shelf.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/base/log.h"
#include "bridge/base/loop.h"
#include "bridge/base/mailbox.h"
#include "endpoints/fleet/film.h"
#include "endpoints/fleet/reading.h"

#define PATH_BYTES 1024
#define KBPS_MIN 30
#define CACHE_PREFIX "v1"

typedef enum ShelfState { SHELF_MAKING, SHELF_READY, SHELF_FAILED } ShelfState;

typedef struct Place {
    ShelfState state;
    size_t film;
    Demand demand;
    Clip *clip;
    char path[PATH_BYTES];
} Place;

/* To the worker and back. */
typedef struct Job {
    bool is_last;
    bool is_made;
    size_t place;
    size_t film;
    Demand demand;
    char path[PATH_BYTES];
    char error[256];
} Job;

struct Shelf {
    char *cache_dir;
    GPtrArray *films; /* paths; empty: test patterns */
    size_t count;
    Place places[SHELF_CLIPS_MAX];
    unsigned revision;
    size_t waiting;
    Mailbox *orders;
    Mailbox *made;
    LoopWatch *watch;
    GThread *worker;
};

int shelf_kbps_step(int kbps)
{
    int step = KBPS_MIN;
    while (step + step / 4 <= kbps) {
        step += step / 4;
    }
    return step;
}

static void make(Shelf *shelf, Job *job)
{
    FilmOrder order = {
        .source = job->film < shelf->films->len ? g_ptr_array_index(shelf->films, job->film) : NULL,
        .variety = job->film,
        .width = job->demand.width,
        .height = job->demand.height,
        .fps = job->demand.fps,
        .kbps = job->demand.kbps,
    };
    g_autoptr(GError) error = NULL;
    job->is_made = film_make(&order, job->path, &error);
    if (!job->is_made) {
        g_strlcpy(job->error, error->message, sizeof job->error);
    }
}

/* Reads nothing of the shelf but what never changes. */
static gpointer work(gpointer data)
{
    Shelf *shelf = data;
    Job job;
    while (mailbox_wait(shelf->orders, &job, -1) && !job.is_last) {
        make(shelf, &job);
        mailbox_post(shelf->made, &job);
    }
    return NULL;
}

static void put(Shelf *shelf, Place *place, const char *failure)
{
    g_autoptr(GError) error = NULL;
    place->clip = failure == NULL ? clip_load(place->path, &error) : NULL;
    place->state = place->clip != NULL ? SHELF_READY : SHELF_FAILED;
    if (place->clip == NULL) {
        log_warning("clip.failed", "file=%s reason=\"%s\"", place->path,
                    failure != NULL ? failure : error->message);
        return;
    }
    shelf->revision++;
}

static void on_made(int fd, GIOCondition condition, void *data)
{
    Shelf *shelf = data;
    Job job;
    while (mailbox_take(shelf->made, &job)) {
        shelf->waiting--;
        put(shelf, &shelf->places[job.place], job.is_made ? NULL : job.error);
    }
}

Shelf *shelf_new(const char *cache_dir, const char *film_dir, GError **error)
{
    if (g_mkdir_with_parents(cache_dir, 0755) != 0) {
        g_set_error(error, CLIP_ERROR, CLIP_ERROR_FILE, "cannot make the directory %s", cache_dir);
        return NULL;
    }
    g_autoptr(GPtrArray) films =
        film_dir != NULL ? reading_list(film_dir, error) : g_ptr_array_new();
    if (films == NULL) {
        return NULL;
    }
    if (films->len > SHELF_FILMS_MAX) {
        g_ptr_array_set_size(films, SHELF_FILMS_MAX);
    }
    Shelf *shelf = g_new0(Shelf, 1);
    shelf->cache_dir = g_strdup(cache_dir);
    shelf->films = g_steal_pointer(&films);
    shelf->orders = mailbox_new(sizeof(Job), SHELF_CLIPS_MAX + 1);
    shelf->made = mailbox_new(sizeof(Job), SHELF_CLIPS_MAX + 1);
    shelf->watch = loop_watch(mailbox_fd(shelf->made), G_IO_IN, on_made, shelf);
    shelf->worker = g_thread_new("clips", work, shelf);
    return shelf;
}

void shelf_free(Shelf *shelf)
{
    if (shelf == NULL) {
        return;
    }
    Job job;
    while (mailbox_take(shelf->orders, &job)) {
    }
    mailbox_post(shelf->orders, &(Job){.is_last = true});
    g_thread_join(shelf->worker);
    loop_drop(&shelf->watch);
    mailbox_free(shelf->orders);
    mailbox_free(shelf->made);
    for (size_t i = 0; i < shelf->count; i++) {
        clip_free(shelf->places[i].clip);
    }
    g_ptr_array_unref(shelf->films);
    g_free(shelf->cache_dir);
    g_free(shelf);
}

static Place *find_exact(Shelf *shelf, size_t film, const Demand *demand)
{
    for (size_t i = 0; i < shelf->count; i++) {
        Place *place = &shelf->places[i];
        if (place->film == film && demand_equals(&place->demand, demand)) {
            return place;
        }
    }
    return NULL;
}

/* How much work it is to see one clip in the place of another: pixels and pictures that differ. */
static long distance(const Demand *a, const Demand *b)
{
    return labs((long)a->width - b->width) + labs((long)a->height - b->height) +
           4 * labs((long)a->fps - b->fps) + labs((long)a->kbps - b->kbps) / 8;
}

static const Clip *find_nearest(const Shelf *shelf, const Demand *demand)
{
    const Clip *nearest = NULL;
    long least = LONG_MAX;
    for (size_t i = 0; i < shelf->count; i++) {
        const Place *place = &shelf->places[i];
        if (place->state == SHELF_READY && distance(&place->demand, demand) < least) {
            least = distance(&place->demand, demand);
            nearest = place->clip;
        }
    }
    return nearest;
}

static void name_place(const Shelf *shelf, Place *place)
{
    const char *source =
        place->film < shelf->films->len ? g_ptr_array_index(shelf->films, place->film) : "pattern";
    g_autofree char *base = g_path_get_basename(source);
    g_autofree char *file = g_strdup_printf(CACHE_PREFIX "-%zu-%.64s-%dx%d@%d-%d.clip", place->film,
                                            base, place->demand.width, place->demand.height,
                                            place->demand.fps, place->demand.kbps);
    g_snprintf(place->path, sizeof place->path, "%s/%s", shelf->cache_dir, file);
}

static bool is_cached(const Shelf *shelf, const Place *place)
{
    return place->film < shelf->films->len
               ? reading_is_newer(place->path, g_ptr_array_index(shelf->films, place->film))
               : g_file_test(place->path, G_FILE_TEST_EXISTS);
}

static void order(Shelf *shelf, size_t film, const Demand *demand)
{
    if (shelf->count == SHELF_CLIPS_MAX) {
        return;
    }
    size_t index = shelf->count++;
    Place *place = &shelf->places[index];
    *place = (Place){.state = SHELF_MAKING, .film = film, .demand = *demand};
    name_place(shelf, place);
    if (is_cached(shelf, place)) {
        put(shelf, place, NULL);
    }
    if (place->state == SHELF_READY) {
        return;
    }
    place->state = SHELF_MAKING;
    Job job = {.place = index, .film = film, .demand = *demand};
    g_strlcpy(job.path, place->path, sizeof job.path);
    if (mailbox_post(shelf->orders, &job)) {
        shelf->waiting++;
    }
}

const Clip *shelf_find(Shelf *shelf, size_t site, const Demand *demand)
{
    size_t films = shelf->films->len > 0 ? shelf->films->len : SHELF_FILMS_MAX;
    size_t film = site % films;
    Demand wanted = *demand;
    wanted.kbps = shelf_kbps_step(demand->kbps);
    Place *place = find_exact(shelf, film, &wanted);
    if (place == NULL) {
        order(shelf, film, &wanted);
        place = find_exact(shelf, film, &wanted);
    }
    return place != NULL && place->state == SHELF_READY ? place->clip
                                                        : find_nearest(shelf, &wanted);
}

unsigned shelf_revision(const Shelf *shelf)
{
    return shelf->revision;
}

size_t shelf_waiting(const Shelf *shelf)
{
    return shelf->waiting;
}
