/* One RTP stream that we send: numbers the packets, writes headers and extensions, remembers the
 * last packets for retransmission (RFC 4588), reports about itself (RTCP SR). It never emits the
 * same sequence number with other bytes. Owned by a media session; lives on the main loop. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/base/bytes.h"
#include "bridge/rtc/sdp.h"
#include "endpoints/device/outgoing.h"

typedef struct SendStream SendStream;

/* Packets kept for retransmission: about two seconds of video. 0: none are kept. */
#define SEND_STREAM_HISTORY 256
/* A packet is sent again at most this often. */
#define SEND_STREAM_RESEND_US INT64_C(40000)

typedef struct SendStreamOptions {
    uint32_t ssrc;
    uint32_t rtx_ssrc; /* 0: no retransmission */
    uint32_t clock_hz;
    const char *cname;
} SendStreamOptions;

SendStream *send_stream_new(const SendStreamOptions *options);
void send_stream_free(SendStream *stream);

/* Takes payload types and extension ids from the peer's answer. False when it does not want this
 * stream; nothing may be written then. */
bool send_stream_accept(SendStream *stream, const SdpMedia *answer);
bool send_stream_is_accepted(const SendStream *stream);

/* Writes the next packet; its size, or 0 when it does not fit. */
size_t send_stream_write(SendStream *stream, const Outgoing *outgoing, int64_t now_us,
                         ByteWriter *writer);
/* Writes the retransmission of a packet; 0 when it is not held any more, was just sent again, or
 * the peer takes no RTX. */
size_t send_stream_resend(SendStream *stream, uint16_t seq, int64_t now_us, ByteWriter *writer);
/* Appends SR and CNAME; false when nothing has been sent yet or it does not fit. */
bool send_stream_report(SendStream *stream, int64_t now_us, ByteWriter *writer);
