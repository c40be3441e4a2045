/* Makes picture clips: a piece of film, or a moving test pattern, scaled to a site's demanded size
 * and encoded as VP8 with a key frame each second. Slow: for a worker thread. GStreamer must have
 * been initialised. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

#define FILM_SECONDS 8

typedef struct FilmOrder {
    const char *source; /* a file GStreamer can read; NULL: a test pattern */
    size_t variety;     /* which test pattern */
    int width, height, fps, kbps;
} FilmOrder;

/* Writes the clip to `path`; an error names the source. */
bool film_make(const FilmOrder *order, const char *path, GError **error);
