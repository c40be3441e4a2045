/* The messages of PROTOCOL.md about recordings: checked here, done elsewhere. */
#include <jansson.h>

#include "bridge/base/fields.h"
#include "signalling/audit.h"
#include "signalling/meeting_fields.h"
#include "signalling/recordings.h"

static const char *name_of(const Client *client)
{
    const char *user = client_user(client);
    return user[0] != '\0' ? user : "diemcau-ctl";
}

static Recording *recording_field(Server *server, json_t *message, Problem *problem)
{
    int64_t id;
    if (!field_int(message, "recording", 1, INT64_MAX, &id, problem)) {
        return NULL;
    }
    Recording *recording = recordings_find(server->recordings, id);
    if (recording == NULL) {
        problem_set(problem, "not_found", "recording", "recording: there is no such recording");
    }
    return recording;
}

static void handle_start(Server *server, Client *client, json_t *message, Request request)
{
    Problem problem;
    int view;
    Meeting *meeting = meeting_field(server, message, &problem);
    if (meeting == NULL || !meeting_field_view(meeting, message, 0, &view, &problem)) {
        request_fail(server, request, &problem);
        return;
    }
    audit(server, name_of(client), "recording.start", meeting->title, "asked");
    recordings_start(server->recordings, meeting, view, name_of(client), request);
}

static void handle_stop(Server *server, Client *client, json_t *message, Request request)
{
    Problem problem;
    Recording *recording = recording_field(server, message, &problem);
    if (recording == NULL) {
        request_fail(server, request, &problem);
        return;
    }
    if (recording->state == RECORDING_ON) {
        audit(server, name_of(client), "recording.stop", recording->title, "ok");
        recordings_stop(server->recordings, recording, "stopped");
    }
    request_ok(server, request, NULL);
}

static void handle_list(Server *server, Client *client, json_t *message, Request request)
{
    Problem problem;
    int64_t meeting;
    if (!field_int_or(message, "meeting", 1, INT64_MAX, 0, &meeting, &problem)) {
        request_fail(server, request, &problem);
        return;
    }
    request_ok(
        server, request,
        json_pack("{s:o}", "recordings", recordings_to_json(server->recordings, meeting, false)));
}

static void handle_delete(Server *server, Client *client, json_t *message, Request request)
{
    Problem problem;
    Recording *recording = recording_field(server, message, &problem);
    if (recording == NULL) {
        request_fail(server, request, &problem);
        return;
    }
    recordings_delete(server->recordings, recording, name_of(client), request);
}

const MessageRow recording_rows[] = {
    {"recording.start", ROLES_HOSTING, handle_start},
    {"recording.stop", ROLES_HOSTING, handle_stop},
    {"recording.list", ROLES_HOSTING, handle_list},
    {"recording.delete", ROLES_HOSTING, handle_delete},
    {NULL, 0, NULL},
};
