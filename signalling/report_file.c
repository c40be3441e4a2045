#include "signalling/report_file.h"

static const struct {
    const char *name;
    const char *type;
    GBytes *(*write)(const Report *report, GError **error);
} formats[REPORT_FORMATS] = {
    [REPORT_CSV] = {"csv", "text/csv; charset=utf-8", report_write_csv},
    [REPORT_PDF] = {"pdf", "application/pdf", report_write_pdf},
    [REPORT_XLSX] = {"xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                     report_write_xlsx},
};

static const char *const titles[REPORT_COLUMNS] = {
    [COLUMN_NUMBER] = "STT",
    [COLUMN_NAME] = "Điểm cầu",
    [COLUMN_STATUS] = "Tình trạng",
    [COLUMN_REASON] = "Lý do",
    [COLUMN_JOINED] = "Vào lúc",
    [COLUMN_UNTIL] = "Đến lúc",
    [COLUMN_PRESENT] = "Có mặt (phút)",
    [COLUMN_TALK] = "Phát biểu",
    [COLUMN_DROPS] = "Mất kết nối",
    [COLUMN_CODE] = "Mã",
    [COLUMN_TIER] = "Cấp",
    [COLUMN_AGENCY] = "Đơn vị",
};

const char *report_column_title(ReportColumn column)
{
    return titles[column];
}

char *report_column_text(const ReportRow *row, ReportColumn column, guint number)
{
    int talk_s = (int)(row->talk_ms / 1000);
    switch (column) {
    case COLUMN_NUMBER:
        return g_strdup_printf("%u", number);
    case COLUMN_NAME:
        return g_strdup(row->name);
    case COLUMN_STATUS:
        return g_strdup(report_status_text(row->status));
    case COLUMN_REASON:
        return g_strdup(row->reason);
    case COLUMN_JOINED:
        return report_write_time(row->first_ms);
    case COLUMN_UNTIL:
        return report_write_time(row->last_ms);
    case COLUMN_PRESENT:
        return g_strdup_printf("%d", (int)(row->present_ms / 60000));
    case COLUMN_TALK:
        return g_strdup_printf("%d:%02d", talk_s / 60, talk_s % 60);
    case COLUMN_DROPS:
        return g_strdup_printf("%d", row->drops);
    case COLUMN_CODE:
        return g_strdup(row->code);
    case COLUMN_TIER:
        return g_strdup(row->tier);
    case COLUMN_AGENCY:
        break;
    }
    return g_strdup(row->agency);
}

GBytes *report_write(const Report *report, ReportFormat format, GError **error)
{
    return formats[format].write(report, error);
}

const char *report_format_name(ReportFormat format)
{
    return formats[format].name;
}

const char *report_format_type(ReportFormat format)
{
    return formats[format].type;
}
