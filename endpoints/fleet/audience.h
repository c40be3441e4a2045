/* What a simulated site receives: recognises sound, picture and retransmissions, checks every
 * packet, writes the feedback that is due and the blocks of the receiver reports. Knows neither
 * keys nor sockets. Owned by a media session; lives on the main loop. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/base/bytes.h"
#include "bridge/rtc/rtcp.h"
#include "bridge/rtc/rtp.h"
#include "bridge/rtc/sdp.h"
#include "endpoints/fleet/tally.h"
#include "endpoints/fleet/viewer.h"

#define AUDIENCE_BLOCKS_MAX 2

typedef struct Audience Audience;

/* The relay's streams, from its answer; NULL: none of that kind. The tally outlives the audience.
 */
Audience *audience_new(const SdpMedia *audio, const SdpMedia *video, Tally *tally);
void audience_free(Audience *audience);

void audience_on_rtp(Audience *audience, const RtpPacket *packet, int64_t arrival_us);
void audience_on_sender_info(Audience *audience, const RtcpItem *item, int64_t now_us);
/* Has it seen a picture and heard a sound? */
bool audience_is_served(const Audience *audience);

/* Appends NACK and PLI that are due; true when something was written. */
bool audience_write_feedback(Audience *audience, uint32_t sender_ssrc, int64_t now_us,
                             ByteWriter *writer);
/* Begins the next reporting interval; returns the number of blocks. */
size_t audience_write_blocks(Audience *audience, int64_t now_us,
                             RtcpReportBlock ret_blocks[AUDIENCE_BLOCKS_MAX]);
void audience_set_sink(Audience *audience, ViewerSink sink, void *data);
