#include "endpoints/fleet/viewer.h"

#include <glib.h>
#include <string.h>

#include "bridge/base/limits.h"
#include "bridge/base/vp8.h"

#define NACK_TRIES 6

typedef struct Slot {
    uint64_t index; /* 0: empty */
    bool has_come;
    bool is_marker;
    bool starts_frame;
    bool starts_keyframe;
    uint8_t asked;
    int64_t asked_us;
    uint32_t timestamp;
    uint16_t size; /* of what is kept, without the descriptor */
} Slot;

struct Viewer {
    Tally *tally;
    bool is_started;
    bool is_synced; /* what was shown last is what the next frame refers to */
    uint64_t next;  /* first packet of the next frame */
    uint64_t scan;  /* everything from next to before this has come */
    uint64_t highest;
    int64_t gap_us; /* since when `scan` is missed; 0: it is not */
    int64_t pli_us;
    Slot slots[VIEWER_WINDOW];
    ViewerSink sink;
    void *data;
    bool is_sink_waiting;                  /* for its first key frame */
    uint8_t (*kept)[LIMIT_DATAGRAM_BYTES]; /* VIEWER_WINDOW payloads, while there is a sink */
    uint8_t *frame;
};

Viewer *viewer_new(Tally *tally)
{
    Viewer *viewer = g_new0(Viewer, 1);
    viewer->tally = tally;
    return viewer;
}

void viewer_free(Viewer *viewer)
{
    if (viewer != NULL) {
        g_free(viewer->kept);
        g_free(viewer->frame);
        g_free(viewer);
    }
}

void viewer_set_sink(Viewer *viewer, ViewerSink sink, void *data)
{
    viewer->sink = sink;
    viewer->data = data;
    g_clear_pointer(&viewer->kept, g_free);
    g_clear_pointer(&viewer->frame, g_free);
    if (sink != NULL) {
        viewer->is_sink_waiting = true;
        viewer->pli_us = 0;
        viewer->kept = g_malloc0_n(VIEWER_WINDOW, sizeof *viewer->kept);
        viewer->frame = g_malloc(VIEWER_FRAME_BYTES_MAX);
    }
}

static Slot *slot_of(Viewer *viewer, uint64_t index)
{
    return &viewer->slots[index % VIEWER_WINDOW];
}

static bool has_come(Viewer *viewer, uint64_t index)
{
    const Slot *slot = slot_of(viewer, index);
    return slot->index == index && slot->has_come;
}

static void keep(Viewer *viewer, const RtpPacket *packet, uint64_t index)
{
    Slot *slot = slot_of(viewer, index);
    bool starts_frame = false;
    size_t skipped = vp8_read_descriptor(packet->payload, packet->payload_size, &starts_frame);
    *slot = (Slot){
        .index = index,
        .has_come = true,
        .is_marker = packet->marker,
        .starts_frame = starts_frame,
        .starts_keyframe = vp8_payload_starts_keyframe(packet->payload, packet->payload_size),
        .timestamp = packet->timestamp,
    };
    if (viewer->kept != NULL && skipped > 0) {
        slot->size = (uint16_t)MIN(packet->payload_size - skipped, LIMIT_DATAGRAM_BYTES);
        memcpy(viewer->kept[index % VIEWER_WINDOW], packet->payload + skipped, slot->size);
    }
}

static void note_missing(Viewer *viewer, uint64_t index)
{
    uint64_t first = MAX(viewer->highest + 1, index > VIEWER_WINDOW ? index - VIEWER_WINDOW : 0);
    for (uint64_t missing = first; missing < index; missing++) {
        *slot_of(viewer, missing) = (Slot){.index = missing};
    }
    viewer->highest = index;
}

static void hand_on(Viewer *viewer, uint64_t last, bool is_keyframe, int64_t arrival_us)
{
    size_t size = 0;
    viewer->is_sink_waiting = viewer->is_sink_waiting && !is_keyframe;
    if (viewer->is_sink_waiting) {
        return;
    }
    for (uint64_t index = viewer->next; index <= last; index++) {
        const Slot *slot = slot_of(viewer, index);
        if (size + slot->size > VIEWER_FRAME_BYTES_MAX) {
            return;
        }
        memcpy(viewer->frame + size, viewer->kept[index % VIEWER_WINDOW], slot->size);
        size += slot->size;
    }
    const ViewerFrame frame = {
        .bytes = viewer->frame,
        .size = size,
        .is_keyframe = is_keyframe,
        .rtp_timestamp = slot_of(viewer, last)->timestamp,
        .arrival_us = arrival_us,
    };
    viewer->sink(&frame, viewer->data);
}

