/* One encode of a view: pictures of its own size in, RTP packets of its codec out. Key frames come
 * on demand only and never more often than RUNG_KEYFRAME_US. Owned by the picture thread and used
 * on it; packets are given back before rung_encode returns. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/mixer/i420.h"
#include "bridge/mixer/program.h"
#include "bridge/mixer/workshop.h"

/* Least time between two key frames of a rung. */
#define RUNG_KEYFRAME_US INT64_C(500000)

typedef struct Rung Rung;

typedef struct RungPacket {
    uint16_t rung;
    bool ends_frame;
    bool is_keyframe; /* Belongs to a key frame. */
    int64_t time_us;
    const uint8_t *rtp; /* Borrowed for the call; at most LIMIT_RTP_BYTES. All packets of a frame
                           but the last are equal in size, but for those in front of an H.264 key
                           frame that carry its parameters. */
    size_t size;
} RungPacket;

/* False: it could not be sent. The rest of the frame is not offered, and the next frame is a key
 * frame as soon as that may be. */
typedef bool (*RungSend)(const RungPacket *packet, void *data);

typedef struct RungOptions {
    ProgramRung shape;
    int picture_fps;    /* Ticks a second. */
    Workshop *workshop; /* Borrowed; NULL: the encoder is made at once, on this thread. */
    RungSend send;
    void *data;
} RungOptions;

Rung *rung_new(const RungOptions *options);
void rung_free(Rung *rung);
/* Does it make exactly this already? The bit rate is changed on the way when it is all that
 * differs. */
bool rung_adopt(Rung *rung, const RungOptions *options);

void rung_ask_keyframe(Rung *rung);
/* Does it encode this tick? `tick` counts all ticks; a rung with a lower rate leaves some out. */
bool rung_is_due(const Rung *rung, uint64_t tick);
/* `picture` has the rung's size; time_us is the picture's monotonic time and grows. The first frame
 * is a key frame. Nothing comes out while the workshop makes the encoder. False when the encoder
 * gave up; it is replaced by then. */
bool rung_encode(Rung *rung, const I420 *picture, int64_t time_us);

/* Good until the next rung_adopt. */
const ProgramRung *rung_shape(const Rung *rung);
/* RTP bytes sent, and frames encoded, since it was made. */
uint64_t rung_bytes(const Rung *rung);
uint64_t rung_frames(const Rung *rung);
