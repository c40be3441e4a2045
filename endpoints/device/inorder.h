/* Puts the packets of one RTP stream back into order: a packet that is missing is waited for, asked
 * for again (RFC 4585 NACK) and at last given up. Memory is fixed. Owned by a receiver; lives on
 * the main loop. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct InOrder InOrder;

/* Packets between the oldest missing one and the newest; more means that the gap is given up. */
#define IN_ORDER_PACKETS 256
/* Networks swap neighbours: a packet is asked for only when it is missing for so long. */
#define IN_ORDER_TOLERANCE_US INT64_C(8000)
#define IN_ORDER_ASK_AGAIN_US INT64_C(50000)

typedef struct InOrderPacket {
    uint16_t seq;
    bool marker;
    bool after_loss; /* one or more packets before this one were given up */
    uint32_t timestamp;
    const uint8_t *payload;
    size_t size; /* may be 0: padding */
} InOrderPacket;

typedef void (*InOrderFunc)(const InOrderPacket *packet, void *data);

/* `deliver` is called from within push and expire, in order. */
InOrder *in_order_new(int64_t patience_us, InOrderFunc deliver, void *data);
void in_order_free(InOrder *order);

/* `packet` (after_loss is ignored) is copied if it has to wait. False when it is a duplicate, comes
 * too late or is too long. */
bool in_order_push(InOrder *order, const InOrderPacket *packet, int64_t now_us);
/* Gives up what has been waited for too long. */
void in_order_expire(InOrder *order, int64_t now_us);
/* The packets to be asked for now; counts as asked. */
size_t in_order_take_missing(InOrder *order, int64_t now_us, uint16_t *ret_seqs, size_t capacity);
/* When one of the two has something to do; -1: nothing is missing. */
int64_t in_order_deadline_us(const InOrder *order);
