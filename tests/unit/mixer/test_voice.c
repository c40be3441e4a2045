#include "bridge/mixer/voice.h"

#include <criterion/criterion.h>

#include "tests/unit/mixer/test_sound_support.h"

#define TICK_US 20000
#define START_US INT64_C(1000000000)
#define LOOP_PACKETS 50
#define FLYING_MAX 200
#define HZ 400
#define AMPLITUDE 8000

typedef struct Flying {
    int64_t arrival_us;
    size_t size;
    uint8_t rtp[400];
} Flying;

/* A sender and its network: a tone of 400 Hz, packets delayed, lost and out of order as told. */
typedef struct Wire {
    Voice *voice;
    SoundStats stats;
    GRand *random;
    double packet_us; /* 20000 when the sender's clock is right */
    double next_us;
    double jitter_us;
    double loss;
    int64_t delay_us;
    int64_t jam_ends_us; /* nothing arrives before */
    uint16_t seq;
    uint32_t rtp_ts;
    uint32_t ssrc;
    bool is_mute;
    size_t sent;
    size_t payload_sizes[LOOP_PACKETS];
    uint8_t payloads[LOOP_PACKETS][400];
    Flying flying[FLYING_MAX];
    size_t flying_count;
    int64_t now_us;
    int16_t *pcm;
    size_t ticks;
    size_t ticks_max;
    int64_t delay_max_us; /* since the last wire_run */
    int64_t delay_min_us;
} Wire;

/* One second of the tone, which begins where it ends. */
static void record_loop(Wire *wire, double syllables_hz, int bandwidth)
{
    Talker talker = talker_of(HZ, AMPLITUDE);
    talker.syllables_hz = syllables_hz;
    opus_encoder_ctl(talker.encoder, OPUS_SET_MAX_BANDWIDTH(bandwidth));
    uint8_t rtp[RTP_MAX];
    for (size_t i = 0; i < LOOP_PACKETS * 2; i++) {
        size_t size = talker_write(&talker, rtp) - 12;
        cr_assert_leq(size, sizeof wire->payloads[0]);
        wire->payload_sizes[i % LOOP_PACKETS] = size;
        memcpy(wire->payloads[i % LOOP_PACKETS], rtp + 12, size);
    }
    talker_clear(&talker);
}

static Wire *wire_new(size_t seconds)
{
    Wire *wire = g_new0(Wire, 1);
    wire->voice = voice_new(&wire->stats);
    wire->random = g_rand_new_with_seed(207);
    wire->packet_us = TICK_US;
    wire->now_us = START_US;
    wire->next_us = START_US + 7000;
    wire->seq = 65500;
    wire->rtp_ts = UINT32_MAX - 48000;
    wire->ssrc = 5;
    wire->ticks_max = seconds * 50;
    wire->pcm = g_new0(int16_t, wire->ticks_max * 960);
    record_loop(wire, 0, OPUS_BANDWIDTH_FULLBAND);
    return wire;
}

static void wire_free(Wire *wire)
{
    voice_free(wire->voice);
    g_rand_free(wire->random);
    g_free(wire->pcm);
    g_free(wire);
}

static void take_off(Wire *wire)
{
    size_t index = wire->sent++ % LOOP_PACKETS;
    bool is_lost = g_rand_double(wire->random) < wire->loss || wire->is_mute;
    double wait_us = wire->jitter_us * g_rand_double(wire->random);
    if (!is_lost) {
        cr_assert_lt(wire->flying_count, FLYING_MAX);
        Flying *packet = &wire->flying[wire->flying_count++];
        packet->arrival_us = (int64_t)(wire->next_us + wait_us) + wire->delay_us;
        packet->arrival_us = MAX(packet->arrival_us, wire->jam_ends_us);
        size_t header = rtp_header(packet->rtp, wire->seq, wire->rtp_ts, wire->ssrc);
        memcpy(packet->rtp + header, wire->payloads[index], wire->payload_sizes[index]);
        packet->size = header + wire->payload_sizes[index];
    }
    wire->seq++;
    wire->rtp_ts += 960;
    wire->next_us += wire->packet_us;
}

