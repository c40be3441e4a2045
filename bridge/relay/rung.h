/* One encode of the meeting's picture on its way to the receivers: the history of its packets, how
 * far the pacer has let them go, and who governs its key frames. Owned by the room, on the main
 * loop. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/base/videocodec.h"
#include "bridge/relay/history.h"
#include "bridge/relay/keyframe.h"
#include "bridge/rtc/rtp.h"

typedef struct Rung Rung;

Rung *rung_new(uint16_t id, VideoCodec codec);
void rung_free(Rung *rung);
uint16_t rung_id(const Rung *rung);
VideoCodec rung_codec(const Rung *rung);

/* Another encoder feeds it: sequence numbers and timestamps begin anew, an unfinished frame is
 * void. */
void rung_restart(Rung *rung);
/* `time_us` is the picture's. False when the packet is too large or older than the last one. A
 * sequence number far from the last one is that of another encoder. */
bool rung_on_packet(Rung *rung, const RtpPacket *packet, bool ends_frame, int64_t time_us);

/* Lets packets go as the pacer allows; true while some still wait (call again after PACER_SLOT_US).
 * Their number is added to *paced. */
bool rung_pace(Rung *rung, int64_t now_us, uint64_t *paced);
/* Packets with an index below this may be sent. */
uint64_t rung_limit(const Rung *rung);
const HistoryPacket *rung_find(const Rung *rung, uint64_t index);
/* What it sends now; 0 while it is not encoded, or only since a moment ago. */
double rung_rate_bps(const Rung *rung, int64_t now_us);
KeyframeGovernor *rung_governor(Rung *rung);
