#include "signalling/rsvp.h"

#include <gio/gio.h>
#include <jansson.h>
#include <string.h>

#include "signalling/directory.h"
#include "signalling/invitation_letter.h"
#include "signalling/invitations.h"
#include "signalling/plan.h"
#include "signalling/schedule.h"
#include "signalling/store.h"

#define PATH "/invitation/"
#define FORM_TYPE "application/x-www-form-urlencoded"
#define POLICY                                                                                     \
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'; "     \
    "form-action 'self'"

static const char *const page_head =
    "<!doctype html><html lang=\"vi\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
    "content=\"width=device-width, initial-scale=1\"><meta name=\"robots\" content=\"noindex\">"
    "<title>Thư mời họp – Điểm Cầu</title><style>"
    "body{font:17px/1.5 system-ui,'Noto Sans',sans-serif;max-width:36em;margin:2em auto;"
    "padding:0 1em;color:#16202b}h1{font-size:1.4em}label{display:block;margin:.6em 0}"
    "textarea{display:block;width:100%;box-sizing:border-box;font:inherit;margin-top:.3em}"
    "button{font:inherit;font-weight:600;padding:.5em 1.4em;border:0;border-radius:6px;"
    "background:#1d5a96;color:#fff}p.said{padding:.6em 1em;background:#e3eef8;border-radius:6px}"
    "</style></head><body><main>";

typedef struct Visit {
    Server *server;
    Exchange *exchange;
    bool has_answered; /* just now */
} Visit;

static void reply_page(Exchange *exchange, int status, const char *content)
{
    char *page = g_strconcat(page_head, content, "</main></body></html>\n", NULL);
    HttpReply reply = {.status = status,
                       .content_type = "text/html; charset=utf-8",
                       .policy = POLICY,
                       .headers = "Referrer-Policy: no-referrer\r\n",
                       .body = g_bytes_new_take(page, strlen(page))};
    exchange_reply(exchange, &reply);
    g_bytes_unref(reply.body);
}

static void reply_gone(Exchange *exchange)
{
    reply_page(
        exchange, 404,
        "<h1>Không tìm thấy thư mời</h1><p>Đường dẫn không đúng, hoặc phiên họp đã được hủy. "
        "Đề nghị liên hệ nơi gửi thư mời.</p>");
}

static void append_text(GString *page, const char *format, const char *text)
{
    g_autofree char *escaped = g_markup_escape_text(text, -1);
    g_string_append_printf(page, format, escaped);
}

static void append_form(GString *page, json_t *row)
{
    bool is_declined = strcmp(store_text(row, "answer"), "declined") == 0;
    g_string_append_printf(
        page,
        "<form method=\"post\"><label><input type=\"radio\" name=\"answer\" value=\"accepted\"%s "
        "required> Tham dự</label><label><input type=\"radio\" name=\"answer\" "
        "value=\"declined\"%s> Không tham dự được</label>",
        is_declined ? "" : " checked", is_declined ? " checked" : "");
    append_text(page,
                "<label>Người dự họp (mỗi dòng một người: họ tên, chức vụ)"
                "<textarea name=\"names\" rows=\"6\" maxlength=\"1500\">%s</textarea></label>"
                "<button>Gửi xác nhận</button></form>",
                store_text(row, "names"));
}

static void on_row(json_t *rows, const Problem *problem, void *data)
{
    g_autofree Visit *visit = data;
    json_t *row = json_array_get(rows, 0);
    const Booking *booking =
        row != NULL ? schedule_find(visit->server->schedule, store_integer(row, "booking")) : NULL;
    if (problem != NULL) {
        exchange_reply_problem(visit->exchange, exchange_status_of(problem->code), problem);
        return;
    }
    if (booking == NULL || g_str_has_prefix(store_text(row, "state"), "cancel")) {
        reply_gone(visit->exchange);
        return;
    }
    const Site *site = directory_find(visit->server->directory, store_text(row, "site"));
    g_autofree char *when = letter_format_time(booking->start_ms);
    g_autoptr(GString) page = g_string_new("");
    append_text(page, "<h1>%s</h1>", plan_title(booking->plan));
    append_text(page, "<p>Thời gian: %s", when);
    g_string_append_printf(page, "%s, dự kiến %d phút.<br>",
                           booking->is_weekly ? ", hằng tuần" : "", booking->minutes);
    append_text(page, "Điểm cầu: %s</p>", site != NULL ? site->name : store_text(row, "site"));
    if (visit->has_answered) {
        g_string_append(page, "<p class=\"said\" role=\"status\">Đã ghi nhận. Xin cảm ơn. Có thể "
                              "sửa và gửi lại tại đây.</p>");
    }
    append_form(page, row);
    reply_page(visit->exchange, 200, page->str);
}

/* One value of a form; NULL when it is absent or no UTF-8. */
static char *read_value(GHashTable *form, const char *name)
{
    const char *value = g_hash_table_lookup(form, name);
    return value != NULL && g_utf8_validate(value, -1, NULL) ? g_strdup(value) : NULL;
}

static GHashTable *parse_form(const GByteArray *body)
{
    g_autofree char *text = g_strndup((const char *)body->data, body->len);
    return g_uri_parse_params(text, -1, "&", G_URI_PARAMS_WWW_FORM, NULL);
}

static void take_answer(Visit *visit, int64_t id)
{
    const HttpRequest *request = exchange_request(visit->exchange);
    g_autoptr(GHashTable) form =
        strcmp(request->content_type, FORM_TYPE) == 0 ? parse_form(request->body) : NULL;
    g_autofree char *answer = form != NULL ? read_value(form, "answer") : NULL;
    g_autofree char *names = form != NULL ? read_value(form, "names") : NULL;
    bool is_accepted = g_strcmp0(answer, "accepted") == 0;
    bool is_good = (is_accepted || g_strcmp0(answer, "declined") == 0) && names != NULL &&
                   strlen(names) <= INVITATION_NAMES_BYTES_MAX;
    if (!is_good) {
        reply_page(visit->exchange, 400,
                   "<h1>Chưa ghi nhận được</h1><p>Đề nghị chọn tham dự hay không, và ghi tên ngắn "
                   "gọn hơn.</p>");
        g_free(visit);
        return;
    }
    visit->has_answered = true;
    g_strdelimit(names, "\r", ' ');
    invitations_answer(visit->server->invitations, id, is_accepted, g_strstrip(names), on_row,
                       visit);
}

bool rsvp_handle(Server *server, Exchange *exchange)
{
    const HttpRequest *request = exchange_request(exchange);
    if (!g_str_has_prefix(request->path, PATH)) {
        return false;
    }
    int64_t id = invitations_read_token(server->invitations, request->path + strlen(PATH));
    if (id == 0 || (request->method != HTTP_GET && request->method != HTTP_POST)) {
        reply_gone(exchange);
        return true;
    }
    Visit *visit = g_new0(Visit, 1);
    visit->server = server;
    visit->exchange = exchange;
    if (request->method == HTTP_POST) {
        take_answer(visit, id);
    } else {
        invitations_find(server->invitations, id, on_row, visit);
    }
    return true;
}
