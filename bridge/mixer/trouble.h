/* What is wrong with each source now, as the threads that see and hear it say; told to the server
 * as the event `trouble` of bridge/PROTOCOL.md. Owned by the mixer, on the main loop. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "bridge/mixer/look.h"

typedef struct json_t json_t;
typedef struct Troubles Troubles;

Troubles *troubles_new(void);
/* NULL is fine. */
void troubles_free(Troubles *troubles);

/* Both: false when it is known already. */
bool troubles_set_look(Troubles *troubles, uint32_t source, Look look);
bool troubles_set_howl(Troubles *troubles, uint32_t source, bool is_howling);
/* The event's fields; the caller's. */
json_t *troubles_event(const Troubles *troubles, uint32_t source);
/* Calls for every source that has any. */
void troubles_each(const Troubles *troubles, void (*call)(uint32_t source, void *data), void *data);
