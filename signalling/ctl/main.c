/* diemcau-ctl: the technician's command line. It speaks to the server's admin socket. */
#include <glib.h>
#include <jansson.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "signalling/config.h"
#include "signalling/ctl/commands.h"
#include "signalling/ctl/doctor.h"

#define EXIT_REFUSED 1
#define EXIT_USAGE 2

typedef struct Options {
    char *config_file;
    char *runtime_dir;
    gboolean as_json;
    Arguments arguments;
    char **words;
} Options;

static bool parse(Options *options, int *argc, char ***argv, GError **error)
{
    Arguments *arguments = &options->arguments;
    const GOptionEntry entries[] = {
        {"runtime", 0, 0, G_OPTION_ARG_FILENAME, &options->runtime_dir,
         "The server's runtime directory", "DIR"},
        {"config", 0, 0, G_OPTION_ARG_FILENAME, &options->config_file, "The server's settings",
         "FILE"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &options->as_json, "Print the answer as JSON", NULL},
        {"title", 0, 0, G_OPTION_ARG_STRING, &arguments->title, "Title of the meeting", "TEXT"},
        {"sites", 0, 0, G_OPTION_ARG_STRING, &arguments->sites, "Site codes", "A,B,…"},
        {"all-online", 0, 0, G_OPTION_ARG_NONE, &arguments->all_online, "Every online site", NULL},
        {"layout", 0, 0, G_OPTION_ARG_STRING, &arguments->layout, "Layout of the picture", "NAME"},
        {"role", 0, 0, G_OPTION_ARG_STRING, &arguments->role, "host, technician or admin", "ROLE"},
        {"password-stdin", 0, 0, G_OPTION_ARG_NONE, &arguments->password_stdin,
         "Read the password from standard input", NULL},
        {"name", 0, 0, G_OPTION_ARG_STRING, &arguments->name, "Name of a publisher's seat", "TEXT"},
        {"site", 0, 0, G_OPTION_ARG_STRING, &arguments->site, "Site that a publisher shows",
         "CODE"},
        {"view", 0, 0, G_OPTION_ARG_STRING, &arguments->view, "View that a player watches",
         "NUMBER"},
        {"ttl", 0, 0, G_OPTION_ARG_INT, &arguments->ttl_s, "Seconds a token is good for",
         "SECONDS"},
        {G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_STRING_ARRAY, &options->words, NULL, NULL},
        {NULL, 0, 0, 0, NULL, NULL, NULL},
    };
    g_autoptr(GString) summary = g_string_new("Commands:\n");
    for (const Command *command = commands; command->words != NULL; command++) {
        g_string_append_printf(summary, "  %s %s\n      %s\n", command->words, command->usage,
                               command->help);
    }
    g_string_append(summary, "  doctor\n      what this machine lacks, and the remedy\n");
    g_autoptr(GOptionContext) context = g_option_context_new("COMMAND …");
    g_option_context_add_main_entries(context, entries, NULL);
    g_option_context_set_summary(context, summary->str);
    return g_option_context_parse(context, argc, argv, error);
}

static bool starts_with(char **words, const char *const *prefix)
{
    for (; *prefix != NULL; prefix++, words++) {
        if (*words == NULL || strcmp(*words, *prefix) != 0) {
            return false;
        }
    }
    return true;
}

static const Command *find_command(char **words, guint *ret_length)
{
    for (const Command *command = commands; command->words != NULL; command++) {
        g_auto(GStrv) prefix = g_strsplit(command->words, " ", 0);
        if (starts_with(words, (const char *const *)prefix)) {
            *ret_length = g_strv_length(prefix);
            return command;
        }
    }
    return NULL;
}

static int complain(int code, const char *message)
{
    fprintf(stderr, "diemcau-ctl: %s\n", message);
    return code;
}

static int run_command(Options *options, const Config *config)
{
    guint length = 0;
    const Command *command = find_command(options->words, &length);
    if (command == NULL) {
        return complain(EXIT_USAGE, "no such command; see diemcau-ctl --help");
    }
    Arguments *arguments = &options->arguments;
    arguments->words = options->words + length;
    arguments->as_json = options->as_json;
    if (g_strv_length(arguments->words) != command->word_count) {
        fprintf(stderr, "usage: diemcau-ctl %s %s\n", command->words, command->usage);
        return EXIT_USAGE;
    }
    g_autoptr(GError) error = NULL;
    arguments->connection = connection_open(config->runtime_dir, &error);
    bool done = arguments->connection != NULL && command->run(arguments, &error);
    connection_close(arguments->connection);
    if (!done) {
        bool is_usage = g_error_matches(error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED);
        return complain(is_usage ? EXIT_USAGE : EXIT_REFUSED, error->message);
    }
    return 0;
}

static int run(Options *options)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *runtime = options->runtime_dir != NULL
                                   ? g_strdup_printf("server.runtime_dir=%s", options->runtime_dir)
                                   : NULL;
    char *overrides[] = {runtime, NULL};
    Config *config = config_load(options->config_file, overrides, &error);
    if (config == NULL) {
        return complain(EXIT_USAGE, error->message);
    }
    int code;
    if (options->words == NULL) {
        code = complain(EXIT_USAGE, "give a command; see diemcau-ctl --help");
    } else if (strcmp(options->words[0], "doctor") == 0) {
        code = doctor_run(config) ? 0 : EXIT_REFUSED;
    } else {
        code = run_command(options, config);
    }
    config_free(config);
    return code;
}

int main(int argc, char **argv)
{
    setlocale(LC_ALL, "");
    Options options = {0};
    g_autoptr(GError) error = NULL;
    int code = parse(&options, &argc, &argv, &error) ? run(&options)
                                                     : complain(EXIT_USAGE, error->message);
    g_strfreev(options.words);
    g_free(options.config_file);
    g_free(options.runtime_dir);
    g_free(options.arguments.title);
    g_free(options.arguments.sites);
    g_free(options.arguments.layout);
    g_free(options.arguments.role);
    g_free(options.arguments.name);
    g_free(options.arguments.site);
    g_free(options.arguments.view);
    return code;
}
