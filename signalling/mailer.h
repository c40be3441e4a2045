/* Sends mail by SMTP (libcurl, which only this file knows), on a thread of its own with a bounded
 * queue: nothing waits for a mail server. What a server refuses for now is tried again, later each
 * time, for about an hour; what it refuses for good is not. Owned by Server. Main loop only. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "bridge/base/problem.h"

typedef struct Config Config;
typedef struct Mailer Mailer;

typedef enum MailResult {
    MAIL_SENT,
    MAIL_DELAYED, /* it is tried again; `reason` says why */
    MAIL_FAILED,  /* for good */
} MailResult;

/* `id` as it was posted; `reason` is "" for MAIL_SENT. */
typedef void (*MailerReport)(int64_t id, MailResult result, const char *reason, void *data);

Mailer *mailer_new(const Config *config, MailerReport report, void *data);
/* Waits for the one that is being sent, at most its time limit; the others are not sent. */
void mailer_free(Mailer *mailer);

/* A whole message (RFC 5322), copied, to one address. False: "unavailable" without a mail server
 * (mail.url), "limit" when the queue is full. Never reports before it returns. */
bool mailer_post(Mailer *mailer, int64_t id, const char *to, const char *message, Problem *problem);
bool mailer_is_possible(const Mailer *mailer);
