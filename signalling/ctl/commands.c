#include "signalling/ctl/commands.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "bridge/base/limits.h"
#include "signalling/ctl/answer.h"
#include "signalling/ctl/recording_commands.h"
#include "signalling/ctl/stream_commands.h"
#include "signalling/ctl/table.h"

static bool sites_import(Arguments *arguments, GError **error)
{
    g_autofree char *csv = NULL;
    gsize size;
    if (!g_file_get_contents(arguments->words[0], &csv, &size, error)) {
        return false;
    }
    if (!g_utf8_validate(csv, (gssize)size, NULL)) {
        g_autofree char *message = g_strdup_printf("%s: not UTF-8", arguments->words[0]);
        return answer_fail(error, message);
    }
    bool is_done;
    json_t *answer = answer_ask(arguments, "site.import",
                                json_pack("{s:s, s:s}", "csv", csv, "file", arguments->words[0]),
                                &is_done, error);
    if (answer != NULL) {
        printf("%lld added, %lld changed, %lld removed\n", answer_number(answer, "added"),
               answer_number(answer, "changed"), answer_number(answer, "removed"));
    }
    json_decref(answer);
    return is_done;
}

static bool sites_list(Arguments *arguments, GError **error)
{
    bool is_done;
    json_t *answer = answer_ask(arguments, "site.list", json_object(), &is_done, error);
    if (answer == NULL) {
        return is_done;
    }
    static const char *const headings[] = {"CODE", "NAME", "TIER", "PARENT", "STATE", NULL};
    Table *table = table_new(headings);
    size_t index;
    json_t *site;
    json_array_foreach(json_object_get(answer, "sites"), index, site)
    {
        const char *state = json_is_true(json_object_get(site, "online")) ? "online" : "offline";
        const char *const cells[] = {answer_text(site, "code"), answer_text(site, "name"),
                                     answer_text(site, "tier"), answer_text(site, "parent"), state};
        table_add(table, cells);
    }
    table_print(table);
    table_free(table);
    json_decref(answer);
    return true;
}

/* Without echo on a terminal, so that it stays out of the scrollback; free with g_free. */
static char *read_password(bool quiet)
{
    struct termios before;
    bool is_terminal = !quiet && tcgetattr(STDIN_FILENO, &before) == 0;
    if (is_terminal) {
        struct termios silent = before;
        silent.c_lflag &= ~(tcflag_t)ECHO;
        fputs("Password: ", stderr);
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
    }
    char line[1024];
    char *read = fgets(line, sizeof line, stdin);
    if (is_terminal) {
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
        fputc('\n', stderr);
    }
    return read != NULL ? g_strdup(g_strchomp(line)) : NULL;
}

static bool user_add(Arguments *arguments, GError **error)
{
    g_autofree char *password = read_password(arguments->password_stdin);
    if (password == NULL) {
        return answer_fail(error, "no password was given on standard input");
    }
    const char *role = arguments->role != NULL ? arguments->role : "host";
    return answer_ask_and_say(arguments, "user.add",
                              json_pack("{s:s, s:s, s:s}", "name", arguments->words[0], "password",
                                        password, "role", role),
                              "added", error);
}

static bool token_new(Arguments *arguments, GError **error)
{
    json_t *message = json_pack("{s:s}", "site", arguments->words[0]);
    if (arguments->ttl_s > 0) {
        json_object_set_new(message, "ttl_s", json_integer(arguments->ttl_s));
    }
    bool is_done;
    json_t *answer = answer_ask(arguments, "token.new", message, &is_done, error);
    if (answer != NULL) {
        puts(answer_text(answer, "token"));
    }
    json_decref(answer);
    return is_done;
}

