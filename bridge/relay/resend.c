#include "bridge/relay/resend.h"

#include <glib.h>
#include <string.h>

#include "bridge/base/clock.h"

#define RESEND_RTT_MIN_US INT64_C(20000)
/* The allowance saved up over this time may be used at once. */
#define RESEND_BURST_S 0.5

struct SentRing {
    struct {
        uint16_t seq;
        uint16_t size; /* 0: free */
        uint8_t bytes[LIMIT_DATAGRAM_BYTES];
    } packets[SENT_RING_PACKETS];
};

static void refill(Resend *resend, int64_t now_us, double stream_bps)
{
    double rate = MAX(stream_bps * RESEND_SHARE, RESEND_MIN_BPS) / 8;
    double elapsed_s = (double)(now_us - resend->refilled_us) / (double)CLOCK_US_PER_S;
    resend->allowance_bytes =
        MIN(resend->allowance_bytes + rate * elapsed_s, rate * RESEND_BURST_S);
    resend->refilled_us = now_us;
}

bool resend_take(Resend *resend, uint16_t seq, size_t size, int64_t now_us, int64_t rtt_us,
                 double stream_bps)
{
    size_t slot = seq % RESEND_MEMORY;
    bool is_known = resend->memory[slot].sent_us != 0 && resend->memory[slot].seq == seq;
    if (is_known && now_us - resend->memory[slot].sent_us < MAX(rtt_us, RESEND_RTT_MIN_US)) {
        return false;
    }
    refill(resend, now_us, stream_bps);
    if (resend->allowance_bytes < (double)size) {
        return false;
    }
    resend->allowance_bytes -= (double)size;
    resend->memory[slot].seq = seq;
    resend->memory[slot].sent_us = now_us;
    return true;
}

SentRing *sent_ring_new(void)
{
    return g_new0(SentRing, 1);
}

void sent_ring_free(SentRing *ring)
{
    g_free(ring);
}

void sent_ring_put(SentRing *ring, uint16_t seq, const uint8_t *bytes, size_t size)
{
    if (size > LIMIT_DATAGRAM_BYTES) {
        return;
    }
    size_t slot = seq % SENT_RING_PACKETS;
    ring->packets[slot].seq = seq;
    ring->packets[slot].size = (uint16_t)size;
    memcpy(ring->packets[slot].bytes, bytes, size);
}

const uint8_t *sent_ring_find(const SentRing *ring, uint16_t seq, size_t *ret_size)
{
    size_t slot = seq % SENT_RING_PACKETS;
    if (ring->packets[slot].size == 0 || ring->packets[slot].seq != seq) {
        return NULL;
    }
    *ret_size = ring->packets[slot].size;
    return ring->packets[slot].bytes;
}