/* Pushes what has arrived, in order of arrival. */
static void land(Wire *wire)
{
    for (;;) {
        Flying *first = NULL;
        for (size_t i = 0; i < wire->flying_count; i++) {
            if (first == NULL || wire->flying[i].arrival_us < first->arrival_us) {
                first = &wire->flying[i];
            }
        }
        if (first == NULL || first->arrival_us > wire->now_us) {
            return;
        }
        voice_push(wire->voice, first->rtp, first->size, first->arrival_us);
        *first = wire->flying[--wire->flying_count];
    }
}

static void wire_tick(Wire *wire)
{
    int16_t unheard[VOICE_TICK_SAMPLES];
    bool is_recorded = wire->ticks < wire->ticks_max;
    wire->now_us += TICK_US;
    while (wire->next_us <= (double)wire->now_us) {
        take_off(wire);
    }
    land(wire);
    voice_tick(wire->voice, wire->now_us, is_recorded ? wire->pcm + wire->ticks * 960 : unheard);
    wire->ticks += is_recorded;
    int64_t delay_us = voice_delay_now_us(wire->voice);
    wire->delay_max_us = MAX(wire->delay_max_us, delay_us);
    wire->delay_min_us = MIN(wire->delay_min_us, delay_us);
}

static void wire_run(Wire *wire, double seconds)
{
    wire->delay_max_us = 0;
    wire->delay_min_us = INT64_MAX;
    for (int i = 0; i < (int)(seconds * 50); i++) {
        wire_tick(wire);
    }
}

/* Share of the 20 ms windows of the last `seconds` in which the tone is within 3 dB of what it
 * should be. */
static double tone_share_of_windows(const Wire *wire, size_t windows)
{
    size_t good = 0;
    cr_assert_geq(wire->ticks, windows);
    for (size_t i = wire->ticks - windows; i < wire->ticks; i++) {
        double level = tone_level(wire->pcm + i * 960, 960, HZ);
        good += fabs(decibel(level, AMPLITUDE)) < 3;
    }
    return (double)good / (double)windows;
}

static double tone_share(const Wire *wire, size_t seconds)
{
    return tone_share_of_windows(wire, seconds * 50);
}

static double loudness(const Wire *wire, size_t from_tick, size_t to_tick)
{
    cr_assert_leq(to_tick, wire->ticks);
    return rms_level(wire->pcm + from_tick * 960, (to_tick - from_tick) * 960);
}

static void report(const Wire *wire, const char *name)
{
    if (g_getenv("VERBOSE") != NULL) {
        const SoundStats *s = &wire->stats;
        cr_log_warn("%s: share %.3f delay %.1f..%.1f ms, in %lu late %lu dup %lu fec %lu plc %lu "
                    "+%lu -%lu restarts %lu overflow %lu",
                    name, tone_share(wire, wire->ticks / 50 / 2), (double)wire->delay_min_us / 1000,
                    (double)wire->delay_max_us / 1000, s->packets_in, s->packets_late,
                    s->packets_duplicate, s->frames_recovered, s->frames_concealed,
                    s->voice_stretches, s->voice_shrinks, s->voice_restarts, s->packets_overflowed);
    }
}

Test(voice, plays_an_undisturbed_stream_without_a_gap_and_little_delay)
{
    Wire *wire = wire_new(10);
    wire_run(wire, 10);
    report(wire, "clean");
    cr_expect_eq(tone_share(wire, 9), 1);
    cr_expect_leq(wire->delay_max_us, 65000);
    cr_expect_eq(wire->stats.frames_concealed, 0);
    cr_expect_eq(wire->stats.voice_restarts, 0);
    cr_expect_eq(wire->stats.packets_in, 500);
    wire_free(wire);
}

/* Share of the windows in which two voices are equally loud, to 3 dB, where `ideal` is loud. */
static double same_share(const Wire *wire, const Wire *ideal)
{
    size_t loud = 0;
    size_t same = 0;
    for (size_t i = 50; i < ideal->ticks; i++) {
        double level = rms_level(ideal->pcm + i * 960, 960);
        if (decibel(level, AMPLITUDE) > -20) {
            loud++;
            same += fabs(decibel(rms_level(wire->pcm + i * 960, 960), level)) < 3;
        }
    }
    cr_assert_gt(loud, 0);
    return (double)same / (double)loud;
}

