/* WHIP (RFC 9725) and WHEP over HTTP: POST /whip/MEETING and /whep/MEETING with an SDP offer and a
 * bearer token begin a media session, DELETE of what Location named ends it. No trickle ICE and no
 * ICE restart: the relay is ICE-lite and has no other candidates. Main loop only. */
#pragma once

#include <stdbool.h>

#include "signalling/exchange.h"

typedef struct Server Server;
typedef struct Whip Whip;

Whip *whip_new(Server *server);
void whip_free(Whip *whip);

/* True when the path belongs to it: then the exchange is or will be answered. */
bool whip_handle(Whip *whip, Exchange *exchange);
