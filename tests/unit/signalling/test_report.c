/* What the record says of each site, and the files that are made of it. */
#include <criterion/criterion.h>
#include <jansson.h>
#include <string.h>

#include "bridge/base/limits.h"
#include "signalling/report_press.h"
#include "tests/unit/signalling/house.h"

#define OPENED_MS INT64_C(1700000000000)
#define MINUTE INT64_C(60000)

static json_t *seats_of(const char *text)
{
    json_error_t error;
    json_t *seats = json_loads(text, 0, &error);
    cr_assert_not_null(seats, "%s", error.text);
    return seats;
}

/* [[site, event, minute], …] */
static Report *make(const char *seats_text, const char *events_text)
{
    json_t *meeting = json_pack("{s:i, s:s, s:I, s:I, s:s}", "id", 7, "title", "Giao ban <tuần>",
                                "opened_ms", (json_int_t)OPENED_MS, "closed_ms",
                                (json_int_t)(OPENED_MS + 60 * MINUTE), "opened_by", "chutri");
    json_t *seats = seats_of(seats_text);
    json_t *short_events = seats_of(events_text);
    json_t *events = json_array();
    size_t index;
    json_t *entry;
    json_array_foreach(short_events, index, entry)
    {
        json_int_t minute = json_integer_value(json_array_get(entry, 2));
        json_array_append_new(events, json_pack("{s:O, s:O, s:I}", "site", json_array_get(entry, 0),
                                                "event", json_array_get(entry, 1), "at_ms",
                                                (json_int_t)(OPENED_MS + minute * MINUTE)));
    }
    Report *report = report_new(meeting, seats, events, OPENED_MS + 90 * MINUTE);
    json_decref(meeting);
    json_decref(seats);
    json_decref(short_events);
    json_decref(events);
    return report;
}

static const ReportRow *row_of(const Report *report, const char *code)
{
    for (guint i = 0; i < report->rows->len; i++) {
        const ReportRow *row = g_ptr_array_index(report->rows, i);
        if (strcmp(row->code, code) == 0) {
            return row;
        }
    }
    cr_assert_fail("no row of %s", code);
    return NULL;
}

#define SEAT(code, agency)                                                                         \
    "{\"site\":\"" code "\",\"name\":\"Điểm " code "\",\"agency\":\"" agency "\"}"

Test(report, presence_is_what_the_connections_show)
{
    g_autoptr(Report) report =
        make("[" SEAT("A", "X") "," SEAT("B", "X") "," SEAT("C", "X") "," SEAT("D", "X") "]",
             "[[\"A\",\"joined\",0],[\"B\",\"joined\",1],[\"A\",\"left\",10],[\"A\",\"joined\",14],"
             "[\"C\",\"joined\",6],[\"B\",\"left\",50]]");
    const ReportRow *a = row_of(report, "A");
    cr_assert_eq(a->status, REPORT_PRESENT);
    cr_assert_eq(a->present_ms, 56 * MINUTE, "10 minutes, and from 14 to the end");
    cr_assert_eq(a->drops, 1);
    cr_assert_eq(a->last_ms, OPENED_MS + 60 * MINUTE);
    cr_assert_eq(row_of(report, "B")->status, REPORT_LEFT_EARLY);
    cr_assert_eq(row_of(report, "B")->present_ms, 49 * MINUTE);
    cr_assert_eq(row_of(report, "C")->status, REPORT_LATE);
    cr_assert_eq(row_of(report, "D")->status, REPORT_ABSENT);
    cr_assert_eq(row_of(report, "D")->first_ms, 0);
    cr_assert_eq(report->counts[REPORT_PRESENT], 1);
    cr_assert_eq(report->counts[REPORT_ABSENT], 1);
}

Test(report, the_chairs_word_counts_more_than_the_connection)
{
    g_autoptr(Report) report = make(
        "[{\"site\":\"A\",\"name\":\"A\",\"agency\":\"\",\"mark\":\"absent\",\"mark_by\":\"chair\","
        "\"mark_reason\":\"đi công tác\"},"
        "{\"site\":\"B\",\"name\":\"B\",\"agency\":\"\",\"mark\":\"present\",\"mark_by\":\"voice\","
        "\"mark_reason\":\"\"}]",
        "[[\"A\",\"joined\",0],[\"B\",\"joined\",20]]");
    cr_assert_eq(row_of(report, "A")->status, REPORT_ABSENT);
    cr_assert_str_eq(row_of(report, "A")->reason, "đi công tác");
    cr_assert_eq(row_of(report, "B")->status, REPORT_LATE, "it answered, but it was late");
}

Test(report, who_never_came_has_the_reason_of_the_call)
{
    g_autoptr(Report) report =
        make("[{\"site\":\"A\",\"name\":\"A\",\"agency\":\"\",\"reason\":\"busy\"}]", "[]");
    cr_assert_str_eq(row_of(report, "A")->reason, "Đang họp khác");
}

