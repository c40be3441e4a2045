#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/base/limits.h"
#include "bridge/mixer/source.h"
#include "tests/unit/mixer/clip.h"

#define FRAME_US 40000

typedef struct Seen {
    Source *source;
    int frames;
    int width, height;
    int keyframes_asked;
    I420Color color;
    int64_t now_us;
} Seen;

static void on_frame(uint32_t source, Frame *frame, void *data)
{
    Seen *seen = data;
    const I420 *picture = frame_picture(frame);
    cr_expect_eq(source, 7);
    seen->frames++;
    seen->width = picture->width;
    seen->height = picture->height;
    seen->color = clip_mean(picture, (LayoutRect){0, 0, picture->width, picture->height});
    frame_unref(frame);
}

static void on_keyframe_needed(uint32_t source, void *data)
{
    ((Seen *)data)->keyframes_asked++;
}

static Seen open_seen(void)
{
    clip_init();
    return (Seen){.now_us = 1000000};
}

static void start(Seen *seen)
{
    static const SourceHandlers handlers = {on_frame, on_keyframe_needed};
    seen->source = source_new(7, &handlers, seen);
}

static SourceVerdict push_packet(Seen *seen, GBytes *packet)
{
    gsize size;
    const uint8_t *rtp = g_bytes_get_data(packet, &size);
    return source_push(seen->source, rtp, size, seen->now_us);
}

#define NONE_LOST (-1)

/* The packets of one frame but one. */
static void push_but(Seen *seen, GPtrArray *packets, int lost)
{
    for (int i = 0; i < (int)packets->len; i++) {
        if (i != lost) {
            push_packet(seen, packets->pdata[i]);
        }
    }
    seen->now_us += FRAME_US;
    g_ptr_array_unref(packets);
}

static void push_frame(Seen *seen, ClipEncoder *encoder)
{
    push_but(seen, clip_encode_color(encoder, 0x30a040), NONE_LOST);
}

static uint64_t count_of(const Seen *seen, SourceVerdict verdict)
{
    return source_counters(seen->source)->packets[verdict];
}

Test(source, decodes_every_frame)
{
    Seen seen = open_seen();
    ClipEncoder *encoder = clip_encoder_new(424, 240, 300);
    start(&seen);
    for (int i = 0; i < 25; i++) {
        push_frame(&seen, encoder);
    }
    cr_expect_eq(seen.frames, 25);
    cr_expect_eq(seen.width, 424);
    cr_expect_eq(seen.height, 240);
    cr_expect(abs(seen.color.y - i420_color(0x30a040).y) < 8);
    cr_expect_not(source_is_waiting(seen.source));
    cr_expect_leq(seen.keyframes_asked, 1);
    source_free(seen.source);
    clip_encoder_free(encoder);
}

Test(source, shows_nothing_and_asks_until_a_key_frame_comes)
{
    Seen seen = open_seen();
    ClipEncoder *encoder = clip_encoder_new(320, 180, 300);
    start(&seen);
    g_ptr_array_unref(clip_encode_color(encoder, 0)); /* The key frame goes to somebody else. */
    for (int i = 0; i < 30; i++) {
        push_frame(&seen, encoder);
    }
    cr_expect_eq(seen.frames, 0);
    cr_expect_eq(seen.keyframes_asked, 3, "once in 500 ms of 1.2 s, is %d", seen.keyframes_asked);
    clip_force_keyframe(encoder);
    push_frame(&seen, encoder);
    cr_expect_eq(seen.frames, 1);
    source_free(seen.source);
    clip_encoder_free(encoder);
}

Test(source, shows_nothing_between_a_loss_and_the_next_key_frame)
{
    Seen seen = open_seen();
    ClipEncoder *encoder = clip_encoder_new(424, 240, 3000);
    start(&seen);
    push_frame(&seen, encoder);
    seen.now_us += SOURCE_KEYFRAME_REQUEST_US;
    int asked = seen.keyframes_asked;
    GPtrArray *packets = clip_encode_color(encoder, 0x30a040);
    cr_assert_gt(packets->len, 1, "needs a frame of several packets");
    push_but(&seen, packets, 0);
    for (int i = 0; i < 5; i++) {
        push_frame(&seen, encoder);
    }
    cr_expect_eq(seen.frames, 1);
    cr_expect(source_is_waiting(seen.source));
    cr_expect_eq(seen.keyframes_asked, asked + 1);
    cr_expect_eq(source_counters(seen.source)->losses, 1);
    clip_force_keyframe(encoder);
    push_frame(&seen, encoder);
    push_frame(&seen, encoder);
    cr_expect_eq(seen.frames, 3);
    source_free(seen.source);
    clip_encoder_free(encoder);
}

