#include "signalling/mailer.h"

#include <curl/curl.h>
#include <glib.h>
#include <pthread.h>
#include <string.h>

#include "bridge/base/clock.h"
#include "bridge/base/limits.h"
#include "bridge/base/log.h"
#include "bridge/base/loop.h"
#include "bridge/base/mailbox.h"
#include "signalling/config.h"

/* One message from the look-up of the server to its last word. */
#define SEND_SECONDS_MAX 30
#define CONNECT_SECONDS_MAX 10
/* Tried after 2 s, 8 s, 32 s, … : the last after three quarters of an hour. */
#define FIRST_WAIT_US (2 * CLOCK_US_PER_S)
#define WAIT_FACTOR 4
#define TRIES_MAX 7
/* SMTP: 4yz is "not now", 5yz is "no" (RFC 5321 section 4.2.1). */
#define SMTP_REFUSED 500

/* Travels to the thread and back; one side owns it at a time. */
typedef struct Job {
    int64_t id;
    char *to;
    char *message;
    size_t size;
    size_t read; /* by libcurl */
    int tries;
    int64_t due_us;
    MailResult result;
    char reason[256];
} Job;

struct Mailer {
    const Config *config;
    MailerReport report;
    void *data;
    pthread_t thread;
    Mailbox *questions; /* Job *; NULL ends the thread */
    Mailbox *answers;   /* Job * */
    LoopWatch *answers_watch;
    LoopWatch *timer;
    GQueue delayed; /* Job, no order */
    guint held;     /* jobs that are not finished */
};

static void job_free(gpointer data)
{
    Job *job = data;
    g_free(job->to);
    g_free(job->message);
    g_free(job);
}

/* ---- the thread ---- */

static size_t read_message(char *buffer, size_t size, size_t count, void *data)
{
    Job *job = data;
    size_t take = MIN(size * count, job->size - job->read);
    memcpy(buffer, job->message + job->read, take);
    job->read += take;
    return take;
}

static void set_up(CURL *curl, const Config *config, Job *job, struct curl_slist *to)
{
    bool has_user = config->mail_user[0] != '\0';
    curl_easy_setopt(curl, CURLOPT_URL, config->mail_url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    /* A password never goes in clear. */
    curl_easy_setopt(curl, CURLOPT_USE_SSL, (long)(has_user ? CURLUSESSL_ALL : CURLUSESSL_TRY));
    if (has_user) {
        curl_easy_setopt(curl, CURLOPT_USERNAME, config->mail_user);
        curl_easy_setopt(curl, CURLOPT_PASSWORD, config->mail_password);
    }
    curl_easy_setopt(curl, CURLOPT_MAIL_FROM, config->mail_from);
    curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, to);
    curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(curl, CURLOPT_READFUNCTION, read_message);
    curl_easy_setopt(curl, CURLOPT_READDATA, job);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)SEND_SECONDS_MAX);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS_MAX);
}

static void judge(CURL *curl, CURLcode code, Job *job)
{
    long answer = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer);
    job->tries++;
    job->reason[0] = '\0';
    if (code == CURLE_OK) {
        job->result = MAIL_SENT;
        return;
    }
    bool is_final = answer >= SMTP_REFUSED || job->tries >= TRIES_MAX;
    job->result = is_final ? MAIL_FAILED : MAIL_DELAYED;
    g_snprintf(job->reason, sizeof job->reason, "%s%s%ld", curl_easy_strerror(code),
               answer > 0 ? ": SMTP " : ", SMTP ", answer);
}

static void send_mail(const Config *config, Job *job)
{
    char error[CURL_ERROR_SIZE] = "";
    CURL *curl = curl_easy_init();
    struct curl_slist *to = curl_slist_append(NULL, job->to);
    job->read = 0;
    set_up(curl, config, job, to);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, error);
    CURLcode code = curl_easy_perform(curl);
    judge(curl, code, job);
    if (error[0] != '\0') {
        g_strlcpy(job->reason, error, sizeof job->reason);
    }
    curl_slist_free_all(to);
    curl_easy_cleanup(curl);
}

static void *run_thread(void *data)
{
    Mailer *mailer = data;
    Job *job = NULL;
    while (mailbox_wait(mailer->questions, &job, -1) && job != NULL) {
        send_mail(mailer->config, job);
        mailbox_post(mailer->answers, &job);
    }
    return NULL;
}

