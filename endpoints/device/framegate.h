/* Lets through as many frames a second as are wanted, evenly spread, and drops the rest before
 * anything is spent on them. A plain value of one streaming thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Zero-initialise. */
typedef struct FrameGate {
    int fps;
    int64_t due_us;
} FrameGate;

/* May the frame of this time pass? fps 0: none. A source slower than `fps` passes whole; its jitter
 * of up to a quarter of a frame costs nothing. */
bool frame_gate_pass(FrameGate *gate, int fps, int64_t at_us);
