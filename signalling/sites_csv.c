#include "signalling/sites_csv.h"

#include <string.h>

#include "bridge/base/limits.h"
#include "signalling/directory.h"

#define COLUMNS 4
#define BYTE_ORDER_MARK "\xef\xbb\xbf"

static const char *const column_names[COLUMNS] = {"code", "name", "tier", "parent"};

typedef struct Reader {
    const char *at;
    const char *file;
    int line;
    int column; /* in characters, 1 … */
    Problem *problem;
} Reader;

typedef struct Cell {
    char *text;
    int line;
    int column;
} Cell;

static void cell_free(gpointer data)
{
    Cell *cell = data;
    g_free(cell->text);
    g_free(cell);
}

static void row_free(gpointer data)
{
    SiteRow *row = data;
    g_free(row->code);
    g_free(row->name);
    g_free(row->tier);
    g_free(row->parent);
    g_free(row);
}

static bool G_GNUC_PRINTF(4, 5)
    wrong(const Reader *reader, int line, int column, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *what = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    return problem_set(reader->problem, "bad_field", "csv", "%s:%d:%d: %s", reader->file, line,
                       column, what);
}

static char take(Reader *reader)
{
    char byte = *reader->at++;
    if (byte == '\n') {
        reader->line++;
        reader->column = 1;
    } else if (((unsigned char)byte & 0xc0) != 0x80) {
        reader->column++;
    }
    return byte;
}

static bool is_line_end(const char *at)
{
    return *at == '\n' || (at[0] == '\r' && at[1] == '\n');
}

static bool is_cell_end(const char *at)
{
    return *at == '\0' || *at == ',' || is_line_end(at);
}

static bool read_quoted(Reader *reader, GString *text)
{
    int line = reader->line;
    int column = reader->column;
    take(reader);
    while (*reader->at != '\0') {
        char byte = take(reader);
        if (byte != '"') {
            g_string_append_c(text, byte);
        } else if (*reader->at == '"') {
            g_string_append_c(text, take(reader));
        } else if (is_cell_end(reader->at)) {
            return true;
        } else {
            return wrong(reader, reader->line, reader->column, "text after the closing quote");
        }
    }
    return wrong(reader, line, column, "this quote is never closed");
}

static bool read_plain(Reader *reader, GString *text)
{
    while (!is_cell_end(reader->at)) {
        if (*reader->at == '"') {
            return wrong(reader, reader->line, reader->column,
                         "a quote inside a value; put the whole value in quotes and double it");
        }
        g_string_append_c(text, take(reader));
    }
    return true;
}

static Cell *read_cell(Reader *reader)
{
    Cell *cell = g_new0(Cell, 1);
    cell->line = reader->line;
    cell->column = reader->column;
    GString *text = g_string_new(NULL);
    bool is_read = *reader->at == '"' ? read_quoted(reader, text) : read_plain(reader, text);
    cell->text = g_strstrip(g_string_free(text, FALSE));
    if (!is_read) {
        cell_free(cell);
        return NULL;
    }
    return cell;
}

/* One record; NULL and a problem when it is not well formed. */
static GPtrArray *read_record(Reader *reader)
{
    GPtrArray *cells = g_ptr_array_new_with_free_func(cell_free);
    for (;;) {
        Cell *cell = read_cell(reader);
        if (cell == NULL) {
            g_ptr_array_unref(cells);
            return NULL;
        }
        g_ptr_array_add(cells, cell);
        if (*reader->at != ',') {
            break;
        }
        if (cells->len >= COLUMNS) {
            wrong(reader, reader->line, reader->column, "more than %d values", COLUMNS);
            g_ptr_array_unref(cells);
            return NULL;
        }
        take(reader);
    }
    if (*reader->at == '\r') {
        take(reader);
    }
    if (*reader->at == '\n') {
        take(reader);
    }
    return cells;
}

static bool is_blank(const GPtrArray *cells)
{
    const Cell *cell = g_ptr_array_index(cells, 0);
    return cells->len == 1 && cell->text[0] == '\0';
}

static bool check_header(const Reader *reader, const GPtrArray *cells)
{
    for (guint i = 0; i < COLUMNS; i++) {
        const Cell *cell = g_ptr_array_index(cells, MIN(i, cells->len - 1));
        if (i >= cells->len || strcmp(cell->text, column_names[i]) != 0) {
            return wrong(reader, cell->line, cell->column,
                         "the first line must be code,name,tier,parent");
        }
    }
    return true;
}

static bool check_text(const Reader *reader, const Cell *cell, const char *what, size_t bytes_max)
{
    if (cell->text[0] == '\0') {
        return wrong(reader, cell->line, cell->column, "%s is empty", what);
    }
    if (strlen(cell->text) > bytes_max) {
        return wrong(reader, cell->line, cell->column, "%s is longer than %zu bytes", what,
                     bytes_max);
    }
    for (const char *at = cell->text; *at != '\0'; at = g_utf8_next_char(at)) {
        GUnicodeType type = g_unichar_type(g_utf8_get_char(at));
        if (type == G_UNICODE_CONTROL || type == G_UNICODE_FORMAT) {
            return wrong(reader, cell->line, cell->column, "%s holds an invisible character", what);
        }
    }
    return true;
}

static bool check_word(const Reader *reader, const Cell *cell, const char *what, size_t bytes_max)
{
    if (!check_text(reader, cell, what, bytes_max)) {
        return false;
    }
    for (const char *at = cell->text; *at != '\0'; at++) {
        if (!g_ascii_isalnum(*at) && strchr("-_.", *at) == NULL) {
            return wrong(reader, cell->line, cell->column,
                         "%s may have letters A-Z, digits, '-', '_' and '.' only", what);
        }
    }
    return true;
}

