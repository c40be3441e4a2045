#include "bridge/mixer/worker.h"

#include <glib.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>

#include "bridge/base/clock.h"
#include "bridge/base/limits.h"
#include "bridge/base/mailbox.h"
#include "bridge/base/medialink.h"
#include "bridge/mixer/sceneslot.h"
#include "bridge/mixer/source.h"

typedef struct PacketMail {
    uint32_t source; /* 0: only look up. */
    uint16_t size;   /* 0: the source is gone. */
    uint8_t rtp[MEDIALINK_BODY_BYTES_MAX];
} PacketMail;

struct Worker {
    WorkerOptions options;
    pthread_t thread;
    SceneSlot *scenes;
    Mailbox *packets;
    atomic_bool is_ending;
    GHashTable *sources; /* Of the thread: source id → Source, NULL before its first packet. */
    atomic_uint_fast64_t decoders;
    atomic_uint_fast64_t frames;
    atomic_uint_fast64_t packets_refused;
    atomic_uint_fast64_t keyframes_asked;
};

static void count(atomic_uint_fast64_t *counter)
{
    atomic_fetch_add_explicit(counter, 1, memory_order_relaxed);
}

static void on_frame(uint32_t source, Frame *frame, void *data)
{
    Worker *worker = data;
    count(&worker->frames);
    gallery_put(worker->options.gallery, source, frame);
}

static void on_keyframe_needed(uint32_t source, void *data)
{
    Worker *worker = data;
    count(&worker->keyframes_asked);
    worker->options.ask_keyframe(source, worker->options.data);
}

static void close_source(void *data)
{
    source_free(data);
}

static void count_decoders(Worker *worker)
{
    GHashTableIter iter;
    void *source;
    uint64_t decoders = 0;
    g_hash_table_iter_init(&iter, worker->sources);
    while (g_hash_table_iter_next(&iter, NULL, &source)) {
        decoders += source != NULL ? 1 : 0;
    }
    atomic_store_explicit(&worker->decoders, decoders, memory_order_relaxed);
}

static void drop_others(Worker *worker, GHashTable *wanted)
{
    GHashTableIter iter;
    void *key;
    g_hash_table_iter_init(&iter, worker->sources);
    while (g_hash_table_iter_next(&iter, &key, NULL)) {
        if (!g_hash_table_contains(wanted, key)) {
            g_hash_table_iter_remove(&iter);
            gallery_drop(worker->options.gallery, GPOINTER_TO_UINT(key));
        }
    }
}

static void apply_scene(Worker *worker, const Scene *scene)
{
    g_autoptr(GHashTable) wanted = g_hash_table_new(NULL, NULL);
    for (size_t i = 0; i < scene->source_count; i++) {
        uint32_t source = scene->sources[i].seat->source;
        if (source % worker->options.count == worker->options.index) {
            g_hash_table_add(wanted, GUINT_TO_POINTER(source));
        }
    }
    drop_others(worker, wanted);
    GHashTableIter iter;
    void *key;
    g_hash_table_iter_init(&iter, wanted);
    while (g_hash_table_iter_next(&iter, &key, NULL)) {
        if (!g_hash_table_contains(worker->sources, key)) {
            g_hash_table_insert(worker->sources, key, NULL);
        }
    }
    count_decoders(worker);
}

static void close_gone(Worker *worker, uint32_t id)
{
    if (g_hash_table_contains(worker->sources, GUINT_TO_POINTER(id))) {
        g_hash_table_insert(worker->sources, GUINT_TO_POINTER(id), NULL);
        count_decoders(worker);
    }
    gallery_drop(worker->options.gallery, id);
}

static Source *open_source(Worker *worker, uint32_t id)
{
    static const SourceHandlers handlers = {
        .on_frame = on_frame,
        .on_keyframe_needed = on_keyframe_needed,
    };
    Source *source = source_new(id, &handlers, worker);
    g_hash_table_insert(worker->sources, GUINT_TO_POINTER(id), source);
    count_decoders(worker);
    return source;
}