Test(voice, carries_speech_on_over_random_losses)
{
    Wire *wire = wire_new(60);
    Wire *ideal = wire_new(60);
    record_loop(wire, 3, OPUS_BANDWIDTH_FULLBAND);
    record_loop(ideal, 3, OPUS_BANDWIDTH_FULLBAND);
    wire->loss = 0.1;
    wire_run(wire, 60);
    wire_run(ideal, 60);
    report(wire, "loss 10 %");
    double share = same_share(wire, ideal);
    cr_expect_geq(share, 0.94, "%.3f of the windows", share);
    cr_expect_geq(wire->stats.frames_recovered, 200);
    cr_expect_eq(wire->stats.packets_late, 0);
    wire_free(wire);
    wire_free(ideal);
}

Test(voice, puts_packets_back_in_order)
{
    Wire *wire = wire_new(20);
    uint8_t swapped[2][RTP_MAX];
    int16_t pcm[VOICE_TICK_SAMPLES];
    Talker talker = talker_of(HZ, AMPLITUDE);
    for (int i = 0; i < 200; i++) {
        size_t first = talker_write(&talker, swapped[0]);
        size_t second = talker_write(&talker, swapped[1]);
        int64_t at_us = START_US + i * 2 * TICK_US;
        voice_push(wire->voice, swapped[1], second, at_us + TICK_US);
        voice_push(wire->voice, swapped[0], first, at_us + TICK_US);
        for (int tick = 1; tick <= 2; tick++) {
            voice_tick(wire->voice, at_us + tick * TICK_US, pcm);
            memcpy(wire->pcm + wire->ticks++ * 960, pcm, sizeof pcm);
        }
    }
    report(wire, "reordered");
    cr_expect_geq(wire->stats.packets_in, 398);
    cr_expect_eq(wire->stats.packets_duplicate, 0);
    cr_expect_eq(tone_share(wire, 7), 1);
    talker_clear(&talker);
    wire_free(wire);
}

Test(voice, refuses_what_it_has_already)
{
    Wire *wire = wire_new(1);
    Talker talker = talker_of(HZ, AMPLITUDE);
    uint8_t rtp[RTP_MAX];
    size_t size = talker_write(&talker, rtp);
    cr_expect(voice_push(wire->voice, rtp, size, START_US));
    cr_expect_not(voice_push(wire->voice, rtp, size, START_US));
    cr_expect_eq(wire->stats.packets_duplicate, 1);
    cr_expect_eq(wire->stats.packets_in, 1);
    talker_clear(&talker);
    wire_free(wire);
}

Test(voice, does_not_notice_when_sequence_number_and_timestamp_go_round)
{
    Wire *wire = wire_new(10);
    wire->seq = 65535 - 100;
    wire->rtp_ts = UINT32_MAX - 200 * 960 + 17;
    wire_run(wire, 10);
    cr_expect_eq(tone_share(wire, 9), 1);
    cr_expect_eq(wire->stats.voice_restarts + wire->stats.frames_concealed, 0);
    wire_free(wire);
}

Test(voice, takes_a_timestamp_jump_without_a_sequence_gap_for_silence)
{
    Wire *wire = wire_new(20);
    wire_run(wire, 2);
    size_t from = wire->ticks;
    wire->next_us += 1000000;
    wire->rtp_ts += 48000;
    wire_run(wire, 2);
    report(wire, "pause");
    cr_expect_lt(decibel(loudness(wire, from + 10, from + 50), 32768), -90);
    cr_expect_eq(tone_share_of_windows(wire, 45), 1);
    cr_expect_eq(wire->stats.frames_recovered + wire->stats.voice_restarts, 0);
    cr_expect_eq(wire->stats.packets_late, 0);
    wire_free(wire);
}

Test(voice, takes_a_skip_of_one_frame_without_a_sequence_gap_for_silence)
{
    Wire *wire = wire_new(5);
    for (int i = 0; i < 10; i++) {
        wire_run(wire, 0.4);
        wire->next_us += TICK_US;
        wire->rtp_ts += 960;
    }
    cr_expect_eq(wire->stats.frames_recovered, 0);
    cr_expect_eq(wire->stats.packets_late, 0);
    wire_free(wire);
}

/* A room's hum between words, sent as browsers do under DTX: the first packet that holds nothing,
 * then none until the encoder refreshes the hum. */
