#include <criterion/criterion.h>
#include <stdlib.h>

#include "bridge/base/limits.h"
#include "bridge/mixer/rung.h"
#include "tests/unit/mixer/clip.h"

#define TICK_US 40000

typedef struct Sent {
    ClipDecoder *decoder;
    Rung *rung;
    uint64_t tick;
    int64_t now_us;
    int frames;
    int keyframes;
    int packets;
    size_t bytes;
    size_t packet_size;
    int odd_sizes;
    int seq_gaps;
    uint16_t seq;
    uint32_t timestamp;
    uint32_t timestamp_step;
    int refuse; /* So many packets more. */
    GRand *random;
} Sent;

static bool on_packet(const RungPacket *packet, void *data)
{
    Sent *sent = data;
    const uint8_t *rtp = packet->rtp;
    if (sent->refuse > 0) {
        sent->refuse--;
        return false;
    }
    uint16_t seq = (uint16_t)(rtp[2] << 8 | rtp[3]);
    uint32_t timestamp =
        (uint32_t)rtp[4] << 24 | (uint32_t)rtp[5] << 16 | (uint32_t)rtp[6] << 8 | (uint32_t)rtp[7];
    cr_expect_eq(packet->rung, 5);
    cr_expect_eq(packet->time_us, sent->now_us);
    cr_expect_leq(packet->size, LIMIT_RTP_BYTES);
    cr_expect_eq(rtp[1] & 0x7f, 96);
    cr_expect_eq(rtp[12] & 0x80, 0, "no picture id, no other extension");
    sent->seq_gaps += sent->packets > 0 && seq != (uint16_t)(sent->seq + 1);
    sent->timestamp_step = timestamp - sent->timestamp;
    sent->seq = seq;
    sent->packets++;
    sent->bytes += packet->size;
    sent->odd_sizes +=
        sent->packet_size != 0 &&
        (packet->ends_frame ? packet->size > sent->packet_size : packet->size != sent->packet_size);
    sent->packet_size = packet->ends_frame ? 0 : packet->size;
    if (packet->ends_frame) {
        sent->timestamp = timestamp;
        sent->frames++;
        sent->keyframes += packet->is_keyframe;
    }
    clip_decode(sent->decoder, rtp, packet->size);
    return true;
}

static RungOptions options_of(Sent *sent, int fps)
{
    return (RungOptions){
        .shape = {.id = 5, .width = 640, .height = 360, .fps = fps, .kbps = 1000},
        .picture_fps = 25,
        .send = on_packet,
        .data = sent,
    };
}

static Sent *open_sent(int fps)
{
    clip_init();
    Sent *sent = g_new0(Sent, 1);
    sent->decoder = clip_decoder_new();
    sent->now_us = 5000000;
    sent->random = g_rand_new_with_seed(2);
    RungOptions options = options_of(sent, fps);
    sent->rung = rung_new(&options);
    return sent;
}

static void close_sent(Sent *sent)
{
    rung_free(sent->rung);
    clip_decoder_free(sent->decoder);
    g_rand_free(sent->random);
    g_free(sent);
}

/* Red on the left, blue on the right, noise over both. */
static void encode(Sent *sent, int count)
{
    I420 picture = i420_alloc(640, 360);
    for (int i = 0; i < count; i++) {
        I420 left = i420_part(&picture, (LayoutRect){0, 0, 320, 360});
        I420 right = i420_part(&picture, (LayoutRect){320, 0, 320, 360});
        i420_fill(&left, i420_color(0xc03030));
        i420_fill(&right, i420_color(0x3050c0));
        for (int n = 0; n < 640 * 360; n += 7) {
            picture.plane[0][n] =
                (uint8_t)(picture.plane[0][n] + g_rand_int_range(sent->random, 0, 16));
        }
        sent->tick++;
        sent->now_us += TICK_US;
        cr_assert(!rung_is_due(sent->rung, sent->tick) ||
                  rung_encode(sent->rung, &picture, sent->now_us));
    }
    i420_release(&picture);
}

static void expect_picture(const Sent *sent)
{
    const I420 *picture = clip_picture(sent->decoder);
    cr_assert_not_null(picture);
    cr_expect(picture->width == 640 && picture->height == 360);
    cr_expect(clip_is_color(picture, (LayoutRect){16, 16, 160, 180}, 0xc03030));
    cr_expect(clip_is_color(picture, (LayoutRect){352, 16, 160, 180}, 0x3050c0));
}

