/* The requests of one connection that wait for their answers: ids, time limits, and the end that
 * each of them gets exactly once. Owned by a client; lives on the main loop. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "endpoints/client/client.h"

/* No answer within this time counts as unavailable. */
#define REQUESTS_TIMEOUT_US INT64_C(10000000)
/* More unanswered ones are refused at once. */
#define REQUESTS_MAX 64

typedef struct Requests Requests;

Requests *requests_new(void);
/* Without answering anybody. */
void requests_free(Requests *requests);

/* The id for a new request; 0 when too many wait. */
int64_t requests_add(Requests *requests, ClientReply reply, void *data, int64_t now_us);
/* A message with an id came: runs its reply. False when nobody waits for it. */
bool requests_answer(Requests *requests, json_t *message);
/* Answers "unavailable" to those that wait too long. */
void requests_expire(Requests *requests, int64_t now_us);
/* Answers "unavailable" to all. */
void requests_fail_all(Requests *requests, const char *reason);
