#include "signalling/config.h"

#include <stddef.h>
#include <string.h>

#include "bridge/base/limits.h"
#include "signalling/invitation_letter.h"

#define CONFIG_BYTES_MAX (64 * 1024)
#define METRICS_TOKEN_BYTES_MIN 16

typedef enum OptionKind {
    OPTION_TEXT,
    OPTION_WORD, /* may be empty */
    OPTION_PATH,
    OPTION_LIST, /* separated by ';' or ',' */
    OPTION_PORT,
    OPTION_INT,
    OPTION_BOOL,
} OptionKind;

typedef struct Option {
    const char *group;
    const char *key;
    OptionKind kind;
    size_t offset; /* in Config */
    const char *fallback;
    int min, max; /* OPTION_INT */
} Option;

#define AT(member) offsetof(Config, member)

static const Option options[] = {
    {"server", "listen", OPTION_TEXT, AT(listen), "::", 0, 0},
    {"server", "port", OPTION_PORT, AT(port), "8443", 0, 0},
    {"server", "data_dir", OPTION_PATH, AT(data_dir), "/var/lib/diemcau", 0, 0},
    {"server", "runtime_dir", OPTION_PATH, AT(runtime_dir), "/run/diemcau", 0, 0},
    {"server", "bin_dir", OPTION_PATH, AT(bin_dir), "", 0, 0},
    {"server", "web_root", OPTION_PATH, AT(web_root), "/usr/share/diemcau/web", 0, 0},
    {"server", "layouts_file", OPTION_PATH, AT(layouts_file), "/etc/diemcau/layouts.json", 0, 0},
    {"server", "rehearsal_command", OPTION_PATH, AT(rehearsal_command), "", 0, 0},
    {"server", "views_file", OPTION_PATH, AT(views_file), "", 0, 0},
    {"server", "certificate_file", OPTION_PATH, AT(certificate_file), "", 0, 0},
    {"server", "private_key_file", OPTION_PATH, AT(private_key_file), "", 0, 0},
    {"server", "allowed_origins", OPTION_LIST, AT(allowed_origins), "", 0, 0},
    {"server", "metrics_tokens", OPTION_LIST, AT(metrics_tokens), "", 0, 0},
    {"media", "port", OPTION_PORT, AT(media_port), "8443", 0, 0},
    {"media", "address", OPTION_LIST, AT(media_addresses), "", 0, 0},
    {"media", "loopback", OPTION_BOOL, AT(media_loopback), "false", 0, 0},
    {"meeting", "default_layout", OPTION_TEXT, AT(default_layout), "3x3", 0, 0},
    {"meeting", "max_seats", OPTION_INT, AT(max_seats), "207", 1, LIMIT_SEATS},
    {"mail", "url", OPTION_WORD, AT(mail_url), "", 0, 0},
    {"mail", "user", OPTION_WORD, AT(mail_user), "", 0, 0},
    {"mail", "password", OPTION_WORD, AT(mail_password), "", 0, 0},
    {"mail", "from", OPTION_WORD, AT(mail_from), "", 0, 0},
    {"mail", "link", OPTION_WORD, AT(mail_link), "", 0, 0},
    {"recording", "directory", OPTION_PATH, AT(recording_dir), "", 0, 0},
    {"recording", "reserve_mib", OPTION_INT, AT(recording_reserve_mib), "2048", 0, 1000000},
    {"recording", "keep_days", OPTION_INT, AT(recording_keep_days), "0", 0, 36500},
    {"devices", "admissions_per_s", OPTION_INT, AT(admissions_per_s), "40", 1, 10000},
};

/* Where a value stands, for messages; "--set" is one long line. */
typedef struct Place {
    const char *file;
    int line;
    int column;
} Place;

static bool G_GNUC_PRINTF(3, 4) wrong(const Place *place, GError **error, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *what = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_set_error(error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_INVALID_VALUE, "%s:%d:%d: %s",
                place->file, place->line, place->column, what);
    return false;
}

static const Option *find_option(const char *group, const char *key)
{
    for (size_t i = 0; i < G_N_ELEMENTS(options); i++) {
        if (strcmp(options[i].group, group) == 0 && strcmp(options[i].key, key) == 0) {
            return &options[i];
        }
    }
    return NULL;
}

static bool has_group(const char *group)
{
    for (size_t i = 0; i < G_N_ELEMENTS(options); i++) {
        if (strcmp(options[i].group, group) == 0) {
            return true;
        }
    }
    return false;
}

/* ---- values ---- */

static void set_text(Config *config, const Option *option, char *text)
{
    char **field = (char **)((char *)config + option->offset);
    g_free(*field);
    *field = text;
}

