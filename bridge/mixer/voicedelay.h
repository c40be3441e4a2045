/* How long the packets of one voice should wait before they are played. Every packet's transit
 * (arrival minus sending time) is compared with the least transit of the last seconds, which moves
 * with the sender's clock; the wait covers all but the latest 2 % of what was seen, and more while
 * packets get lost, so that the successor with its in-band FEC is there in time. It grows at once
 * and shrinks slowly. Belongs to its voice, on the sound thread. Timestamps are unwrapped 48 kHz.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define VOICE_DELAY_START_US 40000
#define VOICE_DELAY_MIN_US 20000
#define VOICE_DELAY_MAX_US 200000
#define VOICE_DELAY_BUCKETS 41 /* of 5 ms */

typedef struct VoiceDelay {
    bool started;
    int64_t transit_min_us; /* Of the running window and the one before. */
    int64_t window_min_us;  /* Of the running window alone. */
    int64_t window_start_us;
    int64_t late_us;                  /* Excess of the latest packet that came too late... */
    int64_t late_at_us;               /* ...and when; fades with time. */
    int64_t now_us;                   /* The latest arrival. */
    uint32_t packets;                 /* Seen so far, up to where it matters. */
    float loss;                       /* Mean share of lost frames, 0 to 1. */
    int64_t frame_us;                 /* Length of a frame. */
    float share[VOICE_DELAY_BUCKETS]; /* Of packets by excess over the least transit. */
} VoiceDelay;

void voice_delay_reset(VoiceDelay *delay);
/* Returns the packet's excess over the least transit, never negative. */
int64_t voice_delay_on_packet(VoiceDelay *delay, int64_t rtp_ts, int64_t arrival_us);
/* A packet with this excess came too late to be played on time. */
void voice_delay_on_late(VoiceDelay *delay, int64_t excess_us);
void voice_delay_on_frame(VoiceDelay *delay, bool lost, int64_t frame_us);

/* When the sample with this timestamp arrives if nothing delays it. */
int64_t voice_delay_arrival_us(const VoiceDelay *delay, int64_t rtp_ts);
/* The inverse: the timestamp that arrives at this time. */
int64_t voice_delay_rtp_ts(const VoiceDelay *delay, int64_t arrival_us);
/* The wait that is wanted now, VOICE_DELAY_MIN_US to VOICE_DELAY_MAX_US. */
int64_t voice_delay_target_us(const VoiceDelay *delay);
