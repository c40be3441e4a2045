/* The sets of views that config/views.json offers by name: read once, never changed. A meeting
 * takes a copy of one at its opening or later. Main loop only. */
#pragma once

#include <glib.h>

#include "signalling/layouts.h"
#include "signalling/view.h"

typedef struct ViewPresets ViewPresets;

/* `path` NULL: none are offered. The error names the file and the line and column, or the preset
 * and view. Borrows `layouts`. */
ViewPresets *view_presets_load(const char *path, const Layouts *layouts, GError **error);
void view_presets_free(ViewPresets *presets);

/* New views, of ids 0, 1, …; NULL when there is no preset of this name. Free with
 * g_ptr_array_unref. */
GPtrArray *view_presets_make(const ViewPresets *presets, const char *name);
bool view_presets_has(const ViewPresets *presets, const char *name);
/* The name of the preset that makes just these views ([View] of PROTOCOL.md); NULL: none. */
const char *view_presets_find_same(const ViewPresets *presets, json_t *views);
/* [{name,title,views}] in the order of the file, for the page; the caller owns it. */
json_t *view_presets_to_json(const ViewPresets *presets);
