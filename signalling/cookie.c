#include "signalling/cookie.h"

#include <glib.h>
#include <string.h>

char *cookie_find(const char *header, const char *name)
{
    g_auto(GStrv) pairs = g_strsplit(header, ";", -1);
    size_t name_size = strlen(name);
    const char *found = NULL;
    for (char **pair = pairs; *pair != NULL; pair++) {
        const char *text = g_strstrip(*pair);
        if (strncmp(text, name, name_size) != 0 || text[name_size] != '=') {
            continue;
        }
        if (found != NULL) {
            return g_strdup("");
        }
        found = text + name_size + 1;
    }
    return g_strdup(found != NULL ? found : "");
}
