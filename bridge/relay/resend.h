/* Answers a receiver's NACKs: as RTX on its own SSRC and sequence line (RFC 4588) from the rung's
 * history, or, for a receiver without RTX, with the very bytes that were sent. A sequence number
 * that was sent is never protected again with other bytes. The same packet is answered once per
 * round trip, and all answers together take at most a share of the stream. Owned by the downlink.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/base/limits.h"

#define RESEND_MEMORY 128
/* Answers may use this share of what the stream itself uses, and at least the minimum. */
#define RESEND_SHARE 0.25
#define RESEND_MIN_BPS 100000.0

typedef struct Resend {
    struct {
        uint16_t seq;
        int64_t sent_us;     /* 0: free */
    } memory[RESEND_MEMORY]; /* by seq modulo its size */
    double allowance_bytes;
    int64_t refilled_us;
} Resend;

/* May `seq`, of about `size` bytes, be sent again now? Then it counts as sent. */
bool resend_take(Resend *resend, uint16_t seq, size_t size, int64_t now_us, int64_t rtt_us,
                 double stream_bps);

/* Datagrams as they were sent, the newest SENT_RING_PACKETS, by sequence number. */
#define SENT_RING_PACKETS 128
typedef struct SentRing SentRing;

SentRing *sent_ring_new(void);
void sent_ring_free(SentRing *ring);
void sent_ring_put(SentRing *ring, uint16_t seq, const uint8_t *bytes, size_t size);
/* NULL when it is no longer kept. */
const uint8_t *sent_ring_find(const SentRing *ring, uint16_t seq, size_t *ret_size);
