#include "endpoints/client/backoff.h"

#include <glib.h>

/* 20 s is reached well before; keeps the shift defined for ever. */
#define BACKOFF_DOUBLINGS_MAX 10

int64_t backoff_window_us(const Backoff *backoff)
{
    if (backoff->attempts < BACKOFF_EAGER_ATTEMPTS) {
        return BACKOFF_FIRST_US;
    }
    unsigned doublings = MIN(backoff->attempts - BACKOFF_EAGER_ATTEMPTS + 1, BACKOFF_DOUBLINGS_MAX);
    return MIN(BACKOFF_FIRST_US << doublings, BACKOFF_LONGEST_US);
}

int64_t backoff_next_us(Backoff *backoff, double random)
{
    int64_t window_us = backoff_window_us(backoff);
    if (backoff->attempts < G_MAXUINT) {
        backoff->attempts++;
    }
    return (int64_t)((double)window_us * random);
}

void backoff_on_good(Backoff *backoff, int64_t now_us)
{
    backoff->good_since_us = now_us;
}

void backoff_on_lost(Backoff *backoff, int64_t now_us)
{
    if (backoff->good_since_us != 0 && now_us - backoff->good_since_us >= BACKOFF_SETTLED_US) {
        backoff->attempts = 0;
    }
    backoff->good_since_us = 0;
}
