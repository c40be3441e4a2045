/* Who talks now: `talkers` sites at a time, each for one turn, the next ones after it, round and
 * round, so that everybody has spoken once before anybody speaks again. Turns are staggered: they
 * do not all change at the same moment. A plain value; any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct Turns {
    size_t sites;
    size_t talkers; /* 0: nobody talks */
    int64_t turn_us;
} Turns;

/* Does the site with this index talk at this time (since the beginning of the session)? */
bool turns_has_floor(const Turns *turns, size_t site, int64_t at_us);
