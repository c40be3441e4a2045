/* What the tests of the sound need: talkers that make Opus RTP, ears that decode what comes back,
 * and measures of level. Header only; each test program has its own copy. */
#pragma once

#include <glib.h>
#include <math.h>
#include <opus/opus.h>
#include <string.h>

#include "bridge/base/bytes.h"

#define RTP_MAX 1500
#define RATE 48000

typedef struct Talker {
    OpusEncoder *encoder;
    double hz; /* 0: silence */
    double amplitude;
    double phase;
    double syllables_hz; /* 0: steady. Steady tones are no speech to Opus: they get no FEC. */
    double syllable_phase;
    int samples; /* of a packet */
    uint16_t seq;
    uint32_t rtp_ts;
    uint32_t ssrc;
} Talker;

static inline Talker talker_of(double hz, double amplitude)
{
    Talker talker = {.hz = hz, .amplitude = amplitude, .samples = 960, .seq = 1, .ssrc = 77};
    talker.encoder = opus_encoder_create(RATE, 1, OPUS_APPLICATION_VOIP, NULL);
    opus_encoder_ctl(talker.encoder, OPUS_SET_BITRATE(64000));
    opus_encoder_ctl(talker.encoder, OPUS_SET_COMPLEXITY(2));
    opus_encoder_ctl(talker.encoder, OPUS_SET_INBAND_FEC(1));
    opus_encoder_ctl(talker.encoder, OPUS_SET_PACKET_LOSS_PERC(10));
    return talker;
}

static inline void talker_clear(Talker *talker)
{
    opus_encoder_destroy(talker->encoder);
}

static inline size_t rtp_header(uint8_t *rtp, uint16_t seq, uint32_t rtp_ts, uint32_t ssrc)
{
    ByteWriter writer = byte_writer(rtp, RTP_MAX);
    write_u8(&writer, 0x80);
    write_u8(&writer, 111);
    write_u16(&writer, seq);
    write_u32(&writer, rtp_ts);
    write_u32(&writer, ssrc);
    return byte_writer_size(&writer);
}

/* The next packet; the talker moves on by one frame. */
static inline size_t talker_write(Talker *talker, uint8_t rtp[RTP_MAX])
{
    int16_t pcm[5760];
    for (int i = 0; i < talker->samples; i++) {
        double envelope = talker->syllables_hz > 0 ? 0.55 + 0.45 * cos(talker->syllable_phase) : 1;
        pcm[i] = (int16_t)lrint(talker->amplitude * envelope * sin(talker->phase));
        talker->syllable_phase += 2 * M_PI * talker->syllables_hz / RATE;
        talker->phase = fmod(talker->phase + 2 * M_PI * talker->hz / RATE, 2 * M_PI);
    }
    size_t header = rtp_header(rtp, talker->seq++, talker->rtp_ts, talker->ssrc);
    talker->rtp_ts += (uint32_t)talker->samples;
    int size = opus_encode(talker->encoder, pcm, talker->samples, rtp + header, RTP_MAX - 12);
    return header + (size_t)MAX(size, 0);
}

/* Amplitude of one frequency over the samples, Hann window (so neighbours do not leak in). */
static inline double tone_level(const int16_t *pcm, size_t count, double hz)
{
    double re = 0;
    double im = 0;
    double weight = 0;
    for (size_t i = 0; i < count; i++) {
        double window = 0.5 - 0.5 * cos(2 * M_PI * (double)i / (double)count);
        re += window * pcm[i] * cos(2 * M_PI * hz * (double)i / RATE);
        im += window * pcm[i] * sin(2 * M_PI * hz * (double)i / RATE);
        weight += window;
    }
    return 2 * sqrt(re * re + im * im) / weight;
}

static inline double rms_level(const int16_t *pcm, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        sum += (double)pcm[i] * pcm[i];
    }
    return sqrt(sum / (double)MAX(count, 1));
}

static inline double decibel(double level, double reference)
{
    return 20 * log10(MAX(level, 1e-3) / reference);
}
