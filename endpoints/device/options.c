#include "endpoints/device/options.h"

#include <string.h>

#include "bridge/base/limits.h"
#include "endpoints/client/client.h"

#define GROUP "device"

typedef struct Raw {
    char *config;
    char *server;
    char *fingerprint;
    char *state;
    char *token;
    char *name;
    char *video;
    char *audio;
    char *sink;
    char *report;
    char *log;
    gboolean insecure;
    gboolean version;
} Raw;

typedef struct Key {
    const char *name;
    size_t offset; /* of a char pointer in Raw */
} Key;

static const Key keys[] = {
    {"server", G_STRUCT_OFFSET(Raw, server)}, {"fingerprint", G_STRUCT_OFFSET(Raw, fingerprint)},
    {"state", G_STRUCT_OFFSET(Raw, state)},   {"token", G_STRUCT_OFFSET(Raw, token)},
    {"name", G_STRUCT_OFFSET(Raw, name)},     {"video", G_STRUCT_OFFSET(Raw, video)},
    {"audio", G_STRUCT_OFFSET(Raw, audio)},   {"sink", G_STRUCT_OFFSET(Raw, sink)},
    {"report", G_STRUCT_OFFSET(Raw, report)}, {"log", G_STRUCT_OFFSET(Raw, log)},
};

static void raw_clear(Raw *raw)
{
    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++) {
        g_free(G_STRUCT_MEMBER(char *, raw, keys[i].offset));
    }
    g_free(raw->config);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Raw, raw_clear)

static bool refuse(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);

static bool refuse(GError **error, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_propagate_error(
        error, g_error_new_valist(G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, format, arguments));
    va_end(arguments);
    return false;
}

static bool read_command_line(int argc, char **argv, Raw *raw, GError **error)
{
    const GOptionEntry entries[] = {
        {"config", 'c', 0, G_OPTION_ARG_FILENAME, &raw->config, "Read options from FILE", "FILE"},
        {"server", 's', 0, G_OPTION_ARG_FILENAME, &raw->server, "The server", "wss://HOST:8443"},
        {"fingerprint", 0, 0, G_OPTION_ARG_FILENAME, &raw->fingerprint,
         "SHA-256 of the server's certificate; without it the system's certificate store decides",
         "SHA256"},
        {"insecure", 0, 0, G_OPTION_ARG_NONE, &raw->insecure,
         "Accept any certificate (rehearsals only)", NULL},
        {"state", 0, 0, G_OPTION_ARG_FILENAME, &raw->state, "Where the device's key is kept",
         "DIR"},
        {"token", 0, 0, G_OPTION_ARG_FILENAME, &raw->token, "One-time enrolment token", "TOKEN"},
        {"name", 0, 0, G_OPTION_ARG_FILENAME, &raw->name, "What technicians see; the host's name",
         "TEXT"},
        {"video", 0, 0, G_OPTION_ARG_FILENAME, &raw->video,
         "v4l2[:DEVICE], test[:PATTERN], file:PATH or none", "SOURCE"},
        {"audio", 0, 0, G_OPTION_ARG_FILENAME, &raw->audio,
         "alsa[:DEVICE], pulse, tone:HZ, file:PATH, silence or none", "SOURCE"},
        {"sink", 0, 0, G_OPTION_ARG_FILENAME, &raw->sink, "window, decode, file:PATH or none",
         "SINK"},
        {"report", 0, 0, G_OPTION_ARG_FILENAME, &raw->report,
         "One JSON line each 200 ms to FILE, or - for standard output", "FILE"},
        {"log", 0, 0, G_OPTION_ARG_FILENAME, &raw->log, "debug, info, warning or error", "LEVEL"},
        {"version", 0, 0, G_OPTION_ARG_NONE, &raw->version, "Print the version", NULL},
        {0},
    };
    g_autoptr(GOptionContext) context = g_option_context_new("- a meeting site's device");
    g_option_context_add_main_entries(context, entries, NULL);
    g_auto(GStrv) copy = g_new0(char *, (gsize)argc + 1);
    for (int i = 0; i < argc; i++) {
        copy[i] = g_strdup(argv[i]);
    }
    if (!g_option_context_parse_strv(context, &copy, error)) {
        return false;
    }
    if (g_strv_length(copy) > 1) {
        return refuse(error, "%s: not an option", copy[1]);
    }
    return true;
}

static bool is_known_key(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++) {
        if (strcmp(keys[i].name, name) == 0) {
            return true;
        }
    }
    return strcmp(name, "insecure") == 0;
}

static bool check_keys(GKeyFile *file, const char *path, GError **error)
{
    if (!g_key_file_has_group(file, GROUP)) {
        return refuse(error, "%s: has no group [" GROUP "]", path);
    }
    g_auto(GStrv) names = g_key_file_get_keys(file, GROUP, NULL, NULL);
    for (char **name = names; *name != NULL; name++) {
        if (!is_known_key(*name)) {
            return refuse(error, "%s: unknown key %s", path, *name);
        }
    }
    return true;
}

