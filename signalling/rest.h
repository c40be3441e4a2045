/* The REST calls of PROTOCOL.md: one table of method, path pattern, roles and handler. A call that
 * equals a message runs through dispatch, as a client that lives until its answer has come. Knows
 * nothing of sockets. Main loop only. */
#pragma once

#include <stdbool.h>

#include "signalling/exchange.h"

typedef struct Callers Callers;
typedef struct Rest Rest;
typedef struct Server Server;

Rest *rest_new(Server *server);
/* Calls that still wait are answered "unavailable". */
void rest_free(Rest *rest);

/* True when the path belongs to it: then the exchange is or will be answered. */
bool rest_handle(Rest *rest, Exchange *exchange);
/* Is this Origin the server itself (`host` is the Host header) or an allowed one? */
bool rest_is_own_origin(const Server *server, const char *origin, const char *host);
