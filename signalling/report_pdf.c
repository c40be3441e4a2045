/* The only file here that knows cairo and pango. The pages are laid out twice: once to count them,
 * once to draw them with their total. */
#include <cairo-pdf.h>
#include <pango/pangocairo.h>

#include "signalling/report_file.h"

/* Points; A4. */
#define PAGE_WIDTH 595.28
#define PAGE_HEIGHT 841.89
#define MARGIN 40.0
#define BOTTOM (PAGE_HEIGHT - 54.0)
#define PADDING 3.0
#define SIGNATURES_HEIGHT 110.0
#define FONT "Noto Sans"

static const struct {
    ReportColumn column;
    double width;
    bool is_right; /* aligned */
} columns[] = {
    {COLUMN_NUMBER, 28, true},  {COLUMN_NAME, 158, false}, {COLUMN_STATUS, 56, false},
    {COLUMN_REASON, 82, false}, {COLUMN_JOINED, 36, true}, {COLUMN_UNTIL, 36, true},
    {COLUMN_PRESENT, 46, true}, {COLUMN_TALK, 40, true},   {COLUMN_DROPS, 33, true},
};

typedef struct Sheet {
    cairo_t *cairo;
    PangoContext *context; /* one for all texts: it holds the fonts */
    const Report *report;
    double y;
    int page;
    int pages; /* 0: not known yet */
} Sheet;

typedef struct Text {
    const char *words;
    double x, width;
    double size;
    bool is_bold;
    PangoAlignment align;
} Text;

static PangoLayout *layout_of(const Sheet *sheet, const Text *text)
{
    PangoLayout *layout = pango_layout_new(sheet->context);
    g_autofree char *font =
        g_strdup_printf(FONT "%s %.1f", text->is_bold ? " Bold" : "", text->size);
    PangoFontDescription *description = pango_font_description_from_string(font);
    pango_layout_set_font_description(layout, description);
    pango_font_description_free(description);
    pango_layout_set_width(layout, (int)(text->width * PANGO_SCALE));
    pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
    pango_layout_set_alignment(layout, text->align);
    pango_layout_set_text(layout, text->words, -1);
    return layout;
}

static double height_of(PangoLayout *layout)
{
    int height = 0;
    pango_layout_get_size(layout, NULL, &height);
    return (double)height / PANGO_SCALE;
}

/* At the sheet's y; returns its height. */
static double draw_text(const Sheet *sheet, const Text *text)
{
    g_autoptr(PangoLayout) layout = layout_of(sheet, text);
    if (sheet->pages > 0) { /* not only counted */
        cairo_move_to(sheet->cairo, text->x, sheet->y);
        pango_cairo_show_layout(sheet->cairo, layout);
    }
    return height_of(layout);
}

static void draw_line(const Sheet *sheet, double y)
{
    cairo_set_line_width(sheet->cairo, 0.5);
    cairo_move_to(sheet->cairo, MARGIN, y);
    cairo_line_to(sheet->cairo, PAGE_WIDTH - MARGIN, y);
    cairo_stroke(sheet->cairo);
}

static void draw_foot(Sheet *sheet)
{
    g_autofree char *words = g_strdup_printf("Trang %d/%d", sheet->page, sheet->pages);
    sheet->y = PAGE_HEIGHT - 40;
    draw_text(sheet, &(Text){.words = words,
                             .x = MARGIN,
                             .width = PAGE_WIDTH - 2 * MARGIN,
                             .size = 8,
                             .align = PANGO_ALIGN_CENTER});
}

/* ---- a row of the table ---- */

static double row_height(const Sheet *sheet, char *const *texts, bool is_bold)
{
    double height = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(columns); i++) {
        g_autoptr(PangoLayout) layout =
            layout_of(sheet, &(Text){.words = texts[i],
                                     .width = columns[i].width - 2 * PADDING,
                                     .size = 8,
                                     .is_bold = is_bold});
        height = MAX(height, height_of(layout));
    }
    return height + 2 * PADDING;
}

static void draw_row(Sheet *sheet, char *const *texts, bool is_bold, double height)
{
    double x = MARGIN;
    double top = sheet->y;
    sheet->y = top + PADDING;
    for (size_t i = 0; sheet->pages > 0 && i < G_N_ELEMENTS(columns); i++) {
        draw_text(sheet, &(Text){.words = texts[i],
                                 .x = x,
                                 .width = columns[i].width - 2 * PADDING,
                                 .size = 8,
                                 .is_bold = is_bold,
                                 .align = columns[i].is_right && !is_bold ? PANGO_ALIGN_RIGHT
                                                                          : PANGO_ALIGN_LEFT});
        x += columns[i].width;
    }
    sheet->y = top + height;
    draw_line(sheet, sheet->y);
}

static char **head_texts(void)
{
    char **texts = g_new0(char *, G_N_ELEMENTS(columns) + 1);
    for (size_t i = 0; i < G_N_ELEMENTS(columns); i++) {
        texts[i] = g_strdup(report_column_title(columns[i].column));
    }
    return texts;
}

static char **row_texts(const ReportRow *row, guint number)
{
    char **texts = g_new0(char *, G_N_ELEMENTS(columns) + 1);
    for (size_t i = 0; i < G_N_ELEMENTS(columns); i++) {
        texts[i] = report_column_text(row, columns[i].column, number);
    }
    return texts;
}

/* ---- pages ---- */

static void begin_page(Sheet *sheet)
{
    g_auto(GStrv) head = head_texts();
    if (sheet->page > 0) {
        draw_foot(sheet);
        cairo_show_page(sheet->cairo);
        sheet->y = MARGIN;
    }
    sheet->page++;
    draw_line(sheet, sheet->y);
    draw_row(sheet, head, true, row_height(sheet, head, true));
}

