#include "endpoints/device/source.h"

#include <math.h>
#include <string.h>

#define TONE_HZ_MIN 20
#define TONE_HZ_MAX 20000

typedef enum ArgumentRule { ARGUMENT_NONE, ARGUMENT_MAY, ARGUMENT_MUST } ArgumentRule;

typedef struct Row {
    const char *name;
    SourceKind kind;
    ArgumentRule rule;
} Row;

static const Row video_rows[] = {
    {"v4l2", SOURCE_CAMERA, ARGUMENT_MAY},
    {"test", SOURCE_PATTERN, ARGUMENT_MAY},
    {"file", SOURCE_FILE, ARGUMENT_MUST},
    {"none", SOURCE_NONE, ARGUMENT_NONE},
};

static const Row audio_rows[] = {
    {"alsa", SOURCE_ALSA, ARGUMENT_MAY},        {"pulse", SOURCE_PULSE, ARGUMENT_NONE},
    {"tone", SOURCE_TONE, ARGUMENT_MUST},       {"file", SOURCE_FILE, ARGUMENT_MUST},
    {"silence", SOURCE_SILENCE, ARGUMENT_NONE}, {"none", SOURCE_NONE, ARGUMENT_NONE},
};

static bool refuse(GError **error, const char *text, const char *what)
{
    g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "%s: %s", text, what);
    return false;
}

static const Row *find_row(const Row *rows, size_t count, const char *text)
{
    size_t size = strcspn(text, ":");
    for (size_t i = 0; i < count; i++) {
        if (strlen(rows[i].name) == size && strncmp(rows[i].name, text, size) == 0) {
            return &rows[i];
        }
    }
    return NULL;
}

static bool parse_hz(const char *text, Source *source, GError **error)
{
    char *end = NULL;
    source->hz = g_ascii_strtod(source->argument, &end);
    if (*end != '\0' || !(source->hz >= TONE_HZ_MIN && source->hz <= TONE_HZ_MAX)) {
        return refuse(error, text, "a tone has 20 to 20000 Hz");
    }
    return true;
}

static bool parse(const Row *row, const char *text, Source *ret_source, GError **error)
{
    const char *colon = strchr(text, ':');
    bool has_argument = colon != NULL && colon[1] != '\0';
    if (colon != NULL && (row->rule == ARGUMENT_NONE || !has_argument)) {
        return refuse(error, text, "nothing may follow, or something must follow the colon");
    }
    if (row->rule == ARGUMENT_MUST && !has_argument) {
        return refuse(error, text, "something must follow after a colon");
    }
    *ret_source = (Source){.kind = row->kind, .argument = has_argument ? colon + 1 : NULL};
    return row->kind != SOURCE_TONE || parse_hz(text, ret_source, error);
}

bool source_parse_video(const char *text, Source *ret_source, GError **error)
{
    const Row *row = find_row(video_rows, G_N_ELEMENTS(video_rows), text);
    if (row == NULL) {
        return refuse(error, text, "is none of v4l2[:DEVICE], test[:PATTERN], file:PATH, none");
    }
    return parse(row, text, ret_source, error);
}

bool source_parse_audio(const char *text, Source *ret_source, GError **error)
{
    const Row *row = find_row(audio_rows, G_N_ELEMENTS(audio_rows), text);
    if (row == NULL) {
        return refuse(error, text,
                      "is none of alsa[:DEVICE], pulse, tone:HZ, file:PATH, silence, none");
    }
    return parse(row, text, ret_source, error);
}

bool source_is_same_file(const Source *a, const Source *b)
{
    return a->kind == SOURCE_FILE && b->kind == SOURCE_FILE &&
           strcmp(a->argument, b->argument) == 0;
}
