/* Reading films and sounds through GStreamer, whatever their format: all of it at once, outside the
 * running session. GStreamer must have been initialised. Any thread. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

/* The regular files of a directory, full paths in alphabetical order; g_ptr_array_unref. */
GPtrArray *reading_list(const char *dir, GError **error);
/* Does `made` exist and is it newer than what it was made from? */
bool reading_is_newer(const char *made, const char *from);
/* Mono int16_t samples at this rate, at most `samples_max`; g_array_unref. */
GArray *reading_sound(const char *path, int hz, size_t samples_max, GError **error);
