#include "bridge/mixer/recorder.h"

#include <glib.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "bridge/base/clock.h"
#include "bridge/base/limits.h"
#include "bridge/base/mailbox.h"

#define TICK_US INT64_C(100000)
#define REPORT_US INT64_C(1000000)
#define REPORTS_MAX (4 * LIMIT_VIEWS)

typedef enum PostKind { POST_LOOK, POST_PICTURE, POST_SOUND } PostKind;

typedef struct Post {
    PostKind kind;
    uint16_t rung;
    bool ends_frame;
    uint16_t size;
    int64_t time_us;
    uint8_t rtp[LIMIT_RTP_BYTES];
} Post;

struct Recorder {
    RecordingOptions options;
    pthread_t thread;
    Mailbox *posts;
    pthread_mutex_t lock; /* Holds program: while a disk hangs only the latest counts. */
    Program *program;     /* Not taken yet, or NULL. */
    Mailbox *reports;
    atomic_bool is_ending;
    atomic_uint_fast64_t rungs; /* A bit for each that is recorded. */
    atomic_uint_fast64_t dropped;
    /* Of the thread. */
    GPtrArray *recordings;
    int64_t tick_us;
    int64_t report_us;
};

static Recording *steal(GPtrArray *recordings, int64_t id)
{
    for (guint i = 0; i < recordings->len; i++) {
        if (recording_report(g_ptr_array_index(recordings, i)).id == id) {
            return g_ptr_array_steal_index(recordings, i);
        }
    }
    return NULL;
}

static void free_recording(gpointer recording)
{
    recording_free(recording);
}

static void take_program(Recorder *recorder, const Program *program)
{
    GPtrArray *before = recorder->recordings;
    recorder->recordings = g_ptr_array_new_with_free_func(free_recording);
    for (size_t i = 0; i < program->record_count; i++) {
        const ProgramRecord *record = &program->records[i];
        Recording *recording = steal(before, record->id);
        if (recording == NULL) {
            recording = recording_new(record, &recorder->options);
        } else {
            recording_set(recording, record);
        }
        g_ptr_array_add(recorder->recordings, recording);
    }
    g_ptr_array_unref(before);
}

static Program *swap_program(Recorder *recorder, Program *program)
{
    pthread_mutex_lock(&recorder->lock);
    Program *before = recorder->program;
    recorder->program = program;
    pthread_mutex_unlock(&recorder->lock);
    return before;
}

static void look(Recorder *recorder)
{
    Program *program = swap_program(recorder, NULL);
    if (program != NULL) {
        take_program(recorder, program);
        program_unref(program);
    }
}

static void take_post(Recorder *recorder, const Post *post)
{
    for (guint i = 0; i < recorder->recordings->len; i++) {
        Recording *recording = g_ptr_array_index(recorder->recordings, i);
        if (post->kind == POST_PICTURE) {
            recording_add_picture(recording, post->rung, post->rtp, post->size, post->ends_frame,
                                  post->time_us);
        } else if (post->kind == POST_SOUND) {
            recording_add_sound(recording, post->rtp, post->size, post->time_us);
        }
    }
}

static void tick(Recorder *recorder, int64_t now_us)
{
    bool is_report_due = now_us >= recorder->report_us;
    recorder->tick_us = now_us + TICK_US;
    for (guint i = 0; i < recorder->recordings->len; i++) {
        Recording *recording = g_ptr_array_index(recorder->recordings, i);
        recording_tick(recording, now_us);
        if (is_report_due) {
            RecordingReport report = recording_report(recording);
            mailbox_post(recorder->reports, &report);
        }
    }
    if (is_report_due) {
        recorder->report_us = now_us + REPORT_US;
    }
}

