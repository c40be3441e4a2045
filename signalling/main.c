/* diemcau-server: reads the configuration, builds the nouns from the store up, opens the doors,
 * runs the loop, and takes everything down in reverse. The relay and the mixers go on when it ends.
 */
#include <errno.h>
#include <glib.h>
#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bridge/base/log.h"
#include "bridge/base/loop.h"
#include "signalling/admin_socket.h"
#include "signalling/certificate.h"
#include "signalling/client.h"
#include "signalling/config.h"
#include "signalling/devices.h"
#include "signalling/directory.h"
#include "signalling/invitations.h"
#include "signalling/meetings.h"
#include "signalling/readiness.h"
#include "signalling/recordings.h"
#include "signalling/rehearsal.h"
#include "signalling/report_press.h"
#include "signalling/schedule.h"
#include "signalling/server.h"
#include "signalling/setup_link.h"
#include "signalling/store.h"
#include "signalling/supervisor.h"
#include "signalling/templates.h"
#include "signalling/users.h"
#include "signalling/web_server.h"

#define DESCRIPTORS_WANTED 8192

typedef struct Options {
    char *config_file;
    char **overrides;
    char *log_level;
    gboolean is_setup_printed;
    gboolean is_version_asked;
} Options;

/* What stands beside the Server: the doors and what they need. */
typedef struct Process {
    Server server;
    Certificate *certificate;
    AdminSocket *admin;
    WebServer *web;
} Process;

static bool parse_options(int *argc, char ***argv, Options *options, GError **error)
{
    const GOptionEntry entries[] = {
        {"config", 'c', 0, G_OPTION_ARG_FILENAME, &options->config_file, "Configuration file",
         "FILE"},
        {"set", 's', 0, G_OPTION_ARG_STRING_ARRAY, &options->overrides,
         "Overrides one setting; may be given again", "GROUP.KEY=VALUE"},
        {"log", 'l', 0, G_OPTION_ARG_STRING, &options->log_level,
         "Least level that is logged: debug, info, warning, error", "LEVEL"},
        {"print-setup", 0, 0, G_OPTION_ARG_NONE, &options->is_setup_printed,
         "Also print addresses, fingerprint and set-up link as one JSON line", NULL},
        {"version", 'V', 0, G_OPTION_ARG_NONE, &options->is_version_asked, "Print the version",
         NULL},
        {NULL},
    };
    g_autoptr(GOptionContext) context = g_option_context_new("- the server of Điểm Cầu");
    g_option_context_add_main_entries(context, entries, NULL);
    if (!g_option_context_parse(context, argc, argv, error)) {
        return false;
    }
    if (*argc > 1) {
        g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "unknown argument %s",
                    (*argv)[1]);
        return false;
    }
    return true;
}

static bool parse_log_level(const char *text, LogLevel *ret_level, GError **error)
{
    static const char *const names[] = {"debug", "info", "warning", "error"};
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        if (text == NULL || strcmp(text, names[i]) == 0) {
            *ret_level = text == NULL ? LOG_INFO : (LogLevel)i;
            return true;
        }
    }
    g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                "--log: \"%s\" must be debug, info, warning or error", text);
    return false;
}

static void raise_descriptor_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < DESCRIPTORS_WANTED) {
        limit.rlim_cur = MIN(limit.rlim_max, (rlim_t)DESCRIPTORS_WANTED);
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static bool make_directory(const char *path, const char *setting, GError **error)
{
    if (g_mkdir_with_parents(path, 0700) == 0 && access(path, W_OK | X_OK) == 0) {
        return true;
    }
    g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_ACCES,
                "%s cannot be written (%s): give it to the user of the server, or set %s", path,
                g_strerror(errno), setting);
    return false;
}

static bool open_store(Process *process, GError **error)
{
    g_autofree char *path = g_build_filename(process->server.config->data_dir, "diemcau.db", NULL);
    process->server.store = store_open(path, error);
    return process->server.store != NULL;
}

/* The admin socket comes first: it tells whether another server has this runtime directory. */
static bool open_ground(Process *process, GError **error)
{
    const Config *config = process->server.config;
    return make_directory(config->data_dir, "server.data_dir", error) &&
           make_directory(config->runtime_dir, "server.runtime_dir", error) &&
           (process->admin = admin_socket_new(&process->server, error)) != NULL &&
           (process->certificate =
                certificate_load(config->certificate_file, config->private_key_file,
                                 config->data_dir, error)) != NULL &&
           open_store(process, error);
}

static bool open_nouns(Server *server, GError **error)
{
    server->clients = clients_new(server);
    server->press = report_press_new();
    return (server->directory = directory_new(server, error)) != NULL &&
           (server->devices = devices_new(server, error)) != NULL &&
           (server->users = users_new(server, error)) != NULL &&
           (server->supervisor = supervisor_new(server, error)) != NULL &&
           (server->meetings = meetings_new(server, error)) != NULL &&
           (server->rehearsal = rehearsal_new(server)) != NULL &&
           (server->templates = templates_new(server, error)) != NULL &&
           (server->schedule = schedule_new(server, error)) != NULL &&
           (server->readiness = readiness_new(server)) != NULL &&
           (server->invitations = invitations_new(server, error)) != NULL &&
           (server->recordings = recordings_new(server, error)) != NULL;
}