Test(source, waits_when_a_whole_frame_is_lost)
{
    Seen seen = open_seen();
    ClipEncoder *encoder = clip_encoder_new(320, 180, 300);
    start(&seen);
    push_frame(&seen, encoder);
    g_ptr_array_unref(clip_encode_color(encoder, 0xffffff));
    push_frame(&seen, encoder);
    cr_expect_eq(seen.frames, 1);
    cr_expect(source_is_waiting(seen.source));
    source_free(seen.source);
    clip_encoder_free(encoder);
}

Test(source, never_shows_a_key_frame_with_a_hole)
{
    for (int lost = 1; lost < 4; lost++) {
        Seen seen = open_seen();
        ClipEncoder *encoder = clip_encoder_new(640, 360, 3000);
        start(&seen);
        GPtrArray *packets = clip_encode_color(encoder, 0x30a040);
        cr_assert_gt(packets->len, 3);
        push_but(&seen, packets, lost == 3 ? (int)packets->len - 1 : lost);
        push_frame(&seen, encoder);
        push_frame(&seen, encoder);
        cr_expect_eq(seen.frames, 0, "lost %d", lost);
        source_free(seen.source);
        clip_encoder_free(encoder);
    }
}

Test(source, drops_duplicates_and_late_packets)
{
    Seen seen = open_seen();
    ClipEncoder *encoder = clip_encoder_new(320, 180, 300);
    start(&seen);
    GPtrArray *first = clip_encode_color(encoder, 0x30a040);
    for (guint i = 0; i < first->len; i++) {
        push_packet(&seen, first->pdata[i]);
        cr_expect_eq(push_packet(&seen, first->pdata[i]), SOURCE_STALE);
    }
    push_frame(&seen, encoder);
    cr_expect_eq(push_packet(&seen, first->pdata[0]), SOURCE_STALE);
    push_frame(&seen, encoder);
    cr_expect_eq(seen.frames, 3);
    g_ptr_array_unref(first);
    source_free(seen.source);
    clip_encoder_free(encoder);
}

/* A copy with another payload type, sequence number and flag bits in the first byte. */
static GBytes *altered(GBytes *packet, int payload_type, uint8_t first_byte)
{
    gsize size;
    const uint8_t *rtp = g_bytes_get_data(packet, &size);
    uint8_t *copy = g_memdup2(rtp, size);
    copy[0] = first_byte;
    copy[1] = (uint8_t)((copy[1] & 0x80) | payload_type);
    return g_bytes_new_take(copy, size);
}

Test(source, refuses_another_codec)
{
    Seen seen = open_seen();
    ClipEncoder *encoder = clip_encoder_new(320, 180, 300);
    start(&seen);
    g_autoptr(GPtrArray) packets = clip_encode_color(encoder, 0);
    g_autoptr(GBytes) wrong = altered(packets->pdata[0], 97, 0x80);
    cr_expect_eq(push_packet(&seen, wrong), SOURCE_WRONG_CODEC);
    cr_expect_eq(count_of(&seen, SOURCE_WRONG_CODEC), 1);
    cr_expect_eq(seen.keyframes_asked, 0, "nothing is asked of a stranger");
    source_free(seen.source);
    clip_encoder_free(encoder);
}

Test(source, refuses_what_is_not_rtp)
{
    static const uint8_t short_header[] = {0x80, 96, 0, 1, 0, 0, 0, 0, 0, 0, 0};
    static const uint8_t wrong_version[] = {0x40, 96, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0x10};
    static const uint8_t short_csrcs[] = {0x8f, 96, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0x10};
    static const uint8_t short_extension[] = {0x90, 96, 0, 1, 0, 0, 0, 0,   0,
                                              0,    0,  1, 0, 0, 0, 9, 0x10};
    static const uint8_t long_padding[] = {0xa0, 96, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0x10, 9};
    static const uint8_t no_padding[] = {0xa0, 96, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0x10, 0};
    Seen seen = open_seen();
    start(&seen);
    cr_expect_eq(source_push(seen.source, NULL, 0, 1), SOURCE_GARBAGE);
    cr_expect_eq(source_push(seen.source, short_header, sizeof short_header, 1), SOURCE_GARBAGE);
    cr_expect_eq(source_push(seen.source, wrong_version, sizeof wrong_version, 1), SOURCE_GARBAGE);
    cr_expect_eq(source_push(seen.source, short_csrcs, sizeof short_csrcs, 1), SOURCE_GARBAGE);
    cr_expect_eq(source_push(seen.source, short_extension, sizeof short_extension, 1),
                 SOURCE_GARBAGE);
    cr_expect_eq(source_push(seen.source, long_padding, sizeof long_padding, 1), SOURCE_GARBAGE);
    cr_expect_eq(source_push(seen.source, no_padding, sizeof no_padding, 1), SOURCE_GARBAGE);
    cr_expect_eq(count_of(&seen, SOURCE_GARBAGE), 7);
    source_free(seen.source);
}