Test(voice, carries_the_hum_of_a_room_through_dtx)
{
    Wire *wire = wire_new(30);
    OpusEncoder *encoder = opus_encoder_create(RATE, 1, OPUS_APPLICATION_VOIP, NULL);
    opus_encoder_ctl(encoder, OPUS_SET_BITRATE(32000));
    opus_encoder_ctl(encoder, OPUS_SET_DTX(1));
    bool in_dtx = false;
    size_t unsent = 0;
    uint16_t seq = 0;
    for (int tick = 0; tick < 1000; tick++) {
        int16_t pcm[960];
        uint8_t rtp[RTP_MAX];
        bool is_word = tick % 250 < 50;
        for (int i = 0; i < 960; i++) {
            double tone = is_word ? 6000 * sin(2 * M_PI * HZ * i / RATE) : 0;
            pcm[i] = (int16_t)lrint(tone + g_rand_double_range(wire->random, -200, 200));
        }
        size_t header = rtp_header(rtp, seq, (uint32_t)tick * 960, 1);
        int size = opus_encode(encoder, pcm, 960, rtp + header, 1000);
        bool was_in_dtx = in_dtx;
        in_dtx = size <= 2;
        if (in_dtx && was_in_dtx) {
            unsent++;
        } else {
            seq++;
            voice_push(wire->voice, rtp, header + (size_t)size, START_US + tick * TICK_US);
        }
        voice_tick(wire->voice, START_US + tick * TICK_US, wire->pcm + wire->ticks++ * 960);
    }
    report(wire, "dtx");
    cr_assert_gt(unsent, 300, "the encoder did use DTX: %zu", unsent);
    cr_expect_eq(wire->stats.packets_late + wire->stats.voice_restarts, 0);
    cr_expect_eq(wire->stats.frames_recovered + wire->stats.frames_concealed, 0);
    for (size_t tick = 850; tick < 990; tick++) {
        double hum = decibel(loudness(wire, tick, tick + 1), 32768);
        cr_expect(hum > -70 && hum < -40, "tick %zu: %.1f dBFS", tick, hum);
    }
    opus_encoder_destroy(encoder);
    wire_free(wire);
}

Test(voice, puts_the_lost_frame_and_not_its_successor_where_it_was)
{
    Wire *wire = wire_new(20);
    Voice *ideal = voice_new(&(SoundStats){0});
    /* Eight and a half turns a frame: the neighbours are upside down. */
    Talker talker = talker_of(425, AMPLITUDE);
    talker.syllables_hz = 3;
    double energy = 0;
    double error = 0;
    for (int tick = 0; tick < 1000; tick++) {
        uint8_t rtp[RTP_MAX];
        int16_t whole[VOICE_TICK_SAMPLES];
        int16_t *lossy = wire->pcm + wire->ticks++ * 960;
        size_t size = talker_write(&talker, rtp);
        voice_push(ideal, rtp, size, START_US + tick * TICK_US);
        if (tick % 10 != 9) {
            voice_push(wire->voice, rtp, size, START_US + tick * TICK_US);
        }
        voice_tick(ideal, START_US + tick * TICK_US, whole);
        voice_tick(wire->voice, START_US + tick * TICK_US, lossy);
        for (int i = 0; i < VOICE_TICK_SAMPLES; i++) {
            energy += (double)whole[i] * whole[i];
            error += (double)(whole[i] - lossy[i]) * (whole[i] - lossy[i]);
        }
    }
    cr_expect_geq(wire->stats.frames_recovered, 95);
    cr_expect_lt(10 * log10(error / energy), -12, "%.1f dB", 10 * log10(error / energy));
    talker_clear(&talker);
    voice_free(ideal);
    wire_free(wire);
}

Test(voice, lets_go_of_what_the_mixer_could_not_play_in_time)
{
    Wire *wire = wire_new(20);
    wire_run(wire, 2);
    for (int i = 0; i < 25; i++) {
        wire->now_us += TICK_US;
        while (wire->next_us <= (double)wire->now_us) {
            take_off(wire);
        }
        land(wire);
    }
    wire_run(wire, 2);
    report(wire, "stall of the mixer");
    cr_expect_eq(wire->stats.voice_restarts, 1);
    cr_expect_leq(wire->delay_max_us, 60000);
    cr_expect_eq(tone_share_of_windows(wire, 95), 1);
    wire_free(wire);
}

