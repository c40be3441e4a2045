#include "signalling/disposition.h"

#include <glib.h>
#include <stdbool.h>
#include <string.h>

/* RFC 8187 section 3.2.1, attr-char. */
#define PLAIN_CHARACTERS                                                                           \
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$&+-.^_`|~"

static char *clean(const char *name)
{
    char *text = g_strdup(name);
    for (char *at = text; *at != '\0'; at++) {
        bool is_bad = (unsigned char)*at < ' ' || *at == 127 || strchr("/\\:*?\"<>|", *at) != NULL;
        *at = is_bad ? '-' : *at;
    }
    return text;
}

/* "Họp giao ban" → "Hop giao ban": Đ has no decomposition. */
static char *to_ascii(const char *name)
{
    g_autofree char *parts = g_utf8_normalize(name, -1, G_NORMALIZE_NFD);
    GString *plain = g_string_new(NULL);
    for (const char *at = parts; at != NULL && *at != '\0'; at = g_utf8_next_char(at)) {
        gunichar letter = g_utf8_get_char(at);
        if (letter == 0x110 || letter == 0x111) {
            g_string_append_c(plain, letter == 0x110 ? 'D' : 'd');
        } else if (letter < 128) {
            g_string_append_c(plain, (char)letter);
        } else if (!g_unichar_ismark(letter)) {
            g_string_append_c(plain, '-');
        }
    }
    return g_string_free(plain, FALSE);
}

char *disposition_attachment(const char *name)
{
    g_autofree char *cleaned = clean(name);
    g_autofree char *plain = to_ascii(cleaned);
    GString *value = g_string_new("attachment; filename=\"");
    g_string_append_printf(value, "%s\"; filename*=UTF-8''", plain);
    for (const char *at = cleaned; *at != '\0'; at++) {
        if (strchr(PLAIN_CHARACTERS, *at) != NULL) {
            g_string_append_c(value, *at);
        } else {
            g_string_append_printf(value, "%%%02X", (unsigned)(unsigned char)*at);
        }
    }
    return g_string_free(value, FALSE);
}