static void *run(void *data)
{
    Recorder *recorder = data;
    Post post;
    pthread_setname_np(pthread_self(), "recorder");
    while (!atomic_load(&recorder->is_ending)) {
        int64_t wait_us = recorder->recordings->len > 0 ? TICK_US : -1;
        bool has_post = mailbox_wait(recorder->posts, &post, wait_us);
        look(recorder);
        if (has_post) {
            take_post(recorder, &post);
        }
        int64_t now_us = clock_now_us();
        if (now_us >= recorder->tick_us) {
            tick(recorder, now_us);
        }
    }
    look(recorder);
    while (mailbox_take(recorder->posts, &post)) {
        take_post(recorder, &post);
    }
    return NULL;
}

Recorder *recorder_new(const RecordingOptions *options)
{
    Recorder *recorder = g_new0(Recorder, 1);
    recorder->options = *options;
    recorder->posts = mailbox_new(sizeof(Post), LIMIT_RECORD_QUEUE);
    pthread_mutex_init(&recorder->lock, NULL);
    recorder->reports = mailbox_new(sizeof(RecordingReport), REPORTS_MAX);
    recorder->recordings = g_ptr_array_new_with_free_func(free_recording);
    int failure = pthread_create(&recorder->thread, NULL, run, recorder);
    if (failure != 0) {
        g_error("recorder thread: %s", g_strerror(failure));
    }
    return recorder;
}

void recorder_end(Recorder *recorder)
{
    if (recorder == NULL || atomic_exchange(&recorder->is_ending, true)) {
        return;
    }
    mailbox_post(recorder->posts, &(Post){.kind = POST_LOOK});
    pthread_join(recorder->thread, NULL);
    g_ptr_array_set_size(recorder->recordings, 0);
}

void recorder_free(Recorder *recorder)
{
    if (recorder == NULL) {
        return;
    }
    recorder_end(recorder);
    program_unref(recorder->program);
    pthread_mutex_destroy(&recorder->lock);
    g_ptr_array_unref(recorder->recordings);
    mailbox_free(recorder->posts);
    mailbox_free(recorder->reports);
    g_free(recorder);
}

static uint64_t bit_of(uint16_t rung)
{
    return rung < LIMIT_RUNGS ? UINT64_C(1) << rung : 0;
}

void recorder_set_program(Recorder *recorder, Program *program)
{
    uint64_t rungs = 0;
    for (size_t i = 0; i < program->record_count; i++) {
        rungs |= bit_of(program->records[i].rung);
    }
    atomic_store(&recorder->rungs, rungs);
    program_unref(swap_program(recorder, program_ref(program)));
    mailbox_post(recorder->posts, &(Post){.kind = POST_LOOK});
}

static void post_packet(Recorder *recorder, Post *post, const uint8_t *rtp, size_t size)
{
    if (size > sizeof post->rtp) {
        return;
    }
    post->size = (uint16_t)size;
    memcpy(post->rtp, rtp, size);
    if (!mailbox_post(recorder->posts, post)) {
        atomic_fetch_add_explicit(&recorder->dropped, 1, memory_order_relaxed);
    }
}

void recorder_post_picture(Recorder *recorder, const RungPacket *packet)
{
    if ((atomic_load(&recorder->rungs) & bit_of(packet->rung)) == 0) {
        return;
    }
    Post post = {.kind = POST_PICTURE,
                 .rung = packet->rung,
                 .ends_frame = packet->ends_frame,
                 .time_us = packet->time_us};
    post_packet(recorder, &post, packet->rtp, packet->size);
}

void recorder_post_sound(Recorder *recorder, const uint8_t *rtp, size_t size, int64_t time_us)
{
    if (atomic_load(&recorder->rungs) == 0) {
        return;
    }
    Post post = {.kind = POST_SOUND, .time_us = time_us};
    post_packet(recorder, &post, rtp, size);
}

int recorder_report_fd(const Recorder *recorder)
{
    return mailbox_fd(recorder->reports);
}

bool recorder_take_report(Recorder *recorder, RecordingReport *ret_report)
{
    return mailbox_take(recorder->reports, ret_report);
}

uint64_t recorder_dropped(const Recorder *recorder)
{
    return atomic_load_explicit(&recorder->dropped, memory_order_relaxed);
}
