#include <criterion/criterion.h>
#include <glib.h>
#include <string.h>

#include "endpoints/fleet/viewer.h"

#define MS INT64_C(1000)
#define START (5000 * MS)

typedef struct Seen {
    unsigned frames;
    size_t last_size;
    uint8_t last[64];
    bool last_is_keyframe;
} Seen;

static void on_frame(const ViewerFrame *frame, void *data)
{
    Seen *seen = data;
    seen->frames++;
    seen->last_size = frame->size;
    seen->last_is_keyframe = frame->is_keyframe;
    memcpy(seen->last, frame->bytes, MIN(frame->size, sizeof seen->last));
}

/* A packet of a frame: its place in it, whether it ends it, and whether the frame is a key frame.
 */
typedef struct Piece {
    bool starts;
    bool ends;
    bool is_keyframe;
} Piece;

static const Piece whole_key = {true, true, true};
static const Piece whole = {true, true, false};

static void add(Viewer *viewer, uint64_t index, Piece piece, int64_t at_us)
{
    /* VP8: bit 0 of the first byte is 0 in a key frame. */
    const uint8_t payload[] = {piece.starts ? 0x10 : 0x00, piece.is_keyframe ? 0x50 : 0x51,
                               (uint8_t)index};
    const RtpPacket packet = {
        .seq = (uint16_t)index,
        .marker = piece.ends,
        .payload = payload,
        .payload_size = sizeof payload,
    };
    viewer_add(viewer, &packet, index, at_us);
}

Test(fleet_viewer, shows_whole_frames_from_the_first_keyframe_on)
{
    Tally tally = {0};
    Viewer *viewer = viewer_new(&tally);
    add(viewer, 10, whole, START);
    add(viewer, 11, whole_key, START + 40 * MS);
    add(viewer, 12, whole, START + 80 * MS);
    cr_assert_eq(tally.sums.frames, 2);
    cr_assert_eq(tally.sums.frames_skipped, 1);
    cr_assert_eq(tally.frame_us, START + 80 * MS);
    viewer_free(viewer);
}

Test(fleet_viewer, waits_for_the_last_packet_of_a_frame)
{
    Tally tally = {0};
    Viewer *viewer = viewer_new(&tally);
    add(viewer, 10, (Piece){true, false, true}, START);
    add(viewer, 11, (Piece){false, false, false}, START);
    cr_assert_eq(tally.sums.frames, 0);
    add(viewer, 12, (Piece){false, true, false}, START + 5 * MS);
    cr_assert_eq(tally.sums.frames, 1);
    viewer_free(viewer);
}

Test(fleet_viewer, puts_packets_into_order)
{
    Tally tally = {0};
    Viewer *viewer = viewer_new(&tally);
    add(viewer, 10, whole_key, START);
    add(viewer, 12, (Piece){false, true, false}, START + 1 * MS);
    add(viewer, 13, whole, START + 2 * MS);
    cr_assert_eq(tally.sums.frames, 1);
    add(viewer, 11, (Piece){true, false, false}, START + 3 * MS);
    cr_assert_eq(tally.sums.frames, 3);
    viewer_free(viewer);
}

Test(fleet_viewer, asks_for_what_is_missing_and_not_too_often)
{
    Tally tally = {0};
    uint16_t seqs[8];
    Viewer *viewer = viewer_new(&tally);
    add(viewer, 10, whole_key, START);
    cr_assert_eq(viewer_take_nacks(viewer, START, seqs, 8), 0);
    add(viewer, 13, whole, START);
    cr_assert_eq(viewer_take_nacks(viewer, START + MS, seqs, 8), 2);
    cr_assert_eq(seqs[0], 11);
    cr_assert_eq(seqs[1], 12);
    cr_assert_eq(viewer_take_nacks(viewer, START + 2 * MS, seqs, 8), 0);
    cr_assert_eq(viewer_take_nacks(viewer, START + MS + VIEWER_NACK_AGAIN_US, seqs, 8), 2);
    add(viewer, 11, whole, START + 70 * MS);
    add(viewer, 12, whole, START + 70 * MS);
    cr_assert_eq(viewer_take_nacks(viewer, START + 200 * MS, seqs, 8), 0);
    cr_assert_eq(tally.sums.frames, 4);
    viewer_free(viewer);
}

Test(fleet_viewer, asks_for_no_more_than_there_is_room_for)
{
    Tally tally = {0};
    uint16_t seqs[3];
    Viewer *viewer = viewer_new(&tally);
    add(viewer, 10, whole_key, START);
    add(viewer, 60, whole, START);
    cr_assert_eq(viewer_take_nacks(viewer, START, seqs, 3), 3);
    cr_assert_eq(seqs[2], 13);
    cr_assert_eq(viewer_take_nacks(viewer, START, seqs, 3), 3);
    cr_assert_eq(seqs[0], 14, "the next ones");
    viewer_free(viewer);
}

