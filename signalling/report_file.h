/* The report as a file. Each function makes one whole file in memory; names of sites and reasons
 * are text in it, never a formula, mark-up or a line of their own. Any thread. */
#pragma once

#include <glib.h>

#include "signalling/report.h"

typedef enum ReportFormat {
    REPORT_CSV,
    REPORT_PDF,
    REPORT_XLSX,
} ReportFormat;
#define REPORT_FORMATS 3

/* The columns that all of them have. */
typedef enum ReportColumn {
    COLUMN_NUMBER,
    COLUMN_NAME,
    COLUMN_STATUS,
    COLUMN_REASON,
    COLUMN_JOINED,
    COLUMN_UNTIL,
    COLUMN_PRESENT, /* minutes */
    COLUMN_TALK,    /* m:ss */
    COLUMN_DROPS,
    COLUMN_CODE,
    COLUMN_TIER,
    COLUMN_AGENCY,
} ReportColumn;
#define REPORT_COLUMNS 12

const char *report_column_title(ReportColumn column);
/* `number` counts the rows from 1. g_free. */
char *report_column_text(const ReportRow *row, ReportColumn column, guint number);

/* Each returns the file, or NULL and an error that says what is missing (memory, disk). */
/* UTF-8 with a byte order mark, for spreadsheets; RFC 4180. */
GBytes *report_write_csv(const Report *report, GError **error);
/* A4, pages numbered, agencies as groups, places for signatures at the end. */
GBytes *report_write_pdf(const Report *report, GError **error);
GBytes *report_write_xlsx(const Report *report, GError **error);
GBytes *report_write(const Report *report, ReportFormat format, GError **error);
/* "csv", "pdf", "xlsx". */
const char *report_format_name(ReportFormat format);
const char *report_format_type(ReportFormat format);