static bool device_list(Arguments *arguments, GError **error)
{
    bool is_done;
    json_t *answer = answer_ask(arguments, "device.list", json_object(), &is_done, error);
    if (answer == NULL) {
        return is_done;
    }
    static const char *const headings[] = {"SITE", "STATE", "PAIRING", "NAME", "KEY", NULL};
    Table *table = table_new(headings);
    size_t index;
    json_t *device;
    json_array_foreach(json_object_get(answer, "devices"), index, device)
    {
        const char *const cells[] = {answer_text(device, "site"), answer_text(device, "state"),
                                     answer_text(device, "pairing_code"),
                                     answer_text(device, "name"), answer_text(device, "key")};
        table_add(table, cells);
    }
    table_print(table);
    table_free(table);
    json_decref(answer);
    return true;
}

static bool device_approve(Arguments *arguments, GError **error)
{
    return answer_ask_and_say(
        arguments, "device.approve",
        json_pack("{s:s, s:s}", "pairing_code", arguments->words[0], "site", arguments->words[1]),
        "approved", error);
}

static bool device_revoke(Arguments *arguments, GError **error)
{
    return answer_ask_and_say(arguments, "device.revoke",
                              json_pack("{s:s}", "key", arguments->words[0]), "revoked", error);
}

static json_t *online_sites(Arguments *arguments, GError **error)
{
    json_t *answer = connection_ask(arguments->connection, "site.list", json_object(), error);
    if (answer == NULL) {
        return NULL;
    }
    json_t *codes = json_array();
    size_t index;
    json_t *site;
    json_array_foreach(json_object_get(answer, "sites"), index, site)
    {
        if (json_is_true(json_object_get(site, "online"))) {
            json_array_append(codes, json_object_get(site, "code"));
        }
    }
    json_decref(answer);
    return codes;
}

static json_t *listed_sites(const char *list)
{
    g_auto(GStrv) codes = g_strsplit(list, ",", LIMIT_SITES);
    json_t *array = json_array();
    for (char **code = codes; *code != NULL; code++) {
        json_array_append_new(array, json_string(g_strstrip(*code)));
    }
    return array;
}

static bool meeting_open(Arguments *arguments, GError **error)
{
    if (arguments->title == NULL || (arguments->sites == NULL) == !arguments->all_online) {
        return answer_fail(error, "give --title TEXT and either --sites A,B,… or --all-online");
    }
    json_t *sites =
        arguments->all_online ? online_sites(arguments, error) : listed_sites(arguments->sites);
    if (sites == NULL) {
        return false;
    }
    json_t *message = json_pack("{s:s, s:o}", "title", arguments->title, "sites", sites);
    if (arguments->layout != NULL) {
        json_object_set_new(message, "layout", json_string(arguments->layout));
    }
    bool is_done;
    json_t *answer = answer_ask(arguments, "meeting.open", message, &is_done, error);
    if (answer != NULL) {
        printf("meeting %lld is open\n", answer_number(answer, "meeting"));
    }
    json_decref(answer);
    return is_done;
}

static bool meeting_close(Arguments *arguments, GError **error)
{
    char *end;
    long long id = strtoll(arguments->words[0], &end, 10);
    if (end == arguments->words[0] || *end != '\0') {
        return answer_fail(error,
                           "the meeting is named by its number: see diemcau-ctl meeting list");
    }
    return answer_ask_and_say(arguments, "meeting.close",
                              json_pack("{s:I}", "meeting", (json_int_t)id), "closed", error);
}

static size_t count_joined(json_t *seats)
{
    size_t joined = 0;
    size_t index;
    json_t *seat;
    json_array_foreach(seats, index, seat)
    {
        joined += strcmp(answer_text(seat, "state"), "joined") == 0;
    }
    return joined;
}

static bool meeting_list(Arguments *arguments, GError **error)
{
    bool is_done;
    json_t *answer = answer_ask(arguments, "meeting.list", json_object(), &is_done, error);
    if (answer == NULL) {
        return is_done;
    }
    static const char *const headings[] = {"ID", "TITLE", "LAYOUT", "JOINED", "MIXER", NULL};
    Table *table = table_new(headings);
    size_t index;
    json_t *meeting;
    json_array_foreach(json_object_get(answer, "meetings"), index, meeting)
    {
        json_t *seats = json_object_get(meeting, "seats");
        g_autofree char *id = g_strdup_printf("%lld", answer_number(meeting, "id"));
        g_autofree char *joined =
            g_strdup_printf("%zu/%zu", count_joined(seats), json_array_size(seats));
        const char *const cells[] = {id, answer_text(meeting, "title"),
                                     answer_text(meeting, "layout"), joined,
                                     answer_text(meeting, "mixer")};
        table_add(table, cells);
    }
    table_print(table);
    table_free(table);
    json_decref(answer);
    return true;
}