Test(source, is_not_disturbed_by_padding_packets)
{
    Seen seen = open_seen();
    ClipEncoder *encoder = clip_encoder_new(320, 180, 300);
    start(&seen);
    uint16_t shift = 0;
    for (int i = 0; i < 5; i++) {
        g_autoptr(GPtrArray) packets = clip_encode_color(encoder, 0x30a040);
        uint8_t padding[16] = {0};
        for (guint p = 0; p < packets->len; p++) {
            gsize size;
            g_autofree uint8_t *rtp = g_bytes_unref_to_data(g_bytes_ref(packets->pdata[p]), &size);
            uint16_t seq = (uint16_t)((rtp[2] << 8 | rtp[3]) + shift);
            rtp[2] = (uint8_t)(seq >> 8);
            rtp[3] = (uint8_t)seq;
            cr_expect_eq(source_push(seen.source, rtp, size, seen.now_us), SOURCE_TAKEN);
            memcpy(padding, rtp, 12);
        }
        uint16_t next = (uint16_t)((padding[2] << 8 | padding[3]) + 1);
        padding[0] = 0xa0;
        padding[1] = 96;
        padding[2] = (uint8_t)(next >> 8);
        padding[3] = (uint8_t)next;
        padding[15] = 4;
        cr_expect_eq(source_push(seen.source, padding, sizeof padding, seen.now_us), SOURCE_EMPTY);
        seen.now_us += FRAME_US;
        shift++;
    }
    cr_expect_eq(seen.frames, 5);
    cr_expect_eq(source_counters(seen.source)->losses, 0);
    source_free(seen.source);
    clip_encoder_free(encoder);
}

/* A frame in one packet: header, payload descriptor, then these bytes. */
static SourceVerdict push_raw(Seen *seen, uint16_t seq, const uint8_t *frame, size_t size)
{
    uint8_t rtp[1200] = {0x80, 0x80 | 96, (uint8_t)(seq >> 8), (uint8_t)seq, 0, 0, 0, 0, 0, 0, 0,
                         9,    0x10};
    memcpy(rtp + 13, frame, size);
    seen->now_us += FRAME_US;
    return source_push(seen->source, rtp, 13 + size, seen->now_us);
}

Test(source, never_lets_a_giant_or_empty_frame_into_the_decoder)
{
    static const uint8_t sizes[][4] = {
        {0xff, 0x3f, 0xff, 0x3f}, {0x82, 0x07, 0x40, 0x00}, {0x40, 0x01, 0x42, 0x04},
        {0x00, 0x00, 0x40, 0x00}, {0x40, 0x00, 0x00, 0x00},
    };
    Seen seen = open_seen();
    start(&seen);
    uint8_t frame[600] = {0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a};
    for (uint16_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
        memcpy(frame + 6, sizes[i], 4);
        cr_expect_eq(push_raw(&seen, i, frame, sizeof frame), SOURCE_TAKEN);
        cr_expect_eq(source_counters(seen.source)->frames_refused, i + 1u, "size %d", i);
    }
    cr_expect_eq(source_counters(seen.source)->frames_undecoded, 0);
    cr_expect_eq(seen.frames, 0);
    cr_expect(source_is_waiting(seen.source));
    source_free(seen.source);
}

Test(source, goes_on_after_a_giant_frame)
{
    Seen seen = open_seen();
    ClipEncoder *giant = clip_encoder_new(1922, 64, 500);
    ClipEncoder *good = clip_encoder_new(320, 180, 300);
    start(&seen);
    push_frame(&seen, giant);
    push_frame(&seen, giant);
    cr_expect_eq(seen.frames, 0);
    cr_expect_geq(source_counters(seen.source)->frames_refused, 1);
    push_frame(&seen, good);
    push_frame(&seen, good);
    cr_expect_eq(seen.frames, 2);
    source_free(seen.source);
    clip_encoder_free(giant);
    clip_encoder_free(good);
}

