#include "endpoints/device/playclock.h"

#include <glib.h>

#include "bridge/base/clock.h"

void play_clock_init(PlayClock *clock, const uint32_t clock_hz[PLAY_CLOCK_STREAMS])
{
    *clock = (PlayClock){0};
    for (int i = 0; i < PLAY_CLOCK_STREAMS; i++) {
        clock->streams[i].clock_hz = clock_hz[i];
    }
}

static int64_t ntp_us(uint64_t ntp)
{
    int64_t seconds = (int64_t)(ntp >> 32);
    return seconds * CLOCK_US_PER_S +
           (int64_t)(((ntp & 0xffffffff) * (uint64_t)CLOCK_US_PER_S) >> 32);
}

void play_clock_on_report(PlayClock *clock, int stream, uint64_t ntp, uint32_t rtp_timestamp)
{
    PlayStream *one = &clock->streams[stream];
    one->has_anchor = true;
    one->has_report = true;
    one->anchor_rtp = rtp_timestamp;
    one->anchor_us = ntp_us(ntp);
}

static int64_t sender_time_us(const PlayStream *stream, uint32_t rtp_timestamp)
{
    int32_t ticks = (int32_t)(rtp_timestamp - stream->anchor_rtp);
    return stream->anchor_us + (int64_t)ticks * CLOCK_US_PER_S / stream->clock_hz;
}

static void begin_window(PlayOffset *offset, int64_t delay_us, int64_t now_us)
{
    offset->least_before_us = offset->least_us;
    offset->least_us = delay_us;
    offset->window_since_us = now_us;
}

static int64_t follow(PlayOffset *offset, int64_t delay_us, int64_t now_us)
{
    if (!offset->is_known) {
        *offset = (PlayOffset){
            .is_known = true,
            .current_us = delay_us,
            .least_us = delay_us,
            .least_before_us = delay_us,
            .window_since_us = now_us,
            .moved_at_us = now_us,
        };
        return delay_us;
    }
    if (now_us - offset->window_since_us > PLAY_CLOCK_WINDOW_US) {
        begin_window(offset, delay_us, now_us);
    }
    offset->least_us = MIN(offset->least_us, delay_us);
    int64_t wanted_us = MIN(offset->least_us, offset->least_before_us);
    int64_t off_us = wanted_us - offset->current_us;
    int64_t step_us = MAX(now_us - offset->moved_at_us, 0) / PLAY_CLOCK_SLEW_DIVISOR;
    if (ABS(off_us) > PLAY_CLOCK_WRONG_US) {
        offset->current_us = wanted_us;
    } else {
        offset->current_us += CLAMP(off_us, -step_us, step_us);
    }
    offset->moved_at_us = now_us;
    return offset->current_us;
}

int64_t play_clock_on_packet(PlayClock *clock, int stream, uint32_t rtp_timestamp,
                             int64_t arrival_us)
{
    PlayStream *one = &clock->streams[stream];
    if (!one->has_anchor) {
        one->has_anchor = true;
        one->anchor_rtp = rtp_timestamp;
        one->anchor_us = arrival_us;
    }
    int64_t sender_us = sender_time_us(one, rtp_timestamp);
    PlayOffset *offset = one->has_report ? &clock->common : &one->own;
    return sender_us + follow(offset, arrival_us - sender_us, arrival_us);
}