/* ---- the main loop ---- */

static void set_timer(Mailer *mailer)
{
    int64_t due_us = -1;
    for (GList *at = mailer->delayed.head; at != NULL; at = at->next) {
        const Job *job = at->data;
        due_us = due_us < 0 ? job->due_us : MIN(due_us, job->due_us);
    }
    loop_timer_set(mailer->timer, due_us);
}

static void delay(Mailer *mailer, Job *job)
{
    int64_t wait_us = FIRST_WAIT_US;
    for (int i = 1; i < job->tries; i++) {
        wait_us *= WAIT_FACTOR;
    }
    job->due_us = clock_now_us() + wait_us;
    g_queue_push_tail(&mailer->delayed, job);
    set_timer(mailer);
}

static void on_timer(void *data)
{
    Mailer *mailer = data;
    int64_t now_us = clock_now_us();
    GList *next = NULL;
    for (GList *at = mailer->delayed.head; at != NULL; at = next) {
        next = at->next;
        Job *job = at->data;
        if (job->due_us <= now_us) {
            g_queue_delete_link(&mailer->delayed, at);
            mailbox_post(mailer->questions, &job);
        }
    }
    set_timer(mailer);
}

static void on_answers(int fd, GIOCondition condition, void *data)
{
    Mailer *mailer = data;
    Job *job = NULL;
    while (mailbox_take(mailer->answers, &job)) {
        g_autofree char *reason = g_utf8_make_valid(job->reason, -1);
        if (job->result != MAIL_SENT) {
            log_warning("mail.failed", "id=%" G_GINT64_FORMAT " tries=%d reason=\"%s\"", job->id,
                        job->tries, reason);
        }
        mailer->report(job->id, job->result, reason, mailer->data);
        if (job->result == MAIL_DELAYED) {
            delay(mailer, job);
        } else {
            mailer->held--;
            job_free(job);
        }
    }
}

Mailer *mailer_new(const Config *config, MailerReport report, void *data)
{
    Mailer *mailer = g_new0(Mailer, 1);
    mailer->config = config;
    mailer->report = report;
    mailer->data = data;
    g_queue_init(&mailer->delayed);
    curl_global_init(CURL_GLOBAL_DEFAULT); /* before a second thread uses it */
    mailer->questions = mailbox_new(sizeof(Job *), LIMIT_MAIL_QUEUE + 1);
    mailer->answers = mailbox_new(sizeof(Job *), LIMIT_MAIL_QUEUE);
    mailer->answers_watch = loop_watch(mailbox_fd(mailer->answers), G_IO_IN, on_answers, mailer);
    mailer->timer = loop_after(0, on_timer, mailer);
    loop_timer_set(mailer->timer, -1);
    int code = pthread_create(&mailer->thread, NULL, run_thread, mailer);
    if (code != 0) {
        g_error("mailer: thread: %s", g_strerror(code));
    }
    return mailer;
}

void mailer_free(Mailer *mailer)
{
    if (mailer == NULL) {
        return;
    }
    Job *job = NULL;
    while (mailbox_take(mailer->questions, &job)) {
        job_free(job);
    }
    job = NULL;
    mailbox_post(mailer->questions, &job);
    pthread_join(mailer->thread, NULL);
    while (mailbox_take(mailer->answers, &job)) {
        job_free(job);
    }
    loop_drop(&mailer->answers_watch);
    loop_drop(&mailer->timer);
    g_queue_clear_full(&mailer->delayed, job_free);
    mailbox_free(mailer->questions);
    mailbox_free(mailer->answers);
    curl_global_cleanup();
    g_free(mailer);
}

bool mailer_is_possible(const Mailer *mailer)
{
    return mailer->config->mail_url[0] != '\0';
}

bool mailer_post(Mailer *mailer, int64_t id, const char *to, const char *message, Problem *problem)
{
    if (!mailer_is_possible(mailer)) {
        return problem_set(problem, "unavailable", "", "there is no mail server: set mail.url");
    }
    if (mailer->held >= LIMIT_MAIL_QUEUE) {
        return problem_set(problem, "limit", "", "%d messages wait to be sent", LIMIT_MAIL_QUEUE);
    }
    Job *job = g_new0(Job, 1);
    job->id = id;
    job->to = g_strdup(to);
    job->message = g_strdup(message);
    job->size = strlen(message);
    mailer->held++;
    return mailbox_post(mailer->questions, &job);
}
