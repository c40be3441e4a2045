#include "signalling/report_press.h"

#include <pthread.h>

#include "bridge/base/limits.h"
#include "bridge/base/log.h"
#include "bridge/base/loop.h"
#include "bridge/base/mailbox.h"

/* One side owns what it points to at a time. */
typedef struct Job {
    Report *report; /* NULL ends the thread */
    ReportFormat format;
    GBytes *file;
    ReportPrinted call;
    void *data;
} Job;

struct ReportPress {
    pthread_t thread;
    Mailbox *questions;
    Mailbox *answers;
    LoopWatch *answers_watch;
    size_t waiting;
};

static void run_job(Job *job)
{
    g_autoptr(GError) error = NULL;
    job->file = report_write(job->report, job->format, &error);
    if (job->file == NULL) {
        log_error("report.failed", "format=%s message=\"%s\"", report_format_name(job->format),
                  error->message);
    }
}

static void *run_thread(void *data)
{
    ReportPress *press = data;
    Job job;
    while (mailbox_wait(press->questions, &job, -1) && job.report != NULL) {
        run_job(&job);
        mailbox_post(press->answers, &job);
    }
    return NULL;
}

static void answer(ReportPress *press, Job *job)
{
    press->waiting--;
    job->call(job->file, job->data);
    report_free(job->report);
    g_clear_pointer(&job->file, g_bytes_unref);
}

static void on_answers(int fd, GIOCondition condition, void *data)
{
    ReportPress *press = data;
    Job job;
    while (mailbox_take(press->answers, &job)) {
        answer(press, &job);
    }
}

ReportPress *report_press_new(void)
{
    ReportPress *press = g_new0(ReportPress, 1);
    press->questions = mailbox_new(sizeof(Job), LIMIT_REPORT_QUEUE + 1);
    press->answers = mailbox_new(sizeof(Job), LIMIT_REPORT_QUEUE);
    press->answers_watch = loop_watch(mailbox_fd(press->answers), G_IO_IN, on_answers, press);
    int code = pthread_create(&press->thread, NULL, run_thread, press);
    if (code != 0) {
        g_error("report_press: thread: %s", g_strerror(code));
    }
    return press;
}

void report_press_free(ReportPress *press)
{
    if (press == NULL) {
        return;
    }
    Job job;
    while (mailbox_take(press->questions, &job)) {
        answer(press, &job);
    }
    mailbox_post(press->questions, &(Job){.report = NULL});
    pthread_join(press->thread, NULL);
    on_answers(-1, 0, press);
    loop_drop(&press->answers_watch);
    mailbox_free(press->questions);
    mailbox_free(press->answers);
    g_free(press);
}

bool report_press_print(ReportPress *press, Report *report, ReportFormat format, ReportPrinted call,
                        void *data)
{
    if (press->waiting >= LIMIT_REPORT_QUEUE) {
        report_free(report);
        return false;
    }
    press->waiting++;
    Job job = {.report = report, .format = format, .call = call, .data = data};
    mailbox_post(press->questions, &job);
    return true;
}