static void make_room(Sheet *sheet, double height)
{
    if (sheet->y + height > BOTTOM) {
        begin_page(sheet);
    }
}

static void draw_agency(Sheet *sheet, const char *agency)
{
    make_room(sheet, 44); /* with a row below it */
    sheet->y += PADDING + 2;
    sheet->y += draw_text(sheet, &(Text){.words = agency[0] != '\0' ? agency : "Khác",
                                         .x = MARGIN,
                                         .width = PAGE_WIDTH - 2 * MARGIN,
                                         .size = 9,
                                         .is_bold = true});
    sheet->y += PADDING;
    draw_line(sheet, sheet->y);
}

static void draw_paragraph(Sheet *sheet, const char *words, double size, bool is_bold,
                           PangoAlignment align)
{
    sheet->y += draw_text(sheet, &(Text){.words = words,
                                         .x = MARGIN,
                                         .width = PAGE_WIDTH - 2 * MARGIN,
                                         .size = size,
                                         .is_bold = is_bold,
                                         .align = align}) +
                4;
}

static void draw_summary(Sheet *sheet)
{
    const Report *report = sheet->report;
    g_autofree char *opened = report_write_moment(report->opened_ms);
    g_autofree char *closed = report_write_moment(report->closed_ms);
    g_autofree char *time =
        g_strdup_printf("Bắt đầu: %s. Kết thúc: %s. Người mở phiên: %s.", opened,
                        closed[0] != '\0' ? closed : "đang họp", report->opened_by);
    g_autofree char *counts = g_strdup_printf(
        "Tổng số %u điểm cầu: có mặt %d, đến muộn %d, về sớm %d, vắng %d.", report->rows->len,
        report->counts[REPORT_PRESENT], report->counts[REPORT_LATE],
        report->counts[REPORT_LEFT_EARLY], report->counts[REPORT_ABSENT]);
    sheet->y = MARGIN;
    draw_paragraph(sheet, "BÁO CÁO ĐIỂM DANH PHIÊN HỌP TRỰC TUYẾN", 13, true, PANGO_ALIGN_CENTER);
    draw_paragraph(sheet, report->title, 12, true, PANGO_ALIGN_CENTER);
    draw_paragraph(sheet, time, 9, false, PANGO_ALIGN_LEFT);
    draw_paragraph(sheet, counts, 9, false, PANGO_ALIGN_LEFT);
    sheet->y += 4;
}

static void draw_signature(const Sheet *sheet, const char *who, double x)
{
    Sheet at = *sheet;
    const double width = (PAGE_WIDTH - 2 * MARGIN) / 2;
    at.y += draw_text(&at, &(Text){.words = who,
                                   .x = x,
                                   .width = width,
                                   .size = 10,
                                   .is_bold = true,
                                   .align = PANGO_ALIGN_CENTER});
    draw_text(&at, &(Text){.words = "(Ký, ghi rõ họ tên)",
                           .x = x,
                           .width = width,
                           .size = 8,
                           .align = PANGO_ALIGN_CENTER});
}

static void draw_signatures(Sheet *sheet)
{
    make_room(sheet, SIGNATURES_HEIGHT);
    sheet->y += 20;
    draw_signature(sheet, "THƯ KÝ", MARGIN);
    draw_signature(sheet, "CHỦ TỌA", PAGE_WIDTH / 2);
}

static void draw_all(Sheet *sheet)
{
    const char *agency = NULL;
    draw_summary(sheet);
    begin_page(sheet);
    for (guint i = 0; i < sheet->report->rows->len; i++) {
        const ReportRow *row = g_ptr_array_index(sheet->report->rows, i);
        if (agency == NULL || !g_str_equal(agency, row->agency)) {
            agency = row->agency;
            draw_agency(sheet, agency);
        }
        g_auto(GStrv) texts = row_texts(row, i + 1);
        double height = row_height(sheet, texts, false);
        make_room(sheet, height);
        draw_row(sheet, texts, false, height);
    }
    draw_signatures(sheet);
    draw_foot(sheet);
}

static cairo_status_t keep(void *data, const unsigned char *bytes, unsigned size)
{
    g_byte_array_append(data, bytes, size);
    return CAIRO_STATUS_SUCCESS;
}

/* Returns how many pages there are, or 0 and an error. */
static int draw(const Report *report, int pages, GByteArray *file, GError **error)
{
    cairo_surface_t *surface =
        cairo_pdf_surface_create_for_stream(keep, file, PAGE_WIDTH, PAGE_HEIGHT);
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE, report->title);
    Sheet sheet = {.cairo = cairo_create(surface), .report = report, .pages = pages};
    sheet.context = pango_cairo_create_context(sheet.cairo);
    draw_all(&sheet);
    g_object_unref(sheet.context);
    cairo_destroy(sheet.cairo);
    cairo_surface_finish(surface);
    cairo_status_t status = cairo_surface_status(surface);
    cairo_surface_destroy(surface);
    if (status != CAIRO_STATUS_SUCCESS) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "PDF: %s",
                    cairo_status_to_string(status));
        return 0;
    }
    return sheet.page;
}

GBytes *report_write_pdf(const Report *report, GError **error)
{
    g_autoptr(GByteArray) counted = g_byte_array_new();
    int pages = draw(report, 0, counted, error);
    GByteArray *file = g_byte_array_new();
    if (pages == 0 || draw(report, pages, file, error) == 0) {
        g_byte_array_unref(file);
        return NULL;
    }
    return g_byte_array_free_to_bytes(file);
}
