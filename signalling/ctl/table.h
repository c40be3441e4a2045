/* Rows of text in columns that line up, also with Vietnamese letters. */
#pragma once

#include <glib.h>

typedef struct Table Table;

/* `headings` ends with NULL. */
Table *table_new(const char *const *headings);
void table_free(Table *table);
/* As many strings as there are headings; copied. */
void table_add(Table *table, const char *const *cells);
void table_print(const Table *table);
