/* Datagrams on their way out: packets are built in place, runs of equally long ones to one receiver
 * leave as one UDP_SEGMENT message, and all messages together in one sendmmsg. When the system
 * refuses segmentation (EIO, EINVAL) packets leave one by one from then on. Nothing is ever waited
 * for: what the socket does not take is dropped and counted. Owned by the port, on its loop. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "bridge/base/limits.h"
#include "bridge/relay/address.h"
#include "bridge/relay/counters.h"
#include "bridge/rtc/srtp.h"

/* Room for one packet, its SRTP trailer included. */
#define OUTBOX_PACKET_BYTES ((LIMIT_DATAGRAM_BYTES + SRTP_TRAILER_BYTES_MAX + 15) / 16 * 16)

typedef struct Outbox Outbox;

/* Borrows the non-blocking UDP socket `fd` of `family` and the counters. */
Outbox *outbox_new(int fd, int family, Counters *counters);
void outbox_free(Outbox *outbox);

/* The packets added from now on go to this receiver. */
void outbox_start(Outbox *outbox, const Tuple *to);
/* Space for the next packet, OUTBOX_PACKET_BYTES long and 16-byte aligned; may send what is
 * queued. Stays free until it is added. */
uint8_t *outbox_reserve(Outbox *outbox);
/* The reserved packet is complete: `size` bytes, at least 1. */
void outbox_add(Outbox *outbox, size_t size);
void outbox_flush(Outbox *outbox);