Test(fleet_viewer, gives_up_after_a_while_and_asks_for_a_keyframe)
{
    Tally tally = {0};
    uint16_t seqs[8];
    Viewer *viewer = viewer_new(&tally);
    add(viewer, 10, whole_key, START);
    cr_assert_not(viewer_take_pli(viewer, START + MS));
    add(viewer, 12, whole, START + 40 * MS);
    viewer_take_nacks(viewer, START + 41 * MS, seqs, 8);
    cr_assert_not(viewer_take_pli(viewer, START + 41 * MS), "it may still come");
    int64_t late_us = START + 41 * MS + VIEWER_PATIENCE_US + MS;
    viewer_take_nacks(viewer, late_us, seqs, 8);
    cr_assert_eq(tally.sums.frames_skipped, 1);
    cr_assert(viewer_take_pli(viewer, START + 600 * MS));
    cr_assert_not(viewer_take_pli(viewer, START + 601 * MS), "once in a while");
    add(viewer, 13, whole, START + 610 * MS);
    cr_assert_eq(tally.sums.frames, 1, "what it refers to is missing");
    add(viewer, 14, whole_key, START + 650 * MS);
    add(viewer, 15, whole, START + 690 * MS);
    cr_assert_eq(tally.sums.frames, 3);
    cr_assert_eq(tally.freeze_us[TALLY_WINDOW], 650 * MS);
    cr_assert_not(viewer_take_pli(viewer, START + 2000 * MS));
    viewer_free(viewer);
}

Test(fleet_viewer, does_not_show_the_rest_of_a_broken_frame)
{
    Tally tally = {0};
    uint16_t seqs[8];
    Viewer *viewer = viewer_new(&tally);
    add(viewer, 10, whole_key, START);
    /* 11 begins a key frame, 12 is lost, 13 ends it. */
    add(viewer, 11, (Piece){true, false, true}, START + MS);
    add(viewer, 13, (Piece){false, true, false}, START + MS);
    viewer_take_nacks(viewer, START + 500 * MS, seqs, 8);
    add(viewer, 14, whole, START + 501 * MS);
    cr_assert_eq(tally.sums.frames, 1);
    viewer_free(viewer);
}

Test(fleet_viewer, survives_a_gap_wider_than_its_memory)
{
    Tally tally = {0};
    Viewer *viewer = viewer_new(&tally);
    add(viewer, 10, whole_key, START);
    add(viewer, 10 + 5 * VIEWER_WINDOW, whole_key, START + 40 * MS);
    add(viewer, 11 + 5 * VIEWER_WINDOW, whole, START + 80 * MS);
    cr_assert_eq(tally.sums.frames, 3);
    viewer_free(viewer);
}

Test(fleet_viewer, ignores_what_it_has_already_dealt_with)
{
    Tally tally = {0};
    Viewer *viewer = viewer_new(&tally);
    add(viewer, 10, whole_key, START);
    add(viewer, 11, whole, START);
    add(viewer, 9, whole_key, START);
    add(viewer, 10, whole_key, START);
    cr_assert_eq(tally.sums.frames, 2);
    viewer_free(viewer);
}

Test(fleet_viewer, hands_whole_frames_to_its_sink_without_the_descriptors)
{
    Tally tally = {0};
    Seen seen = {0};
    Viewer *viewer = viewer_new(&tally);
    viewer_set_sink(viewer, on_frame, &seen);
    add(viewer, 10, (Piece){true, false, true}, START);
    add(viewer, 11, (Piece){false, true, false}, START);
    cr_assert_eq(seen.frames, 1);
    cr_assert(seen.last_is_keyframe);
    cr_assert_eq(seen.last_size, 4);
    cr_assert_arr_eq(seen.last, ((uint8_t[]){0x50, 10, 0x51, 11}), 4);
    add(viewer, 12, whole, START);
    cr_assert_eq(seen.frames, 2);
    cr_assert_not(seen.last_is_keyframe);
    viewer_free(viewer);
}

Test(fleet_viewer, begins_a_new_sink_with_a_keyframe_it_asks_for)
{
    Tally tally = {0};
    Seen seen = {0};
    Viewer *viewer = viewer_new(&tally);
    add(viewer, 10, whole_key, START);
    viewer_set_sink(viewer, on_frame, &seen);
    add(viewer, 11, whole, START + 40 * MS);
    cr_assert_eq(seen.frames, 0);
    cr_assert_eq(tally.sums.frames, 2, "a viewer sees it all the same");
    cr_assert(viewer_take_pli(viewer, START + 41 * MS));
    add(viewer, 12, whole_key, START + 80 * MS);
    cr_assert_eq(seen.frames, 1);
    cr_assert_not(viewer_take_pli(viewer, START + 5000 * MS));
    viewer_free(viewer);
}

Test(fleet_viewer, survives_payloads_that_are_no_vp8)
{
    Tally tally = {0};
    Seen seen = {0};
    Viewer *viewer = viewer_new(&tally);
    viewer_set_sink(viewer, on_frame, &seen);
    add(viewer, 9, whole_key, START);
    const uint8_t bytes[] = {0x90, 0x80, 0x80, 0x01};
    for (size_t size = 0; size <= sizeof bytes; size++) {
        const RtpPacket packet = {.marker = true, .payload = bytes, .payload_size = size};
        viewer_add(viewer, &packet, 10 + size, START);
    }
    cr_assert_eq(tally.sums.frames, 1);
    viewer_free(viewer);
}
