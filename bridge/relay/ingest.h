/* Puts one sender's video packets into order: passes them through while nothing is missing, holds
 * those behind a gap in a bounded window, says which sequence numbers to ask for again and when to
 * give up. Owned by the uplink, on the main loop. No allocation after ingest_new. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/relay/pool.h"

typedef struct Ingest Ingest;

typedef struct IngestPacket {
    uint16_t seq;
    uint32_t timestamp;
    bool marker;
    int64_t arrival_us;
    const uint8_t *payload; /* at most LIMIT_DATAGRAM_BYTES */
    size_t size;
} IngestPacket;

typedef enum IngestVerdict {
    INGEST_DELIVER,   /* it is the next one: pass it on, then ingest_pop until false */
    INGEST_HELD,      /* something before it is missing */
    INGEST_DUPLICATE, /* it is held already */
    INGEST_LATE,      /* passed on or given up before */
    INGEST_RESTART, /* far ahead: what was held is lost; pass this one on; a key frame is needed */
} IngestVerdict;

/* Borrows the pool; the buffers that are held belong to it. */
Ingest *ingest_new(Pool *pool);
void ingest_free(Ingest *ingest);
/* Another stream begins. */
void ingest_reset(Ingest *ingest);

IngestVerdict ingest_push(Ingest *ingest, const IngestPacket *packet);
/* The next packet that is in order; its payload is readable until the next push. */
bool ingest_pop(Ingest *ingest, IngestPacket *ret_packet);

bool ingest_has_gap(const Ingest *ingest);
/* The missing numbers that are due to be asked for, ascending, at most `capacity`; counts them as
 * asked. Each is asked for at most LIMIT_NACK_TRIES times, once per round trip. */
size_t ingest_take_nacks(Ingest *ingest, int64_t now_us, int64_t rtt_us, uint16_t *ret_seqs,
                         size_t capacity);
/* Gives up missing packets that will not come in time; returns how many. Then ingest_pop. */
size_t ingest_expire(Ingest *ingest, int64_t now_us, int64_t rtt_us);
