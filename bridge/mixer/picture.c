#include "bridge/mixer/picture.h"

#include <errno.h>
#include <glib.h>
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "bridge/base/clock.h"
#include "bridge/base/limits.h"
#include "bridge/base/mailbox.h"
#include "bridge/mixer/sceneslot.h"
#include "bridge/mixer/screen.h"
#include "bridge/mixer/shelf.h"
#include "bridge/mixer/wall.h"

#define ORDERS_MAX 64
/* Every source may change twice between two looks of the main loop. */
#define REPORTS_MAX (2 * LIMIT_SEATS)

typedef enum OrderKind { ORDER_LOOK, ORDER_KEYFRAME, ORDER_REPORTS } OrderKind;

typedef struct Order {
    OrderKind kind;
    int rung;
} Order;

struct Picture {
    PictureOptions options;
    pthread_t thread;
    Workshop *workshop;
    SceneSlot *scenes;
    Mailbox *orders;
    Mailbox *reports;
    atomic_bool is_ending;
    /* Of the thread. */
    Shelf *shelf;
    Screen *screens[LIMIT_VIEWS]; /* By the view's id; NULL: nobody watches. */
    int fps;
    uint64_t tick;
    /* Read by the main loop. */
    atomic_uint_fast64_t ticks;
    atomic_uint_fast64_t ticks_skipped;
    atomic_uint_fast64_t cells_painted;
    atomic_uint_fast64_t frames;
    atomic_uint_fast64_t bytes;
    atomic_uint_fast64_t late_max_us;
};

static void add(atomic_uint_fast64_t *counter, uint64_t amount)
{
    atomic_fetch_add_explicit(counter, amount, memory_order_relaxed);
}

static void on_report(uint32_t source, bool is_live, Look look, void *data)
{
    Picture *picture = data;
    mailbox_post(picture->reports, &(PictureReport){source, is_live, look});
}

static bool on_packet(const RungPacket *packet, void *data)
{
    Picture *picture = data;
    add(&picture->frames, packet->ends_frame ? 1 : 0);
    add(&picture->bytes, packet->size);
    return picture->options.send(packet, picture->options.data);
}

static void ask_keyframe(Picture *picture, int rung)
{
    for (size_t i = 0; i < LIMIT_VIEWS; i++) {
        if (picture->screens[i] != NULL) {
            screen_ask_keyframe(picture->screens[i], rung);
        }
    }
}

static void obey(Picture *picture, const Order *order)
{
    if (order->kind == ORDER_KEYFRAME) {
        ask_keyframe(picture, order->rung);
    } else if (order->kind == ORDER_REPORTS) {
        shelf_report_all(picture->shelf);
    }
}

/* Opens and closes screens so that there is one for each view that is watched. */
static void set_screens(Picture *picture, Scene *scene)
{
    Screen *screens[LIMIT_VIEWS] = {NULL};
    for (size_t i = 0; i < scene->view_count; i++) {
        int id = scene->views[i].view->id;
        if (!scene->views[i].is_watched) {
            continue;
        }
        screens[id] = g_steal_pointer(&picture->screens[id]);
        if (screens[id] == NULL) {
            screens[id] = screen_new(picture->workshop, on_packet, picture);
        }
        screen_set_scene(screens[id], scene, i);
    }
    for (size_t i = 0; i < LIMIT_VIEWS; i++) {
        screen_free(picture->screens[i]);
        picture->screens[i] = screens[i];
    }
}

static void take_scene(Picture *picture)
{
    Scene *scene = scene_slot_take(picture->scenes);
    if (scene == NULL) {
        return;
    }
    picture->fps = scene->program->fps;
    shelf_set_scene(picture->shelf, scene);
    set_screens(picture, scene);
    scene_unref(scene);
}

static void note_lateness(Picture *picture, int64_t late_us)
{
    uint64_t late = (uint64_t)MAX(late_us, 0);
    uint64_t known = atomic_load_explicit(&picture->late_max_us, memory_order_relaxed);
    while (late > known &&
           !atomic_compare_exchange_weak_explicit(&picture->late_max_us, &known, late,
                                                  memory_order_relaxed, memory_order_relaxed)) {
    }
}

static void run_tick(Picture *picture, int64_t due_us)
{
    note_lateness(picture, clock_now_us() - due_us);
    shelf_tick(picture->shelf, due_us);
    ScreenTick tick = {++picture->tick, due_us, g_get_real_time()};
    for (size_t i = 0; i < LIMIT_VIEWS; i++) {
        Screen *screen = picture->screens[i];
        if (screen != NULL) {
            size_t painted = screen_tick(screen, picture->shelf, &tick);
            add(&picture->cells_painted, painted);
        }
    }
    add(&picture->ticks, 1);
}

