#include "bridge/mixer/voicedecoder.h"

#include <criterion/criterion.h>

#include "tests/unit/mixer/test_sound_support.h"

#define AMPLITUDE 8000

typedef struct Bench {
    VoiceDecoder *decoder;
    Talker talker;
    VoiceFrame frame;
    int16_t pcm[VOICE_FRAME_SAMPLES_MAX];
} Bench;

static Bench *bench_new(void)
{
    Bench *bench = g_new0(Bench, 1);
    bench->decoder = voice_decoder_new();
    bench->talker = talker_of(400, AMPLITUDE);
    return bench;
}

static void bench_free(Bench *bench)
{
    voice_decoder_free(bench->decoder);
    talker_clear(&bench->talker);
    g_free(bench);
}

static void next_frame(Bench *bench)
{
    uint8_t rtp[RTP_MAX];
    bench->frame.size = talker_write(&bench->talker, rtp) - 12;
    bench->frame.samples = bench->talker.samples;
    memcpy(bench->frame.bytes, rtp + 12, bench->frame.size);
}

static void play(Bench *bench, int frames)
{
    for (int i = 0; i < frames; i++) {
        next_frame(bench);
        cr_assert_eq(voice_decoder_decode(bench->decoder, &bench->frame, bench->pcm), 960);
    }
}

Test(voicedecoder, counts_the_samples_of_every_frame_length)
{
    const int lengths[] = {120, 240, 480, 960, 1920, 2880, 5760};
    Bench *bench = bench_new();
    for (size_t i = 0; i < G_N_ELEMENTS(lengths); i++) {
        bench->talker.samples = lengths[i];
        next_frame(bench);
        cr_expect_eq(voice_decoder_count_samples(bench->frame.bytes, bench->frame.size),
                     lengths[i]);
    }
    bench_free(bench);
}

Test(voicedecoder, counts_nothing_in_what_is_no_packet)
{
    /* Code 3 with no frame count, with none, and with 63 frames of 20 ms. */
    const uint8_t bytes[][2] = {{0xfb, 0}, {0xfb, 0}, {0xfb, 63}};
    cr_expect_eq(voice_decoder_count_samples(bytes[0], 1), 0);
    cr_expect_eq(voice_decoder_count_samples(bytes[1], 2), 0);
    cr_expect_eq(voice_decoder_count_samples(bytes[2], 2), 0);
    cr_expect_eq(voice_decoder_count_samples(bytes[0], 0), 0);
}

Test(voicedecoder, refuses_a_frame_that_is_not_what_its_length_says)
{
    Bench *bench = bench_new();
    next_frame(bench);
    /* Code 2: two frames, the length of the first runs past the end. */
    const uint8_t broken[] = {0xfa, 0xfb, 0x10, 1, 2};
    memcpy(bench->frame.bytes, broken, sizeof broken);
    bench->frame.size = sizeof broken;
    bench->frame.samples = 1920;
    cr_expect_eq(voice_decoder_decode(bench->decoder, &bench->frame, bench->pcm), 0);
    bench_free(bench);
}

Test(voicedecoder, fades_in_what_comes_after_silence)
{
    Bench *bench = bench_new();
    play(bench, 10);
    voice_decoder_hush(bench->decoder);
    cr_expect(voice_decoder_is_silent(bench->decoder));
    play(bench, 1);
    cr_expect_lt(rms_level(bench->pcm, 24), AMPLITUDE * 0.1);
    cr_expect_gt(rms_level(bench->pcm + 480, 480), AMPLITUDE * 0.6);
    cr_expect_not(voice_decoder_is_silent(bench->decoder));
    bench_free(bench);
}

static int samples_until_silent(Bench *bench, bool is_pause)
{
    int samples = 0;
    while (!voice_decoder_is_silent(bench->decoder) && samples < 10 * RATE) {
        samples += voice_decoder_conceal(bench->decoder, is_pause, 240, bench->pcm);
        cr_assert(voice_decoder_is_guessing(bench->decoder));
    }
    return samples;
}

Test(voicedecoder, fades_a_loss_to_silence_in_100_ms)
{
    Bench *bench = bench_new();
    play(bench, 10);
    cr_expect_not(voice_decoder_is_guessing(bench->decoder));
    cr_expect_eq(samples_until_silent(bench, false), 4800);
    cr_expect_eq(voice_decoder_conceal(bench->decoder, false, 77, bench->pcm), 77);
    cr_expect_eq(rms_level(bench->pcm, 77), 0);
    bench_free(bench);
}

Test(voicedecoder, fades_a_pause_to_silence_in_10_ms)
{
    Bench *bench = bench_new();
    play(bench, 10);
    cr_expect_eq(samples_until_silent(bench, true), 480);
    bench_free(bench);
}

Test(voicedecoder, never_falls_steeply_when_a_loss_turns_out_to_be_a_pause)
{
    Bench *bench = bench_new();
    play(bench, 10);
    voice_decoder_conceal(bench->decoder, false, 960, bench->pcm);
    cr_expect_geq(samples_until_silent(bench, true), 480);
    bench_free(bench);
}

Test(voicedecoder, guesses_in_whole_steps)
{
    Bench *bench = bench_new();
    play(bench, 10);
    cr_expect_eq(voice_decoder_conceal(bench->decoder, false, 1, bench->pcm), 120);
    cr_expect_eq(voice_decoder_conceal(bench->decoder, false, 121, bench->pcm), 240);
    bench_free(bench);
}

Test(voicedecoder, keeps_comfort_noise_up_for_half_a_second_of_dtx)
{
    Bench *bench = bench_new();
    play(bench, 10);
    bench->frame.size = 1;
    voice_decoder_decode(bench->decoder, &bench->frame, bench->pcm);
    cr_expect(voice_decoder_is_in_dtx(bench->decoder));
    int samples = samples_until_silent(bench, false);
    cr_expect(samples >= RATE / 2 && samples <= RATE * 6 / 10, "%d", samples);
    play(bench, 1);
    cr_expect_not(voice_decoder_is_in_dtx(bench->decoder));
    bench_free(bench);
}

Test(voicedecoder, allows_two_of_the_longest_frames_a_tick)
{
    Bench *bench = bench_new();
    voice_decoder_begin_tick(bench->decoder);
    cr_expect(voice_decoder_may_decode(bench->decoder, 5760));
    cr_expect(voice_decoder_may_decode(bench->decoder, 5760));
    cr_expect_not(voice_decoder_may_decode(bench->decoder, 1));
    next_frame(bench);
    cr_expect_eq(voice_decoder_recover(bench->decoder, &bench->frame, 960, bench->pcm), 0);
    voice_decoder_begin_tick(bench->decoder);
    cr_expect(voice_decoder_may_decode(bench->decoder, 960));
    bench_free(bench);
}
