#include "bridge/relay/rung.h"

#include <glib.h>
#include <string.h>

#include "bridge/base/clock.h"
#include "bridge/relay/pacer.h"

/* Without an end of frame for so long, what there is counts as a frame. */
#define RUNG_FRAME_PACKETS_MAX (LIMIT_HISTORY_PACKETS / 2)
/* Without a packet for so long it is not encoded; its rate is known this long after it began. */
#define RUNG_IDLE_US CLOCK_US_PER_S
#define RUNG_MEASURE_US CLOCK_US_PER_S
/* The largest hole, and the oldest packet, that is believed: less than the history keeps. */
#define RUNG_HOLE_MAX (LIMIT_HISTORY_PACKETS / 4)
/* Timelines of one rung; those of different rungs are different. */
#define RUNG_TIMELINES (UINT32_MAX / LIMIT_RUNGS)

struct Rung {
    uint16_t id;
    VideoCodec codec;
    History *history;
    bool is_started; /* by this encoder */
    uint16_t last_seq;
    uint64_t end;         /* one past the newest packet */
    uint64_t complete;    /* one past the newest complete frame */
    uint64_t limit;       /* one past what may be sent */
    size_t waiting_bytes; /* between limit and complete */
    size_t frame_bytes;   /* between complete and end */
    uint32_t timeline;
    int64_t fed_since_us;
    int64_t fed_us;
    Pacer pacer;
    KeyframeGovernor governor;
};

Rung *rung_new(uint16_t id, VideoCodec codec)
{
    Rung *rung = g_new0(Rung, 1);
    rung->id = id;
    rung->codec = codec;
    rung->timeline = id * RUNG_TIMELINES;
    rung->history = history_new();
    rung->end = rung->complete = rung->limit = 1;
    return rung;
}

void rung_free(Rung *rung)
{
    if (rung != NULL) {
        history_free(rung->history);
        g_free(rung);
    }
}

uint16_t rung_id(const Rung *rung)
{
    return rung->id;
}

VideoCodec rung_codec(const Rung *rung)
{
    return rung->codec;
}

void rung_restart(Rung *rung)
{
    for (uint64_t i = rung->complete; i < rung->end; i++) {
        history_put(rung->history, i)->index = 0;
    }
    rung->end = rung->complete;
    rung->frame_bytes = 0;
    rung->is_started = false;
    rung->timeline++;
}

static void complete_frame(Rung *rung)
{
    rung->waiting_bytes += rung->frame_bytes;
    rung->frame_bytes = 0;
    rung->complete = rung->end;
}

/* How many numbers behind the newest packet this one is; the first of an encoder is the next one. A
 * number far away is that of another encoder, which begins anew: it must never become a hole that
 * somebody walks through. */
static int step_of(Rung *rung, uint16_t seq)
{
    if (!rung->is_started) {
        return 1;
    }
    int step = (int16_t)(seq - rung->last_seq);
    if (step > RUNG_HOLE_MAX || step < -RUNG_HOLE_MAX) {
        rung_restart(rung);
        return 1;
    }
    return step;
}

static void note_feeding(Rung *rung, int64_t time_us)
{
    if (time_us - rung->fed_us >= RUNG_IDLE_US) {
        rung->fed_since_us = time_us;
    }
    rung->fed_us = time_us;
}

bool rung_on_packet(Rung *rung, const RtpPacket *packet, bool ends_frame, int64_t time_us)
{
    if (packet->payload_size > LIMIT_RTP_BYTES || packet->payload_size == 0) {
        return false;
    }
    int step = step_of(rung, packet->seq);
    if (step <= 0) {
        return false;
    }
    uint64_t index = rung->end + (uint64_t)step - 1;
    rung->is_started = true;
    rung->last_seq = packet->seq;
    HistoryPacket *kept = history_put(rung->history, index);
    kept->timestamp = packet->timestamp;
    kept->timeline = rung->timeline;
    kept->time_us = time_us;
    kept->marker = packet->marker;
    kept->starts_keyframe =
        videocodec_starts_keyframe(rung->codec, packet->payload, packet->payload_size);
    kept->size = (uint16_t)packet->payload_size;
    memcpy(kept->payload, packet->payload, packet->payload_size);
    note_feeding(rung, time_us);
    rung->end = index + 1;
    rung->frame_bytes += packet->payload_size;
    if (kept->starts_keyframe) {
        keyframe_on_arrival(&rung->governor);
    }
    if (ends_frame || rung->end - rung->complete >= RUNG_FRAME_PACKETS_MAX) {
        complete_frame(rung);
    }
    return true;
}

bool rung_pace(Rung *rung, int64_t now_us, uint64_t *paced)
{
    pacer_refill(&rung->pacer, rung->waiting_bytes, now_us);
    while (rung->limit < rung->complete) {
        const HistoryPacket *packet = history_find(rung->history, rung->limit);
        size_t size = packet == NULL ? 0 : packet->size;
        if (!pacer_take(&rung->pacer, size)) {
            *paced += rung->complete - rung->limit;
            return true;
        }
        rung->waiting_bytes -= MIN(size, rung->waiting_bytes);
        rung->limit++;
    }
    rung->waiting_bytes = 0;
    return false;
}

uint64_t rung_limit(const Rung *rung)
{
    return rung->limit;
}

const HistoryPacket *rung_find(const Rung *rung, uint64_t index)
{
    return history_find(rung->history, index);
}

double rung_rate_bps(const Rung *rung, int64_t now_us)
{
    bool is_known =
        now_us - rung->fed_us < RUNG_IDLE_US && now_us - rung->fed_since_us >= RUNG_MEASURE_US;
    return is_known ? pacer_rate_bps(&rung->pacer) : 0;
}

KeyframeGovernor *rung_governor(Rung *rung)
{
    return &rung->governor;
}
