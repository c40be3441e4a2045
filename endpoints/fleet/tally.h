/* What one site has sent and received, in numbers. Sums only grow: a period is the difference of
 * two copies. The longest gaps are kept for the running second and for the measured window. A gap
 * goes on over a broken media session, because the people at the site see it; it ends unmeasured
 * when the site itself goes. Owned by the site; lives on the main loop. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Time that a packet of sound fills. */
#define TALLY_SOUND_US INT64_C(20000)

#define TALLY_SUMS(X)                                                                              \
    X(packets_in) /* RTP that was genuine */                                                       \
    X(bytes_in)                                                                                    \
    X(packets_out)                                                                                 \
    X(bytes_out)                                                                                   \
    X(expected) /* by the sequence numbers, without retransmissions */                             \
    X(received) /* of those, the first time */                                                     \
    X(duplicates)                                                                                  \
    X(repaired)       /* came as a retransmission only */                                          \
    X(frames)         /* shown: complete, and all they refer to */                                 \
    X(keyframes)      /* of those */                                                               \
    X(frames_skipped) /* complete, but what they refer to is missing */                            \
    X(sounds)                                                                                      \
    X(rejected)    /* datagrams that were not genuine or not well formed */                        \
    X(unread)      /* lost by the queue of our own socket */                                       \
    X(decoded)     /* frames of the sample */                                                      \
    X(undecodable) /* frames of the sample that the decoder refused */                             \
    X(renewals)    /* media sessions that had to be made anew */                                   \
    X(present_us)  /* joined, with picture and sound */

typedef struct TallySums {
#define TALLY_FIELD(name) uint64_t name;
    TALLY_SUMS(TALLY_FIELD)
#undef TALLY_FIELD
} TallySums;

typedef enum TallyScope { TALLY_SECOND, TALLY_WINDOW, TALLY_SCOPES } TallyScope;

typedef struct Tally {
    TallySums sums;
    int64_t freeze_us[TALLY_SCOPES]; /* longest time between two shown frames */
    int64_t gap_us[TALLY_SCOPES];    /* longest time without anything to play */
    int64_t frame_us;                /* of the last shown frame, 0: none */
    int64_t sound_us;                /* of the last packet of sound, 0: none */
} Tally;

void tally_on_frame(Tally *tally, int64_t arrival_us);
void tally_on_sound(Tally *tally, int64_t arrival_us);
/* Gaps that are still open count up to now. */
void tally_settle(Tally *tally, int64_t now_us);
/* A new second or window begins: its longest gaps are forgotten, and what is open is counted from
 * now on when it is a window. */
void tally_begin(Tally *tally, TallyScope scope, int64_t now_us);
/* The site went: what it misses from now on is its own doing. */
void tally_on_gone(Tally *tally);
/* after - before, field by field. */
TallySums tally_difference(const TallySums *after, const TallySums *before);
void tally_add(TallySums *total, const TallySums *sums);
