#include "signalling/report.h"

#include <jansson.h>
#include <string.h>

#include "signalling/nullable.h"
#include "signalling/rollmark.h"
#include "signalling/seat.h"
#include "signalling/store.h"

/* Who comes or goes within this of beginning or end was there all the time. */
#define GRACE_MS (5 * 60 * INT64_C(1000))

static const char *const status_texts[] = {[REPORT_PRESENT] = "Có mặt",
                                           [REPORT_LATE] = "Đến muộn",
                                           [REPORT_LEFT_EARLY] = "Về sớm",
                                           [REPORT_ABSENT] = "Vắng"};
static const char *const status_names[] = {[REPORT_PRESENT] = "present",
                                           [REPORT_LATE] = "late",
                                           [REPORT_LEFT_EARLY] = "left_early",
                                           [REPORT_ABSENT] = "absent"};

const char *report_status_text(ReportStatus status)
{
    return status_texts[status];
}

const char *report_status_name(ReportStatus status)
{
    return status_names[status];
}

/* ---- what is known of each site ---- */

/* A tier of another province's file says itself. */
static const char *tier_text(const char *tier)
{
    static const struct {
        const char *tier;
        const char *text;
    } texts[] = {{"central", "Trung ương"},
                 {"province", "Tỉnh"},
                 {"agency", "Sở, ban, ngành"},
                 {"district", "Huyện, thị xã, thành phố"},
                 {"commune", "Xã, phường, thị trấn"}};
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        if (strcmp(texts[i].tier, tier) == 0) {
            return texts[i].text;
        }
    }
    return tier;
}

/* What the store and the record say of a site before it is judged. */
typedef struct Evidence {
    ReportRow *row;
    RollMarkKind mark;
    int64_t in_since_ms; /* 0: not there now */
} Evidence;

static ReportRow *row_new(json_t *seat)
{
    ReportRow *row = g_new0(ReportRow, 1);
    row->agency = g_strdup(store_text(seat, "agency"));
    row->code = g_strdup(store_text(seat, "site"));
    row->name = g_strdup(store_text(seat, "name"));
    row->tier = g_strdup(tier_text(store_text(seat, "tier")));
    row->reason = g_strdup("");
    return row;
}

static void row_free(gpointer data)
{
    ReportRow *row = data;
    g_free(row->agency);
    g_free(row->code);
    g_free(row->name);
    g_free(row->tier);
    g_free(row->reason);
    g_free(row);
}

static void set_reason(ReportRow *row, const char *reason)
{
    g_free(row->reason);
    row->reason = g_strdup(reason);
}

/* A site that was removed and added again has two seats; the later one's word counts. */
static void add_seat(Report *report, GHashTable *by_site, json_t *seat)
{
    const char *site = store_text(seat, "site");
    Evidence *evidence = g_hash_table_lookup(by_site, site);
    if (evidence == NULL) {
        evidence = g_new0(Evidence, 1);
        evidence->row = row_new(seat);
        g_ptr_array_add(report->rows, evidence->row);
        g_hash_table_insert(by_site, g_strdup(site), evidence);
    }
    SeatReason reason = seat_reason_parse(json_string_value(json_object_get(seat, "reason")));
    RollMarkKind mark = rollmark_parse(json_string_value(json_object_get(seat, "mark")));
    evidence->row->talk_ms += store_integer(seat, "talk_ms");
    if (mark != MARK_NONE) {
        evidence->mark = mark;
        set_reason(evidence->row, store_text(seat, "mark_reason"));
        evidence->row->is_by_chair =
            rollmark_by_parse(store_text(seat, "mark_by")) == MARK_BY_CHAIR;
    } else if (evidence->mark == MARK_NONE) {
        set_reason(evidence->row, reason != REASON_NONE ? seat_reason_text(reason) : "");
    }
}

static void leave(Evidence *evidence, int64_t at_ms)
{
    if (evidence->in_since_ms != 0) {
        evidence->row->present_ms += MAX(at_ms - evidence->in_since_ms, 0);
        evidence->row->last_ms = at_ms;
        evidence->in_since_ms = 0;
    }
}

static void add_event(GHashTable *by_site, json_t *event)
{
    Evidence *evidence = g_hash_table_lookup(by_site, store_text(event, "site"));
    const char *name = store_text(event, "event");
    int64_t at_ms = store_integer(event, "at_ms");
    if (evidence == NULL) {
        return;
    }
    if (strcmp(name, "joined") == 0 && evidence->in_since_ms == 0) {
        evidence->in_since_ms = at_ms;
        evidence->row->first_ms = evidence->row->first_ms != 0 ? evidence->row->first_ms : at_ms;
        evidence->row->last_ms = at_ms;
    } else if (strcmp(name, "joined") != 0) {
        evidence->row->drops += evidence->in_since_ms != 0 && strcmp(name, "left") == 0;
        leave(evidence, at_ms);
    }
}

/* ---- the judgement ---- */

