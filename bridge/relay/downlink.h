/* What one peer receives: the meeting's sound (its own mix while it speaks) and one rung of its
 * picture, retransmissions, and what it reports about them. Owned by the peer, on the main loop. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/base/bytes.h"
#include "bridge/relay/counters.h"
#include "bridge/relay/rung.h"
#include "bridge/relay/rungchoice.h"
#include "bridge/relay/transport.h"
#include "bridge/rtc/rtcp.h"
#include "bridge/rtc/sdp.h"

/* One for all our streams: a peer's sound and picture are one sync group. */
#define DOWNLINK_CNAME "diemcau"

typedef struct Downlink Downlink;

typedef struct DownlinkOptions {
    const SdpMedia *audio; /* as offered; NULL: it takes none */
    const SdpMedia *video;
    bool may_keep_sent; /* a receiver without RTX may keep what it was sent */
    Counters *counters;
} DownlinkOptions;

/* A packet of a mix. */
typedef struct SoundPacket {
    uint32_t mix; /* the source whose mix it is, 0: the common one */
    uint16_t seq;
    uint32_t timestamp;
    uint32_t timeline; /* changes with the mixer */
    int64_t time_us;
    bool marker;
    const uint8_t *payload;
    size_t size;
} SoundPacket;

Downlink *downlink_new(const DownlinkOptions *options);
void downlink_free(Downlink *downlink);
uint32_t downlink_audio_ssrc(const Downlink *downlink);
uint32_t downlink_video_ssrc(const Downlink *downlink);
uint32_t downlink_rtx_ssrc(const Downlink *downlink);
bool downlink_keeps_sent(const Downlink *downlink);

/* Can it receive this codec? */
bool downlink_takes(const Downlink *downlink, VideoCodec codec);
/* The step of the ladder that fits its link now; ladder->count: no picture. */
size_t downlink_choose(Downlink *downlink, const Ladder *ladder, int64_t now_us);
/* Goes over to this rung at the rung's next key frame, and until then goes on with the one it has.
 * Borrowed; NULL: no picture from now on. True when that is a change. */
bool downlink_watch(Downlink *downlink, Rung *rung);
/* Where its picture comes from, and where it is to come from; NULL: none. */
Rung *downlink_rung(const Downlink *downlink);
Rung *downlink_next_rung(const Downlink *downlink);

/* Both add to the transport's outbox and leave the flush to the caller; the transport is connected.
 * One sound packet per timestamp goes out: whichever mix of it is offered first. */
void downlink_send_sound(Downlink *downlink, Transport *transport, const SoundPacket *packet,
                         int64_t now_us);
/* Catches up with what this rung, one of its two, lets go. */
void downlink_send_pictures(Downlink *downlink, Transport *transport, Rung *rung, int64_t now_us);

/* A report block, NACK, PLI, FIR or REMB of the peer. Retransmissions are flushed. */
void downlink_on_rtcp(Downlink *downlink, Transport *transport, const RtcpItem *item,
                      int64_t now_us);
/* Appends sender reports and the CNAME; `blocks` go into the first report. */
void downlink_write_reports(Downlink *downlink, const RtcpReportBlock *blocks, size_t count,
                            int64_t now_us, ByteWriter *writer);
/* True once after the first packet of a stream: a report is due at once, for lip sync. */
bool downlink_take_report_due(Downlink *downlink);

/* Measured by the peer's reports; the round trip has a usual value before the first one. */
int64_t downlink_rtt_us(const Downlink *downlink);
bool downlink_has_rtt(const Downlink *downlink);
double downlink_loss_fraction(const Downlink *downlink);
/* What the receiver estimates its link to carry (REMB); 0: it did not say. */
uint64_t downlink_estimate_bps(const Downlink *downlink);
/* Sent so far, without RTCP. */
uint64_t downlink_bytes(const Downlink *downlink);