static void set_list(Config *config, const Option *option, const char *text)
{
    char ***field = (char ***)((char *)config + option->offset);
    g_auto(GStrv) parts = g_strsplit_set(text, ";,", -1);
    GPtrArray *items = g_ptr_array_new();
    for (char **part = parts; *part != NULL; part++) {
        if (*g_strstrip(*part) != '\0') {
            g_ptr_array_add(items, g_strdup(*part));
        }
    }
    g_ptr_array_add(items, NULL);
    g_strfreev(*field);
    *field = (char **)g_ptr_array_free(items, FALSE);
}

static bool set_number(Config *config, const Option *option, const char *text, const Place *place,
                       GError **error)
{
    gint64 number = 0;
    gint64 min = option->kind == OPTION_PORT ? 1 : option->min;
    gint64 max = option->kind == OPTION_PORT ? 65535 : option->max;
    if (!g_ascii_string_to_signed(text, 10, min, max, &number, NULL)) {
        return wrong(place, error,
                     "%s: \"%s\" must be a number from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT,
                     option->key, text, min, max);
    }
    char *field = (char *)config + option->offset;
    if (option->kind == OPTION_PORT) {
        *(uint16_t *)field = (uint16_t)number;
    } else {
        *(int *)field = (int)number;
    }
    return true;
}

static bool set_bool(Config *config, const Option *option, const char *text, const Place *place,
                     GError **error)
{
    bool is_true = g_ascii_strcasecmp(text, "true") == 0 || strcmp(text, "1") == 0;
    bool is_false = g_ascii_strcasecmp(text, "false") == 0 || strcmp(text, "0") == 0;
    if (!is_true && !is_false) {
        return wrong(place, error, "%s: \"%s\" must be true or false", option->key, text);
    }
    *(bool *)((char *)config + option->offset) = is_true;
    return true;
}

/* A relative path is relative to the directory of the file that says it. */
static char *resolve(const char *text, const char *base)
{
    if (text[0] == '\0' || g_path_is_absolute(text)) {
        return g_strdup(text);
    }
    return g_canonicalize_filename(text, base);
}

static bool set_value(Config *config, const Option *option, const char *text, const char *base,
                      const Place *place, GError **error)
{
    switch (option->kind) {
    case OPTION_TEXT:
        if (text[0] == '\0') {
            return wrong(place, error, "%s: must not be empty", option->key);
        }
        set_text(config, option, g_strdup(text));
        return true;
    case OPTION_WORD:
        set_text(config, option, g_strdup(text));
        return true;
    case OPTION_PATH:
        set_text(config, option, resolve(text, base));
        return true;
    case OPTION_LIST:
        set_list(config, option, text);
        return true;
    case OPTION_PORT:
    case OPTION_INT:
        return set_number(config, option, text, place, error);
    case OPTION_BOOL:
        return set_bool(config, option, text, place, error);
    }
    return false;
}

/* ---- the file ---- */

typedef struct Parser {
    Config *config;
    Place place;
    char *base;  /* directory of the file */
    char *group; /* of the lines that follow; NULL before the first */
    GError **error;
} Parser;

static bool read_group(Parser *parser, char *line)
{
    char *end = strchr(line, ']');
    if (end == NULL || end[1] != '\0') {
        return wrong(&parser->place, parser->error, "a group is written [name]");
    }
    *end = '\0';
    if (!has_group(line + 1)) {
        parser->place.column++;
        return wrong(&parser->place, parser->error,
                     "there is no group [%s]; there are server, media, meeting, mail, recording, "
                     "devices",
                     line + 1);
    }
    g_free(parser->group);
    parser->group = g_strdup(line + 1);
    return true;
}

static bool read_setting(Parser *parser, char *line)
{
    char *equals = strchr(line, '=');
    if (equals == NULL) {
        return wrong(&parser->place, parser->error, "expected key=value, [group] or # comment");
    }
    if (parser->group == NULL) {
        return wrong(&parser->place, parser->error, "a value before the first [group]");
    }
    char *value = equals + 1;
    *equals = '\0';
    g_strchomp(line);
    const Option *option = find_option(parser->group, line);
    if (option == NULL) {
        return wrong(&parser->place, parser->error, "there is no setting %s in [%s]", line,
                     parser->group);
    }
    value += strspn(value, " \t");
    parser->place.column += (int)g_utf8_strlen(line, -1) + (int)(value - line - strlen(line));
    return set_value(parser->config, option, value, parser->base, &parser->place, parser->error);
}

