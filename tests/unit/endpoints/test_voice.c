#include <criterion/criterion.h>
#include <math.h>
#include <opus/opus.h>

#include "bridge/base/clock.h"
#include "endpoints/device/outgoing.h"
#include "endpoints/device/voice.h"

#define START_US (1000 * CLOCK_US_PER_S)

typedef struct Desk {
    Mailbox *outbox;
    Voice *voice;
    int16_t samples[VOICE_HZ];
} Desk;

static Desk *desk_new(void)
{
    Desk *desk = g_new0(Desk, 1);
    desk->outbox = mailbox_new(sizeof(Outgoing), 256);
    desk->voice = voice_new(desk->outbox, NULL);
    cr_assert_not_null(desk->voice);
    for (int i = 0; i < VOICE_HZ; i++) {
        desk->samples[i] = (int16_t)lround(3276.7 * sin(2 * M_PI * 440 * i / VOICE_HZ));
    }
    return desk;
}

static void desk_free(Desk *desk)
{
    voice_free(desk->voice);
    mailbox_free(desk->outbox);
    g_free(desk);
}

static bool next(Desk *desk, Outgoing *outgoing)
{
    return mailbox_take(desk->outbox, outgoing);
}

Test(voice, cuts_any_pieces_into_frames_of_20_ms)
{
    Desk *desk = desk_new();
    Outgoing outgoing;
    size_t sizes[] = {100, 3000, 1, 959, 960, 961, 19};
    size_t at = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
        voice_push(desk->voice, desk->samples + at, sizes[i],
                   START_US + (int64_t)at * CLOCK_US_PER_S / VOICE_HZ);
        at += sizes[i];
    }
    for (unsigned i = 0; i < at / VOICE_FRAME_SAMPLES; i++) {
        cr_assert(next(desk, &outgoing));
        cr_assert_eq(outgoing.kind, OUTGOING_AUDIO);
        cr_assert_eq(outgoing.rtp_timestamp, i * VOICE_FRAME_SAMPLES);
        cr_assert_float_eq((double)(outgoing.captured_us - START_US), i * 20000.0, 100);
    }
    cr_assert_not(next(desk, &outgoing));
    desk_free(desk);
}

Test(voice, measures_every_frame)
{
    Desk *desk = desk_new();
    Outgoing outgoing;
    int16_t silence[VOICE_FRAME_SAMPLES] = {0};
    voice_push(desk->voice, desk->samples, VOICE_FRAME_SAMPLES, START_US);
    voice_push(desk->voice, silence, VOICE_FRAME_SAMPLES, START_US + 20000);
    cr_assert(next(desk, &outgoing));
    cr_assert_eq(outgoing.level, 23);
    cr_assert(next(desk, &outgoing));
    cr_assert_eq(outgoing.level, 127);
    cr_assert_eq(voice_level(desk->voice), 127);
    desk_free(desk);
}

Test(voice, encodes_what_a_decoder_hears)
{
    Desk *desk = desk_new();
    Outgoing outgoing;
    int16_t heard[VOICE_FRAME_SAMPLES];
    double energy = 0;
    OpusDecoder *decoder = opus_decoder_create(VOICE_HZ, 1, NULL);
    voice_push(desk->voice, desk->samples, VOICE_HZ, START_US);
    for (int i = 0; next(desk, &outgoing); i++) {
        cr_assert_eq(
            opus_decode(decoder, outgoing.payload, outgoing.size, heard, VOICE_FRAME_SAMPLES, 0),
            VOICE_FRAME_SAMPLES);
        for (int k = 0; i >= 10 && k < VOICE_FRAME_SAMPLES; k++) {
            energy += heard[k] * (double)heard[k];
        }
    }
    double rms = sqrt(energy / (40.0 * VOICE_FRAME_SAMPLES));
    cr_assert_float_eq(rms, 3276.7 / sqrt(2), 400);
    opus_decoder_destroy(decoder);
    desk_free(desk);
}

