#include "endpoints/device/framegate.h"

#include "bridge/base/clock.h"

/* A clock that jumps back further than this starts the grid anew. */
#define BACKWARD_US_MAX CLOCK_US_PER_S

bool frame_gate_pass(FrameGate *gate, int fps, int64_t at_us)
{
    if (fps <= 0) {
        gate->fps = 0;
        return false;
    }
    int64_t period_us = CLOCK_US_PER_S / fps;
    if (gate->fps != fps || at_us < gate->due_us - 2 * period_us - BACKWARD_US_MAX) {
        gate->fps = fps;
        gate->due_us = at_us;
    }
    if (at_us < gate->due_us - period_us / 4) {
        return false;
    }
    gate->due_us += period_us;
    if (gate->due_us < at_us) {
        gate->due_us = at_us + period_us / 2;
    }
    return true;
}
