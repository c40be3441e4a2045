/* What the command line says about where picture and sound come from. Plain values that borrow
 * their text. Any thread. */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef enum SourceKind {
    SOURCE_NONE,
    SOURCE_FILE,    /* argument: path */
    SOURCE_CAMERA,  /* argument: V4L2 device node */
    SOURCE_PATTERN, /* argument: pattern of videotestsrc */
    SOURCE_ALSA,    /* argument: ALSA device */
    SOURCE_PULSE,
    SOURCE_TONE, /* hz */
    SOURCE_SILENCE,
} SourceKind;

typedef struct Source {
    SourceKind kind;
    const char *argument; /* NULL: the system's default */
    double hz;
} Source;

/* "v4l2[:DEVICE]", "test[:PATTERN]", "file:PATH", "none". */
bool source_parse_video(const char *text, Source *ret_source, GError **error);
/* "alsa[:DEVICE]", "pulse", "tone:HZ", "file:PATH", "silence", "none". */
bool source_parse_audio(const char *text, Source *ret_source, GError **error);
bool source_is_same_file(const Source *a, const Source *b);
