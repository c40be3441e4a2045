/* The GStreamer elements the device is made of, and the Debian package each comes from. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#define PARTS_ERROR (g_quark_from_static_string("diemcau-parts"))
typedef enum PartsError {
    PARTS_ERROR_MISSING,
} PartsError;

/* Are all of these elements there? `names` ends with NULL; an error names the first that is missing
 * and its package. */
bool parts_require(const char *const *names, GError **error);