Test(report, a_site_that_was_removed_and_added_again_is_one_row)
{
    g_autoptr(Report) report =
        make("[{\"site\":\"A\",\"name\":\"A\",\"agency\":\"\",\"talk_ms\":2000},"
             "{\"site\":\"A\",\"name\":\"A\",\"agency\":\"\",\"talk_ms\":3000},"
             "{\"site\":null,\"name\":\"chutri\",\"agency\":\"\"}]",
             "[[\"A\",\"joined\",0],[\"A\",\"removed\",5],[\"A\",\"joined\",10]]");
    cr_assert_eq(report->rows->len, 1, "a user is no site");
    cr_assert_eq(row_of(report, "A")->talk_ms, 5000);
    cr_assert_eq(row_of(report, "A")->drops, 0, "the host removed it");
    cr_assert_eq(row_of(report, "A")->present_ms, 55 * MINUTE);
}

Test(report, sites_of_one_agency_stand_together)
{
    g_autoptr(Report) report =
        make("[" SEAT("A", "X") "," SEAT("B", "Y") "," SEAT("C", "X") "," SEAT("D", "Y") "]", "[]");
    static const char *const wanted[] = {"A", "C", "B", "D"};
    for (guint i = 0; i < 4; i++) {
        cr_assert_str_eq(((ReportRow *)g_ptr_array_index(report->rows, i))->code, wanted[i]);
    }
}

/* ---- files ---- */

/* Names that a careless writer would take for something else. */
static Report *hostile(void)
{
    return make(
        "[{\"site\":\"H1\",\"name\":\"=HYPERLINK(\\\"http://x\\\",\\\"y\\\")\",\"agency\":"
        "\"<b>&amp;\"},"
        "{\"site\":\"H2\",\"name\":\"<img src=x onerror=alert(1)>\",\"agency\":\"<b>&amp;\","
        "\"mark\":\"absent\",\"mark_by\":\"chair\",\"mark_reason\":\"+1, \\\"ốm\\\"\\nvà\"},"
        "{\"site\":\"H3\",\"name\":\"@SUM(A1)\",\"agency\":\"\"}]",
        "[[\"H1\",\"joined\",0]]");
}

static char *text_of(GBytes *file)
{
    gsize size;
    const char *bytes = g_bytes_get_data(file, &size);
    return g_strndup(bytes, size);
}

Test(report, csv_is_guarded_against_formulas_and_keeps_every_word)
{
    g_autoptr(Report) report = hostile();
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) file = report_write_csv(report, &error);
    g_autofree char *text = text_of(file);
    cr_assert(g_str_has_prefix(text, "\xef\xbb\xbf\"STT\",\"Điểm cầu\","));
    cr_assert_not_null(strstr(text, "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\""));
    cr_assert_not_null(strstr(text, "\"'+1, \"\"ốm\"\"\nvà\""));
    cr_assert_not_null(strstr(text, "\"'@SUM(A1)\""));
    cr_assert_not_null(strstr(text, "\"<img src=x onerror=alert(1)>\""));
    cr_assert_null(strstr(text, "\"=HYPERLINK"));
}

Test(report, pdf_and_xlsx_are_what_they_say)
{
    g_autoptr(Report) report = hostile();
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) pdf = report_write_pdf(report, &error);
    cr_assert_not_null(pdf, "%s", error != NULL ? error->message : "");
    g_autoptr(GBytes) xlsx = report_write_xlsx(report, &error);
    cr_assert_not_null(xlsx, "%s", error != NULL ? error->message : "");
    cr_assert_eq(memcmp(g_bytes_get_data(pdf, NULL), "%PDF-", 5), 0);
    cr_assert_eq(memcmp(g_bytes_get_data(xlsx, NULL), "PK\x03\x04", 4), 0);
}

/* ---- the press ---- */

static GPtrArray *printed;

static void on_printed(GBytes *file, void *data)
{
    g_ptr_array_add(printed, file != NULL ? g_bytes_ref(file) : NULL);
}

static bool are_printed(void *data)
{
    return printed->len == *(guint *)data;
}

Test(report, the_press_answers_on_the_loop_and_takes_no_more_than_it_can)
{
    printed = g_ptr_array_new();
    ReportPress *press = report_press_new();
    guint taken = 0;
    while (taken <= 2 * LIMIT_REPORT_QUEUE &&
           report_press_print(press, hostile(), REPORT_CSV, on_printed, NULL)) {
        taken++;
    }
    cr_assert_eq(printed->len, 0, "never before it returns");
    cr_assert_eq(taken, LIMIT_REPORT_QUEUE);
    run_until(are_printed, &taken);
    cr_assert(report_press_print(press, hostile(), REPORT_PDF, on_printed, NULL));
    report_press_free(press); /* The one that waits or is made is answered. */
    cr_assert_eq(printed->len, taken + 1);
    for (guint i = 0; i < taken; i++) {
        g_bytes_unref(g_ptr_array_index(printed, i));
    }
    if (g_ptr_array_index(printed, taken) != NULL) {
        g_bytes_unref(g_ptr_array_index(printed, taken));
    }
    g_ptr_array_unref(printed);
}