static void sleep_until(int64_t at_us)
{
    struct timespec at = {.tv_sec = at_us / CLOCK_US_PER_S,
                          .tv_nsec = at_us % CLOCK_US_PER_S * 1000};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL) == EINTR) {
    }
}

/* The next deadline on the grid that has not passed. */
static int64_t next_deadline(Picture *picture, int64_t due_us)
{
    int64_t period_us = CLOCK_US_PER_S / picture->fps;
    int64_t missed = MAX(0, clock_now_us() - due_us) / period_us;
    add(&picture->ticks_skipped, (uint64_t)missed);
    return due_us + (1 + missed) * period_us;
}

static void wait_for_scene(Picture *picture)
{
    Order order;
    while (picture->fps == 0 && !atomic_load(&picture->is_ending) &&
           mailbox_wait(picture->orders, &order, -1)) {
        take_scene(picture);
    }
}

static void *run(void *data)
{
    Picture *picture = data;
    Order order;
    pthread_setname_np(pthread_self(), "picture");
    wall_prepare();
    wait_for_scene(picture);
    int64_t due_us = clock_now_us();
    while (!atomic_load(&picture->is_ending)) {
        sleep_until(due_us);
        take_scene(picture);
        while (mailbox_take(picture->orders, &order)) {
            obey(picture, &order);
        }
        run_tick(picture, due_us);
        due_us = next_deadline(picture, due_us);
    }
    return NULL;
}

Picture *picture_new(const PictureOptions *options)
{
    Picture *picture = g_new0(Picture, 1);
    picture->options = *options;
    picture->workshop = workshop_new();
    picture->scenes = scene_slot_new();
    picture->orders = mailbox_new(sizeof(Order), ORDERS_MAX);
    picture->reports = mailbox_new(sizeof(PictureReport), REPORTS_MAX);
    picture->shelf = shelf_new(options->gallery, on_report, picture);
    int failure = pthread_create(&picture->thread, NULL, run, picture);
    if (failure != 0) {
        g_error("picture thread: %s", g_strerror(failure));
    }
    return picture;
}

/* When the mailbox is full the thread is awake anyway, and whoever needs a key frame asks again. */
static void post(Picture *picture, OrderKind kind, int rung)
{
    mailbox_post(picture->orders, &(Order){.kind = kind, .rung = rung});
}

void picture_free(Picture *picture)
{
    if (picture == NULL) {
        return;
    }
    atomic_store(&picture->is_ending, true);
    post(picture, ORDER_LOOK, 0);
    pthread_join(picture->thread, NULL);
    for (size_t i = 0; i < LIMIT_VIEWS; i++) {
        screen_free(picture->screens[i]);
    }
    workshop_free(picture->workshop);
    shelf_free(picture->shelf);
    scene_slot_free(picture->scenes);
    mailbox_free(picture->orders);
    mailbox_free(picture->reports);
    g_free(picture);
}

void picture_set_scene(Picture *picture, Scene *scene)
{
    scene_slot_put(picture->scenes, scene);
    post(picture, ORDER_LOOK, 0);
}

void picture_ask_keyframe(Picture *picture, int rung)
{
    post(picture, ORDER_KEYFRAME, rung);
}

void picture_ask_reports(Picture *picture)
{
    post(picture, ORDER_REPORTS, 0);
}

int picture_report_fd(const Picture *picture)
{
    return mailbox_fd(picture->reports);
}

bool picture_take_report(Picture *picture, PictureReport *ret_report)
{
    return mailbox_take(picture->reports, ret_report);
}

PictureStats picture_stats(Picture *picture)
{
    return (PictureStats){
        .ticks = atomic_load_explicit(&picture->ticks, memory_order_relaxed),
        .ticks_skipped = atomic_load_explicit(&picture->ticks_skipped, memory_order_relaxed),
        .cells_painted = atomic_load_explicit(&picture->cells_painted, memory_order_relaxed),
        .frames = atomic_load_explicit(&picture->frames, memory_order_relaxed),
        .bytes = atomic_load_explicit(&picture->bytes, memory_order_relaxed),
        .late_max_us = atomic_exchange_explicit(&picture->late_max_us, 0, memory_order_relaxed),
    };
}
