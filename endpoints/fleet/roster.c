#include "endpoints/fleet/roster.h"

#include <string.h>

#include "endpoints/fleet/fleet.h"

#define CODE_BYTES_MAX 32
#define HEADER "code"

static bool is_code(const char *code)
{
    size_t size = strlen(code);
    if (size == 0 || size > CODE_BYTES_MAX) {
        return false;
    }
    for (const char *at = code; *at != '\0'; at++) {
        if (!g_ascii_isalnum(*at) && *at != '-' && *at != '_') {
            return false;
        }
    }
    return true;
}

static void refuse(GError **error, const char *path, size_t line, const char *reason)
{
    g_set_error(error, ROSTER_ERROR, ROSTER_ERROR_FILE, "%s: line %zu: %s", path, line, reason);
}

/* The first field of a line that may be quoted. */
static char *first_field(const char *line)
{
    const char *start = line[0] == '"' ? line + 1 : line;
    return g_strndup(start, strcspn(start, line[0] == '"' ? "\"" : ","));
}

char **roster_parse_codes(const char *text, const char *path, size_t first, size_t count,
                          GError **error)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    g_autoptr(GPtrArray) codes = g_ptr_array_new_with_free_func(g_free);
    size_t seen = 0;
    for (size_t i = 0; lines[i] != NULL; i++) {
        g_autofree char *code = first_field(g_strchomp(lines[i]));
        if (code[0] == '\0' || (i == 0 && strcmp(code, HEADER) == 0)) {
            continue;
        }
        if (!is_code(code)) {
            refuse(error, path, i + 1, "the code may have letters, digits, - and _ only");
            return NULL;
        }
        if (seen++ >= first && (count == 0 || codes->len < count)) {
            g_ptr_array_add(codes, g_steal_pointer(&code));
        }
    }
    if (codes->len == 0 || codes->len < count || codes->len > FLEET_SITES_MAX) {
        g_set_error(error, ROSTER_ERROR, ROSTER_ERROR_FILE,
                    "%s: %zu sites from number %zu on are wanted, but there are %u", path, count,
                    first, codes->len);
        return NULL;
    }
    g_ptr_array_add(codes, NULL);
    return (char **)g_ptr_array_free(g_steal_pointer(&codes), FALSE);
}

char **roster_read_codes(const char *path, size_t first, size_t count, GError **error)
{
    g_autofree char *text = NULL;
    return g_file_get_contents(path, &text, NULL, error)
               ? roster_parse_codes(text, path, first, count, error)
               : NULL;
}

GHashTable *roster_parse_tokens(const char *text, const char *path, GError **error)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    g_autoptr(GHashTable) tokens = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    for (size_t i = 0; lines[i] != NULL; i++) {
        g_auto(GStrv) words = g_strsplit(g_strstrip(lines[i]), " ", -1);
        if (words[0] == NULL || words[0][0] == '\0') {
            continue;
        }
        if (g_strv_length(words) != 2 || !is_code(words[0]) || words[1][0] == '\0') {
            refuse(error, path, i + 1, "must be a code, a space and a token");
            return NULL;
        }
        g_hash_table_insert(tokens, g_strdup(words[0]), g_strdup(words[1]));
    }
    return g_steal_pointer(&tokens);
}

GHashTable *roster_read_tokens(const char *path, GError **error)
{
    g_autofree char *text = NULL;
    return g_file_get_contents(path, &text, NULL, error) ? roster_parse_tokens(text, path, error)
                                                         : NULL;
}