Test(voice, sends_nothing_while_muted_but_still_measures)
{
    Desk *desk = desk_new();
    Outgoing outgoing;
    voice_set_muted(desk->voice, true);
    voice_push(desk->voice, desk->samples, 5 * VOICE_FRAME_SAMPLES, START_US);
    cr_assert_not(next(desk, &outgoing));
    cr_assert_eq(voice_level(desk->voice), 23);
    voice_set_muted(desk->voice, false);
    voice_push(desk->voice, desk->samples, VOICE_FRAME_SAMPLES, START_US + 100000);
    cr_assert(next(desk, &outgoing));
    cr_assert_eq(outgoing.rtp_timestamp, 5 * VOICE_FRAME_SAMPLES, "time went on while muted");
    desk_free(desk);
}

Test(voice, leaves_a_gap_where_the_source_stood_still)
{
    Desk *desk = desk_new();
    Outgoing outgoing;
    voice_push(desk->voice, desk->samples, VOICE_FRAME_SAMPLES + 480, START_US);
    voice_push(desk->voice, desk->samples, VOICE_FRAME_SAMPLES, START_US + 500000);
    cr_assert(next(desk, &outgoing));
    cr_assert(next(desk, &outgoing));
    cr_assert_float_eq(outgoing.rtp_timestamp, 24000, 2);
    cr_assert_eq(outgoing.captured_us, START_US + 500000);
    desk_free(desk);
}

Test(voice, never_sends_the_same_time_twice)
{
    Desk *desk = desk_new();
    Outgoing outgoing;
    voice_push(desk->voice, desk->samples, 2 * VOICE_FRAME_SAMPLES, START_US);
    voice_push(desk->voice, desk->samples, 2 * VOICE_FRAME_SAMPLES, START_US - CLOCK_US_PER_S);
    uint32_t before = 0;
    for (int i = 0; next(desk, &outgoing); i++) {
        cr_assert(i == 0 || outgoing.rtp_timestamp > before);
        before = outgoing.rtp_timestamp;
    }
    desk_free(desk);
}

Test(voice, ignores_the_jitter_of_the_source)
{
    Desk *desk = desk_new();
    Outgoing outgoing;
    for (int i = 0; i < 50; i++) {
        voice_push(desk->voice, desk->samples, VOICE_FRAME_SAMPLES,
                   START_US + i * INT64_C(20000) + (i % 2 == 0 ? 10000 : -10000));
    }
    for (uint32_t i = 0; i < 50; i++) {
        cr_assert(next(desk, &outgoing));
        cr_assert_eq(outgoing.rtp_timestamp, i * VOICE_FRAME_SAMPLES);
    }
    desk_free(desk);
}

/* Something like a vowel: pulses, 140 a second, at changing loudness. */
static void speak(int16_t *samples, int count)
{
    double ring = 0;
    for (int i = 0; i < count; i++) {
        double loudness = 0.5 + 0.5 * sin(2 * M_PI * 3 * i / VOICE_HZ);
        ring = 0.97 * ring + (i % (VOICE_HZ / 140) == 0 ? 9000 * loudness : 0);
        samples[i] = (int16_t)lround(ring);
    }
}

Test(voice, most_frames_of_speech_carry_the_one_before)
{
    Desk *desk = desk_new();
    Outgoing outgoing;
    int with_fec = 0;
    int frames = 0;
    speak(desk->samples, VOICE_HZ);
    voice_push(desk->voice, desk->samples, VOICE_HZ, START_US);
    for (; next(desk, &outgoing); frames++) {
        bool has_silk = outgoing.payload[0] >> 3 < 16;
        with_fec += has_silk && (outgoing.payload[1] & 0x40) != 0;
    }
    cr_expect_geq(with_fec, frames / 2, "%d of %d", with_fec, frames);
    desk_free(desk);
}
