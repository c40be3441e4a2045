#include <criterion/criterion.h>
#include <gst/gst.h>
#include <string.h>

#include "bridge/base/clock.h"
#include "endpoints/device/encoder.h"
#include "endpoints/device/outgoing.h"
#include "bridge/base/vp8.h"

#define WAIT_US (2 * CLOCK_US_PER_S)

typedef struct Bench {
    Mailbox *outbox;
    Encoder *encoder;
    int64_t at_us;
    int frames_in;
} Bench;

static void start(void)
{
    gst_init(NULL, NULL);
}

TestSuite(encoder, .init = start);

static Bench bench_with(size_t outbox_size)
{
    Bench bench = {.outbox = mailbox_new(sizeof(Outgoing), outbox_size), .at_us = clock_now_us()};
    bench.encoder = encoder_new(bench.outbox, NULL);
    cr_assert_not_null(bench.encoder);
    return bench;
}

static Bench bench_new(void)
{
    return bench_with(512);
}

static void bench_free(Bench *bench)
{
    encoder_free(bench->encoder);
    mailbox_free(bench->outbox);
}

/* One frame of a source with 25 frames a second whose picture changes. */
static void feed(Bench *bench)
{
    bench->at_us += 40000;
    if (!encoder_wants(bench->encoder, bench->at_us)) {
        return;
    }
    GstCaps *caps = gst_caps_from_string(
        "video/x-raw,format=I420,width=640,height=360,framerate=25/1,colorimetry=bt601");
    GstBuffer *buffer = gst_buffer_new_allocate(NULL, 640 * 360 * 3 / 2, NULL);
    gst_buffer_memset(buffer, 0, (guint8)(16 + bench->frames_in * 3 % 200), 640 * 360);
    gst_buffer_memset(buffer, 640 * 360, 128, 640 * 360 / 2);
    GstSample *sample = gst_sample_new(buffer, caps, NULL, NULL);
    encoder_push(bench->encoder, sample, bench->at_us);
    bench->frames_in++;
    gst_sample_unref(sample);
    gst_buffer_unref(buffer);
    gst_caps_unref(caps);
}

typedef struct Picture {
    bool is_key;
    int width, height;
    int packets;
    int64_t captured_us;
} Picture;

/* The next whole frame that comes out; false when none does. */
static bool take(Bench *bench, int64_t wait_us, Picture *ret_picture)
{
    Outgoing outgoing;
    *ret_picture = (Picture){0};
    while (mailbox_wait(bench->outbox, &outgoing, wait_us)) {
        cr_assert_eq(outgoing.kind, OUTGOING_VIDEO);
        cr_assert_eq(outgoing.payload[0], ret_picture->packets == 0 ? 0x10 : 0x00);
        if (ret_picture->packets++ == 0) {
            ret_picture->captured_us = outgoing.captured_us;
            ret_picture->is_key = vp8_read_key_frame(outgoing.payload + 1, outgoing.size - 1,
                                                     &ret_picture->width, &ret_picture->height);
        }
        cr_assert_eq(outgoing.captured_us, ret_picture->captured_us);
        cr_assert_eq(outgoing.rtp_timestamp, (uint32_t)(outgoing.captured_us * 9 / 100));
        if (outgoing.marker) {
            return true;
        }
    }
    return false;
}

Test(encoder, encodes_nothing_before_it_is_asked)
{
    Bench bench = bench_new();
    Picture picture;
    for (int i = 0; i < 10; i++) {
        feed(&bench);
    }
    cr_assert_eq(bench.frames_in, 0);
    cr_assert_not(take(&bench, 200000, &picture));
    bench_free(&bench);
}

Test(encoder, begins_with_a_key_frame_of_the_demanded_size)
{
    Bench bench = bench_new();
    Picture picture;
    encoder_set_demand(bench.encoder, &(Demand){424, 240, 25, 250});
    feed(&bench);
    cr_assert(take(&bench, WAIT_US, &picture));
    cr_assert(picture.is_key);
    cr_assert_eq(picture.width, 424);
    cr_assert_eq(picture.height, 240);
    cr_assert_eq(picture.captured_us, bench.at_us);
    feed(&bench);
    cr_assert(take(&bench, WAIT_US, &picture));
    cr_assert_not(picture.is_key);
    bench_free(&bench);
}

