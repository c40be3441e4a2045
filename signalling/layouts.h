/* The layouts of config/layouts.json by name: read once, never changed. Main loop only. */
#pragma once

#include <glib.h>

#include "bridge/base/layout.h"

typedef struct Layouts Layouts;

/* The error names the file and the line and column, or the layout and cell. */
Layouts *layouts_load(const char *path, GError **error);
void layouts_free(Layouts *layouts);

/* NULL when there is none of this name. */
const Layout *layouts_find(const Layouts *layouts, const char *name);
/* The layout that shows a spotlit seat while `name` is chosen: itself when it has a floor cell,
 * otherwise the one its "spotlight" key names. NULL when there is none. */
const char *layouts_spotlight(const Layouts *layouts, const char *name);
/* A new reference to the layout object as the file has it, for the mixer. */
json_t *layouts_get_json(const Layouts *layouts, const char *name);
/* A new array of all of them, in the order of the file, for the page. */
json_t *layouts_to_json(const Layouts *layouts);
