/* Makes a stretch of voice shorter or longer by one pitch period (2.5 to 15 ms), cross-faded where
 * the wave repeats itself, so that neither pitch nor rhythm change audibly. Works in place on 48
 * kHz mono samples. Any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Samples that must be there. */
#define VOICE_STRETCH_NEEDED 960
/* The most that one call adds or takes away. */
#define VOICE_STRETCH_MOST 720

/* Both return the new count; unchanged when the wave does not repeat itself well enough, unless
 * `must` says that a small flaw is better than none of it. */
size_t voice_stretch_shorten(int16_t *pcm, size_t count, bool must);
/* `pcm` has room for VOICE_STRETCH_MOST more. */
size_t voice_stretch_lengthen(int16_t *pcm, size_t count, bool must);