Test(rung, sends_a_picture_that_can_be_decoded)
{
    Sent *sent = open_sent(25);
    encode(sent, 25);
    cr_expect_eq(sent->frames, 25);
    cr_expect_eq(clip_frames(sent->decoder), 25);
    cr_expect_eq(sent->keyframes, 1, "the first and no other");
    cr_expect_eq(sent->seq_gaps, 0);
    cr_expect_eq(sent->timestamp_step, 3600);
    cr_expect_eq(rung_frames(sent->rung), 25);
    cr_expect_eq(rung_bytes(sent->rung), sent->bytes);
    expect_picture(sent);
    close_sent(sent);
}

Test(rung, leaves_ticks_out_for_a_lower_rate)
{
    Sent *sent = open_sent(12);
    encode(sent, 100);
    cr_expect(abs(sent->frames - 48) <= 1, "%d", sent->frames);
    close_sent(sent);
}

Test(rung, makes_all_packets_of_a_frame_but_the_last_equal)
{
    Sent *sent = open_sent(25);
    encode(sent, 50);
    cr_expect_gt(sent->packets, 2 * sent->frames, "frames of several packets");
    cr_expect_eq(sent->odd_sizes, 0);
    close_sent(sent);
}

Test(rung, makes_a_key_frame_on_demand_but_not_more_often_than_governed)
{
    Sent *sent = open_sent(25);
    encode(sent, 1);
    for (int i = 0; i < 12; i++) {
        rung_ask_keyframe(sent->rung);
        encode(sent, 1);
    }
    cr_expect_eq(sent->keyframes, 1, "within 480 ms of the first");
    encode(sent, 1);
    cr_expect_eq(sent->keyframes, 2, "what was asked is not forgotten");
    encode(sent, 100);
    cr_expect_eq(sent->keyframes, 2, "many requests, one key frame");
    rung_ask_keyframe(sent->rung);
    encode(sent, 1);
    cr_expect_eq(sent->keyframes, 3);
    close_sent(sent);
}

Test(rung, makes_no_key_frame_at_a_cut)
{
    Sent *sent = open_sent(25);
    I420 noise = i420_alloc(640, 360);
    encode(sent, 60);
    for (int cut = 0; cut < 5; cut++) {
        for (size_t i = 0; i < i420_size_bytes(640, 360); i++) {
            noise.plane[0][i] = (uint8_t)g_rand_int_range(sent->random, 16, 235);
        }
        sent->tick++;
        sent->now_us += TICK_US;
        rung_encode(sent->rung, &noise, sent->now_us);
        encode(sent, 5);
    }
    cr_expect_eq(sent->keyframes, 1);
    i420_release(&noise);
    close_sent(sent);
}

Test(rung, drops_the_rest_of_a_frame_that_cannot_be_sent_and_recovers)
{
    Sent *sent = open_sent(25);
    encode(sent, 20);
    int frames = sent->frames;
    sent->refuse = 1;
    encode(sent, 1);
    cr_expect_eq(sent->refuse, 0);
    cr_expect_eq(sent->frames, frames, "nothing more of that frame");
    encode(sent, 1);
    cr_expect_eq(sent->keyframes, 2);
    cr_expect_eq(sent->seq_gaps, 1, "the receiver can see that something is missing");
    close_sent(sent);
}

Test(rung, keeps_its_bit_rate)
{
    Sent *sent = open_sent(25);
    encode(sent, 50);
    size_t before = sent->bytes;
    encode(sent, 250);
    double kbps = (double)(sent->bytes - before) * 8 / 10000;
    cr_expect(kbps > 600 && kbps < 1200, "%.0f kbit/s of 1000", kbps);
    close_sent(sent);
}

Test(rung, changes_its_bit_rate_without_a_key_frame)
{
    Sent *sent = open_sent(25);
    RungOptions options = options_of(sent, 25);
    encode(sent, 50);
    options.shape.kbps = 300;
    cr_expect(rung_adopt(sent->rung, &options));
    encode(sent, 50);
    size_t before = sent->bytes;
    encode(sent, 125);
    double kbps = (double)(sent->bytes - before) * 8 / 5000;
    cr_expect_eq(sent->keyframes, 1);
    cr_expect(kbps < 450, "%.0f kbit/s of 300", kbps);
    close_sent(sent);
}

Test(rung, is_another_when_its_size_or_rate_differs)
{
    Sent *sent = open_sent(25);
    RungOptions wider = options_of(sent, 25);
    wider.shape.width = 1280;
    RungOptions slower = options_of(sent, 12);
    RungOptions other = options_of(sent, 25);
    other.shape.id = 6;
    cr_expect_not(rung_adopt(sent->rung, &wider));
    cr_expect_not(rung_adopt(sent->rung, &slower));
    cr_expect_not(rung_adopt(sent->rung, &other));
    other.shape.id = 5;
    other.shape.codec = VIDEO_H264;
    cr_expect_not(rung_adopt(sent->rung, &other));
    close_sent(sent);
}
