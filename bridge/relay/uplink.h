/* What one peer sends: recognises its audio and its video stream, drops what is muted, unranked or
 * unwanted before it costs anything, puts video into order, and says what feedback is due. Owned by
 * the peer, on the main loop. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/base/bytes.h"
#include "bridge/relay/counters.h"
#include "bridge/relay/ingest.h"
#include "bridge/relay/speaker.h"
#include "bridge/rtc/rtcp.h"
#include "bridge/rtc/rtp.h"
#include "bridge/rtc/sdp.h"

#define UPLINK_BLOCKS_MAX 2

typedef struct Uplink Uplink;

typedef struct UplinkPacket {
    bool is_video;
    uint32_t source;
    uint32_t ssrc;
    IngestPacket packet;
} UplinkPacket;

typedef struct UplinkOptions {
    uint32_t source;
    const SdpMedia *audio; /* as offered; NULL: it sends none */
    const SdpMedia *video;
    bool is_muted;
    bool is_video_wanted;
    Speakers *speakers; /* of the meeting */
    Pool *pool;
    Counters *counters;
    /* What goes to the mixer; the packet is borrowed. Never changes the uplink. */
    void (*forward)(const UplinkPacket *packet, void *data);
    void *data;
} UplinkOptions;

Uplink *uplink_new(const UplinkOptions *options);
/* Leaves the ranking and returns its buffers. */
void uplink_free(Uplink *uplink);

/* One genuine packet. */
void uplink_on_rtp(Uplink *uplink, const RtpPacket *packet, int64_t now_us);
void uplink_on_sender_info(Uplink *uplink, const RtcpItem *item, int64_t now_us);

/* In force when it returns. */
void uplink_set_muted(Uplink *uplink, bool is_muted);
void uplink_set_video_wanted(Uplink *uplink, bool is_wanted);
/* Video is asked for at this rate (0: at any); a sender far above it is clipped. */
void uplink_set_cap_kbps(Uplink *uplink, int64_t kbps, int64_t now_us);
bool uplink_takes_video(const Uplink *uplink);
bool uplink_is_muted(const Uplink *uplink);
bool uplink_is_video_wanted(const Uplink *uplink);
void uplink_want_keyframe(Uplink *uplink);

/* Something is missing or asked for: uplink_on_tick wants to be called every UPLINK_TICK_US. */
#define UPLINK_TICK_US INT64_C(20000)
bool uplink_is_busy(const Uplink *uplink);
/* Gives up what will not come, passes on what waited for it, and writes the NACK and PLI that are
 * due from `sender_ssrc`; true when something was written. */
bool uplink_on_tick(Uplink *uplink, uint32_t sender_ssrc, int64_t now_us, int64_t rtt_us,
                    ByteWriter *writer);

/* The streams to report on; begins the next reporting interval. Returns their number. */
size_t uplink_write_blocks(Uplink *uplink, int64_t now_us,
                           RtcpReportBlock ret_blocks[UPLINK_BLOCKS_MAX]);
/* SSRC of the video stream, 0 while unknown. */
uint32_t uplink_video_ssrc(const Uplink *uplink);
/* Of the last reporting interval, the worse of audio and video. */
double uplink_loss_fraction(const Uplink *uplink);
double uplink_jitter_ms(const Uplink *uplink);
/* The loudest level of its sound since the last call, in -dBov: 0 loud, 127 digital silence; or
 * that none came, or that the sender does not tell. Nothing is taken from a muted one. */
#define UPLINK_MIC_NONE (-1)
#define UPLINK_MIC_UNTOLD (-2)
int uplink_take_mic_level(Uplink *uplink);
