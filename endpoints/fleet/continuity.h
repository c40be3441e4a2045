/* Which sequence numbers of one RTP stream have come: how many were expected, which are missing,
 * which came twice. A plain value; zero-initialise. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/rtc/rtp.h"

/* Numbers that are remembered; what comes later than this counts as a duplicate. */
#define CONTINUITY_WINDOW 1024

typedef enum ContinuityVerdict {
    CONTINUITY_NEW,       /* beyond everything before */
    CONTINUITY_FILLS,     /* one that was missing */
    CONTINUITY_DUPLICATE, /* came before, or is too old to tell */
} ContinuityVerdict;

typedef struct Continuity {
    RtpUnwrapper unwrapper;
    bool is_started;
    uint64_t first;
    uint64_t highest;
    uint64_t seen[CONTINUITY_WINDOW / 64];
} Continuity;

/* *ret_index is the extended sequence number; *ret_expected by how many more packets are expected
 * now than before. */
ContinuityVerdict continuity_note(Continuity *continuity, uint16_t seq, uint64_t *ret_index,
                                  uint64_t *ret_expected);
/* Has it come? Only for the last CONTINUITY_WINDOW numbers. */
bool continuity_has(const Continuity *continuity, uint64_t index);
