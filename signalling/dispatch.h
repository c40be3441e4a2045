/* The messages of PROTOCOL.md: one row each. A transport hands in text; dispatch parses it, finds
 * the row, checks the role, calls the handler. A handler of about 20 lines answers each request
 * exactly once through request_ok or request_fail, at once or later; when the client is gone by
 * then the answer is dropped. Three refused requests in a row close the socket with 1008. Main loop
 * only. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "bridge/base/problem.h"
#include "signalling/client.h"
#include "signalling/server.h"

/* What an answer needs to find its asker. A plain value. */
typedef struct Request {
    uint64_t client;
    int64_t id; /* -1: the message had none, errors are still told */
} Request;

/* For what is done without having been asked for: its answer goes nowhere, its refusal to the log.
 */
#define REQUEST_OF_NOBODY ((Request){.client = 0, .id = -1})

/* `message` is borrowed for the call. */
typedef void (*MessageHandler)(Server *server, Client *client, json_t *message, Request request);

typedef struct MessageRow {
    const char *type;
    unsigned roles; /* ClientRole bits */
    MessageHandler handle;
} MessageRow;

/* Each ends with a NULL type. dispatch.c walks them all; the unit test holds them against
 * PROTOCOL.md. */
extern const MessageRow device_rows[];     /* device_messages.c */
extern const MessageRow page_rows[];       /* page_messages.c */
extern const MessageRow technical_rows[];  /* technical_messages.c */
extern const MessageRow meeting_rows[];    /* meeting_messages.c: meeting.*, seat.* */
extern const MessageRow floor_rows[];      /* floor_messages.c: hand.*, floor.*, roll.* */
extern const MessageRow note_rows[];       /* note_messages.c */
extern const MessageRow history_rows[];    /* history_messages.c */
extern const MessageRow media_rows[];      /* media_messages.c */
extern const MessageRow view_rows[];       /* view_messages.c */
extern const MessageRow stream_rows[];     /* stream_messages.c */
extern const MessageRow stats_rows[];      /* meeting_stats.c */
extern const MessageRow template_rows[];   /* template_messages.c */
extern const MessageRow schedule_rows[];   /* schedule_messages.c */
extern const MessageRow readiness_rows[];  /* readiness_messages.c */
extern const MessageRow invitation_rows[]; /* invitation_messages.c */
extern const MessageRow recording_rows[];  /* recording_messages.c */

/* NULL when there is no such message. */
const MessageRow *dispatch_find(const char *type);
void dispatch_each(void (*call)(const MessageRow *row, void *data), void *data);
/* The row of a message this role may send now, and its id (-1: none); NULL and a problem else. No
 * side effect. */
const MessageRow *dispatch_look_up(json_t *message, ClientRole role, int64_t *ret_id,
                                   Problem *problem);

/* One message of at most LIMIT_MESSAGE_BYTES (the transport closes with 1009 above it). */
void dispatch_text(Server *server, Client *client, const char *text, size_t size);
/* The same, already parsed; borrowed for the call. */
void dispatch_message(Server *server, Client *client, json_t *message);

/* Takes over `fields` (an object without type and id, or NULL). */
void request_ok(Server *server, Request request, json_t *fields);
void request_fail(Server *server, Request request, const Problem *problem);
