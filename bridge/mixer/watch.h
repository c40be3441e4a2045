/* Which rungs somebody receives now, as the relay says (message 9 of bridge/PROTOCOL.md). A plain
 * value, zero at first. Any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/base/limits.h"
#include "bridge/mixer/programview.h"

typedef struct Watch {
    bool has_begun; /* Some rung was once received. */
    size_t count;
    uint16_t rungs[LIMIT_RUNGS];
} Watch;

/* Takes the body of the message, the whole list; false, and nothing changed, when it is not one. */
bool watch_update(Watch *watch, const uint8_t *body, size_t size);
/* This rung is needed as well, by somebody whom the relay does not know. */
void watch_add(Watch *watch, uint16_t rung);
bool watch_has_rung(const Watch *watch, uint16_t rung);
/* Is a rung of the view received? While none of the meeting has ever been: yes, so that the sources
 * are there already when the first receiver is. */
bool watch_has_view(const Watch *watch, const ProgramView *view);
