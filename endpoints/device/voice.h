/* The site's voice: cuts PCM into frames of 20 ms, measures each (RFC 6464), encodes it with Opus
 * and posts it to the main loop. Muted it encodes nothing. Belongs to the streaming thread that
 * pushes; voice_set_muted and voice_sent may be called from any. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/base/mailbox.h"

#define VOICE_HZ 48000
#define VOICE_FRAME_SAMPLES 960

typedef struct Voice Voice;

/* Posts Outgoing messages; the mailbox must outlive the voice. */
Voice *voice_new(Mailbox *outbox, GError **error);
void voice_free(Voice *voice);

/* Mono samples at 48 kHz; `captured_us` is the monotonic time of the first. */
void voice_push(Voice *voice, const int16_t *samples, size_t count, int64_t captured_us);
void voice_set_muted(Voice *voice, bool muted);
/* Level of the last frame, in -dBov, also while muted. */
uint8_t voice_level(const Voice *voice);
