/* One source that runs: a camera, a sound card, a pattern, a tone, or a film that loops for ever.
 * It hands out raw pictures and mono 48 kHz sound at their time, and starts again by itself when
 * its device fails. Owned by a capture; made, started and stopped on the main loop, its handlers
 * run on streaming threads. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "endpoints/device/source.h"

typedef struct _GstSample GstSample;
typedef struct Feed Feed;

/* Of pictures and of sound there is one thread each. */
typedef struct FeedHandlers {
    /* Asked once for each frame, before it is decoded where that is possible. */
    bool (*wants_picture)(int64_t captured_us, void *data);
    void (*on_picture)(GstSample *sample, int64_t captured_us, void *data);
    void (*on_sound)(const int16_t *samples, size_t count, int64_t captured_us, void *data);
} FeedHandlers;

/* Either may be of kind SOURCE_NONE; both only when they are the same file. Checks that elements
 * and files are there. The sources' text is copied. */
Feed *feed_new(const Source *video, const Source *audio, const FeedHandlers *handlers, void *data,
               GError **error);
void feed_free(Feed *feed);

void feed_start(Feed *feed);
void feed_stop(Feed *feed);
