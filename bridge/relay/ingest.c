#include "bridge/relay/ingest.h"

#include <glib.h>
#include <string.h>

#include "bridge/base/limits.h"
#include "bridge/rtc/rtp.h"

/* A packet that is merely out of order needs no request. */
#define INGEST_REORDER_US INT64_C(10000)
#define INGEST_RTT_MIN_US INT64_C(20000)
/* How long a picture may wait for one packet: some round trips, within these bounds. */
#define INGEST_WAIT_MIN_US INT64_C(100000)
#define INGEST_WAIT_MAX_US INT64_C(400000)
#define INGEST_WAIT_RTTS 4

typedef struct Slot {
    bool is_missing;
    uint8_t tries;
    bool marker;
    int buffer; /* POOL_NONE: nothing held */
    uint16_t size;
    uint32_t timestamp;
    int64_t since_us; /* arrival, or when it was found missing */
    int64_t ask_us;
} Slot;

struct Ingest {
    Pool *pool;
    RtpUnwrapper unwrapper;
    uint64_t next; /* the first number that was not passed on */
    uint64_t end;  /* one past the highest that came */
    Slot slots[LIMIT_INGEST_WINDOW];
};

Ingest *ingest_new(Pool *pool)
{
    Ingest *ingest = g_new0(Ingest, 1);
    ingest->pool = pool;
    for (size_t i = 0; i < LIMIT_INGEST_WINDOW; i++) {
        ingest->slots[i].buffer = POOL_NONE;
    }
    return ingest;
}

void ingest_free(Ingest *ingest)
{
    if (ingest != NULL) {
        ingest_reset(ingest);
        g_free(ingest);
    }
}

static Slot *slot_of(Ingest *ingest, uint64_t index)
{
    return &ingest->slots[index % LIMIT_INGEST_WINDOW];
}

static void clear_slot(Ingest *ingest, Slot *slot)
{
    if (slot->buffer != POOL_NONE) {
        pool_return(ingest->pool, slot->buffer);
    }
    *slot = (Slot){.buffer = POOL_NONE};
}

void ingest_reset(Ingest *ingest)
{
    for (size_t i = 0; i < LIMIT_INGEST_WINDOW; i++) {
        clear_slot(ingest, &ingest->slots[i]);
    }
    ingest->unwrapper = (RtpUnwrapper){0};
    ingest->next = ingest->end = 0;
}

static void restart_after(Ingest *ingest, uint64_t index)
{
    for (uint64_t i = ingest->next; i < ingest->end; i++) {
        clear_slot(ingest, slot_of(ingest, i));
    }
    ingest->next = ingest->end = index + 1;
}

static void mark_missing(Ingest *ingest, uint64_t until, int64_t now_us)
{
    for (uint64_t i = ingest->end; i < until; i++) {
        *slot_of(ingest, i) = (Slot){
            .is_missing = true,
            .buffer = POOL_NONE,
            .since_us = now_us,
            .ask_us = now_us + INGEST_REORDER_US,
        };
    }
}

static bool hold(Ingest *ingest, uint64_t index, const IngestPacket *packet)
{
    int buffer = pool_take(ingest->pool);
    if (buffer == POOL_NONE) {
        return false;
    }
    memcpy(pool_bytes(ingest->pool, buffer), packet->payload, packet->size);
    *slot_of(ingest, index) = (Slot){
        .buffer = buffer,
        .size = (uint16_t)packet->size,
        .marker = packet->marker,
        .timestamp = packet->timestamp,
        .since_us = packet->arrival_us,
    };
    return true;
}

static IngestVerdict pass(Ingest *ingest, uint64_t index)
{
    clear_slot(ingest, slot_of(ingest, index));
    ingest->next = index + 1;
    ingest->end = MAX(ingest->end, ingest->next);
    return INGEST_DELIVER;
}

IngestVerdict ingest_push(Ingest *ingest, const IngestPacket *packet)
{
    bool is_first = !ingest->unwrapper.started;
    uint64_t index = rtp_unwrap(&ingest->unwrapper, packet->seq);
    if (is_first || index == ingest->next) {
        return pass(ingest, index);
    }
    if (index < ingest->next) {
        return INGEST_LATE;
    }
    if (index - ingest->next >= LIMIT_INGEST_WINDOW) {
        restart_after(ingest, index);
        return INGEST_RESTART;
    }
    if (index < ingest->end && !slot_of(ingest, index)->is_missing) {
        return INGEST_DUPLICATE;
    }
    mark_missing(ingest, index, packet->arrival_us);
    if (!hold(ingest, index, packet)) {
        restart_after(ingest, index);
        return INGEST_RESTART;
    }
    ingest->end = MAX(ingest->end, index + 1);
    return INGEST_HELD;
}

bool ingest_pop(Ingest *ingest, IngestPacket *ret_packet)
{
    Slot *slot = slot_of(ingest, ingest->next);
    if (ingest->next >= ingest->end || slot->buffer == POOL_NONE) {
        return false;
    }
    *ret_packet = (IngestPacket){
        .seq = (uint16_t)ingest->next,
        .timestamp = slot->timestamp,
        .marker = slot->marker,
        .arrival_us = slot->since_us,
        .payload = pool_bytes(ingest->pool, slot->buffer),
        .size = slot->size,
    };
    clear_slot(ingest, slot);
    ingest->next++;
    return true;
}

bool ingest_has_gap(const Ingest *ingest)
{
    return ingest->next < ingest->end;
}

size_t ingest_take_nacks(Ingest *ingest, int64_t now_us, int64_t rtt_us, uint16_t *ret_seqs,
                         size_t capacity)
{
    size_t count = 0;
    int64_t pause_us = MAX(rtt_us, INGEST_RTT_MIN_US);
    for (uint64_t i = ingest->next; i < ingest->end && count < capacity; i++) {
        Slot *slot = slot_of(ingest, i);
        if (!slot->is_missing || slot->tries == LIMIT_NACK_TRIES || now_us < slot->ask_us) {
            continue;
        }
        slot->tries++;
        slot->ask_us = now_us + pause_us;
        ret_seqs[count++] = (uint16_t)i;
    }
    return count;
}

static bool is_hopeless(const Slot *slot, int64_t now_us, int64_t wait_us)
{
    bool is_asked_out = slot->tries == LIMIT_NACK_TRIES && now_us >= slot->ask_us;
    return slot->is_missing && (is_asked_out || now_us - slot->since_us >= wait_us);
}

size_t ingest_expire(Ingest *ingest, int64_t now_us, int64_t rtt_us)
{
    int64_t wait_us = CLAMP(rtt_us * INGEST_WAIT_RTTS, INGEST_WAIT_MIN_US, INGEST_WAIT_MAX_US);
    size_t lost = 0;
    while (ingest->next < ingest->end &&
           is_hopeless(slot_of(ingest, ingest->next), now_us, wait_us)) {
        clear_slot(ingest, slot_of(ingest, ingest->next));
        ingest->next++;
        lost++;
    }
    return lost;
}
