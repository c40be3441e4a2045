#include "bridge/mixer/voicedelay.h"

#include <glib.h>
#include <string.h>

#define WINDOW_US (5 * G_USEC_PER_SEC)
#define BUCKET_US 5000
/* Share of the packets that must be on time. */
#define COVERED 0.98F
/* Packets that the shares remember: 6 s of 20 ms frames. */
#define MEMORY_PACKETS 300
/* Between two ticks of the sound thread and its mailbox. */
#define MARGIN_US 5000
/* How fast the wait falls back after a packet that was late: microseconds a second. */
#define LATE_FADE_US_PER_S 10000
#define LOSS_MEMORY_FRAMES 200
#define LOSS_NOTABLE 0.01F

/* 48 kHz: 125/6 us a sample. */
static int64_t samples_to_us(int64_t samples)
{
    return samples * 125 / 6;
}

void voice_delay_reset(VoiceDelay *delay)
{
    memset(delay, 0, sizeof *delay);
    delay->frame_us = 20000;
}

static void remember(VoiceDelay *delay, int64_t excess_us)
{
    int64_t bucket = excess_us / BUCKET_US;
    if (delay->packets < MEMORY_PACKETS) {
        delay->packets++;
    }
    float weight = 1.0F / (float)delay->packets;
    for (int i = 0; i < VOICE_DELAY_BUCKETS; i++) {
        delay->share[i] *= 1.0F - weight;
    }
    delay->share[bucket] += weight;
}

static void follow_least_transit(VoiceDelay *delay, int64_t transit_us, int64_t arrival_us)
{
    if (!delay->started) {
        delay->started = true;
        delay->transit_min_us = transit_us;
        delay->window_min_us = transit_us;
        delay->window_start_us = arrival_us;
    }
    if (arrival_us - delay->window_start_us > WINDOW_US) {
        delay->transit_min_us = delay->window_min_us;
        delay->window_min_us = transit_us;
        delay->window_start_us = arrival_us;
    }
    delay->window_min_us = MIN(delay->window_min_us, transit_us);
    delay->transit_min_us = MIN(delay->transit_min_us, transit_us);
}

int64_t voice_delay_on_packet(VoiceDelay *delay, int64_t rtp_ts, int64_t arrival_us)
{
    int64_t transit_us = arrival_us - samples_to_us(rtp_ts);
    follow_least_transit(delay, transit_us, arrival_us);
    delay->now_us = arrival_us;
    int64_t excess_us = transit_us - delay->transit_min_us;
    /* After a jam longer than any wait we allow, waiting is no remedy. */
    if (excess_us <= VOICE_DELAY_MAX_US) {
        remember(delay, excess_us);
    }
    return excess_us;
}

static int64_t faded_late_us(const VoiceDelay *delay)
{
    int64_t age_us = delay->now_us - delay->late_at_us;
    return delay->late_us - age_us * LATE_FADE_US_PER_S / G_USEC_PER_SEC;
}

void voice_delay_on_late(VoiceDelay *delay, int64_t excess_us)
{
    if (excess_us <= VOICE_DELAY_MAX_US && excess_us > faded_late_us(delay)) {
        delay->late_us = excess_us;
        delay->late_at_us = delay->now_us;
    }
}

void voice_delay_on_frame(VoiceDelay *delay, bool lost, int64_t frame_us)
{
    delay->loss += ((lost ? 1.0F : 0.0F) - delay->loss) / LOSS_MEMORY_FRAMES;
    delay->frame_us = frame_us;
}

int64_t voice_delay_arrival_us(const VoiceDelay *delay, int64_t rtp_ts)
{
    return delay->transit_min_us + samples_to_us(rtp_ts);
}

int64_t voice_delay_rtp_ts(const VoiceDelay *delay, int64_t arrival_us)
{
    return (arrival_us - delay->transit_min_us) * 6 / 125;
}

static int64_t covering_us(const VoiceDelay *delay)
{
    float covered = 0;
    int bucket = 0;
    while (bucket < VOICE_DELAY_BUCKETS - 1) {
        covered += delay->share[bucket];
        if (covered >= COVERED) {
            break;
        }
        bucket++;
    }
    return (int64_t)(bucket + 1) * BUCKET_US;
}

int64_t voice_delay_target_us(const VoiceDelay *delay)
{
    int64_t wait_us = covering_us(delay);
    if (delay->loss > LOSS_NOTABLE) {
        wait_us += delay->frame_us;
    }
    wait_us = MAX(wait_us, faded_late_us(delay)) + MARGIN_US;
    return CLAMP(wait_us, VOICE_DELAY_MIN_US, VOICE_DELAY_MAX_US);
}
