/* The REST calls about recordings: their messages, and their files. */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "signalling/audit.h"
#include "signalling/byte_range.h"
#include "signalling/disposition.h"
#include "signalling/file_body.h"
#include "signalling/recordings.h"
#include "signalling/rest_internal.h"

static void answer_fields(Exchange *exchange, json_t *fields)
{
    exchange_reply_json(exchange, 200, json_incref(fields));
}

static void answer_nothing(Exchange *exchange, json_t *fields)
{
    HttpReply reply = {.status = 204};
    exchange_reply(exchange, &reply);
}

static void answer_started(Exchange *exchange, json_t *fields)
{
    g_autofree char *location =
        g_strdup_printf("/api/v1/recordings/%" JSON_INTEGER_FORMAT,
                        json_integer_value(json_object_get(fields, "recording")));
    HttpReply reply = {.location = location};
    rest_reply(exchange, 201, "application/json", json_incref(fields), &reply);
}

static void ask(const RestCall *call, const char *type, json_t *message, RestAnswer answer)
{
    rest_call(call->rest->calls, call->exchange, call->session, type, message, answer);
}

static void on_list(const RestCall *call)
{
    ask(call, "recording.list", json_object(), answer_fields);
}

static void on_start(const RestCall *call)
{
    json_t *message = json_copy(call->body);
    json_object_set_new(message, "meeting", json_integer(call->ids[0]));
    ask(call, "recording.start", message, answer_started);
}

static void on_stop(const RestCall *call)
{
    ask(call, "recording.stop", json_pack("{s:I}", "recording", (json_int_t)call->ids[0]),
        answer_nothing);
}

static void on_delete(const RestCall *call)
{
    ask(call, "recording.delete", json_pack("{s:I}", "recording", (json_int_t)call->ids[0]),
        answer_nothing);
}

/* ---- the file ---- */

static void refuse(const RestCall *call, int status, const char *code, const char *message)
{
    Problem problem;
    problem_set(&problem, code, "", "%s", message);
    exchange_reply_problem(call->exchange, status, &problem);
}

/* "Giao ban tháng 3 2026-03-02 0800.webm", in the server's own time. */
static char *make_name(const Recording *recording)
{
    g_autoptr(GDateTime) begin = g_date_time_new_from_unix_local(recording->started_ms / 1000);
    g_autofree char *time = g_date_time_format(begin, "%Y-%m-%d %H%M");
    return g_strdup_printf("%s %s.webm", recording->title, time);
}

static int open_file(const RestCall *call, const Recording *recording, struct stat *ret_status)
{
    g_autofree char *path = recordings_path(call->rest->server->recordings, recording);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd >= 0 && (fstat(fd, ret_status) != 0 || !S_ISREG(ret_status->st_mode))) {
        close(fd);
        return -1;
    }
    return fd;
}

/* Takes over the descriptor. */
static void reply_file(const RestCall *call, int fd, int64_t size, const char *disposition)
{
    ByteRange range;
    ByteRangeVerdict verdict = byte_range_parse(call->request->range, size, &range);
    g_autoptr(GString) headers = g_string_new("Accept-Ranges: bytes\r\n");
    if (disposition != NULL) {
        g_string_append_printf(headers, "Content-Disposition: %s\r\n", disposition);
    }
    HttpReply reply = {.status = 200, .content_type = "video/webm"};
    if (verdict == BYTE_RANGE_OUTSIDE) {
        g_string_append_printf(headers, "Content-Range: bytes */%" G_GINT64_FORMAT "\r\n", size);
        reply = (HttpReply){.status = 416};
        close(fd);
    } else {
        if (verdict == BYTE_RANGE_PART) {
            reply.status = 206;
            g_string_append_printf(headers,
                                   "Content-Range: bytes %" G_GINT64_FORMAT "-%" G_GINT64_FORMAT
                                   "/%" G_GINT64_FORMAT "\r\n",
                                   range.first, range.first + range.size - 1, size);
        }
        reply.file = file_body_new(fd, range.first, range.size);
    }
    reply.headers = headers->str;
    exchange_reply(call->exchange, &reply);
}

static void serve(const RestCall *call, bool is_download)
{
    struct stat status;
    Recording *recording = recordings_find(call->rest->server->recordings, call->ids[0]);
    if (recording == NULL || recording->state == RECORDING_FAILED) {
        refuse(call, 404, "not_found", "there is no such recording");
        return;
    }
    if (recording->state != RECORDING_DONE) {
        refuse(call, 409, "wrong_state", "it is not finished yet");
        return;
    }
    int fd = open_file(call, recording, &status);
    if (fd < 0) {
        refuse(call, 404, "not_found", "its file is not there any more");
        return;
    }
    g_autofree char *name = make_name(recording);
    g_autofree char *disposition = is_download ? disposition_attachment(name) : NULL;
    if (is_download) {
        audit(call->rest->server, call->session->user, "recording.download", name, "ok");
    }
    reply_file(call, fd, status.st_size, disposition);
}

static void on_file(const RestCall *call)
{
    serve(call, false);
}

static void on_download(const RestCall *call)
{
    serve(call, true);
}

const RestRow rest_recording_rows[] = {
    {HTTP_GET, "/api/v1/recordings", ROLES_HOSTING, on_list},
    {HTTP_POST, "/api/v1/meetings/ID/recordings", ROLES_HOSTING, on_start},
    {HTTP_POST, "/api/v1/recordings/ID/stop", ROLES_HOSTING, on_stop},
    {HTTP_DELETE, "/api/v1/recordings/ID", ROLES_HOSTING, on_delete},
    {HTTP_GET, "/api/v1/recordings/ID/file", ROLES_HOSTING, on_file},
    {HTTP_GET, "/api/v1/recordings/ID/download", ROLES_HOSTING, on_download},
    {HTTP_OTHER, NULL, 0, NULL},
};
