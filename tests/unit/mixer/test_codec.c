#include <criterion/criterion.h>
#include <glib.h>
#include <string.h>

#include "bridge/base/limits.h"
#include "bridge/mixer/rung.h"
#include "tests/unit/mixer/clip.h"

#define TICK_US 40000

/* A rung of H.264 of a picture that is red on the left and blue on the right, with noise. */
typedef struct Show {
    Rung *rung;
    ClipDecoder *decoder;
    GRand *random;
    I420 picture;
    int64_t now_us;
    int frames;
    int keyframes;
    int packets;
    int odd_sizes;
    size_t packet_size;
    size_t bytes;
    uint8_t profile[3];
    int forward; /* Packets whose timestamp goes back: frames out of order. */
    uint32_t timestamp;
} Show;

static void read_profile(Show *show, const uint8_t *payload, size_t size)
{
    static const uint8_t sps = 0x67;
    for (size_t i = 0; i + 4 <= size && i < 8; i++) {
        if ((payload[i] & 0x1f) == (sps & 0x1f) && payload[i + 1] == 66) {
            memcpy(show->profile, payload + i + 1, sizeof show->profile);
            return;
        }
    }
}

static bool on_packet(const RungPacket *packet, void *data)
{
    Show *show = data;
    const uint8_t *rtp = packet->rtp;
    uint32_t timestamp =
        (uint32_t)rtp[4] << 24 | (uint32_t)rtp[5] << 16 | (uint32_t)rtp[6] << 8 | (uint32_t)rtp[7];
    cr_expect_eq(rtp[1] & 0x7f, 97);
    cr_expect_leq(packet->size, LIMIT_RTP_BYTES);
    show->forward += show->packets > 0 && (int32_t)(timestamp - show->timestamp) < 0;
    show->timestamp = timestamp;
    show->packets++;
    show->bytes += packet->size;
    if (packet->is_keyframe) {
        read_profile(show, rtp + 12, packet->size - 12);
    } else {
        size_t before = show->packet_size;
        show->odd_sizes +=
            before != 0 && (packet->ends_frame ? packet->size > before : packet->size != before);
        show->packet_size = packet->ends_frame ? 0 : packet->size;
    }
    show->frames += packet->ends_frame;
    show->keyframes += packet->ends_frame && packet->is_keyframe;
    clip_decode(show->decoder, rtp, packet->size);
    return true;
}

static Show *open_show(void)
{
    Show *show = g_new0(Show, 1);
    show->decoder = clip_decoder_new_h264();
    show->random = g_rand_new_with_seed(3);
    show->picture = i420_alloc(640, 360);
    show->rung = rung_new(&(RungOptions){
        .shape = {5, VIDEO_H264, 640, 360, 25, 1000},
        .picture_fps = 25,
        .send = on_packet,
        .data = show,
    });
    return show;
}

static void close_show(Show *show)
{
    rung_free(show->rung);
    clip_decoder_free(show->decoder);
    g_rand_free(show->random);
    i420_release(&show->picture);
    g_free(show);
}

static void encode(Show *show, int count)
{
    for (int i = 0; i < count; i++) {
        I420 left = i420_part(&show->picture, (LayoutRect){0, 0, 320, 360});
        I420 right = i420_part(&show->picture, (LayoutRect){320, 0, 320, 360});
        i420_fill(&left, i420_color(0xc03030));
        i420_fill(&right, i420_color(0x3050c0));
        for (int n = 0; n < 640 * 360; n += 7) {
            uint8_t *luma = &show->picture.plane[0][n];
            *luma = (uint8_t)(*luma + g_rand_int_range(show->random, 0, 16));
        }
        show->now_us += TICK_US;
        cr_assert(rung_encode(show->rung, &show->picture, show->now_us));
    }
}

Test(codec, makes_h264_of_constrained_baseline_that_can_be_decoded)
{
    Show *show = open_show();
    encode(show, 25);
    cr_expect_eq(show->frames, 25, "every frame at once: %d", show->frames);
    cr_expect_eq(show->forward, 0);
    cr_expect_eq(show->keyframes, 1, "%d", show->keyframes);
    cr_expect_eq(show->profile[0], 0x42);
    cr_expect_eq(show->profile[1] & 0x40, 0x40, "constraint_set1: %02x", show->profile[1]);
    cr_expect_geq(clip_frames(show->decoder), 24, "%d", clip_frames(show->decoder));
    const I420 *picture = clip_picture(show->decoder);
    cr_assert_not_null(picture);
    cr_expect(clip_is_color(picture, (LayoutRect){16, 16, 160, 180}, 0xc03030));
    cr_expect(clip_is_color(picture, (LayoutRect){352, 16, 160, 180}, 0x3050c0));
    close_show(show);
}

Test(codec, makes_h264_key_frames_on_demand_only)
{
    Show *show = open_show();
    encode(show, 60);
    cr_expect_eq(show->keyframes, 1);
    rung_ask_keyframe(show->rung);
    encode(show, 1);
    cr_expect_eq(show->keyframes, 2);
    encode(show, 60);
    cr_expect_eq(show->keyframes, 2);
    close_show(show);
}

Test(codec, makes_h264_packets_of_equal_size)
{
    Show *show = open_show();
    encode(show, 50);
    cr_expect_gt(show->packets, 2 * show->frames, "frames of several packets");
    cr_expect_eq(show->odd_sizes, 0);
    close_show(show);
}

Test(codec, keeps_the_bit_rate_of_h264_and_changes_it_on_the_way)
{
    Show *show = open_show();
    encode(show, 50);
    size_t before = show->bytes;
    encode(show, 125);
    double kbps = (double)(show->bytes - before) * 8 / 5000;
    cr_expect(kbps > 600 && kbps < 1300, "%.0f kbit/s of 1000", kbps);
    RungOptions options = {
        .shape = {5, VIDEO_H264, 640, 360, 25, 400},
        .picture_fps = 25,
        .send = on_packet,
        .data = show,
    };
    cr_expect(rung_adopt(show->rung, &options));
    encode(show, 75);
    before = show->bytes;
    encode(show, 125);
    kbps = (double)(show->bytes - before) * 8 / 5000;
    cr_expect(kbps < 600, "%.0f kbit/s of 400", kbps);
    cr_expect_eq(show->keyframes, 2, "the encoder begins anew with the other rate");
    close_show(show);
}
