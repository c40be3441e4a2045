#include "signalling/passwords.h"

#include <glib.h>
#include <pthread.h>
#include <sodium.h>
#include <string.h>

#include "bridge/base/limits.h"
#include "bridge/base/loop.h"
#include "bridge/base/mailbox.h"

/* OWASP's minimum for argon2id: 19 MiB, two passes. */
#define HASH_MEMORY_BYTES (19U * 1024 * 1024)
#define HASH_PASSES 2

typedef enum JobKind { JOB_HASH, JOB_VERIFY, JOB_END } JobKind;

typedef struct Job {
    JobKind kind;
    char *password; /* owned by whoever holds the job */
    char hash[crypto_pwhash_STRBYTES];
    bool is_known;
    bool is_good;
    PasswordHashed on_hashed;
    PasswordVerified on_verified;
    void *data;
} Job;

struct Passwords {
    pthread_t thread;
    Mailbox *questions;
    Mailbox *answers;
    LoopWatch *answers_watch;
    size_t waiting;
    char decoy[crypto_pwhash_STRBYTES]; /* what an unknown user's password is held against */
};

static void run_job(Job *job)
{
    if (job->kind == JOB_HASH) {
        job->is_good = crypto_pwhash_str(job->hash, job->password, strlen(job->password),
                                         HASH_PASSES, HASH_MEMORY_BYTES) == 0;
    } else {
        bool is_right =
            crypto_pwhash_str_verify(job->hash, job->password, strlen(job->password)) == 0;
        job->is_good = is_right && job->is_known;
    }
}

static void wipe(Job *job)
{
    if (job->password != NULL) {
        sodium_memzero(job->password, strlen(job->password));
        g_clear_pointer(&job->password, g_free);
    }
}

static void *run_thread(void *data)
{
    Passwords *passwords = data;
    Job job;
    while (mailbox_wait(passwords->questions, &job, -1) && job.kind != JOB_END) {
        run_job(&job);
        wipe(&job);
        mailbox_post(passwords->answers, &job);
    }
    return NULL;
}

static void answer(Passwords *passwords, const Job *job)
{
    passwords->waiting--;
    if (job->kind == JOB_HASH) {
        job->on_hashed(job->is_good ? job->hash : NULL, job->data);
    } else {
        job->on_verified(job->is_good, job->data);
    }
}

static void on_answers(int fd, GIOCondition condition, void *data)
{
    Passwords *passwords = data;
    Job job;
    while (mailbox_take(passwords->answers, &job)) {
        answer(passwords, &job);
    }
}

Passwords *passwords_new(void)
{
    Passwords *passwords = g_new0(Passwords, 1);
    passwords->questions = mailbox_new(sizeof(Job), LIMIT_PASSWORD_QUEUE + 1);
    passwords->answers = mailbox_new(sizeof(Job), LIMIT_PASSWORD_QUEUE);
    passwords->answers_watch =
        loop_watch(mailbox_fd(passwords->answers), G_IO_IN, on_answers, passwords);
    if (crypto_pwhash_str(passwords->decoy, "", 0, HASH_PASSES, HASH_MEMORY_BYTES) != 0) {
        g_error("passwords: not enough memory for one hash");
    }
    int code = pthread_create(&passwords->thread, NULL, run_thread, passwords);
    if (code != 0) {
        g_error("passwords: thread: %s", g_strerror(code));
    }
    return passwords;
}

/* Whoever waits holds memory for the answer. */
static void refuse_waiting(Passwords *passwords)
{
    Job job;
    while (mailbox_take(passwords->questions, &job)) {
        wipe(&job);
        job.is_good = false;
        answer(passwords, &job);
    }
}

void passwords_free(Passwords *passwords)
{
    if (passwords == NULL) {
        return;
    }
    refuse_waiting(passwords);
    Job end = {.kind = JOB_END};
    mailbox_post(passwords->questions, &end);
    pthread_join(passwords->thread, NULL);
    on_answers(-1, 0, passwords);
    loop_drop(&passwords->answers_watch);
    mailbox_free(passwords->questions);
    mailbox_free(passwords->answers);
    g_free(passwords);
}

static bool post(Passwords *passwords, Job *job, const char *password)
{
    if (passwords->waiting >= LIMIT_PASSWORD_QUEUE) {
        return false;
    }
    passwords->waiting++;
    job->password = g_strdup(password);
    mailbox_post(passwords->questions, job);
    return true;
}

bool passwords_hash(Passwords *passwords, const char *password, PasswordHashed call, void *data)
{
    Job job = {.kind = JOB_HASH, .on_hashed = call, .data = data};
    return post(passwords, &job, password);
}

bool passwords_verify(Passwords *passwords, const char *password, const char *hash,
                      PasswordVerified call, void *data)
{
    Job job = {.kind = JOB_VERIFY, .is_known = hash != NULL, .on_verified = call, .data = data};
    g_strlcpy(job.hash, hash != NULL ? hash : passwords->decoy, sizeof job.hash);
    return post(passwords, &job, password);
}
