/* What all simulated sites share: sockets, the certificate of their media, clips, voices, and how
 * they behave. Owned by the fleet, outlives every site; lives on the main loop. */
#pragma once

#include <stdbool.h>

#include "bridge/rtc/dtls.h"
#include "endpoints/fleet/shelf.h"
#include "endpoints/fleet/speech.h"
#include "endpoints/fleet/switchboard.h"

typedef struct Studio {
    Switchboard *board;
    DtlsIdentity *identity;
    Shelf *shelf;
    Speech *speech;
    /* Who does not talk sends silence in every frame; else one frame in 400 ms, as Opus' DTX does.
     */
    bool sends_silence;
} Studio;
