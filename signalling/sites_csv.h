/* The directory as a CSV file: header code,name,tier,parent, one site a line (RFC 4180 quoting, LF
 * or CRLF, an optional byte order mark). Reads and checks it whole: unique codes, known parents, no
 * circle. Plain values. Any thread. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "bridge/base/problem.h"

typedef struct SiteRow {
    char *code;
    char *name; /* NFC */
    char *tier;
    char *parent; /* "" for a root */
    int line;
    int parent_column; /* for messages, 1 … */
} SiteRow;

/* Rows in the order of the file; NULL and a problem (code bad_field, field "csv", message
 * "FILE:LINE:COLUMN: what is wrong") otherwise. The caller owns the array of SiteRow. */
GPtrArray *sites_csv_parse(const char *csv, const char *file, Problem *problem);