static bool read_line(Parser *parser, char *line)
{
    g_strchomp(line);
    char *start = line + strspn(line, " \t");
    parser->place.column = 1 + (int)(start - line);
    if (*start == '\0' || *start == '#' || *start == ';') {
        return true;
    }
    return *start == '[' ? read_group(parser, start) : read_setting(parser, start);
}

static bool read_file(Config *config, const char *path, GError **error)
{
    g_autofree char *text = NULL;
    gsize size = 0;
    if (!g_file_get_contents(path, &text, &size, error)) {
        return false;
    }
    Parser parser = {.config = config, .place = {path, 1, 1}, .error = error};
    if (size > CONFIG_BYTES_MAX || strlen(text) != size || !g_utf8_validate(text, -1, NULL)) {
        return wrong(&parser.place, error, "not a configuration file (UTF-8 text)");
    }
    g_autofree char *directory = g_path_get_dirname(path);
    parser.base = g_canonicalize_filename(directory, NULL);
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    bool is_read = true;
    for (int i = 0; is_read && lines[i] != NULL; i++) {
        parser.place.line = i + 1;
        is_read = read_line(&parser, lines[i]);
    }
    g_free(parser.base);
    g_free(parser.group);
    return is_read;
}

/* ---- the command line ---- */

static bool read_override(Config *config, const char *text, int number, GError **error)
{
    Place place = {"--set", number, 1};
    const char *dot = strchr(text, '.');
    const char *equals = strchr(text, '=');
    if (dot == NULL || equals == NULL || dot > equals) {
        return wrong(&place, error, "\"%s\" must be written group.key=value", text);
    }
    g_autofree char *group = g_strndup(text, (gsize)(dot - text));
    g_autofree char *key = g_strndup(dot + 1, (gsize)(equals - dot - 1));
    const Option *option = find_option(group, key);
    if (option == NULL) {
        return wrong(&place, error, "there is no setting %s.%s", group, key);
    }
    place.column = 1 + (int)(equals + 1 - text);
    g_autofree char *here = g_get_current_dir();
    return set_value(config, option, equals + 1, here, &place, error);
}

static void set_defaults(Config *config)
{
    Place nowhere = {"defaults", 0, 0};
    for (size_t i = 0; i < G_N_ELEMENTS(options); i++) {
        set_value(config, &options[i], options[i].fallback, "/", &nowhere, NULL);
    }
    g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);
    if (self != NULL) {
        g_free(config->bin_dir);
        config->bin_dir = g_path_get_dirname(self);
    }
}

static bool check(const Config *config, GError **error)
{
    bool has_certificate = config->certificate_file[0] != '\0';
    bool has_key = config->private_key_file[0] != '\0';
    if (has_certificate != has_key) {
        g_set_error(error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_INVALID_VALUE,
                    "server.certificate_file and server.private_key_file go together: set both or "
                    "none");
        return false;
    }
    if (config->mail_url[0] != '\0' && !letter_is_address(config->mail_from)) {
        g_set_error(error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_INVALID_VALUE,
                    "mail.from: with mail.url it must be an address: name@host");
        return false;
    }
    for (char **token = config->metrics_tokens; *token != NULL; token++) {
        if (strlen(*token) < METRICS_TOKEN_BYTES_MIN) {
            g_set_error(error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_INVALID_VALUE,
                        "server.metrics_tokens: each must have %d characters or more",
                        METRICS_TOKEN_BYTES_MIN);
            return false;
        }
    }
    return true;
}

Config *config_load(const char *path, char **overrides, GError **error)
{
    Config *config = g_new0(Config, 1);
    set_defaults(config);
    bool is_loaded = path == NULL || read_file(config, path, error);
    for (int i = 0; is_loaded && overrides != NULL && overrides[i] != NULL; i++) {
        is_loaded = read_override(config, overrides[i], i + 1, error);
    }
    if (!is_loaded || !check(config, error)) {
        config_free(config);
        return NULL;
    }
    if (config->recording_dir[0] == '\0') {
        g_free(config->recording_dir);
        config->recording_dir = g_build_filename(config->data_dir, "recordings", NULL);
    }
    return config;
}

void config_free(Config *config)
{
    if (config == NULL) {
        return;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(options); i++) {
        void *field = (char *)config + options[i].offset;
        if (options[i].kind == OPTION_TEXT || options[i].kind == OPTION_WORD ||
            options[i].kind == OPTION_PATH) {
            g_free(*(char **)field);
        } else if (options[i].kind == OPTION_LIST) {
            g_strfreev(*(char ***)field);
        }
    }
    g_free(config);
}
