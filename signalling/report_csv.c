#include <string.h>

#include "signalling/report_file.h"

#define BYTE_ORDER_MARK "\xef\xbb\xbf"

/* A spreadsheet takes a text that begins so for a formula, also within quotes; a leading
 * apostrophe makes it text. */
static bool looks_like_formula(const char *text)
{
    return text[0] != '\0' && strchr("=+-@\t\r\n", text[0]) != NULL;
}

static void add_field(GString *file, const char *text, bool is_first)
{
    if (!is_first) {
        g_string_append_c(file, ',');
    }
    g_string_append_c(file, '"');
    if (looks_like_formula(text)) {
        g_string_append_c(file, '\'');
    }
    for (const char *at = text; *at != '\0'; at++) {
        if (*at == '"') {
            g_string_append_c(file, '"');
        }
        g_string_append_c(file, *at);
    }
    g_string_append_c(file, '"');
}

static void end_line(GString *file)
{
    g_string_append(file, "\r\n");
}

GBytes *report_write_csv(const Report *report, GError **error)
{
    GString *file = g_string_new(BYTE_ORDER_MARK);
    for (int column = 0; column < REPORT_COLUMNS; column++) {
        add_field(file, report_column_title((ReportColumn)column), column == 0);
    }
    end_line(file);
    for (guint i = 0; i < report->rows->len; i++) {
        for (int column = 0; column < REPORT_COLUMNS; column++) {
            g_autofree char *text =
                report_column_text(g_ptr_array_index(report->rows, i), (ReportColumn)column, i + 1);
            add_field(file, text, column == 0);
        }
        end_line(file);
    }
    return g_string_free_to_bytes(file);
}
