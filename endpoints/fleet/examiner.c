#include "endpoints/fleet/examiner.h"

#include "bridge/base/loop.h"
#include "bridge/base/mailbox.h"
#include "endpoints/fleet/decoder.h"
#include "endpoints/fleet/timecode.h"

typedef struct Job {
    bool is_last;
    size_t slot;
    GBytes *frame; /* travels with the job; NULL: the slot starts anew */
    int64_t arrival_us;
    ExaminerTask task;
} Job;

/* What the thread knows of a receiver. */
typedef struct Slot {
    Decoder *decoder;
    const Job *job; /* that is being decoded */
    ExaminerResult result;
} Slot;

struct Examiner {
    void (*call)(const ExaminerResult *result, void *data);
    void *data;
    bool is_waiting[EXAMINER_SLOTS]; /* for a key frame */
    Mailbox *jobs;
    Mailbox *results;
    LoopWatch *watch;
    GThread *thread;
};

/* The sender's part of the picture; false when it has none. */
static bool find_part(const DecoderPicture *picture, const SiteCell *cell, TimecodePlane *ret_part)
{
    int x = (int)(cell->x * picture->width + 0.5);
    int y = (int)(cell->y * picture->height + 0.5);
    int width = (int)(cell->w * picture->width + 0.5);
    int height = (int)(cell->h * picture->height + 0.5);
    if (x < 0 || y < 0 || width <= 0 || height <= 0 || x + width > picture->width ||
        y + height > picture->height) {
        return false;
    }
    *ret_part = (TimecodePlane){
        .bytes = (uint8_t *)picture->luma + (size_t)y * picture->stride + x,
        .stride = picture->stride,
        .width = width,
        .height = height,
    };
    return true;
}

static void on_picture(const DecoderPicture *picture, void *data)
{
    Slot *slot = data;
    const ExaminerTask *task = &slot->job->task;
    TimecodePlane part;
    slot->result.is_decoded = true;
    slot->result.has_time = task->has_cell && find_part(picture, &task->cell, &part) &&
                            timecode_read(&part, task->sender, &slot->result.time_ms);
}

/* A key frame of a receiver that starts anew gets a new decoder: nothing of the last one is left.
 */
static void decode(Slot *slot, const Job *job)
{
    slot->job = job;
    slot->result = (ExaminerResult){.slot = job->slot, .arrival_us = job->arrival_us};
    if (slot->decoder == NULL) {
        slot->decoder = decoder_new(on_picture, slot);
    }
    if (slot->decoder != NULL && !decoder_push(slot->decoder, job->frame)) {
        slot->result.is_decoded = false;
        g_clear_pointer(&slot->decoder, decoder_free);
    }
}

static gpointer work(gpointer data)
{
    Examiner *examiner = data;
    Slot slots[EXAMINER_SLOTS] = {0};
    Job job;
    while (mailbox_wait(examiner->jobs, &job, -1) && !job.is_last) {
        Slot *slot = &slots[job.slot];
        if (job.frame == NULL) {
            g_clear_pointer(&slot->decoder, decoder_free);
            continue;
        }
        decode(slot, &job);
        g_bytes_unref(job.frame);
        mailbox_post(examiner->results, &slot->result);
    }
    for (size_t i = 0; i < EXAMINER_SLOTS; i++) {
        decoder_free(slots[i].decoder);
    }
    return NULL;
}

static void on_results(int fd, GIOCondition condition, void *data)
{
    Examiner *examiner = data;
    ExaminerResult result;
    while (mailbox_take(examiner->results, &result)) {
        examiner->call(&result, examiner->data);
    }
}

Examiner *examiner_new(void (*call)(const ExaminerResult *result, void *data), void *data)
{
    Examiner *examiner = g_new0(Examiner, 1);
    examiner->call = call;
    examiner->data = data;
    for (size_t i = 0; i < EXAMINER_SLOTS; i++) {
        examiner->is_waiting[i] = true;
    }
    examiner->jobs = mailbox_new(sizeof(Job), EXAMINER_QUEUE);
    examiner->results = mailbox_new(sizeof(ExaminerResult), 2 * EXAMINER_QUEUE);
    examiner->watch = loop_watch(mailbox_fd(examiner->results), G_IO_IN, on_results, examiner);
    examiner->thread = g_thread_new("examiner", work, examiner);
    return examiner;
}

void examiner_free(Examiner *examiner)
{
    if (examiner == NULL) {
        return;
    }
    Job job;
    while (mailbox_take(examiner->jobs, &job)) {
        g_clear_pointer(&job.frame, g_bytes_unref);
    }
    mailbox_post(examiner->jobs, &(Job){.is_last = true});
    g_thread_join(examiner->thread);
    loop_drop(&examiner->watch);
    mailbox_free(examiner->jobs);
    mailbox_free(examiner->results);
    g_free(examiner);
}

void examiner_push(Examiner *examiner, size_t slot, const ViewerFrame *frame,
                   const ExaminerTask *task)
{
    if (examiner->is_waiting[slot] && !frame->is_keyframe) {
        return;
    }
    Job job = {
        .slot = slot,
        .frame = g_bytes_new(frame->bytes, frame->size),
        .arrival_us = frame->arrival_us,
        .task = *task,
    };
    examiner->is_waiting[slot] = !mailbox_post(examiner->jobs, &job);
    if (examiner->is_waiting[slot]) {
        g_bytes_unref(job.frame);
    }
}

void examiner_restart(Examiner *examiner, size_t slot)
{
    examiner->is_waiting[slot] = true;
    mailbox_post(examiner->jobs, &(Job){.slot = slot});
}
