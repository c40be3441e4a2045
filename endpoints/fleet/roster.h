/* Which sites a fleet plays, and the tokens it was given for them. Plain text files. Any thread. */
#pragma once

#include <glib.h>
#include <stddef.h>

#define ROSTER_ERROR (g_quark_from_static_string("diemcau-roster"))
typedef enum RosterError { ROSTER_ERROR_FILE } RosterError;

/* The codes of a directory CSV (config/sites.csv): `count` of them from `first` on, all the rest
 * when count is 0. An error when there are not so many, or one is not fit for a directory name.
 * NULL-terminated, g_strfreev. */
char **roster_read_codes(const char *path, size_t first, size_t count, GError **error);
/* The same of text; `path` is for messages. */
char **roster_parse_codes(const char *text, const char *path, size_t first, size_t count,
                          GError **error);
/* Lines of "CODE TOKEN"; empty ones are passed over. Code → token, g_hash_table_unref. */
GHashTable *roster_read_tokens(const char *path, GError **error);
GHashTable *roster_parse_tokens(const char *text, const char *path, GError **error);
