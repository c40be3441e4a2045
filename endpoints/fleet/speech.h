/* What simulated sites say: voices as Opus frames with their levels, and a frame of silence. Made
 * once at the start from sound files, kept in the clip cache; without any file a voice-like sound
 * is synthesised. Immutable after speech_new; belongs to the main loop. */
#pragma once

#include <glib.h>
#include <stddef.h>

#include "endpoints/fleet/clip.h"

#define SPEECH_VOICES_MAX 16
#define SPEECH_SILENCE_LEVEL 127

typedef struct Speech Speech;

/* `sound_dir` (NULL: none) holds sound files that GStreamer can read; the first SPEECH_VOICES_MAX
 * in alphabetical order are taken. GStreamer must have been initialised. */
Speech *speech_new(const char *cache_dir, const char *sound_dir, GError **error);
void speech_free(Speech *speech);
/* The voice of this site, borrowed; the same one for every n-th site. */
const Clip *speech_voice(const Speech *speech, size_t site);
const ClipFrame *speech_silence(const Speech *speech);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Speech, speech_free)
