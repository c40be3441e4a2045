/* What a scenario tells a fleet while it runs: requests over a UNIX socket in the form of
 * bridge/PROTOCOL.md ({"id","op",…}), listed in endpoints/fleet/README.md. Owned by main; lives on
 * the main loop. */
#pragma once

#include <glib.h>

#include "endpoints/fleet/fleet.h"

typedef struct Commands Commands;

/* When whoever spoke to the fleet is gone for a minute, the loop is stopped. */
Commands *commands_new(const char *socket_path, Fleet *fleet, GError **error);
void commands_free(Commands *commands);
/* Tells a listener about the last second; borrowed. */
void commands_emit_second(Commands *commands, json_t *second);
