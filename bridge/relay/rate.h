/* At most so many events a second. A plain value; zero-initialise. Its owner's loop. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

typedef struct Rate {
    int64_t second_us; /* when the present second began */
    unsigned count;
} Rate;

/* True: this one is within the limit. */
bool rate_take(Rate *rate, unsigned limit_per_s, int64_t now_us);
