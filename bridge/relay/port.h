/* The one UDP socket everybody speaks to: dual-stack (plain IPv4 where the system has no IPv6),
 * read in batches, written through its outbox. Owned by the relay, on the main loop. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/relay/address.h"
#include "bridge/relay/counters.h"
#include "bridge/relay/outbox.h"

typedef struct Port Port;

/* `bytes` (of `size`) may be changed in place; they are gone after the call. */
typedef void (*PortReceiveFunc)(uint8_t *bytes, size_t size, const Tuple *from, void *data);

typedef struct PortOptions {
    uint16_t number; /* 0: any free one */
    Counters *counters;
    PortReceiveFunc on_datagram;
    void *data;
} PortOptions;

/* NULL and an error (G_FILE_ERROR) that says what to do. */
Port *port_open(const PortOptions *options, GError **error);
void port_close(Port *port);

uint16_t port_number(const Port *port);
/* For packets that are built in place; whoever adds to it flushes it before returning to the loop.
 */
Outbox *port_outbox(Port *port);
/* Sends one datagram (a copy) at once, after what is queued. */
void port_send(Port *port, const Tuple *to, const uint8_t *bytes, size_t size);
