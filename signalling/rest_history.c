/* The REST calls about meetings that were held, and their reports as files. */
#include <jansson.h>

#include "signalling/history.h"
#include "signalling/report_press.h"
#include "signalling/rest_internal.h"

static void answer_fields(Exchange *exchange, json_t *fields)
{
    exchange_reply_json(exchange, 200, json_incref(fields));
}

static void on_list(const RestCall *call)
{
    rest_call(call->rest->calls, call->exchange, call->session, "history.list", json_object(),
              answer_fields);
}

static void on_report(const RestCall *call)
{
    rest_call(call->rest->calls, call->exchange, call->session, "history.report",
              json_pack("{s:I}", "meeting", (json_int_t)call->ids[0]), answer_fields);
}

/* ---- files ---- */

typedef struct Download {
    Server *server;
    Exchange *exchange;
    int64_t meeting;
    ReportFormat format;
} Download;

static void fail(Download *download, const Problem *problem)
{
    exchange_reply_problem(download->exchange, exchange_status_of(problem->code), problem);
    g_free(download);
}

static void on_printed(GBytes *file, void *data)
{
    Download *download = data;
    if (file == NULL) {
        Problem problem;
        problem_set(&problem, "unavailable", "", "the file could not be made; the log says why");
        fail(download, &problem);
        return;
    }
    g_autofree char *headers = g_strdup_printf(
        "Content-Disposition: attachment; filename=\"diem-danh-%" G_GINT64_FORMAT ".%s\"\r\n",
        download->meeting, report_format_name(download->format));
    HttpReply reply = {.status = 200,
                       .content_type = report_format_type(download->format),
                       .body = file,
                       .headers = headers};
    exchange_reply(download->exchange, &reply);
    g_free(download);
}

static void on_made(Report *report, const Problem *problem, void *data)
{
    Download *download = data;
    if (report == NULL) {
        fail(download, problem);
        return;
    }
    if (!report_press_print(download->server->press, report, download->format, on_printed,
                            download)) {
        Problem busy;
        problem_set(&busy, "unavailable", "", "too many reports are being made; try again");
        fail(download, &busy);
    }
}

static void download(const RestCall *call, ReportFormat format)
{
    Download *download = g_new(Download, 1);
    *download = (Download){.server = call->rest->server,
                           .exchange = call->exchange,
                           .meeting = call->ids[0],
                           .format = format};
    history_report(download->server, download->meeting, on_made, download);
}

static void on_csv(const RestCall *call)
{
    download(call, REPORT_CSV);
}

static void on_pdf(const RestCall *call)
{
    download(call, REPORT_PDF);
}

static void on_xlsx(const RestCall *call)
{
    download(call, REPORT_XLSX);
}

const RestRow rest_history_rows[] = {
    {HTTP_GET, "/api/v1/history", ROLES_HOSTING, on_list},
    {HTTP_GET, "/api/v1/history/ID", ROLES_HOSTING, on_report},
    {HTTP_GET, "/api/v1/history/ID/report.csv", ROLES_HOSTING, on_csv},
    {HTTP_GET, "/api/v1/history/ID/report.pdf", ROLES_HOSTING, on_pdf},
    {HTTP_GET, "/api/v1/history/ID/report.xlsx", ROLES_HOSTING, on_xlsx},
    {HTTP_OTHER, NULL, 0, NULL},
};