Test(voice, fades_to_silence_within_120_ms_when_packets_stop)
{
    Wire *wire = wire_new(5);
    wire_run(wire, 2);
    wire->is_mute = true;
    wire_run(wire, 1);
    double before = loudness(wire, 90, 99);
    cr_expect_lt(decibel(before, AMPLITUDE * M_SQRT1_2), 1);
    cr_expect_eq(loudness(wire, 110, 150), 0);
    wire->is_mute = false;
    wire_run(wire, 1);
    report(wire, "gap of a second");
    cr_expect_eq(tone_share_of_windows(wire, 40), 1);
    wire_free(wire);
}

Test(voice, waits_longer_after_a_packet_that_came_too_late)
{
    Wire *wire = wire_new(20);
    wire_run(wire, 3);
    wire->delay_us = 100000;
    wire_run(wire, 1);
    report(wire, "path longer by 100 ms");
    cr_expect_geq(wire->delay_max_us, 105000);
    cr_expect_eq(wire->stats.packets_late, 0);
    wire_run(wire, 3);
    cr_expect_eq(tone_share(wire, 3), 1);
    wire_run(wire, 10);
    report(wire, "later");
    cr_expect_leq(voice_delay_now_us(wire->voice), 150000);
    wire_free(wire);
}

Test(voice, throws_a_jam_of_two_seconds_away)
{
    Wire *wire = wire_new(20);
    wire_run(wire, 3);
    wire->jam_ends_us = wire->now_us + 2000000;
    wire_run(wire, 7);
    report(wire, "jam");
    cr_expect_geq(wire->stats.packets_late, 80);
    cr_expect_leq(wire->delay_max_us, 260000);
    cr_expect_eq(wire->stats.voice_restarts, 0);
    cr_expect_eq(tone_share(wire, 4), 1);
    wire_free(wire);
}

Test(voice, begins_anew_with_another_ssrc)
{
    Wire *wire = wire_new(10);
    wire_run(wire, 2);
    wire->ssrc++;
    wire->seq += 30000;
    wire->rtp_ts += 1U << 31;
    wire_run(wire, 2);
    cr_expect_eq(wire->stats.voice_restarts, 1);
    cr_expect_eq(wire->stats.packets_late, 0);
    cr_expect_eq(tone_share_of_windows(wire, 90), 1);
    wire_free(wire);
}

Test(voice, begins_anew_when_the_senders_clock_has_stood_still)
{
    Wire *wire = wire_new(10);
    wire_run(wire, 2);
    wire->next_us += 3000000;
    wire_run(wire, 6);
    report(wire, "clock stood still");
    cr_expect_leq(wire->stats.voice_restarts, 2);
    cr_expect_leq(wire->delay_max_us, 260000);
    cr_expect_eq(tone_share(wire, 2), 1);
    wire_free(wire);
}

Test(voice, begins_anew_when_the_timestamp_leaps_ahead)
{
    Wire *wire = wire_new(10);
    wire_run(wire, 2);
    wire->rtp_ts += 48000 * 30;
    wire_run(wire, 2);
    cr_expect_eq(wire->stats.voice_restarts, 1);
    cr_expect_eq(tone_share_of_windows(wire, 90), 1);
    wire_free(wire);
}

Test(voice, plays_frames_of_every_length_opus_has)
{
    const int lengths[] = {120, 240, 480, 960, 1920, 2880, 5760};
    for (size_t i = 0; i < G_N_ELEMENTS(lengths); i++) {
        Wire *wire = wire_new(10);
        Talker talker = talker_of(HZ, AMPLITUDE);
        talker.samples = lengths[i];
        int64_t sent = 0;
        for (int tick = 1; tick <= 500; tick++) {
            uint8_t rtp[RTP_MAX];
            for (; sent <= tick * 960 - lengths[i]; sent += lengths[i]) {
                size_t size = talker_write(&talker, rtp);
                voice_push(wire->voice, rtp, size, START_US + (sent + lengths[i]) * 125 / 6);
            }
            voice_tick(wire->voice, START_US + tick * TICK_US, wire->pcm + wire->ticks++ * 960);
        }
        report(wire, "frame length");
        cr_expect_eq(tone_share(wire, 8), 1, "%d samples", lengths[i]);
        cr_expect_eq(wire->stats.frames_concealed, 0, "%d samples", lengths[i]);
        cr_expect_eq(wire->stats.packets_overflowed, 0);
        talker_clear(&talker);
        wire_free(wire);
    }
}

