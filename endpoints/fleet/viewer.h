/* Looks at the picture a simulated site receives: puts packets into order, tells whole frames from
 * broken ones, counts what a viewer would see, asks for what is missing (NACK) and, when that does
 * not help, for a key frame (PLI). Shown is a frame whose packets and all frames it refers to have
 * come. Whole frames can be handed on to a decoder. Owned by the audience; lives on the main loop.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/rtc/rtp.h"
#include "endpoints/fleet/tally.h"

typedef struct Viewer Viewer;

/* Packets that are held while something before them is missing. */
#define VIEWER_WINDOW 1024
/* A missing packet is given up after this. */
#define VIEWER_PATIENCE_US INT64_C(400000)
#define VIEWER_NACK_AGAIN_US INT64_C(60000)
#define VIEWER_PLI_AGAIN_US INT64_C(500000)
#define VIEWER_FRAME_BYTES_MAX (512 * 1024)

typedef struct ViewerFrame {
    const uint8_t *bytes; /* VP8, borrowed */
    size_t size;
    bool is_keyframe;
    uint32_t rtp_timestamp;
    int64_t arrival_us; /* of the packet that completed it */
} ViewerFrame;

typedef void (*ViewerSink)(const ViewerFrame *frame, void *data);

/* Tallied are shown and skipped frames; the tally outlives the viewer. */
Viewer *viewer_new(Tally *tally);
void viewer_free(Viewer *viewer);

/* Every shown frame from the next key frame on, which is asked for; NULL ends it. */
void viewer_set_sink(Viewer *viewer, ViewerSink sink, void *data);
/* A packet that is not a duplicate; `index` is its extended sequence number. */
void viewer_add(Viewer *viewer, const RtpPacket *packet, uint64_t index, int64_t arrival_us);
/* The sequence numbers that are due to be asked for, ascending; gives up what will not come. */
size_t viewer_take_nacks(Viewer *viewer, int64_t now_us, uint16_t *ret_seqs, size_t capacity);
/* Is a key frame to be asked for now? */
bool viewer_take_pli(Viewer *viewer, int64_t now_us);
