#include <gst/gst.h>
#include <jansson.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "bridge/base/clock.h"
#include "bridge/base/log.h"
#include "bridge/base/loop.h"
#include "endpoints/client/client.h"
#include "endpoints/client/pin.h"
#include "endpoints/fleet/commands.h"
#include "endpoints/fleet/fleet.h"
#include "endpoints/fleet/inspection.h"
#include "endpoints/fleet/roster.h"

/* A UDP and a TCP socket for each site, and some. */
#define FILES_WANTED (2 * FLEET_SITES_MAX + 256)
#define ARENAS_MAX 2
#define REPORT_DIGITS 9

typedef struct Arguments {
    char *server;
    char *fingerprint;
    gboolean insecure;
    char *state;
    char *cache;
    char *sites;
    int first;
    int count;
    char *tokens;
    char *enrol_with;
    char *films;
    char *sounds;
    int starts_per_s;
    int talkers;
    int turn_s;
    char *silence;
    int probes;
    int sample_s;
    char *report;
    char *control;
    int seconds;
    gboolean is_waiting;
    char *log;
} Arguments;

/* What the timers of main need. */
typedef struct Program {
    Fleet *fleet;
    Commands *commands; /* NULL: nobody commands */
    FILE *report;
} Program;

static bool parse(int *argc, char ***argv, Arguments *a, GError **error)
{
    const GOptionEntry entries[] = {
        {"server", 0, 0, G_OPTION_ARG_STRING, &a->server, "Server", "wss://HOST[:PORT]"},
        {"fingerprint", 0, 0, G_OPTION_ARG_STRING, &a->fingerprint,
         "SHA-256 of the server's certificate", "HEX"},
        {"insecure", 0, 0, G_OPTION_ARG_NONE, &a->insecure, "Take any certificate", NULL},
        {"state", 0, 0, G_OPTION_ARG_FILENAME, &a->state, "Where the sites' keys are kept", "DIR"},
        {"cache", 0, 0, G_OPTION_ARG_FILENAME, &a->cache, "Where clips are kept (STATE/clips)",
         "DIR"},
        {"sites", 0, 0, G_OPTION_ARG_FILENAME, &a->sites, "Directory of sites", "CSV"},
        {"first", 0, 0, G_OPTION_ARG_INT, &a->first, "Number of the first site played (0)", "N"},
        {"count", 0, 0, G_OPTION_ARG_INT, &a->count, "How many sites are played (all)", "N"},
        {"tokens", 0, 0, G_OPTION_ARG_FILENAME, &a->tokens, "Enrolment tokens, lines of CODE TOKEN",
         "FILE"},
        {"enrol-with", 0, 0, G_OPTION_ARG_FILENAME, &a->enrol_with,
         "Get tokens from the server's admin socket", "SOCKET"},
        {"films", 0, 0, G_OPTION_ARG_FILENAME, &a->films, "Films (test patterns)", "DIR"},
        {"sounds", 0, 0, G_OPTION_ARG_FILENAME, &a->sounds, "Voices (synthesised)", "DIR"},
        {"starts-per-s", 0, 0, G_OPTION_ARG_INT, &a->starts_per_s, "Pace of the start (50)", "N"},
        {"talkers", 0, 0, G_OPTION_ARG_INT, &a->talkers, "Sites that talk at a time (2)", "N"},
        {"turn", 0, 0, G_OPTION_ARG_INT, &a->turn_s, "Seconds a site talks (8)", "S"},
        {"silence", 0, 0, G_OPTION_ARG_STRING, &a->silence,
         "What who does not talk sends: frames or dtx (frames)", "KIND"},
        {"probes", 0, 0, G_OPTION_ARG_INT, &a->probes, "Sites that measure latency (0)", "N"},
        {"sample", 0, 0, G_OPTION_ARG_INT, &a->sample_s,
         "Decodes one site's picture for so long, then another's (0: none)", "S"},
        {"report", 0, 0, G_OPTION_ARG_FILENAME, &a->report,
         "A line of JSON each second goes here (standard output)", "FILE"},
        {"control", 0, 0, G_OPTION_ARG_FILENAME, &a->control, "Takes commands here", "SOCKET"},
        {"seconds", 0, 0, G_OPTION_ARG_INT, &a->seconds, "Ends by itself (never)", "S"},
        {"wait", 0, 0, G_OPTION_ARG_NONE, &a->is_waiting, "Starts no site until it is told", NULL},
        {"log", 0, 0, G_OPTION_ARG_STRING, &a->log, "warning, info or debug (warning)", "LEVEL"},
        {NULL},
    };
    g_autoptr(GOptionContext) context = g_option_context_new("— many simulated sites");
    g_option_context_add_main_entries(context, entries, NULL);
    return g_option_context_parse(context, argc, argv, error);
}

static const char *find_fault(const Arguments *a)
{
    return a->server == NULL                        ? "--server is missing"
           : a->state == NULL                       ? "--state is missing"
           : a->sites == NULL                       ? "--sites is missing"
           : a->fingerprint == NULL && !a->insecure ? "--fingerprint (or --insecure) is missing"
           : a->first < 0 || a->count < 0           ? "--first and --count: 0 or more"
           : a->count > FLEET_SITES_MAX             ? "--count: at most 2200"
           : a->starts_per_s < 1 || a->starts_per_s > 5000      ? "--starts-per-s: 1 to 5000"
           : a->talkers < 0 || a->talkers > FLEET_TALKERS_MAX   ? "--talkers: 0 to 64"
           : a->turn_s < 1 || a->turn_s > 3600                  ? "--turn: 1 to 3600"
           : a->seconds < 0                                     ? "--seconds: 0 or more"
           : a->probes < 0 || a->probes > INSPECTION_PROBES_MAX ? "--probes: 0 to 4"
           : a->sample_s < 0 || a->sample_s > 3600              ? "--sample: 0 to 3600"
           : a->silence != NULL && strcmp(a->silence, "frames") != 0 &&
                   strcmp(a->silence, "dtx") != 0
               ? "--silence: frames or dtx"
               : NULL;
}

