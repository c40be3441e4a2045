/* One socket carries four protocols; the first bytes tell which (RFC 7983, RFC 5761). Plain
 * values. Any thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>

typedef enum DemuxKind {
    DEMUX_STUN,
    DEMUX_DTLS,
    DEMUX_RTP,
    DEMUX_RTCP,
    DEMUX_UNKNOWN,
} DemuxKind;

DemuxKind demux_kind(const uint8_t *bytes, size_t size);
