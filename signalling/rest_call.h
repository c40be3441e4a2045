/* A message sent by way of REST: a client that lives until its answer has come. Owned by Rest. Main
 * loop only. */
#pragma once

#include "signalling/client.h"
#include "signalling/exchange.h"
#include "signalling/sessions.h"

typedef struct json_t json_t;
typedef struct RestCalls RestCalls;
typedef struct Server Server;

/* Answers the exchange from the fields of "ok" (borrowed, without type and id). */
typedef void (*RestAnswer)(Exchange *exchange, json_t *fields);

RestCalls *rest_calls_new(Server *server);
void rest_calls_free(RestCalls *calls);

/* Takes over `message` (an object); an error is answered as a problem. */
void rest_call(RestCalls *calls, Exchange *exchange, const Session *session, const char *type,
               json_t *message, RestAnswer answer);