static bool open_process(Process *process, GError **error)
{
    if (!open_ground(process, error)) {
        return false;
    }
    process->server.fingerprint = process->certificate->fingerprint;
    return open_nouns(&process->server, error) &&
           (process->web = web_server_new(&process->server, process->certificate, error)) != NULL;
}

static void close_process(Process *process)
{
    Server *server = &process->server;
    web_server_free(process->web);
    admin_socket_free(process->admin);
    if (server->store != NULL) {
        store_finish(server->store);
    }
    recordings_free(g_steal_pointer(&server->recordings));
    invitations_free(g_steal_pointer(&server->invitations));
    readiness_free(g_steal_pointer(&server->readiness));
    schedule_free(g_steal_pointer(&server->schedule));
    templates_free(g_steal_pointer(&server->templates));
    /* Whoever waited for the store may have asked for a file just now. */
    report_press_free(g_steal_pointer(&server->press));
    rehearsal_free(g_steal_pointer(&server->rehearsal));
    meetings_free(g_steal_pointer(&server->meetings));
    supervisor_free(g_steal_pointer(&server->supervisor));
    users_free(g_steal_pointer(&server->users));
    devices_free(g_steal_pointer(&server->devices));
    directory_free(g_steal_pointer(&server->directory));
    clients_free(g_steal_pointer(&server->clients));
    store_close(g_steal_pointer(&server->store));
    certificate_free(process->certificate);
    config_free(server->config);
}

/* ---- what a person reads at the start ---- */

static json_t *urls_to_json(char **urls)
{
    json_t *list = json_array();
    for (char **url = urls; *url != NULL; url++) {
        json_array_append_new(list, json_string(*url));
    }
    return list;
}

static void print_setup_json(const Process *process, char **urls, const char *link)
{
    json_t *line = json_pack("{s:o, s:s, s:o}", "urls", urls_to_json(urls), "fingerprint",
                             process->certificate->fingerprint, "setup",
                             link != NULL ? json_string(link) : json_null());
    char *text = json_dumps(line, JSON_COMPACT);
    json_decref(line);
    printf("%s\n", text);
    free(text);
}

static void print_start(Process *process, bool is_json_wanted)
{
    g_auto(GStrv) urls = setup_link_urls(process->server.config);
    g_autofree char *link = setup_link_make(&process->server, NULL);
    printf("Điểm Cầu %s\n", DIEMCAU_VERSION);
    for (char **url = urls; *url != NULL; url++) {
        printf("  Page         %s/\n", *url);
    }
    printf("  Certificate  SHA-256 %s\n", process->certificate->fingerprint);
    if (link != NULL) {
        printf("  Set-up link  %s\n"
               "               opens once, within 30 minutes: create the administrator there;\n"
               "               a new one: diemcau-ctl setup-link\n",
               link);
    }
    if (is_json_wanted) {
        print_setup_json(process, urls, link);
    }
    fflush(stdout);
}

static int run(const Options *options)
{
    Process process = {.certificate = NULL};
    g_autoptr(GError) error = NULL;
    process.server.config = config_load(options->config_file, options->overrides, &error);
    bool is_open = process.server.config != NULL && open_process(&process, &error);
    if (is_open) {
        log_info("server.started", "version=%s pid=%d port=%u", DIEMCAU_VERSION, (int)getpid(),
                 process.server.config->port);
        print_start(&process, options->is_setup_printed);
        loop_run();
        log_info("server.ending", "pid=%d", (int)getpid());
    } else {
        fprintf(stderr, "diemcau-server: %s\n", error->message);
    }
    close_process(&process);
    return is_open ? 0 : 1;
}

static void options_clear(Options *options)
{
    g_free(options->config_file);
    g_strfreev(options->overrides);
    g_free(options->log_level);
}

int main(int argc, char **argv)
{
    Options options = {0};
    g_autoptr(GError) error = NULL;
    LogLevel level = LOG_INFO;
    if (!parse_options(&argc, &argv, &options, &error) ||
        !parse_log_level(options.log_level, &level, &error)) {
        fprintf(stderr, "diemcau-server: %s\n", error->message);
        options_clear(&options);
        return 2;
    }
    if (options.is_version_asked) {
        printf("%s\n", DIEMCAU_VERSION);
        options_clear(&options);
        return 0;
    }
    umask(0077);
    raise_descriptor_limit();
    log_init("server", level);
    log_take_over_glib();
    if (sodium_init() < 0) {
        fprintf(stderr, "diemcau-server: libsodium cannot be initialised\n");
        return 1;
    }
    int code = run(&options);
    options_clear(&options);
    return code;
}
