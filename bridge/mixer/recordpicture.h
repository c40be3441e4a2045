/* Makes the frames of a VP8 rung again of its RTP packets, in order and without a hole: after one
 * it waits for a key frame. Owned by a recording and used on its thread. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct RecordPicture {
    GByteArray *frame;
    uint16_t next_seq;
    bool is_open;   /* Some of a frame is there. */
    bool is_synced; /* What came since the last key frame is whole. */
} RecordPicture;

void record_picture_init(RecordPicture *picture);
void record_picture_clear(RecordPicture *picture);

/* True when this packet ends a frame that can be shown: it is in `frame` until the next call. */
bool record_picture_add(RecordPicture *picture, const uint8_t *rtp, size_t size, bool ends_frame);
/* Packets were lost on the way. */
void record_picture_lose(RecordPicture *picture);
