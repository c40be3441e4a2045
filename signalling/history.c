#include "signalling/history.h"

#include <jansson.h>
#include <string.h>

#include "bridge/base/limits.h"
#include "signalling/folding.h"
#include "signalling/store.h"

/* ---- a report: three questions, one after the other ---- */

typedef struct Asking {
    Server *server;
    json_t *meeting;
    json_t *seats;
    HistoryReport call;
    void *data;
} Asking;

/* Takes over `report`. */
static void end(Asking *asking, Report *report, const Problem *problem)
{
    asking->call(report, problem, asking->data);
    json_decref(asking->meeting);
    json_decref(asking->seats);
    g_free(asking);
}

static json_t *parameter(const Asking *asking)
{
    return json_pack("[O]", json_object_get(asking->meeting, "id"));
}

static void on_attendance(json_t *rows, const Problem *problem, void *data)
{
    Asking *asking = data;
    Report *report =
        rows != NULL ? report_new(asking->meeting, asking->seats, rows, g_get_real_time() / 1000)
                     : NULL;
    end(asking, report, problem);
}

static void on_seats(json_t *rows, const Problem *problem, void *data)
{
    Asking *asking = data;
    if (rows == NULL) {
        end(asking, NULL, problem);
        return;
    }
    asking->seats = json_incref(rows);
    store_query(asking->server->store,
                "SELECT site, event, at_ms FROM attendance WHERE meeting=? ORDER BY at_ms, rowid",
                parameter(asking), on_attendance, asking);
}

static void on_meeting(json_t *rows, const Problem *problem, void *data)
{
    Asking *asking = data;
    Problem missing;
    if (rows == NULL || json_array_size(rows) == 0) {
        problem_set(&missing, "not_found", "meeting", "meeting: there was none of this number");
        end(asking, NULL, rows == NULL ? problem : &missing);
        return;
    }
    asking->meeting = json_incref(json_array_get(rows, 0));
    store_query(asking->server->store,
                "SELECT site, name, tier, agency, reason, talk_ms, mark, mark_by, mark_reason "
                "FROM seats WHERE meeting=? ORDER BY position, source",
                parameter(asking), on_seats, asking);
}

void history_report(Server *server, int64_t meeting, HistoryReport call, void *data)
{
    Asking *asking = g_new0(Asking, 1);
    *asking = (Asking){.server = server, .call = call, .data = data};
    store_query(server->store,
                "SELECT id, title, opened_ms, closed_ms, opened_by FROM meetings WHERE id=?",
                json_pack("[I]", (json_int_t)meeting), on_meeting, asking);
}

/* ---- the list ---- */

typedef struct Listing {
    char *query;
    HistoryList call;
    void *data;
} Listing;

static bool is_found(const char *query, json_t *row)
{
    g_autofree char *text =
        g_strdup_printf("%s %s %" JSON_INTEGER_FORMAT, store_text(row, "title"),
                        store_text(row, "opened_by"), (json_int_t)store_integer(row, "id"));
    return folding_matches(query, text);
}

static void on_list(json_t *rows, const Problem *problem, void *data)
{
    Listing *listing = data;
    json_t *found = rows != NULL ? json_array() : NULL;
    size_t index;
    json_t *row;
    json_array_foreach(rows, index, row)
    {
        if (json_array_size(found) < LIMIT_HISTORY_LIST && is_found(listing->query, row)) {
            json_array_append(found, row);
        }
    }
    listing->call(found, problem, listing->data);
    json_decref(found);
    g_free(listing->query);
    g_free(listing);
}

void history_list(Server *server, const char *query, int64_t before, HistoryList call, void *data)
{
    Listing *listing = g_new0(Listing, 1);
    *listing = (Listing){.query = g_strdup(query), .call = call, .data = data};
    store_query(
        server->store,
        "SELECT id, title, opened_ms, closed_ms, opened_by, "
        "(SELECT COUNT(DISTINCT site) FROM seats WHERE meeting=meetings.id) AS sites "
        "FROM meetings WHERE id<? ORDER BY id DESC LIMIT ?",
        json_pack("[I, i]", before != 0 ? (json_int_t)before : INT64_MAX, LIMIT_HISTORY_SEARCHED),
        on_list, listing);
}
