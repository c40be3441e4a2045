/* How much of a sound is one tone (Goertzel's algorithm): whether the microphone hears what the
 * loudspeaker plays. Any thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Share of the energy that lies at `tone_hz`, 0 … 1; 0 for silence. The longer the block, the
 * narrower the tone. */
double tone_share(const int16_t *samples, size_t count, double tone_hz, double sample_hz);
