/* The only file that knows libxlsxwriter. It writes to a file of its own and is read back: the
 * library of Debian 12 has no memory as its goal. Everything is written as a string, so nothing is
 * a formula, but for numbers that we counted. */
#include <glib/gstdio.h>
#include <unistd.h>
#include <xlsxwriter.h>

#include "signalling/report_file.h"

#define FIRST_ROW 6 /* below title and summary */

static const double widths[REPORT_COLUMNS] = {
    [COLUMN_NUMBER] = 6, [COLUMN_NAME] = 40, [COLUMN_STATUS] = 12,  [COLUMN_REASON] = 30,
    [COLUMN_JOINED] = 9, [COLUMN_UNTIL] = 9, [COLUMN_PRESENT] = 14, [COLUMN_TALK] = 11,
    [COLUMN_DROPS] = 12, [COLUMN_CODE] = 14, [COLUMN_TIER] = 24,    [COLUMN_AGENCY] = 34,
};

typedef struct Sheet {
    lxw_workbook *book;
    lxw_worksheet *sheet;
    lxw_format *bold;
    lxw_format *head;
    lxw_format *cell;
} Sheet;

static void make_formats(Sheet *sheet)
{
    sheet->bold = workbook_add_format(sheet->book);
    format_set_bold(sheet->bold);
    sheet->head = workbook_add_format(sheet->book);
    format_set_bold(sheet->head);
    format_set_border(sheet->head, LXW_BORDER_THIN);
    format_set_bg_color(sheet->head, 0xd9e8f5);
    sheet->cell = workbook_add_format(sheet->book);
    format_set_border(sheet->cell, LXW_BORDER_THIN);
    format_set_text_wrap(sheet->cell);
    format_set_align(sheet->cell, LXW_ALIGN_VERTICAL_TOP);
}

static void write_line(const Sheet *sheet, lxw_row_t row, const char *label, const char *text)
{
    worksheet_write_string(sheet->sheet, row, 0, label, sheet->bold);
    worksheet_write_string(sheet->sheet, row, 2, text, NULL);
}

static void write_summary(const Sheet *sheet, const Report *report)
{
    g_autofree char *opened = report_write_moment(report->opened_ms);
    g_autofree char *closed = report_write_moment(report->closed_ms);
    g_autofree char *counts = g_strdup_printf(
        "%u điểm cầu: có mặt %d, đến muộn %d, về sớm %d, vắng %d", report->rows->len,
        report->counts[REPORT_PRESENT], report->counts[REPORT_LATE],
        report->counts[REPORT_LEFT_EARLY], report->counts[REPORT_ABSENT]);
    worksheet_write_string(sheet->sheet, 0, 0, "BÁO CÁO ĐIỂM DANH PHIÊN HỌP TRỰC TUYẾN",
                           sheet->bold);
    write_line(sheet, 1, "Phiên họp", report->title);
    write_line(sheet, 2, "Bắt đầu", opened);
    write_line(sheet, 3, "Kết thúc", report->closed_ms != 0 ? closed : "đang họp");
    write_line(sheet, 4, "Tổng hợp", counts);
}

static void write_cell(const Sheet *sheet, const ReportRow *row, guint index, ReportColumn column)
{
    lxw_row_t at = FIRST_ROW + 1 + index;
    lxw_col_t col = (lxw_col_t)column;
    if (column == COLUMN_NUMBER) {
        worksheet_write_number(sheet->sheet, at, col, index + 1, sheet->cell);
    } else if (column == COLUMN_PRESENT) {
        worksheet_write_number(sheet->sheet, at, col, (double)(row->present_ms / 60000),
                               sheet->cell);
    } else if (column == COLUMN_DROPS) {
        worksheet_write_number(sheet->sheet, at, col, row->drops, sheet->cell);
    } else {
        g_autofree char *text = report_column_text(row, column, index + 1);
        worksheet_write_string(sheet->sheet, at, col, text, sheet->cell);
    }
}

static void write_table(const Sheet *sheet, const Report *report)
{
    for (int column = 0; column < REPORT_COLUMNS; column++) {
        lxw_col_t col = (lxw_col_t)column;
        worksheet_set_column(sheet->sheet, col, col, widths[column], NULL);
        worksheet_write_string(sheet->sheet, FIRST_ROW, col,
                               report_column_title((ReportColumn)column), sheet->head);
    }
    for (guint i = 0; i < report->rows->len; i++) {
        for (int column = 0; column < REPORT_COLUMNS; column++) {
            write_cell(sheet, g_ptr_array_index(report->rows, i), i, (ReportColumn)column);
        }
    }
    worksheet_freeze_panes(sheet->sheet, FIRST_ROW + 1, 2);
    worksheet_autofilter(sheet->sheet, FIRST_ROW, 0, FIRST_ROW + report->rows->len,
                         REPORT_COLUMNS - 1);
    worksheet_set_landscape(sheet->sheet);
    worksheet_set_paper(sheet->sheet, 9); /* A4 */
    worksheet_fit_to_pages(sheet->sheet, 1, 0);
}

static bool write_file(const char *path, const Report *report, GError **error)
{
    Sheet sheet = {.book = workbook_new(path)};
    lxw_error code = LXW_ERROR_MEMORY_MALLOC_FAILED;
    if (sheet.book != NULL) {
        sheet.sheet = workbook_add_worksheet(sheet.book, "Điểm danh");
        make_formats(&sheet);
        write_summary(&sheet, report);
        write_table(&sheet, report);
        code = workbook_close(sheet.book);
    }
    if (code != LXW_NO_ERROR) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "%s: %s", path, lxw_strerror(code));
    }
    return code == LXW_NO_ERROR;
}

GBytes *report_write_xlsx(const Report *report, GError **error)
{
    g_autofree char *path = NULL;
    char *bytes = NULL;
    gsize size = 0;
    int fd = g_file_open_tmp("diemcau-XXXXXX.xlsx", &path, error);
    if (fd < 0) {
        return NULL;
    }
    close(fd);
    bool is_good =
        write_file(path, report, error) && g_file_get_contents(path, &bytes, &size, error);
    g_unlink(path);
    return is_good ? g_bytes_new_take(bytes, size) : NULL;
}
