/* The messages of PROTOCOL.md about meetings that were held. */
#include <jansson.h>

#include "bridge/base/fields.h"
#include "bridge/base/limits.h"
#include "signalling/dispatch.h"
#include "signalling/history.h"

typedef struct Answer {
    Server *server;
    Request request;
} Answer;

static Answer *answer_new(Server *server, Request request)
{
    Answer *answer = g_new(Answer, 1);
    *answer = (Answer){.server = server, .request = request};
    return answer;
}

static void on_list(json_t *list, const Problem *problem, void *data)
{
    g_autofree Answer *answer = data;
    if (list == NULL) {
        request_fail(answer->server, answer->request, problem);
    } else {
        request_ok(answer->server, answer->request, json_pack("{s:O}", "meetings", list));
    }
}

static void handle_list(Server *server, Client *client, json_t *message, Request request)
{
    Problem problem;
    const char *query;
    int64_t before;
    if (!field_string_or(message, "query", LIMIT_NAME_BYTES, "", &query, &problem) ||
        !field_int_or(message, "before", 1, INT64_MAX, 0, &before, &problem)) {
        request_fail(server, request, &problem);
        return;
    }
    history_list(server, query, before, on_list, answer_new(server, request));
}

static void on_report(Report *report, const Problem *problem, void *data)
{
    g_autofree Answer *answer = data;
    if (report == NULL) {
        request_fail(answer->server, answer->request, problem);
    } else {
        request_ok(answer->server, answer->request,
                   json_pack("{s:o}", "report", report_to_json(report)));
    }
    report_free(report);
}

static void handle_report(Server *server, Client *client, json_t *message, Request request)
{
    Problem problem;
    int64_t meeting;
    if (!field_int(message, "meeting", 1, INT64_MAX, &meeting, &problem)) {
        request_fail(server, request, &problem);
        return;
    }
    history_report(server, meeting, on_report, answer_new(server, request));
}

const MessageRow history_rows[] = {
    {"history.list", ROLES_HOSTING, handle_list},
    {"history.report", ROLES_HOSTING, handle_report},
    {NULL, 0, NULL},
};
