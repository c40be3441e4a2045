#include "signalling/ctl/table.h"

#include <stdbool.h>
#include <stdio.h>

#define COLUMN_GAP 2

struct Table {
    guint columns;
    GPtrArray *cells; /* Row by row. */
};

Table *table_new(const char *const *headings)
{
    Table *table = g_new0(Table, 1);
    table->columns = g_strv_length((char **)headings);
    table->cells = g_ptr_array_new_with_free_func(g_free);
    table_add(table, headings);
    return table;
}

void table_free(Table *table)
{
    g_ptr_array_unref(table->cells);
    g_free(table);
}

void table_add(Table *table, const char *const *cells)
{
    for (guint i = 0; i < table->columns; i++) {
        g_ptr_array_add(table->cells, g_utf8_make_valid(cells[i] != NULL ? cells[i] : "", -1));
    }
}

static long width_of(const Table *table, guint column)
{
    long width = 0;
    for (guint i = column; i < table->cells->len; i += table->columns) {
        width = MAX(width, g_utf8_strlen(g_ptr_array_index(table->cells, i), -1));
    }
    return width;
}

void table_print(const Table *table)
{
    g_autofree long *widths = g_new(long, table->columns);
    for (guint column = 0; column < table->columns; column++) {
        widths[column] = width_of(table, column);
    }
    for (guint i = 0; i < table->cells->len; i++) {
        guint column = i % table->columns;
        const char *cell = g_ptr_array_index(table->cells, i);
        bool is_last = column + 1 == table->columns;
        int padding = is_last ? 0 : (int)(widths[column] - g_utf8_strlen(cell, -1) + COLUMN_GAP);
        printf("%s%*s%s", cell, padding, "", is_last ? "\n" : "");
    }
}
