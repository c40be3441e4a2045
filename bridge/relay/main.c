/* diemcau-relay: holds everybody's connection, runs no codec. */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>

#include "bridge/base/log.h"
#include "bridge/base/loop.h"
#include "bridge/relay/relay.h"

typedef struct Arguments {
    char *runtime;
    int port;
    char **addresses;
    gboolean has_loopback;
    char *log_level;
} Arguments;

static bool parse_arguments(int *argc, char ***argv, Arguments *arguments, GError **error)
{
    const GOptionEntry entries[] = {
        {"runtime", 0, 0, G_OPTION_ARG_FILENAME, &arguments->runtime,
         "Directory of the control and media sockets", "DIR"},
        {"port", 0, 0, G_OPTION_ARG_INT, &arguments->port, "UDP port; 0 takes a free one", "N"},
        {"address", 0, 0, G_OPTION_ARG_STRING_ARRAY, &arguments->addresses,
         "Address to advertise instead of all of the machine's (repeatable)", "A"},
        {"loopback", 0, 0, G_OPTION_ARG_NONE, &arguments->has_loopback, "Advertise 127.0.0.1 too",
         NULL},
        {"log", 0, 0, G_OPTION_ARG_STRING, &arguments->log_level, "Least level: debug or info",
         "LEVEL"},
        G_OPTION_ENTRY_NULL,
    };
    g_autoptr(GOptionContext) context = g_option_context_new("— the media relay of diemcau");
    g_option_context_add_main_entries(context, entries, NULL);
    if (!g_option_context_parse(context, argc, argv, error)) {
        return false;
    }
    if (arguments->runtime == NULL || arguments->port < 0 || arguments->port > UINT16_MAX) {
        g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                    "--runtime DIR and --port 0…65535 are needed; see --help");
        return false;
    }
    return true;
}

static void clear_arguments(Arguments *arguments)
{
    g_free(arguments->runtime);
    g_strfreev(arguments->addresses);
    g_free(arguments->log_level);
}

static int fail(GError *error)
{
    fprintf(stderr, "diemcau-relay: %s\n", error->message);
    g_error_free(error);
    return EXIT_FAILURE;
}

static int run(const Arguments *arguments)
{
    GError *error = NULL;
    RelayOptions options = {
        .runtime = arguments->runtime,
        .port = (uint16_t)arguments->port,
        .addresses = (const char *const *)arguments->addresses,
        .has_loopback = arguments->has_loopback,
    };
    Relay *relay = relay_new(&options, &error);
    if (relay == NULL) {
        return fail(error);
    }
    log_info("relay.started", "port=%u", relay_port(relay));
    loop_run();
    log_info("relay.stopped", "port=%u", relay_port(relay));
    relay_free(relay);
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    GError *error = NULL;
    Arguments arguments = {.port = -1};
    setlocale(LC_ALL, "");
    if (!parse_arguments(&argc, &argv, &arguments, &error)) {
        clear_arguments(&arguments);
        return fail(error);
    }
    log_init("relay", g_strcmp0(arguments.log_level, "debug") == 0 ? LOG_DEBUG : LOG_INFO);
    log_take_over_glib();
    int status = run(&arguments);
    clear_arguments(&arguments);
    return status;
}
