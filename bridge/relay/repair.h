/* Sends packets of a picture to one receiver again: those it misses (NACK), and, to find out what
 * its link carries, some that it has. As RTX on its own SSRC and sequence line (RFC 4588) from the
 * rung's history, or, for a receiver without RTX, the very bytes that were sent. Owned by the
 * downlink, on the main loop; adds to the transport's outbox and leaves the flush to the caller. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/relay/counters.h"
#include "bridge/relay/outstream.h"
#include "bridge/relay/resend.h"
#include "bridge/relay/rung.h"
#include "bridge/relay/transport.h"
#include "bridge/rtc/sdp.h"

typedef struct Repair {
    Counters *counters;
    bool has_rtx;
    OutHead rtx_head;
    uint32_t rtx_ssrc;
    uint16_t rtx_seq;
    Resend resend;
    SentRing *sent; /* NULL: nothing is kept */
    double probe_debt_bytes;
} Repair;

/* What is missing of a stream, and what it is a stream of. */
typedef struct RepairStream {
    const OutStream *stream;
    const Rung *rung; /* NULL: none now */
    Transport *transport;
    int64_t rtt_us;
} RepairStream;

/* For a receiver of `media`. */
void repair_init(Repair *repair, const SdpMedia *media, bool may_keep_sent, Counters *counters);
void repair_clear(Repair *repair);
/* A datagram of the stream as it was sent. */
void repair_keep(Repair *repair, uint16_t seq, const uint8_t *bytes, size_t size);
/* Answers a NACK of one number; returns the bytes sent. */
size_t repair_answer(Repair *repair, const RepairStream *of, uint16_t seq, int64_t now_us);
/* Adds to a frame of `frame_bytes` this share of packets that are not missing; needs RTX. Returns
 * the bytes sent. */
size_t repair_probe(Repair *repair, const RepairStream *of, size_t frame_bytes, double share,
                    int64_t now_us);