/* The packets from next to last are one frame. */
static void take_frame(Viewer *viewer, uint64_t last, int64_t arrival_us)
{
    const Slot *first = slot_of(viewer, viewer->next);
    viewer->is_synced = (viewer->is_synced || first->starts_keyframe) && first->starts_frame;
    if (viewer->is_synced) {
        tally_on_frame(viewer->tally, arrival_us);
        viewer->tally->sums.keyframes += first->starts_keyframe;
        if (viewer->sink != NULL) {
            hand_on(viewer, last, first->starts_keyframe, arrival_us);
        }
    } else {
        viewer->tally->sums.frames_skipped++;
    }
    viewer->next = viewer->scan = last + 1;
}

static void take_frames(Viewer *viewer, int64_t arrival_us)
{
    while (viewer->scan <= viewer->highest && has_come(viewer, viewer->scan)) {
        viewer->gap_us = 0;
        if (slot_of(viewer, viewer->scan)->is_marker) {
            take_frame(viewer, viewer->scan, arrival_us);
        } else {
            viewer->scan++;
        }
    }
    if (viewer->scan <= viewer->highest && viewer->gap_us == 0) {
        viewer->gap_us = arrival_us;
    }
}

/* What is missing will not come: goes on behind it, with the next frame that begins whole. */
static void give_up(Viewer *viewer, int64_t now_us)
{
    viewer->is_synced = false;
    viewer->gap_us = 0;
    uint64_t index = viewer->scan + 1;
    while (index <= viewer->highest &&
           !(has_come(viewer, index) && slot_of(viewer, index)->starts_frame)) {
        index++;
    }
    viewer->next = viewer->scan = index;
    take_frames(viewer, now_us);
}

void viewer_add(Viewer *viewer, const RtpPacket *packet, uint64_t index, int64_t arrival_us)
{
    if (!viewer->is_started) {
        viewer->is_started = true;
        viewer->next = viewer->scan = viewer->highest = index;
        /* A stream that begins with a key frame needs no other. */
        viewer->pli_us =
            vp8_payload_starts_keyframe(packet->payload, packet->payload_size) ? arrival_us : 0;
    } else if (index > viewer->highest) {
        note_missing(viewer, index);
    } else if (index < viewer->scan) {
        return;
    }
    keep(viewer, packet, index);
    if (viewer->highest - viewer->next >= VIEWER_WINDOW - 1) {
        give_up(viewer, arrival_us);
    }
    take_frames(viewer, arrival_us);
}

size_t viewer_take_nacks(Viewer *viewer, int64_t now_us, uint16_t *ret_seqs, size_t capacity)
{
    size_t count = 0;
    if (viewer->gap_us != 0 && now_us - viewer->gap_us > VIEWER_PATIENCE_US) {
        give_up(viewer, now_us);
    }
    if (viewer->gap_us == 0) {
        return 0;
    }
    for (uint64_t index = viewer->scan; index < viewer->highest && count < capacity; index++) {
        Slot *slot = slot_of(viewer, index);
        bool is_due = slot->index == index && !slot->has_come && slot->asked < NACK_TRIES &&
                      now_us - slot->asked_us >= VIEWER_NACK_AGAIN_US;
        if (is_due) {
            slot->asked++;
            slot->asked_us = now_us;
            ret_seqs[count++] = (uint16_t)index;
        }
    }
    return count;
}

bool viewer_take_pli(Viewer *viewer, int64_t now_us)
{
    bool is_wanted = viewer->is_started && (!viewer->is_synced || viewer->is_sink_waiting);
    if (!is_wanted || now_us - viewer->pli_us < VIEWER_PLI_AGAIN_US) {
        return false;
    }
    viewer->pli_us = now_us;
    return true;
}
