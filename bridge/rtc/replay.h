/* Which packets of one stream were handled already, by packet index (RFC 3711 sections 3.3.1 and
 * 3.3.2): the newest, and a window of those before it; what is older counts as handled. A plain
 * value, zero-initialise. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define REPLAY_WINDOW_PACKETS 1024 /* a power of two */

typedef struct ReplayWindow {
    bool has_begun;
    uint64_t newest;
    uint64_t seen[REPLAY_WINDOW_PACKETS / 64]; /* a ring of bits, by index */
} ReplayWindow;

/* The index (roll-overs × 65536 + number) that an RTP packet of this number most likely has. */
uint64_t replay_index(const ReplayWindow *window, uint16_t seq);
bool replay_is_new(const ReplayWindow *window, uint64_t index);
void replay_note(ReplayWindow *window, uint64_t index);
