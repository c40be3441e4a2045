/* Spreads a rung's large frames: at most 2.5 times its average rate leaves in any short while, so
 * that no receiver's link is hit by a key frame at once. Ordinary frames fit the allowance and pass
 * undelayed; nothing waits longer than about PACER_DELAY_MAX_US. A plain value; zero-initialise.
 * Owned by the rung. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PACER_FACTOR 2.5
/* Pause between two portions of a frame that does not fit. */
#define PACER_SLOT_US INT64_C(5000)
#define PACER_DELAY_MAX_US INT64_C(120000)

typedef struct Pacer {
    int64_t started_us;
    int64_t refilled_us;
    double average_bytes; /* sent in about the last second, decaying */
    double allowance_bytes;
    double drain_rate; /* bytes/s that end the present backlog in time */
} Pacer;

/* Refills the allowance; `backlog_bytes` wait. Call before a round of pacer_take. */
void pacer_refill(Pacer *pacer, size_t backlog_bytes, int64_t now_us);
/* True: this packet leaves now. */
bool pacer_take(Pacer *pacer, size_t bytes);
/* The measured rate, at the last refill. */
double pacer_rate_bps(const Pacer *pacer);