static ReportStatus judge(const Report *report, const Evidence *evidence, int64_t end_ms)
{
    static const ReportStatus marked[] = {[MARK_PRESENT] = REPORT_PRESENT,
                                          [MARK_ABSENT] = REPORT_ABSENT,
                                          [MARK_LATE] = REPORT_LATE,
                                          [MARK_LEFT_EARLY] = REPORT_LEFT_EARLY};
    const ReportRow *row = evidence->row;
    if (row->is_by_chair) {
        return marked[evidence->mark];
    }
    if (row->first_ms == 0) {
        return REPORT_ABSENT;
    }
    if (row->first_ms - report->opened_ms > GRACE_MS) {
        return REPORT_LATE;
    }
    return end_ms - row->last_ms > GRACE_MS ? REPORT_LEFT_EARLY : REPORT_PRESENT;
}

static void conclude(Report *report, GHashTable *by_site)
{
    int64_t end_ms = report->closed_ms != 0 ? report->closed_ms : report->made_ms;
    GHashTableIter at;
    gpointer value;
    g_hash_table_iter_init(&at, by_site);
    while (g_hash_table_iter_next(&at, NULL, &value)) {
        Evidence *evidence = value;
        leave(evidence, end_ms);
        evidence->row->status = judge(report, evidence, end_ms);
        report->counts[evidence->row->status]++;
        if (!evidence->row->is_by_chair && evidence->row->status != REPORT_ABSENT) {
            set_reason(evidence->row, ""); /* why it was away for a while is no excuse it needs */
        }
    }
}

/* Agencies in the order in which their first site was seated. */
static GPtrArray *group(GPtrArray *rows)
{
    GPtrArray *grouped = g_ptr_array_new_with_free_func(row_free);
    g_autoptr(GHashTable) done = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < rows->len; i++) {
        const ReportRow *first = g_ptr_array_index(rows, i);
        bool is_new = g_hash_table_add(done, first->agency);
        for (guint j = i; is_new && j < rows->len; j++) {
            ReportRow *row = g_ptr_array_index(rows, j);
            if (strcmp(row->agency, first->agency) == 0) {
                g_ptr_array_add(grouped, row);
            }
        }
    }
    return grouped;
}

Report *report_new(json_t *meeting, json_t *seats, json_t *attendance, int64_t now_ms)
{
    Report *report = g_new0(Report, 1);
    report->meeting = store_integer(meeting, "id");
    report->title = g_strdup(store_text(meeting, "title"));
    report->opened_by = g_strdup(store_text(meeting, "opened_by"));
    report->opened_ms = store_integer(meeting, "opened_ms");
    report->closed_ms = store_integer(meeting, "closed_ms");
    report->made_ms = now_ms;
    report->rows = g_ptr_array_new();
    g_autoptr(GHashTable) by_site = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    size_t index;
    json_t *entry;
    json_array_foreach(seats, index, entry)
    {
        if (store_text(entry, "site")[0] != '\0') {
            add_seat(report, by_site, entry);
        }
    }
    json_array_foreach(attendance, index, entry)
    {
        add_event(by_site, entry);
    }
    conclude(report, by_site);
    g_autoptr(GPtrArray) rows = report->rows;
    report->rows = group(rows);
    return report;
}

void report_free(Report *report)
{
    if (report == NULL) {
        return;
    }
    g_ptr_array_unref(report->rows);
    g_free(report->title);
    g_free(report->opened_by);
    g_free(report);
}

/* ---- how it is said ---- */

static char *write_local(int64_t ms, const char *format)
{
    g_autoptr(GDateTime) moment = g_date_time_new_from_unix_local(ms / 1000);
    return ms != 0 && moment != NULL ? g_date_time_format(moment, format) : g_strdup("");
}

char *report_write_time(int64_t ms)
{
    return write_local(ms, "%H:%M");
}

char *report_write_moment(int64_t ms)
{
    return write_local(ms, "%H:%M, %d/%m/%Y");
}

static json_t *row_to_json(const ReportRow *row)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:b, s:o, s:o, s:I, s:I, s:i}", "agency",
                     row->agency, "site", row->code, "name", row->name, "tier", row->tier, "status",
                     status_names[row->status], "reason", row->reason, "by_chair", row->is_by_chair,
                     "joined_ms", number_or_null(row->first_ms), "until_ms",
                     number_or_null(row->last_ms), "present_s",
                     (json_int_t)(row->present_ms / 1000), "talk_s",
                     (json_int_t)(row->talk_ms / 1000), "drops", row->drops);
}

json_t *report_to_json(const Report *report)
{
    json_t *rows = json_array();
    for (guint i = 0; i < report->rows->len; i++) {
        json_array_append_new(rows, row_to_json(g_ptr_array_index(report->rows, i)));
    }
    json_t *counts = json_object();
    for (int status = 0; status < REPORT_STATUSES; status++) {
        json_object_set_new(counts, status_names[status], json_integer(report->counts[status]));
    }
    return json_pack("{s:I, s:s, s:s, s:I, s:o, s:o, s:o}", "meeting", (json_int_t)report->meeting,
                     "title", report->title, "opened_by", report->opened_by, "opened_ms",
                     (json_int_t)report->opened_ms, "closed_ms", number_or_null(report->closed_ms),
                     "counts", counts, "rows", rows);
}
