/* The GStreamer elements of the mixer. Only the plugins that hold them are loaded, from their known
 * place: no registry is scanned, cached or fought over by mixers that start together, and no other
 * plugin's code can be reached. Main thread, once, before any other thread. */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* Starts GStreamer. False and an error that names the missing Debian package otherwise. */
bool plugin_load_all(GError **error);
