/* PROTOCOL.md and the tables of dispatch must name the same messages for the same roles. */
#include <criterion/criterion.h>
#include <glib.h>
#include <stdlib.h>
#include <string.h>

#include "signalling/dispatch.h"

static const struct {
    const char *word;
    unsigned roles;
} words[] = {
    {"guest", ROLE_GUEST}, {"device", ROLE_DEVICE},         {"page", ROLES_PAGE},
    {"host", ROLE_HOST},   {"technician", ROLE_TECHNICIAN}, {"admin", ROLE_ADMIN},
};

static unsigned roles_from_text(const char *text)
{
    unsigned roles = 0;
    g_auto(GStrv) parts = g_strsplit(text, ",", -1);
    for (char **part = parts; *part != NULL; part++) {
        bool is_known = false;
        for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
            if (strcmp(g_strstrip(*part), words[i].word) == 0) {
                roles |= words[i].roles;
                is_known = true;
            }
        }
        cr_assert(is_known, "PROTOCOL.md: unknown role \"%s\"", *part);
    }
    return roles;
}

/* Message name → role bits, of the rows "| `name` | request (roles) |". */
static GHashTable *read_page(void)
{
    GHashTable *page = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autofree char *text = NULL;
    cr_assert(g_file_get_contents(SOURCE_DIR "/signalling/PROTOCOL.md", &text, NULL, NULL));
    g_autoptr(GRegex) row = g_regex_new("^\\| `([a-z_.]+)` \\| request(?: \\(([^)]*)\\))? \\|",
                                        G_REGEX_MULTILINE, 0, NULL);
    g_autoptr(GMatchInfo) match = NULL;
    g_regex_match(row, text, 0, &match);
    for (; g_match_info_matches(match); g_match_info_next(match, NULL)) {
        g_autofree char *roles = g_match_info_fetch(match, 2);
        unsigned bits = roles == NULL || roles[0] == '\0' ? ROLES_ALL : roles_from_text(roles);
        g_hash_table_insert(page, g_match_info_fetch(match, 1), GUINT_TO_POINTER(bits));
    }
    return page;
}

static void check_row(const MessageRow *row, void *data)
{
    GHashTable *page = data;
    gpointer bits = NULL;
    cr_assert(g_hash_table_lookup_extended(page, row->type, NULL, &bits),
              "%s is missing in PROTOCOL.md", row->type);
    cr_assert_eq(GPOINTER_TO_UINT(bits), row->roles, "%s: PROTOCOL.md says roles %x, the table %x",
                 row->type, GPOINTER_TO_UINT(bits), row->roles);
}

Test(protocol, every_row_of_the_table_stands_in_the_page_with_its_roles)
{
    g_autoptr(GHashTable) page = read_page();
    dispatch_each(check_row, page);
}

Test(protocol, every_request_of_the_page_has_a_row_in_the_table)
{
    g_autoptr(GHashTable) page = read_page();
    GHashTableIter iter;
    gpointer type = NULL;
    cr_assert_geq(g_hash_table_size(page), 20);
    g_hash_table_iter_init(&iter, page);
    while (g_hash_table_iter_next(&iter, &type, NULL)) {
        cr_assert_not_null(dispatch_find(type), "there is no row for %s", (char *)type);
    }
}

static void add_type(const MessageRow *row, void *data)
{
    cr_assert(g_hash_table_add(data, (gpointer)row->type), "%s has two rows", row->type);
}

Test(protocol, no_message_has_two_rows)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    dispatch_each(add_type, seen);
}
