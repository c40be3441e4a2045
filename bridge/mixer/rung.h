/* One encode of the picture: scaled down when it must be, VP8, RTP. Key frames come on demand only
 * and never more often than RUNG_KEYFRAME_US. Owned by the picture thread and used on it; packets
 * are given back before rung_encode returns. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/mixer/i420.h"
#include "bridge/mixer/program.h"

/* Least time between two key frames of a rung. */
#define RUNG_KEYFRAME_US INT64_C(500000)

typedef struct Rung Rung;

typedef struct RungPacket {
    uint16_t rung;
    bool ends_frame;
    bool is_keyframe; /* Belongs to a key frame. */
    int64_t time_us;
    const uint8_t *rtp; /* Borrowed for the call. All packets of a frame but the last are equal in
                           size; at most LIMIT_RTP_BYTES. */
    size_t size;
} RungPacket;

/* False: it could not be sent. The rest of the frame is not offered, and the next frame is a key
 * frame as soon as that may be. */
typedef bool (*RungSend)(const RungPacket *packet, void *data);

/* Of pictures of this size at this rate; `shape` says what comes out of them. */
typedef struct RungOptions {
    ProgramRung shape;
    int picture_width, picture_height, picture_fps;
    RungSend send;
    void *data;
} RungOptions;

Rung *rung_new(const RungOptions *options);
void rung_free(Rung *rung);
/* Does it make exactly this already? The bit rate is changed on the way when it is all that
 * differs. */
bool rung_adopt(Rung *rung, const RungOptions *options);

void rung_ask_keyframe(Rung *rung);
/* `tick` counts the picture's ticks (a rung with a lower rate leaves some out); time_us is the
 * picture's monotonic time and grows. The first frame is a key frame. False when the encoder gave
 * up; it is replaced by then. */
bool rung_encode(Rung *rung, const I420 *picture, uint64_t tick, int64_t time_us);

uint16_t rung_id(const Rung *rung);
/* RTP bytes sent, and frames encoded, since it was made. */
uint64_t rung_bytes(const Rung *rung);
uint64_t rung_frames(const Rung *rung);
