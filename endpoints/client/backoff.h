/* How long to wait before the next attempt to reach the server: full jitter, so that 207 devices
 * that lost it together do not come back together. The first attempts are drawn from half a second
 * each, because a restarted server is usually back within a second or two; after them the window
 * doubles up to 20 s. A plain value; any thread. */
#pragma once

#include <stdint.h>

#define BACKOFF_FIRST_US INT64_C(500000)
#define BACKOFF_LONGEST_US INT64_C(20000000)
/* Attempts that are drawn from the first window. */
#define BACKOFF_EAGER_ATTEMPTS 6
/* A connection must have been good for so long before the next loss counts as the first one. */
#define BACKOFF_SETTLED_US INT64_C(10000000)

/* Zero-initialise. */
typedef struct Backoff {
    unsigned attempts;
    int64_t good_since_us; /* 0: not connected */
} Backoff;

/* The upper end of the next window. */
int64_t backoff_window_us(const Backoff *backoff);
/* The next delay; `random` is uniform in [0, 1). */
int64_t backoff_next_us(Backoff *backoff, double random);

/* The server has let us in. */
void backoff_on_good(Backoff *backoff, int64_t now_us);
/* The connection ended or could not be made. */
void backoff_on_lost(Backoff *backoff, int64_t now_us);
