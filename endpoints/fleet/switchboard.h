/* The UDP sockets of all simulated sites. The relay knows a site by its address, so each has a
 * socket of its own, a Line; the Switchboard reads them all in one go whenever it is polled, a few
 * hundred times a second, which costs far less than waking up for each datagram. Arrival times are
 * the kernel's, so that the pace of polling does not show in what is measured. Lives on the main
 * loop. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/rtc/sdp.h"

typedef struct Switchboard Switchboard;
typedef struct Line Line;

typedef struct LineDatagram {
    uint8_t *bytes; /* may be changed in place; aligned for SRTP */
    size_t size;    /* at most LIMIT_DATAGRAM_BYTES */
    int64_t arrival_us;
} LineDatagram;

/* The line may be closed within the call. */
typedef void (*LineFunc)(const LineDatagram *datagram, void *data);

Switchboard *switchboard_new(GError **error);
/* After all its lines. */
void switchboard_free(Switchboard *board);
/* Hands out everything that has arrived, within a bound, and returns. */
void switchboard_poll(Switchboard *board);

Line *line_open(Switchboard *board, LineFunc call, void *data, GError **error);
void line_close(Line *line);
/* Where it listens. */
uint16_t line_port(const Line *line);
/* From now on the kernel hands over each datagram by itself, as a network card would: the sender of
 * a segmented one pays for taking it apart. */
void line_take_singly(Line *line);
/* To an address of the other side, before one is chosen. */
void line_send_to(Line *line, const SdpCandidate *to, const uint8_t *bytes, size_t size);
/* From now on everything goes there, and nothing comes from anywhere else. */
bool line_connect(Line *line, const SdpCandidate *to);
/* False when the datagram was dropped: full, or not connected. */
bool line_send(Line *line, const uint8_t *bytes, size_t size);
/* Datagrams so far that the kernel dropped because the line was not read in time. */
uint32_t line_unread(const Line *line);