static LogLevel log_level(const char *name)
{
    return g_strcmp0(name, "debug") == 0  ? LOG_DEBUG
           : g_strcmp0(name, "info") == 0 ? LOG_INFO
                                          : LOG_WARNING;
}

static void raise_file_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < FILES_WANTED) {
        limit.rlim_cur = MIN((rlim_t)FILES_WANTED, limit.rlim_max);
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static Fleet *make_fleet(const Arguments *a, GError **error)
{
    char pin[PIN_HEX_CHARS + 1];
    g_autofree char *host = NULL;
    uint16_t port = 0;
    if (!client_parse_url(a->server, &host, &port)) {
        g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                    "--server: must be wss://HOST[:PORT]");
        return NULL;
    }
    if (a->fingerprint != NULL && !pin_parse(a->fingerprint, pin)) {
        g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                    "--fingerprint: must be 64 hex digits");
        return NULL;
    }
    g_auto(GStrv) codes = roster_read_codes(a->sites, (size_t)a->first, (size_t)a->count, error);
    g_autoptr(GHashTable) tokens =
        codes != NULL && a->tokens != NULL ? roster_read_tokens(a->tokens, error) : NULL;
    if (codes == NULL || (a->tokens != NULL && tokens == NULL)) {
        return NULL;
    }
    g_autofree char *cache =
        a->cache != NULL ? g_strdup(a->cache) : g_build_filename(a->state, "clips", NULL);
    const FleetOptions options = {
        .server_host = host,
        .server_port = port,
        .pin_hex = a->fingerprint != NULL ? pin : NULL,
        .insecure = a->insecure,
        .state_dir = a->state,
        .cache_dir = cache,
        .film_dir = a->films,
        .sound_dir = a->sounds,
        .admin_socket = a->enrol_with,
        .tokens = tokens,
        .codes = codes,
        .starts_per_s = (size_t)a->starts_per_s,
        .talkers = (size_t)a->talkers,
        .turn_us = a->turn_s * CLOCK_US_PER_S,
        .sends_silence = g_strcmp0(a->silence, "dtx") != 0,
        .probes = (size_t)a->probes,
        .sample_us = a->sample_s * CLOCK_US_PER_S,
    };
    return fleet_new(&options, error);
}

static void on_second(void *data)
{
    Program *program = data;
    json_t *second = fleet_take_second(program->fleet);
    json_dumpf(second, program->report, JSON_COMPACT | JSON_REAL_PRECISION(REPORT_DIGITS));
    fputc('\n', program->report);
    fflush(program->report);
    if (program->commands != NULL) {
        commands_emit_second(program->commands, second);
    }
    json_decref(second);
}

static void on_time_over(void *data)
{
    loop_stop();
}

static void run(Program *program, const Arguments *a)
{
    LoopWatch *second = loop_every(CLOCK_US_PER_S, on_second, program);
    LoopWatch *end =
        a->seconds > 0 ? loop_after(a->seconds * CLOCK_US_PER_S, on_time_over, program) : NULL;
    if (!a->is_waiting) {
        fleet_start(program->fleet, (FleetRange){0}, false);
    }
    loop_run();
    loop_drop(&end);
    loop_drop(&second);
}

static bool open_program(Program *program, const Arguments *a, GError **error)
{
    program->report = a->report != NULL ? fopen(a->report, "we") : stdout;
    if (program->report == NULL) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "cannot write %s", a->report);
        return false;
    }
    program->fleet = make_fleet(a, error);
    if (program->fleet == NULL) {
        return false;
    }
    if (a->control != NULL) {
        program->commands = commands_new(a->control, program->fleet, error);
    }
    return a->control == NULL || program->commands != NULL;
}

static void close_program(Program *program)
{
    commands_free(program->commands);
    fleet_free(program->fleet);
    if (program->report != NULL && program->report != stdout) {
        fclose(program->report);
    }
}

static void clear(Arguments *a)
{
    char *strings[] = {a->server, a->fingerprint, a->state, a->cache,  a->sites,
                       a->tokens, a->enrol_with,  a->films, a->sounds, a->silence,
                       a->report, a->control,     a->log};
    for (size_t i = 0; i < G_N_ELEMENTS(strings); i++) {
        g_free(strings[i]);
    }
}

int main(int argc, char **argv)
{
    mallopt(M_ARENA_MAX, ARENAS_MAX);
    gst_init(&argc, &argv);
    Arguments arguments = {.starts_per_s = 50, .talkers = 2, .turn_s = 8};
    Program program = {0};
    g_autoptr(GError) error = NULL;
    bool is_parsed = parse(&argc, &argv, &arguments, &error);
    const char *fault = is_parsed ? find_fault(&arguments) : error->message;
    if (fault != NULL) {
        fprintf(stderr, "diemcau-fleet: %s (see --help)\n", fault);
        clear(&arguments);
        return 2;
    }
    log_init("fleet", log_level(arguments.log));
    log_take_over_glib();
    raise_file_limit();
    bool is_open = open_program(&program, &arguments, &error);
    if (is_open) {
        run(&program, &arguments);
    } else {
        fprintf(stderr, "diemcau-fleet: %s\n", error->message);
    }
    close_program(&program);
    clear(&arguments);
    return is_open ? EXIT_SUCCESS : EXIT_FAILURE;
}