#ifdef DIEMCAU_TEST_HOOKS
/* In builds with tests only: a decoder that takes the process down with it. */
static void crash_if_asked(uint32_t source)
{
    const char *asked = g_getenv("DIEMCAU_TEST_CRASH_SOURCE");
    if (asked != NULL && g_ascii_strtoull(asked, NULL, 10) == source) {
        raise(SIGKILL);
    }
}
#else
static void crash_if_asked(uint32_t source)
{
}
#endif

static void decode(Worker *worker, const PacketMail *mail)
{
    void *key = GUINT_TO_POINTER(mail->source);
    void *source = NULL;
    if (!g_hash_table_lookup_extended(worker->sources, key, NULL, &source)) {
        return;
    }
    if (source == NULL) {
        source = open_source(worker, mail->source);
    }
    decodemark_set(worker->options.mark, worker->options.index, mail->source);
    crash_if_asked(mail->source);
    SourceVerdict verdict = source_push(source, mail->rtp, mail->size, clock_now_us());
    decodemark_set(worker->options.mark, worker->options.index, 0);
    if (verdict == SOURCE_GARBAGE || verdict == SOURCE_WRONG_CODEC) {
        count(&worker->packets_refused);
    }
}

static void take(Worker *worker, const PacketMail *mail)
{
    if (mail->size > 0) {
        decode(worker, mail);
    } else if (mail->source != 0) {
        close_gone(worker, mail->source);
    }
}

static void *run(void *data)
{
    Worker *worker = data;
    PacketMail mail;
    pthread_setname_np(pthread_self(), "decode");
    while (!atomic_load(&worker->is_ending) && mailbox_wait(worker->packets, &mail, -1)) {
        Scene *scene = scene_slot_take(worker->scenes);
        if (scene != NULL) {
            apply_scene(worker, scene);
            scene_unref(scene);
        }
        take(worker, &mail);
    }
    return NULL;
}

Worker *worker_new(const WorkerOptions *options)
{
    Worker *worker = g_new0(Worker, 1);
    worker->options = *options;
    worker->scenes = scene_slot_new();
    worker->packets = mailbox_new(sizeof(PacketMail), LIMIT_DECODE_QUEUE_PACKETS);
    worker->sources = g_hash_table_new_full(NULL, NULL, NULL, close_source);
    int failure = pthread_create(&worker->thread, NULL, run, worker);
    if (failure != 0) {
        g_error("decode worker: %s", g_strerror(failure));
    }
    return worker;
}

/* When the mailbox is full the worker is awake anyway. */
static void wake(Worker *worker)
{
    PacketMail mail = {0};
    mailbox_post(worker->packets, &mail);
}

void worker_free(Worker *worker)
{
    if (worker == NULL) {
        return;
    }
    atomic_store(&worker->is_ending, true);
    wake(worker);
    pthread_join(worker->thread, NULL);
    g_hash_table_destroy(worker->sources);
    scene_slot_free(worker->scenes);
    mailbox_free(worker->packets);
    g_free(worker);
}

void worker_set_scene(Worker *worker, Scene *scene)
{
    scene_slot_put(worker->scenes, scene);
    wake(worker);
}

bool worker_post_packet(Worker *worker, uint32_t source, const uint8_t *rtp, size_t size)
{
    if (size == 0) {
        return true;
    }
    PacketMail mail;
    mail.source = source;
    mail.size = (uint16_t)size;
    memcpy(mail.rtp, rtp, size);
    return mailbox_post(worker->packets, &mail);
}

void worker_post_gone(Worker *worker, uint32_t source)
{
    PacketMail mail = {.source = source};
    /* When it does not fit, the source falls silent and its picture goes after two seconds. */
    mailbox_post(worker->packets, &mail);
}

WorkerStats worker_stats(const Worker *worker)
{
    return (WorkerStats){
        .decoders = atomic_load_explicit(&worker->decoders, memory_order_relaxed),
        .frames = atomic_load_explicit(&worker->frames, memory_order_relaxed),
        .packets_refused = atomic_load_explicit(&worker->packets_refused, memory_order_relaxed),
        .keyframes_asked = atomic_load_explicit(&worker->keyframes_asked, memory_order_relaxed),
    };
}