Test(voice, makes_one_channel_of_stereo)
{
    Wire *wire = wire_new(4);
    OpusEncoder *encoder = opus_encoder_create(RATE, 2, OPUS_APPLICATION_AUDIO, NULL);
    opus_encoder_ctl(encoder, OPUS_SET_FORCE_CHANNELS(2));
    double phase = 0;
    for (uint16_t i = 0; i < 200; i++) {
        int16_t pcm[960 * 2];
        uint8_t rtp[RTP_MAX];
        for (int s = 0; s < 960; s++, phase += 2 * M_PI * HZ / RATE) {
            pcm[2 * s] = pcm[2 * s + 1] = (int16_t)lrint(AMPLITUDE * sin(phase));
        }
        size_t size = rtp_header(rtp, i, i * 960U, 1);
        size += (size_t)opus_encode(encoder, pcm, 960, rtp + size, 1000);
        voice_push(wire->voice, rtp, size, START_US + i * TICK_US);
        voice_tick(wire->voice, START_US + i * TICK_US, wire->pcm + wire->ticks++ * 960);
    }
    cr_expect_eq(tone_share(wire, 3), 1);
    opus_encoder_destroy(encoder);
    wire_free(wire);
}

Test(voice, counts_what_is_no_opus_packet)
{
    Wire *wire = wire_new(1);
    Talker talker = talker_of(HZ, AMPLITUDE);
    uint8_t rtp[RTP_MAX] = {0};
    size_t size = talker_write(&talker, rtp);
    for (size_t short_size = 0; short_size <= 12; short_size++) {
        cr_expect_not(voice_push(wire->voice, rtp, short_size, START_US));
    }
    cr_expect_eq(wire->stats.packets_bad, 13);
    /* Code 3, no frame count; 63 frames of 2.5 ms, which is over 120 ms; code 3 with none. */
    const uint8_t payloads[][2] = {{0xe3, 0xe3}, {0xe3, 63}, {0xe3, 0}};
    const size_t sizes[] = {1, 2, 2};
    for (size_t i = 0; i < 3; i++) {
        memcpy(rtp + 12, payloads[i], 2);
        cr_expect_not(voice_push(wire->voice, rtp, 12 + sizes[i], START_US), "payload %zu", i);
    }
    cr_expect_eq(wire->stats.packets_bad, 16);
    cr_expect_eq(wire->stats.packets_in, 0);
    cr_expect_eq(voice_last_arrival_us(wire->voice), 0);
    talker_clear(&talker);
    (void)size;
    wire_free(wire);
}

Test(voice, survives_random_bytes_as_payload)
{
    Wire *wire = wire_new(1);
    int16_t pcm[VOICE_TICK_SAMPLES];
    for (uint16_t i = 0; i < 20000; i++) {
        uint8_t rtp[RTP_MAX];
        size_t size = rtp_header(rtp, i, i * 960U, 1);
        size_t payload = (size_t)g_rand_int_range(wire->random, 1, 200);
        for (size_t b = 0; b < payload; b++) {
            rtp[size++] = (uint8_t)g_rand_int(wire->random);
        }
        voice_push(wire->voice, rtp, size, START_US + i * TICK_US);
        voice_tick(wire->voice, START_US + i * TICK_US, pcm);
    }
    report(wire, "random bytes");
    cr_expect_gt(wire->stats.packets_bad, 1000);
    wire_free(wire);
}

