/* The audio level of RFC 6464: root mean square of a frame in -dBov, 0 (overload) to 127 (silence).
 * Any thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define LEVEL_SILENCE 127

uint8_t level_of(const int16_t *samples, size_t count);
