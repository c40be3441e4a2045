#include "endpoints/device/inorder.h"

#include <glib.h>
#include <string.h>

#include "bridge/base/limits.h"
#include "bridge/rtc/rtp.h"

typedef enum SlotState {
    SLOT_EMPTY, /* beyond the newest packet */
    SLOT_MISSING,
    SLOT_HELD,
} SlotState;

typedef struct Slot {
    SlotState state;
    int64_t missing_since_us;
    int64_t ask_at_us;
    uint16_t seq;
    bool marker;
    uint32_t timestamp;
    uint16_t size;
    uint8_t payload[LIMIT_DATAGRAM_BYTES];
} Slot;

struct InOrder {
    int64_t patience_us;
    InOrderFunc deliver;
    void *data;
    RtpUnwrapper unwrapper;
    bool is_started;
    bool after_loss;
    uint64_t next; /* to be delivered */
    uint64_t end;  /* one after the newest that came */
    Slot slots[IN_ORDER_PACKETS];
};

InOrder *in_order_new(int64_t patience_us, InOrderFunc deliver, void *data)
{
    InOrder *order = g_new0(InOrder, 1);
    order->patience_us = patience_us;
    order->deliver = deliver;
    order->data = data;
    return order;
}

void in_order_free(InOrder *order)
{
    g_free(order);
}

static Slot *slot_of(InOrder *order, uint64_t index)
{
    return &order->slots[index % IN_ORDER_PACKETS];
}

static void hand_out(InOrder *order, InOrderPacket packet)
{
    packet.after_loss = order->after_loss;
    order->after_loss = false;
    order->deliver(&packet, order->data);
}

static void hand_out_slot(InOrder *order, Slot *slot)
{
    slot->state = SLOT_EMPTY;
    hand_out(order, (InOrderPacket){
                        .seq = slot->seq,
                        .marker = slot->marker,
                        .timestamp = slot->timestamp,
                        .payload = slot->payload,
                        .size = slot->size,
                    });
}

static void drain(InOrder *order)
{
    while (order->next < order->end && slot_of(order, order->next)->state == SLOT_HELD) {
        hand_out_slot(order, slot_of(order, order->next++));
    }
}

/* Whatever lies before `index` is delivered or given up. */
static void advance_to(InOrder *order, uint64_t index)
{
    while (order->next < index && order->next < order->end) {
        Slot *slot = slot_of(order, order->next++);
        if (slot->state == SLOT_HELD) {
            hand_out_slot(order, slot);
        } else {
            slot->state = SLOT_EMPTY;
            order->after_loss = true;
        }
    }
    if (order->next < index) {
        order->next = index;
        order->end = index;
        order->after_loss = true;
    }
}

static void mark_missing(InOrder *order, uint64_t index, int64_t now_us)
{
    for (; order->end < index; order->end++) {
        Slot *slot = slot_of(order, order->end);
        slot->state = SLOT_MISSING;
        slot->seq = (uint16_t)order->end;
        slot->missing_since_us = now_us;
        slot->ask_at_us = now_us + IN_ORDER_TOLERANCE_US;
    }
}

static void hold(InOrder *order, uint64_t index, const InOrderPacket *packet)
{
    Slot *slot = slot_of(order, index);
    slot->state = SLOT_HELD;
    slot->seq = packet->seq;
    slot->marker = packet->marker;
    slot->timestamp = packet->timestamp;
    slot->size = (uint16_t)packet->size;
    memcpy(slot->payload, packet->payload, packet->size);
}

bool in_order_push(InOrder *order, const InOrderPacket *packet, int64_t now_us)
{
    if (packet->size > LIMIT_DATAGRAM_BYTES) {
        return false;
    }
    uint64_t index = rtp_unwrap(&order->unwrapper, packet->seq);
    if (!order->is_started) {
        order->is_started = true;
        order->next = order->end = index;
    }
    if (index < order->next || (index < order->end && slot_of(order, index)->state == SLOT_HELD)) {
        return false;
    }
    if (index >= order->next + IN_ORDER_PACKETS) {
        advance_to(order, index - IN_ORDER_PACKETS + 1);
        drain(order);
    }
    mark_missing(order, index, now_us);
    order->end = MAX(order->end, index + 1);
    if (index == order->next) {
        slot_of(order, index)->state = SLOT_EMPTY;
        order->next++;
        hand_out(order, *packet);
        drain(order);
    } else {
        hold(order, index, packet);
    }
    return true;
}

void in_order_expire(InOrder *order, int64_t now_us)
{
    while (order->next < order->end) {
        Slot *slot = slot_of(order, order->next);
        if (slot->state == SLOT_MISSING && now_us - slot->missing_since_us < order->patience_us) {
            return;
        }
        advance_to(order, order->next + 1);
    }
}

size_t in_order_take_missing(InOrder *order, int64_t now_us, uint16_t *ret_seqs, size_t capacity)
{
    size_t count = 0;
    for (uint64_t index = order->next; index < order->end && count < capacity; index++) {
        Slot *slot = slot_of(order, index);
        if (slot->state == SLOT_MISSING && slot->ask_at_us <= now_us) {
            slot->ask_at_us = now_us + IN_ORDER_ASK_AGAIN_US;
            ret_seqs[count++] = slot->seq;
        }
    }
    return count;
}

int64_t in_order_deadline_us(const InOrder *order)
{
    int64_t deadline_us = -1;
    for (uint64_t index = order->next; index < order->end; index++) {
        const Slot *slot = &order->slots[index % IN_ORDER_PACKETS];
        if (slot->state == SLOT_MISSING) {
            int64_t due_us = MIN(slot->ask_at_us, slot->missing_since_us + order->patience_us);
            deadline_us = deadline_us < 0 ? due_us : MIN(deadline_us, due_us);
        }
    }
    return deadline_us;
}
