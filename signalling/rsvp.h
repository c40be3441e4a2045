/* The plain page behind the link in an invitation, /invitation/TOKEN: no login, no script, one form
 * in which the invited says whether the site comes, and who. The signed token is all that lets
 * in. Main loop only. */
#pragma once

#include <stdbool.h>

#include "signalling/exchange.h"
#include "signalling/server.h"

/* True when the path belongs to it: then the exchange is or will be answered. */
bool rsvp_handle(Server *server, Exchange *exchange);
