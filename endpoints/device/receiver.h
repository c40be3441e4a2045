/* The receiving side of one media session: RTP and RTCP in the clear go in, whole frames come out
 * at the player, reports and requests (RR, NACK, PLI) come out for the transport. Jitter buffer,
 * retransmission and lip sync are rtpbin's. Owned by a media session; lives on the main loop, its
 * work is done on streaming threads. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/rtc/sdp.h"
#include "endpoints/device/player.h"

typedef struct Receiver Receiver;

typedef struct ReceiverHandlers {
    /* One compound RTCP packet to be protected and sent; borrowed. */
    void (*on_report)(const uint8_t *bytes, size_t size, void *data);
    void (*on_error)(const char *reason, void *data);
} ReceiverHandlers;

/* `audio` and `video` are the relay's answer; NULL when it has none. The player must outlive it. */
typedef struct ReceiverOptions {
    const SdpMedia *audio;
    const SdpMedia *video;
    Player *player;
} ReceiverOptions;

Receiver *receiver_new(const ReceiverOptions *options, const ReceiverHandlers *handlers, void *data,
                       GError **error);
void receiver_free(Receiver *receiver);

/* Never waits: when the jitter buffer does not keep up the oldest is dropped. */
void receiver_push_rtp(Receiver *receiver, const uint8_t *bytes, size_t size, int64_t now_us);
void receiver_push_rtcp(Receiver *receiver, const uint8_t *bytes, size_t size, int64_t now_us);
