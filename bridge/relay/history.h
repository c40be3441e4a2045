/* The plain packets of one rung, newest LIMIT_HISTORY_PACKETS, shared by all its receivers: what is
 * sent first and what is sent again comes from here. Packets have indices that only grow, also over
 * a restart of the mixer; a missing index is a packet that never came. Owned by the rung. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/base/limits.h"

typedef struct HistoryPacket {
    uint64_t index;
    uint32_t timeline; /* whose clock the timestamp follows: changes with the mixer */
    uint32_t timestamp;
    int64_t time_us; /* of the picture */
    bool marker;
    bool starts_keyframe;
    uint16_t size;
    uint8_t payload[LIMIT_RTP_BYTES];
} HistoryPacket;

typedef struct History History;

History *history_new(void);
void history_free(History *history);
/* The slot for a packet with this index, whose `index` is set; the caller fills in the rest. */
HistoryPacket *history_put(History *history, uint64_t index);
/* NULL when it never came or is no longer kept. Valid until the next history_put. */
const HistoryPacket *history_find(const History *history, uint64_t index);