Test(encoder, changes_size_at_once_and_without_a_new_stream)
{
    Bench bench = bench_new();
    Picture picture;
    encoder_set_demand(bench.encoder, &(Demand){424, 240, 25, 250});
    feed(&bench);
    cr_assert(take(&bench, WAIT_US, &picture));
    encoder_set_demand(bench.encoder, &(Demand){128, 72, 25, 40});
    feed(&bench);
    cr_assert(take(&bench, WAIT_US, &picture));
    cr_assert(picture.is_key);
    cr_assert_eq(picture.width, 128);
    cr_assert_eq(picture.height, 72);
    bench_free(&bench);
}

Test(encoder, takes_only_as_many_frames_as_are_demanded)
{
    Bench bench = bench_new();
    encoder_set_demand(bench.encoder, &(Demand){128, 72, 5, 40});
    for (int i = 0; i < 50; i++) {
        feed(&bench);
    }
    cr_assert_float_eq(bench.frames_in, 10, 1);
    bench_free(&bench);
}

Test(encoder, stops_when_nothing_is_demanded_and_begins_again_with_a_key_frame)
{
    Bench bench = bench_new();
    Picture picture;
    encoder_set_demand(bench.encoder, &(Demand){128, 72, 25, 100});
    for (int i = 0; i < 10; i++) {
        feed(&bench);
        cr_assert(take(&bench, WAIT_US, &picture));
    }
    encoder_set_demand(bench.encoder, &(Demand){0});
    feed(&bench);
    cr_assert_not(take(&bench, 200000, &picture));
    encoder_set_demand(bench.encoder, &(Demand){128, 72, 25, 100});
    feed(&bench);
    cr_assert(take(&bench, WAIT_US, &picture));
    cr_assert(picture.is_key);
    bench_free(&bench);
}

Test(encoder, makes_key_frames_when_asked_but_not_more_than_three_a_second)
{
    Bench bench = bench_new();
    Picture picture;
    int keys = 0;
    encoder_set_demand(bench.encoder, &(Demand){128, 72, 25, 200});
    for (int i = 0; i < 50; i++) {
        encoder_request_keyframe(bench.encoder);
        feed(&bench);
        cr_assert(take(&bench, WAIT_US, &picture));
        keys += picture.is_key;
    }
    cr_assert_geq(keys, 5);
    cr_assert_leq(keys, 8, "two seconds, 300 ms between them");
    bench_free(&bench);
}

Test(encoder, keeps_a_request_that_came_too_early)
{
    Bench bench = bench_new();
    Picture picture;
    int keys = 0;
    encoder_set_demand(bench.encoder, &(Demand){128, 72, 25, 200});
    feed(&bench);
    cr_assert(take(&bench, WAIT_US, &picture));
    encoder_request_keyframe(bench.encoder);
    for (int i = 0; i < 12; i++) {
        feed(&bench);
        cr_assert(take(&bench, WAIT_US, &picture));
        keys += picture.is_key;
    }
    cr_assert_eq(keys, 1);
    bench_free(&bench);
}

Test(encoder, obeys_the_network_below_the_demand_and_no_further)
{
    Bench bench = bench_new();
    encoder_set_demand(bench.encoder, &(Demand){424, 240, 25, 300});
    encoder_set_cap(bench.encoder, 200);
    cr_assert_eq(encoder_current(bench.encoder).kbps, 150, "the rest is for the voice");
    encoder_set_cap(bench.encoder, 5000);
    cr_assert_eq(encoder_current(bench.encoder).kbps, 300);
    encoder_set_cap(bench.encoder, 1);
    cr_assert_gt(encoder_current(bench.encoder).kbps, 0);
    encoder_set_cap(bench.encoder, 0);
    cr_assert_eq(encoder_current(bench.encoder).kbps, 300);
    encoder_set_demand(bench.encoder, &(Demand){0});
    Demand off = encoder_current(bench.encoder);
    cr_assert(demand_is_off(&off));
    bench_free(&bench);
}

Test(encoder, drops_to_the_next_key_frame_when_nobody_takes_its_packets)
{
    Bench bench = bench_with(4);
    Picture picture;
    Outgoing outgoing;
    encoder_set_demand(bench.encoder, &(Demand){424, 240, 25, 300});
    for (int i = 0; i < 500 && mailbox_dropped(bench.outbox) == 0; i++) {
        feed(&bench);
        g_usleep(10000);
    }
    cr_assert_gt(mailbox_dropped(bench.outbox), 0);
    /* What is still being encoded comes to an end before room is made. */
    g_usleep(500000);
    while (mailbox_take(bench.outbox, &outgoing)) {
    }
    bool came = false;
    for (int i = 0; i < 25 && !came; i++) {
        feed(&bench);
        came = take(&bench, 200000, &picture);
    }
    cr_assert(came);
    cr_assert(picture.is_key);
    bench_free(&bench);
}
