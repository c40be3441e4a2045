#include "signalling/folding.h"

#include <glib.h>
#include <string.h>

#define D_WITH_STROKE 0x0111
#define D_WITH_STROKE_CAPITAL 0x0110

char *folding_fold(const char *text)
{
    g_autofree char *apart = g_utf8_normalize(text, -1, G_NORMALIZE_NFD);
    GString *folded = g_string_new(NULL);
    for (const char *at = apart; at != NULL && *at != '\0'; at = g_utf8_next_char(at)) {
        gunichar letter = g_utf8_get_char(at);
        if (g_unichar_ismark(letter)) {
            continue;
        }
        bool is_d = letter == D_WITH_STROKE || letter == D_WITH_STROKE_CAPITAL;
        g_string_append_unichar(folded, is_d ? 'd' : g_unichar_tolower(letter));
    }
    return g_string_free(folded, FALSE);
}

bool folding_matches(const char *query, const char *text)
{
    g_autofree char *wanted = folding_fold(query);
    g_autofree char *held = folding_fold(text);
    g_auto(GStrv) words = g_strsplit_set(wanted, " \t\n", -1);
    for (char **word = words; *word != NULL; word++) {
        if (strstr(held, *word) == NULL) {
            return false;
        }
    }
    return true;
}