static SiteRow *make_row(const Reader *reader, const GPtrArray *cells)
{
    const Cell *first = g_ptr_array_index(cells, 0);
    if (cells->len != COLUMNS) {
        wrong(reader, first->line, first->column, "%u values instead of %d", cells->len, COLUMNS);
        return NULL;
    }
    const Cell *name = g_ptr_array_index(cells, 1);
    const Cell *tier = g_ptr_array_index(cells, 2);
    const Cell *parent = g_ptr_array_index(cells, 3);
    if (!check_word(reader, first, "the code", SITE_CODE_BYTES_MAX) ||
        !check_text(reader, name, "the name", LIMIT_NAME_BYTES) ||
        !check_word(reader, tier, "the tier", SITE_TIER_BYTES_MAX) ||
        (parent->text[0] != '\0' &&
         !check_word(reader, parent, "the parent", SITE_CODE_BYTES_MAX))) {
        return NULL;
    }
    g_autofree char *normal = g_utf8_normalize(name->text, -1, G_NORMALIZE_NFC);
    if (strlen(normal) > LIMIT_NAME_BYTES) {
        wrong(reader, name->line, name->column, "the name is longer than %d bytes",
              LIMIT_NAME_BYTES);
        return NULL;
    }
    SiteRow *row = g_new0(SiteRow, 1);
    row->code = g_strdup(first->text);
    row->name = g_steal_pointer(&normal);
    row->tier = g_strdup(tier->text);
    row->parent = g_strdup(parent->text);
    row->line = first->line;
    row->parent_column = parent->column;
    return row;
}

static bool add_record(const Reader *reader, const GPtrArray *cells, GPtrArray *rows,
                       GHashTable *by_code)
{
    SiteRow *row = make_row(reader, cells);
    if (row == NULL) {
        return false;
    }
    const SiteRow *other = g_hash_table_lookup(by_code, row->code);
    if (other != NULL) {
        wrong(reader, row->line, 1, "the code %s stands in line %d already", row->code,
              other->line);
        row_free(row);
        return false;
    }
    g_ptr_array_add(rows, row);
    g_hash_table_insert(by_code, row->code, row);
    if (rows->len > LIMIT_SITES) {
        return wrong(reader, row->line, 1, "more than %d sites", LIMIT_SITES);
    }
    return true;
}

/* A walk up that takes more steps than there are rows goes in a circle. */
static bool check_walk_up(const Reader *reader, const SiteRow *row, GHashTable *by_code)
{
    const SiteRow *up = row;
    guint steps = 0;
    while (up->parent[0] != '\0' && steps <= g_hash_table_size(by_code)) {
        up = g_hash_table_lookup(by_code, up->parent);
        steps++;
    }
    if (up->parent[0] != '\0') {
        return wrong(reader, row->line, row->parent_column,
                     "%s is above itself: its parents form a circle", row->code);
    }
    if (steps > LIMIT_SITE_DEPTH) {
        return wrong(reader, row->line, row->parent_column, "the tree is deeper than %d levels",
                     LIMIT_SITE_DEPTH);
    }
    return true;
}

static bool check_parents(const Reader *reader, const GPtrArray *rows, GHashTable *by_code)
{
    for (guint i = 0; i < rows->len; i++) {
        const SiteRow *row = g_ptr_array_index(rows, i);
        if (row->parent[0] != '\0' && g_hash_table_lookup(by_code, row->parent) == NULL) {
            return wrong(reader, row->line, row->parent_column, "there is no site %s", row->parent);
        }
    }
    for (guint i = 0; i < rows->len; i++) {
        if (!check_walk_up(reader, g_ptr_array_index(rows, i), by_code)) {
            return false;
        }
    }
    return true;
}

static bool check_bytes(Reader *reader, const char *csv)
{
    if (strlen(csv) > LIMIT_CSV_BYTES) {
        return wrong(reader, 1, 1, "the file is larger than %d KiB", LIMIT_CSV_BYTES / 1024);
    }
    const char *end = NULL;
    if (!g_utf8_validate(csv, -1, &end)) {
        while (reader->at < end) {
            take(reader);
        }
        return wrong(reader, reader->line, reader->column, "not UTF-8 text");
    }
    if (g_str_has_prefix(csv, BYTE_ORDER_MARK)) {
        reader->at += strlen(BYTE_ORDER_MARK);
    }
    return true;
}

static bool read_rows(Reader *reader, GPtrArray *rows, GHashTable *by_code)
{
    bool has_header = false;
    while (*reader->at != '\0') {
        g_autoptr(GPtrArray) cells = read_record(reader);
        if (cells == NULL) {
            return false;
        }
        if (is_blank(cells)) {
            continue;
        }
        if (!has_header) {
            has_header = check_header(reader, cells);
            if (!has_header) {
                return false;
            }
        } else if (!add_record(reader, cells, rows, by_code)) {
            return false;
        }
    }
    if (rows->len == 0) {
        return wrong(reader, reader->line, reader->column, "there is no site in it");
    }
    return check_parents(reader, rows, by_code);
}

GPtrArray *sites_csv_parse(const char *csv, const char *file, Problem *problem)
{
    Reader reader = {.at = csv, .file = file, .line = 1, .column = 1, .problem = problem};
    if (!check_bytes(&reader, csv)) {
        return NULL;
    }
    g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func(row_free);
    g_autoptr(GHashTable) by_code = g_hash_table_new(g_str_hash, g_str_equal);
    return read_rows(&reader, rows, by_code) ? g_steal_pointer(&rows) : NULL;
}