Test(voice, survives_random_headers)
{
    Wire *wire = wire_new(1);
    int16_t pcm[VOICE_TICK_SAMPLES];
    for (int i = 0; i < 50000; i++) {
        uint8_t rtp[RTP_MAX];
        uint32_t wild = (uint32_t)g_rand_int_range(wire->random, 0, 3);
        uint16_t seq = (uint16_t)(wild == 0 ? g_rand_int(wire->random)
                                            : (uint32_t)i + g_rand_int(wire->random) % 100);
        uint32_t rtp_ts = wild == 1 ? g_rand_int(wire->random) : (uint32_t)i * 960;
        size_t size = rtp_header(rtp, seq, rtp_ts, wild == 2 ? g_rand_int(wire->random) % 2 : 0);
        size_t index = (size_t)i % LOOP_PACKETS;
        memcpy(rtp + size, wire->payloads[index], wire->payload_sizes[index]);
        size += wire->payload_sizes[index];
        voice_push(wire->voice, rtp, size, START_US + i * TICK_US);
        voice_tick(wire->voice, START_US + i * TICK_US, pcm);
    }
    report(wire, "random headers");
    cr_expect_gt(wire->stats.packets_in, 0);
    wire_free(wire);
}

Test(voice, decodes_no_more_than_two_of_the_longest_frames_a_tick)
{
    Wire *wire = wire_new(1);
    Talker talker = talker_of(HZ, AMPLITUDE);
    int16_t pcm[VOICE_TICK_SAMPLES];
    talker.samples = 5760;
    /* 120 ms of sound every millisecond. */
    for (int tick = 0; tick < 100; tick++) {
        for (int i = 0; i < 20; i++) {
            uint8_t rtp[RTP_MAX];
            talker.rtp_ts = (uint32_t)(tick * 960 + i * 48);
            size_t size = talker_write(&talker, rtp);
            voice_push(wire->voice, rtp, size, START_US + tick * TICK_US + i * 1000);
        }
        voice_tick(wire->voice, START_US + (tick + 1) * TICK_US, pcm);
    }
    report(wire, "flood");
    cr_expect_eq(wire->stats.packets_in, 2000);
    cr_expect_geq(wire->stats.packets_overflowed, 1500);
    talker_clear(&talker);
    wire_free(wire);
}

Test(voice, follows_jitter_of_60_ms)
{
    Wire *wire = wire_new(60);
    wire->jitter_us = 60000;
    wire_run(wire, 30);
    wire_run(wire, 30);
    report(wire, "jitter 60 ms");
    cr_expect_geq(tone_share(wire, 30), 0.98);
    cr_expect_leq(wire->delay_max_us, 130000);
    cr_expect_eq(wire->stats.voice_restarts, 0);
    wire_free(wire);
}

Test(voice, gives_back_the_delay_when_jitter_has_gone)
{
    Wire *wire = wire_new(60);
    wire->jitter_us = 120000;
    wire_run(wire, 20);
    int64_t delay_us = voice_delay_now_us(wire->voice);
    wire->jitter_us = 0;
    wire_run(wire, 40);
    report(wire, "after jitter");
    cr_expect_geq(delay_us, 100000);
    cr_expect_leq(voice_delay_now_us(wire->voice), 70000);
    cr_expect_geq(tone_share(wire, 35), 0.99);
    wire_free(wire);
}

static void drift_for_an_hour(double ppm)
{
    Wire *wire = wire_new(30);
    /* An hour is decoded: the bandwidth that costs least. */
    record_loop(wire, 0, OPUS_BANDWIDTH_NARROWBAND);
    wire->packet_us = TICK_US / (1 + ppm * 1e-6);
    wire->jitter_us = 5000;
    wire_run(wire, 60);
    uint64_t adjusted = wire->stats.voice_shrinks + wire->stats.voice_stretches;
    wire_run(wire, 3540);
    wire->ticks = 0;
    wire_run(wire, 30);
    adjusted = wire->stats.voice_shrinks + wire->stats.voice_stretches - adjusted;
    report(wire, "drift");
    cr_expect_leq(wire->delay_max_us, 80000);
    cr_expect_geq(wire->delay_min_us, 15000);
    /* 720 ms in steps of 2.5 to 15 ms. */
    cr_expect_leq(adjusted, 300, "%lu adjustments", adjusted);
    cr_expect_leq(wire->stats.frames_concealed, 5);
    cr_expect_eq(wire->stats.voice_restarts, 0);
    cr_expect_geq(tone_share(wire, 29), 0.99);
    wire_free(wire);
}

Test(voice, follows_a_clock_200_ppm_too_fast_for_an_hour)
{
    drift_for_an_hour(200);
}

Test(voice, follows_a_clock_200_ppm_too_slow_for_an_hour)
{
    drift_for_an_hour(-200);
}
