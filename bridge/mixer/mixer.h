/* The mixer of one meeting: obeys the server on its control socket, takes media from the relay and
 * gives picture and sound back. Ties the nouns of this folder together; lives on the main loop. */
#pragma once

#include <glib.h>
#include <stdint.h>

typedef struct Mixer Mixer;

typedef struct MixerOptions {
    const char *runtime_dir;
    uint64_t meeting;
    int decode_workers;
} MixerOptions;

/* NULL and an error when the control socket cannot be opened. Stops the loop when no server claims
 * it for ten minutes. */
Mixer *mixer_new(const MixerOptions *options, GError **error);
void mixer_free(Mixer *mixer);
