/* Where a looping film is at a moment: position = wall clock modulo duration, so that devices that
 * start at different moments, on different machines, show the same instant. Plain values. Any
 * thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* A film is set to its place again when the wall clock has been moved by more than this. */
#define FILM_PHASE_OFF_US_MAX INT64_C(40000)

/* Position in the film, in [0, duration), at this wall clock time. */
int64_t film_phase_position_us(int64_t wall_us, int64_t duration_us);
/* Has the wall clock moved against the monotonic one since the film was set? Both arguments are
 * wall clock less monotonic time. */
bool film_phase_is_off(int64_t offset_then_us, int64_t offset_now_us);