Test(source, follows_a_source_that_starts_anew)
{
    Seen seen = open_seen();
    ClipEncoder *before = clip_encoder_new(320, 180, 300);
    ClipEncoder *after = clip_encoder_new(212, 120, 300);
    start(&seen);
    push_frame(&seen, before);
    push_frame(&seen, after); /* Another SSRC and sequence. */
    push_frame(&seen, after);
    cr_expect_eq(seen.frames, 3);
    cr_expect_eq(seen.width, 212);
    source_free(seen.source);
    clip_encoder_free(before);
    clip_encoder_free(after);
}

Test(source, follows_a_change_of_size)
{
    Seen seen = open_seen();
    ClipEncoder *small = clip_encoder_new(320, 180, 300);
    ClipEncoder *large = clip_encoder_new(640, 360, 300);
    start(&seen);
    g_autoptr(GPtrArray) before = clip_encode_color(small, 0x30a040);
    g_autoptr(GPtrArray) after = clip_encode_color(large, 0x30a040);
    const uint8_t *last = NULL;
    for (guint i = 0; i < before->len; i++) {
        last = g_bytes_get_data(before->pdata[i], NULL);
        push_packet(&seen, before->pdata[i]);
    }
    for (guint i = 0; i < after->len; i++) {
        gsize size;
        g_autofree uint8_t *rtp = g_bytes_unref_to_data(g_bytes_ref(after->pdata[i]), &size);
        uint16_t seq = (uint16_t)((last[2] << 8 | last[3]) + 1 + (int)i);
        rtp[2] = (uint8_t)(seq >> 8);
        rtp[3] = (uint8_t)seq;
        memcpy(rtp + 8, last + 8, 4); /* The same SSRC: the same stream goes on. */
        cr_expect_eq(source_push(seen.source, rtp, size, seen.now_us), SOURCE_TAKEN);
    }
    cr_expect_eq(seen.frames, 2);
    cr_expect_eq(seen.width, 640);
    cr_expect_eq(seen.height, 360);
    source_free(seen.source);
    clip_encoder_free(small);
    clip_encoder_free(large);
}

Test(source, survives_garbage_in_the_frame_and_asks_again)
{
    Seen seen = open_seen();
    ClipEncoder *encoder = clip_encoder_new(320, 180, 300);
    GRand *random = g_rand_new_with_seed(4);
    start(&seen);
    for (uint16_t i = 0; i < 300; i++) {
        uint8_t frame[200] = {0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a, 0x40, 0x01, 0xb4, 0x00};
        for (int b = i % 2 == 0 ? 10 : 0; b < 200; b++) {
            frame[b] = (uint8_t)g_rand_int_range(random, 0, 256);
        }
        push_raw(&seen, i, frame, sizeof frame);
    }
    seen.now_us += SOURCE_KEYFRAME_REQUEST_US;
    int before = seen.frames;
    push_frame(&seen, encoder);
    push_frame(&seen, encoder);
    cr_expect_eq(seen.frames, before + 2, "a good stream is shown again");
    g_rand_free(random);
    source_free(seen.source);
    clip_encoder_free(encoder);
}

Test(source, survives_every_single_byte_changed)
{
    Seen seen = open_seen();
    ClipEncoder *encoder = clip_encoder_new(64, 48, 100);
    start(&seen);
    g_autoptr(GPtrArray) packets = clip_encode_color(encoder, 0x30a040);
    gsize size;
    const uint8_t *good = g_bytes_get_data(packets->pdata[0], &size);
    for (gsize at = 0; at < size; at++) {
        g_autofree uint8_t *bad = g_memdup2(good, size);
        bad[at] ^= 0xff;
        seen.now_us += FRAME_US;
        source_push(seen.source, bad, size, seen.now_us);
    }
    source_free(seen.source);
    clip_encoder_free(encoder);
}

Test(source, decodes_no_more_frames_a_second_than_allowed)
{
    Seen seen = open_seen();
    ClipEncoder *encoder = clip_encoder_new(64, 48, 100);
    start(&seen);
    for (int i = 0; i < 3 * LIMIT_SOURCE_FPS; i++) {
        push_frame(&seen, encoder);
        seen.now_us -= FRAME_US - 4000; /* 250 frames a second. */
    }
    cr_expect_leq(seen.frames, LIMIT_SOURCE_FPS);
    cr_expect_geq(source_counters(seen.source)->frames_refused, 1);
    source_free(seen.source);
    clip_encoder_free(encoder);
}
