/* What the mixer gives up before it touches foreign media: all networks, privileges, new programs
 * and core dumps. A decoder that is taken over finds a process that can decode, write files its
 * user owns and talk to the sockets of the runtime directory, and no more. */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* Once, on the main thread, before any other thread is started and after everything is loaded;
 * holds for all threads to come. False and an error when the filter cannot be set: the mixer must
 * not run then. */
bool sandbox_enter(GError **error);
