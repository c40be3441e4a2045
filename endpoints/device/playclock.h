/* When a received RTP timestamp is due on our monotonic clock. Sender reports tie the streams of
 * one sender to one clock, and all of them share one offset to ours — the least delay seen lately —
 * so that picture and sound stay together. Network jitter does not show in it; a lasting change of
 * delay is followed slowly. A plain value of the main loop. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define PLAY_CLOCK_STREAMS 2
#define PLAY_CLOCK_WINDOW_US INT64_C(4000000)
/* The offset moves by at most this share of the time that passes, unless it is wrong altogether. */
#define PLAY_CLOCK_SLEW_DIVISOR 50
#define PLAY_CLOCK_WRONG_US INT64_C(500000)

typedef struct PlayOffset {
    bool is_known;
    int64_t current_us;
    int64_t least_us;        /* of this window */
    int64_t least_before_us; /* of the one before */
    int64_t window_since_us;
    int64_t moved_at_us;
} PlayOffset;

typedef struct PlayStream {
    uint32_t clock_hz;
    bool has_anchor;
    bool has_report; /* the anchor is a sender report: on the sender's clock */
    uint32_t anchor_rtp;
    int64_t anchor_us;
    PlayOffset own; /* before the first report */
} PlayStream;

typedef struct PlayClock {
    PlayStream streams[PLAY_CLOCK_STREAMS];
    PlayOffset common;
} PlayClock;

void play_clock_init(PlayClock *clock, const uint32_t clock_hz[PLAY_CLOCK_STREAMS]);
/* A sender report: this RTP timestamp was this NTP time. */
void play_clock_on_report(PlayClock *clock, int stream, uint64_t ntp, uint32_t rtp_timestamp);
/* A packet came; returns when its content is due (before any playout delay). */
int64_t play_clock_on_packet(PlayClock *clock, int stream, uint32_t rtp_timestamp,
                             int64_t arrival_us);
