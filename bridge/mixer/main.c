#include <glib.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/base/log.h"
#include "bridge/base/loop.h"
#include "bridge/mixer/crew.h"
#include "bridge/mixer/mixer.h"
#include "bridge/mixer/plugin.h"
#include "bridge/mixer/sandbox.h"

/* Threads that allocate frames would otherwise keep an arena each. */
#define ARENAS_MAX 2

typedef struct Arguments {
    char *runtime_dir;
    gint64 meeting;
    int threads;
    char *log;
} Arguments;

static bool check(const Arguments *arguments, GError **error)
{
    const char *wrong = arguments->runtime_dir == NULL ? "--runtime DIR is missing"
                        : arguments->meeting <= 0      ? "--meeting ID must be 1 or more"
                        : arguments->threads < 1 || arguments->threads > CREW_WORKERS_MAX
                            ? "--threads N must be 1 to 16"
                        : arguments->log != NULL && strcmp(arguments->log, "debug") != 0 &&
                                strcmp(arguments->log, "info") != 0
                            ? "--log must be debug or info"
                            : NULL;
    if (wrong != NULL) {
        g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "%s", wrong);
    }
    return wrong == NULL;
}

static bool parse(int *argc, char ***argv, Arguments *arguments, GError **error)
{
    const GOptionEntry entries[] = {
        {"runtime", 0, 0, G_OPTION_ARG_FILENAME, &arguments->runtime_dir, "Runtime directory",
         "DIR"},
        {"meeting", 0, 0, G_OPTION_ARG_INT64, &arguments->meeting, "Meeting to mix", "ID"},
        {"threads", 0, 0, G_OPTION_ARG_INT, &arguments->threads, "Decode workers (2)", "N"},
        {"log", 0, 0, G_OPTION_ARG_STRING, &arguments->log, "Least level logged", "debug|info"},
        {NULL},
    };
    g_autoptr(GOptionContext) context = g_option_context_new("- mix one meeting");
    g_option_context_add_main_entries(context, entries, NULL);
    return g_option_context_parse(context, argc, argv, error) && check(arguments, error);
}

static void start_log(const Arguments *arguments)
{
    g_autofree char *name = g_strdup_printf("mixer %" G_GINT64_FORMAT, arguments->meeting);
    log_init(name, g_strcmp0(arguments->log, "debug") == 0 ? LOG_DEBUG : LOG_INFO);
    log_take_over_glib();
}

static bool run(const Arguments *arguments, GError **error)
{
    Mixer *mixer = mixer_new(
        &(MixerOptions){
            .runtime_dir = arguments->runtime_dir,
            .meeting = (uint64_t)arguments->meeting,
            .decode_workers = arguments->threads,
        },
        error);
    if (mixer == NULL) {
        return false;
    }
    log_info("mixer.started", "version=%s threads=%d", DIEMCAU_VERSION, arguments->threads);
    loop_run();
    log_info("mixer.stopped", "meeting=%" G_GINT64_FORMAT, arguments->meeting);
    mixer_free(mixer);
    return true;
}

int main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    Arguments arguments = {.threads = 2};
    mallopt(M_ARENA_MAX, ARENAS_MAX);
    bool is_done = parse(&argc, &argv, &arguments, &error);
    if (is_done) {
        start_log(&arguments);
        is_done = plugin_load_all(&error) && sandbox_enter(&error) && run(&arguments, &error);
    }
    if (!is_done) {
        fprintf(stderr, "diemcau-mixer: %s\n", error->message);
    }
    g_free(arguments.runtime_dir);
    g_free(arguments.log);
    return is_done ? EXIT_SUCCESS : EXIT_FAILURE;
}
