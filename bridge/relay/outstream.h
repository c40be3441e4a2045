/* One stream to one receiver: our own random SSRC, and sequence numbers and timestamps that go on
 * without a seam while what feeds it changes: another rung, another mix, a new mixer. Stamps the
 * header extensions mid and abs-send-time. Remembers which packets of which feed its latest
 * sequence numbers were, for retransmission. A plain value owned by the downlink. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/rtc/rtcp.h"
#include "bridge/rtc/sdp.h"

#define OUTSTREAM_HEAD_BYTES_MAX 64
#define OUTSTREAM_SPANS 8

/* A finished RTP header but for marker, sequence number, timestamp and send time. */
typedef struct OutHead {
    uint8_t bytes[OUTSTREAM_HEAD_BYTES_MAX];
    size_t size;
    size_t send_time_at; /* 0: no such extension */
} OutHead;

typedef struct OutHeadOptions {
    uint32_t ssrc;
    int payload_type;
    const char *mid;
    int ext_mid;           /* 0: none */
    int ext_abs_send_time; /* 0: none */
} OutHeadOptions;

/* A packet of a feed. */
typedef struct OutPacket {
    uint32_t feed;     /* indices of one feed belong together: a rung, or whose mix it is */
    uint64_t index;    /* grows by one from packet to packet; a hole is a lost packet */
    uint32_t timeline; /* timestamps of one timeline belong together */
    uint32_t timestamp;
    int64_t time_us; /* of the picture or sound */
    bool marker;
    const uint8_t *payload;
    size_t size;
} OutPacket;

/* A run of packets of one feed, on one timeline. */
typedef struct OutSpan {
    uint32_t feed;
    uint32_t timestamp_offset;
    uint64_t first_index;
    uint64_t last_index;
    uint16_t last_seq;
} OutSpan;

typedef struct OutStream {
    OutHead head;
    uint32_t ssrc;
    uint32_t clock_hz;
    uint32_t grid_ticks; /* timestamps advance in multiples of this over a seam */
    bool is_started;
    uint16_t seq; /* of the latest packet */
    uint32_t timestamp;
    int64_t time_us;
    uint32_t timeline;
    uint32_t timestamp_offset;
    size_t span_count;
    OutSpan spans[OUTSTREAM_SPANS]; /* newest first */
    uint32_t packets;
    uint32_t octets;
} OutStream;

bool outhead_init(OutHead *head, const OutHeadOptions *options);
/* With the extensions that `media` asks for. */
bool outhead_init_for(OutHead *head, const SdpMedia *media, uint32_t ssrc, int payload_type);
/* Writes header and payload; returns the size, 0 when it does not fit. */
size_t outhead_write(const OutHead *head, const OutPacket *packet, uint16_t seq, uint32_t timestamp,
                     uint8_t *bytes, size_t capacity);
void outhead_stamp(const OutHead *head, int64_t now_us, uint8_t *bytes);

/* Sequence numbers and timestamps begin at random; `head` and `ssrc` are for the caller to set. */
void outstream_init(OutStream *stream, uint32_t clock_hz, uint32_t grid_ticks);
/* The next packet for the receiver; 0 when it is not newer than the last one or does not fit. */
size_t outstream_write(OutStream *stream, const OutPacket *packet, int64_t now_us, uint8_t *bytes,
                       size_t capacity);
/* Which packet was sent with this number? NULL when it is too long ago or was never sent. */
const OutSpan *outstream_find(const OutStream *stream, uint16_t seq, uint64_t *ret_index);
/* For the sender report: the RTP time that belongs to now_us. False before the first packet. */
bool outstream_sender_info(const OutStream *stream, int64_t now_us, RtcpSenderInfo *ret_info);