static bool setup_link(Arguments *arguments, GError **error)
{
    bool is_done;
    json_t *answer = answer_ask(arguments, "setup.link", json_object(), &is_done, error);
    if (answer != NULL) {
        puts(answer_text(answer, "url"));
    }
    json_decref(answer);
    return is_done;
}

static bool status(Arguments *arguments, GError **error)
{
    bool is_done;
    json_t *answer = answer_ask(arguments, "server.status", json_object(), &is_done, error);
    if (answer == NULL) {
        return is_done;
    }
    json_t *relay = json_object_get(answer, "relay");
    printf("server       %s, pid %lld\ncertificate  SHA-256 %s\nsites        %lld, %lld online\n"
           "relay        %s, pid %lld\n",
           answer_text(answer, "version"), answer_number(answer, "pid"),
           answer_text(answer, "fingerprint"), answer_number(answer, "sites"),
           answer_number(answer, "online"), answer_text(relay, "state"),
           answer_number(relay, "pid"));
    size_t index;
    json_t *mixer;
    json_array_foreach(json_object_get(answer, "mixers"), index, mixer)
    {
        printf("mixer        %s, pid %lld, meeting %lld\n", answer_text(mixer, "state"),
               answer_number(mixer, "pid"), answer_number(mixer, "meeting"));
    }
    json_decref(answer);
    return true;
}

const Command commands[] = {
    {"sites import", "FILE", 1, sites_import, "replace the directory by a CSV"},
    {"sites list", "", 0, sites_list, "every site and whether its device is online"},
    {"user add", "NAME [--role host|technician|admin] [--password-stdin]", 1, user_add,
     "a new user of the page"},
    {"token new", "SITE [--ttl SECONDS]", 1, token_new,
     "a one-time token to enrol a site's device"},
    {"token whip", "MEETING [--name TEXT] [--site CODE] [--ttl SECONDS]", 1, stream_token_whip,
     "a token for an encoder (OBS) that publishes into a meeting, and its URL"},
    {"token whep", "MEETING [--view NUMBER] [--ttl SECONDS]", 1, stream_token_whep,
     "a token for players that watch a meeting, and its URL"},
    {"token list", "MEETING", 1, stream_token_list, "the tokens of encoders and players"},
    {"token revoke", "MEETING STREAM", 2, stream_token_revoke, "end such a token and its sessions"},
    {"device list", "", 0, device_list, "every device, and those that wait for approval"},
    {"device approve", "PAIRING-CODE SITE", 2, device_approve, "let a waiting device serve a site"},
    {"device revoke", "KEY", 1, device_revoke, "end a device's access at once"},
    {"meeting open", "--title TEXT (--sites A,B,… | --all-online) [--layout NAME]", 0, meeting_open,
     "open a meeting and call its sites"},
    {"meeting close", "ID", 1, meeting_close, "end a meeting for everybody"},
    {"meeting list", "", 0, meeting_list, "the open meetings"},
    {"recording start", "MEETING [--view NUMBER]", 1, recording_start,
     "record a view of a meeting"},
    {"recording stop", "RECORDING", 1, recording_stop,
     "end a recording; its file is finished then"},
    {"recording list", "", 0, recording_list, "every recording, the latest first"},
    {"recording delete", "RECORDING", 1, recording_delete, "delete a recording for good"},
    {"setup-link", "", 0, setup_link, "a new one-time link to create the first user"},
    {"status", "", 0, status, "the server, its relay and mixers"},
    {NULL, NULL, 0, NULL, NULL},
};
