/* The receiving side of one media session: RTP and RTCP in the clear go in; frames come out at the
 * player, in order and with the time at which they are due; reports and requests (RR, NACK, PLI)
 * come out for the transport. Owned by a media session; lives on the main loop. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/rtc/rtcp.h"
#include "bridge/rtc/sdp.h"
#include "endpoints/device/player.h"

typedef struct Receiver Receiver;

/* A missing video packet is waited for so long; sound is not sent again, only put in order. */
#define RECEIVER_VIDEO_PATIENCE_US INT64_C(120000)
#define RECEIVER_AUDIO_PATIENCE_US INT64_C(60000)
#define RECEIVER_REPORT_US INT64_C(1000000)
#define RECEIVER_PLI_US INT64_C(500000)

/* `audio` and `video` are the relay's answer; NULL when it has none. */
typedef struct ReceiverOptions {
    const SdpMedia *audio;
    const SdpMedia *video;
    uint32_t sender_ssrc; /* in whose name we report: a stream that we send */
    const char *cname;
    Player *player; /* must outlive it */
    /* One compound RTCP packet to be protected and sent; borrowed. */
    void (*on_report)(const uint8_t *bytes, size_t size, void *data);
    void *data;
} ReceiverOptions;

typedef struct ReceiverCounters {
    uint64_t packets;  /* of both streams, the first time */
    uint64_t asked;    /* packets asked for again */
    uint64_t repaired; /* that came again in time */
    uint64_t plis;
} ReceiverCounters;

Receiver *receiver_new(const ReceiverOptions *options);
void receiver_free(Receiver *receiver);

void receiver_push_rtp(Receiver *receiver, const uint8_t *bytes, size_t size, int64_t now_us);
/* Of each item of an RTCP packet. */
void receiver_push_rtcp(Receiver *receiver, const RtcpItem *item, int64_t now_us);
ReceiverCounters receiver_counters(const Receiver *receiver);
