/* Knows where the media processes are and how they are started: one relay for the machine, one
 * mixer for each open meeting. Main loop only. */
#pragma once

#include <glib.h>
#include <stdint.h>

#include "signalling/media_process.h"
#include "signalling/server.h"

/* Makes the runtime directory (mode 0700); the error names a missing program or directory. */
Supervisor *supervisor_new(Server *server, GError **error);
void supervisor_free(Supervisor *supervisor);

/* Handlers and data as in media_process.h; the caller owns the handle. */
MediaProcess *supervisor_start_relay(Supervisor *supervisor, const MediaProcessHandlers *handlers,
                                     void *data);
MediaProcess *supervisor_start_mixer(Supervisor *supervisor, int64_t meeting,
                                     const MediaProcessHandlers *handlers, void *data);
