/* What the files of Rest share: a call and its rows. Nobody else includes this. */
#pragma once

#include <stdint.h>

#include "signalling/rest.h"
#include "signalling/rest_call.h"

/* Numbers in one path. */
#define REST_IDS 2

struct Rest {
    Server *server;
    RestCalls *calls;
};

/* One call while it is handled. */
typedef struct RestCall {
    Rest *rest;
    Exchange *exchange;
    const HttpRequest *request;
    const Session *session; /* NULL where no login is needed */
    json_t *body;           /* {} when there is none; borrowed */
    int64_t ids[REST_IDS];  /* what stands for ID in the path */
} RestCall;

typedef struct RestRow {
    HttpMethod method;
    const char *path; /* each "ID" stands for a number */
    unsigned roles;   /* 0: no login needed */
    void (*handle)(const RestCall *call);
} RestRow;

/* Each ends with a NULL path. */
extern const RestRow rest_meeting_rows[];   /* rest_meetings.c: what equals a message */
extern const RestRow rest_history_rows[];   /* rest_history.c: past meetings, their reports */
extern const RestRow rest_floor_rows[];     /* rest_floor.c: queue, floor, roll */
extern const RestRow rest_plan_rows[];      /* rest_plans.c: plans, readiness, invitations */
extern const RestRow rest_recording_rows[]; /* rest_recordings.c */

/* Answers of calls that equal a message (rest_meetings.c). */
void rest_answer_fields(Exchange *exchange, json_t *fields);
/* 204 */
void rest_answer_nothing(Exchange *exchange, json_t *fields);
/* 201; the new thing lies below the path that was asked, under the number `name`. */
void rest_answer_created(Exchange *exchange, json_t *fields, const char *name);

/* Takes over `body`; the rest of the reply is the caller's. */
void rest_reply(Exchange *exchange, int status, const char *content_type, json_t *body,
                HttpReply *reply);