static bool read_file(Raw *raw, GError **error)
{
    g_autoptr(GKeyFile) file = g_key_file_new();
    g_autoptr(GError) cause = NULL;
    if (!g_key_file_load_from_file(file, raw->config, G_KEY_FILE_NONE, &cause)) {
        return refuse(error, "%s: %s", raw->config, cause->message);
    }
    if (!check_keys(file, raw->config, error)) {
        return false;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++) {
        char **value = &G_STRUCT_MEMBER(char *, raw, keys[i].offset);
        if (*value == NULL) {
            *value = g_key_file_get_string(file, GROUP, keys[i].name, NULL);
        }
    }
    if (g_key_file_has_key(file, GROUP, "insecure", NULL) && !raw->insecure) {
        raw->insecure = g_key_file_get_boolean(file, GROUP, "insecure", &cause);
        if (cause != NULL) {
            return refuse(error, "%s: insecure: must be true or false", raw->config);
        }
    }
    return true;
}

static bool take_server(Options *options, const Raw *raw, GError **error)
{
    if (raw->server == NULL) {
        return refuse(error, "--server wss://HOST:8443 is missing");
    }
    if (!client_parse_url(raw->server, &options->host, &options->port)) {
        return refuse(error, "--server %s: must be wss://HOST or wss://HOST:PORT", raw->server);
    }
    options->insecure = raw->insecure;
    if (raw->fingerprint == NULL) {
        return true;
    }
    options->has_pin = pin_parse(raw->fingerprint, options->pin_hex);
    return options->has_pin ||
           refuse(error, "--fingerprint: must be the 64 hex digits of a SHA-256");
}

static char *default_state_dir(void)
{
    const char *given = g_getenv("STATE_DIRECTORY");
    return given != NULL ? g_strdup(given)
                         : g_build_filename(g_get_user_data_dir(), "diemcau-device", NULL);
}

static bool take_names(Options *options, const Raw *raw, GError **error)
{
    options->state_dir = raw->state != NULL ? g_strdup(raw->state) : default_state_dir();
    options->name = g_strdup(raw->name != NULL ? raw->name : g_get_host_name());
    options->token = g_strdup(raw->token);
    options->report_path = g_strdup(raw->report);
    size_t size = strlen(options->name);
    if (size == 0 || size > LIMIT_NAME_BYTES || !g_utf8_validate(options->name, -1, NULL)) {
        return refuse(error, "--name: must be 1 to %d bytes of UTF-8", LIMIT_NAME_BYTES);
    }
    if (options->token != NULL &&
        (options->token[0] == '\0' || !g_utf8_validate(options->token, -1, NULL))) {
        return refuse(error, "--token: must not be empty");
    }
    return true;
}

static bool take_sink(Options *options, GError **error)
{
    static const char *const names[] = {
        [PLAYER_NONE] = "none", [PLAYER_WINDOW] = "window", [PLAYER_DECODE] = "decode"};
    const char *text = options->sink_text;
    if (g_str_has_prefix(text, "file:") && text[5] != '\0') {
        options->player = (PlayerOptions){.sink = PLAYER_FILE, .path = text + 5};
        return true;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        if (strcmp(names[i], text) == 0) {
            options->player.sink = (PlayerSink)i;
            return true;
        }
    }
    return refuse(error, "--sink %s: is none of window, decode, file:PATH, none", text);
}

static bool take_media(Options *options, const Raw *raw, GError **error)
{
    options->video_text = g_strdup(raw->video != NULL ? raw->video : "v4l2");
    options->audio_text = g_strdup(raw->audio != NULL ? raw->audio : "alsa");
    options->sink_text = g_strdup(raw->sink != NULL ? raw->sink : "window");
    g_autoptr(GError) cause = NULL;
    if (!source_parse_video(options->video_text, &options->video, &cause)) {
        return refuse(error, "--video %s", cause->message);
    }
    if (!source_parse_audio(options->audio_text, &options->audio, &cause)) {
        return refuse(error, "--audio %s", cause->message);
    }
    return take_sink(options, error);
}

static bool take_log(Options *options, const Raw *raw, GError **error)
{
    static const char *const names[] = {
        [LOG_DEBUG] = "debug",
        [LOG_INFO] = "info",
        [LOG_WARNING] = "warning",
        [LOG_ERROR] = "error",
    };
    options->log_level = LOG_INFO;
    for (size_t i = 0; raw->log != NULL && i < G_N_ELEMENTS(names); i++) {
        if (strcmp(names[i], raw->log) == 0) {
            options->log_level = (LogLevel)i;
            return true;
        }
    }
    return raw->log == NULL ||
           refuse(error, "--log %s: is none of debug, info, warning, error", raw->log);
}

Options *options_parse(int argc, char **argv, GError **error)
{
    g_auto(Raw) raw = {0};
    if (!read_command_line(argc, argv, &raw, error) ||
        (raw.config != NULL && !read_file(&raw, error))) {
        return NULL;
    }
    g_autoptr(Options) options = g_new0(Options, 1);
    options->show_version = raw.version;
    if (raw.version) {
        return g_steal_pointer(&options);
    }
    if (!take_server(options, &raw, error) || !take_names(options, &raw, error) ||
        !take_media(options, &raw, error) || !take_log(options, &raw, error)) {
        return NULL;
    }
    return g_steal_pointer(&options);
}

void options_free(Options *options)
{
    if (options == NULL) {
        return;
    }
    g_free(options->host);
    g_free(options->state_dir);
    g_free(options->token);
    g_free(options->name);
    g_free(options->report_path);
    g_free(options->video_text);
    g_free(options->audio_text);
    g_free(options->sink_text);
    g_free(options);
}
