#include "bridge/mixer/voicedecoder.h"

#include <glib.h>
#include <opus/opus.h>
#include <string.h>

#define CLOCK_HZ 48000
/* A packet that holds no more than the TOC: the first of a DTX pause. */
#define DTX_BYTES_MAX 2
#define ALLOWANCE_SAMPLES (2 * VOICE_FRAME_SAMPLES_MAX)
#define FADE_IN_SAMPLES 240
#define FADE_OUT_SAMPLES 480
/* -80 dB: what rounding leaves of a gain that fell to nothing. */
#define INAUDIBLE 1e-4F

/* How a guess goes on: full for `hold` samples, then falling to silence at `end`. */
typedef struct Fade {
    int hold;
    int end;
} Fade;

static const Fade fade_loss = {960, 4800};
static const Fade fade_pause = {0, 480};
/* Comfort noise until the encoder's next refresh, which is due every 400 ms. */
static const Fade fade_dtx = {24000, 28800};

struct VoiceDecoder {
    OpusDecoder *opus;
    bool in_dtx;
    int guessed; /* Samples since the last decoded one. */
    int decoded; /* Samples in this tick. */
    float gain;
};

VoiceDecoder *voice_decoder_new(void)
{
    VoiceDecoder *decoder = g_new0(VoiceDecoder, 1);
    int error = OPUS_OK;
    decoder->opus = opus_decoder_create(CLOCK_HZ, 1, &error);
    if (error != OPUS_OK) {
        g_error("voice: opus decoder: %s", opus_strerror(error));
    }
    voice_decoder_hush(decoder);
    return decoder;
}

void voice_decoder_free(VoiceDecoder *decoder)
{
    if (decoder == NULL) {
        return;
    }
    opus_decoder_destroy(decoder->opus);
    g_free(decoder);
}

void voice_decoder_reset(VoiceDecoder *decoder)
{
    opus_decoder_ctl(decoder->opus, OPUS_RESET_STATE);
    voice_decoder_hush(decoder);
}

void voice_decoder_hush(VoiceDecoder *decoder)
{
    decoder->in_dtx = false;
    decoder->guessed = fade_loss.end;
    decoder->gain = 0;
}

int voice_decoder_count_samples(const uint8_t *payload, size_t size)
{
    int samples = opus_packet_get_nb_samples(payload, (opus_int32)size, CLOCK_HZ);
    return samples > 0 && samples <= VOICE_FRAME_SAMPLES_MAX ? samples : 0;
}

void voice_decoder_begin_tick(VoiceDecoder *decoder)
{
    decoder->decoded = 0;
}

bool voice_decoder_may_decode(VoiceDecoder *decoder, int samples)
{
    decoder->decoded += samples;
    return decoder->decoded <= ALLOWANCE_SAMPLES;
}

bool voice_decoder_is_silent(const VoiceDecoder *decoder)
{
    return decoder->gain < INAUDIBLE;
}

bool voice_decoder_is_guessing(const VoiceDecoder *decoder)
{
    return decoder->guessed > 0;
}

bool voice_decoder_is_in_dtx(const VoiceDecoder *decoder)
{
    return decoder->in_dtx;
}

static int whole_steps(int samples)
{
    return (samples + VOICE_DECODER_STEP - 1) / VOICE_DECODER_STEP * VOICE_DECODER_STEP;
}

static void fade_in(VoiceDecoder *decoder, int16_t *pcm, int samples)
{
    for (int i = 0; i < samples && decoder->gain < 1.0F; i++) {
        decoder->gain = MIN(decoder->gain + 1.0F / FADE_IN_SAMPLES, 1.0F);
        pcm[i] = (int16_t)((float)pcm[i] * decoder->gain);
    }
    decoder->guessed = 0;
}

/* Never steeper than FADE_OUT_SAMPLES, even when a loss turns out to have been a pause. */
static void fade_out(VoiceDecoder *decoder, const Fade *fade, int16_t *pcm, int samples)
{
    for (int i = 0; i < samples; i++) {
        int left = fade->end - decoder->guessed - i - 1;
        float gain = CLAMP((float)left / (float)(fade->end - fade->hold), 0.0F, 1.0F);
        gain = MAX(gain, decoder->gain - 1.0F / FADE_OUT_SAMPLES);
        decoder->gain = MIN(decoder->gain, gain);
        pcm[i] = (int16_t)((float)pcm[i] * decoder->gain);
    }
    decoder->guessed += samples;
}

static int be_silent(VoiceDecoder *decoder, int16_t *pcm, int samples)
{
    memset(pcm, 0, (size_t)samples * sizeof *pcm);
    decoder->guessed = fade_loss.end;
    decoder->gain = 0;
    return samples;
}

int voice_decoder_decode(VoiceDecoder *decoder, const VoiceFrame *frame, int16_t *pcm)
{
    opus_int32 size = (opus_int32)frame->size;
    int made = opus_decode(decoder->opus, frame->bytes, size, pcm, frame->samples, 0);
    if (made != frame->samples) {
        return 0;
    }
    decoder->in_dtx = size <= DTX_BYTES_MAX;
    fade_in(decoder, pcm, made);
    return made;
}

int voice_decoder_recover(VoiceDecoder *decoder, const VoiceFrame *next, int gap, int16_t *pcm)
{
    int step = whole_steps(gap);
    opus_int32 size = (opus_int32)next->size;
    if (!voice_decoder_may_decode(decoder, step) ||
        opus_decode(decoder->opus, next->bytes, size, pcm, step, 1) != step) {
        return 0;
    }
    fade_in(decoder, pcm, gap);
    return gap;
}

int voice_decoder_conceal(VoiceDecoder *decoder, bool is_pause, int samples, int16_t *pcm)
{
    int step = whole_steps(samples);
    if (voice_decoder_is_silent(decoder) ||
        opus_decode(decoder->opus, NULL, 0, pcm, step, 0) != step) {
        return be_silent(decoder, pcm, samples);
    }
    const Fade *fade = is_pause ? &fade_pause : &fade_loss;
    fade_out(decoder, decoder->in_dtx ? &fade_dtx : fade, pcm, step);
    return step;
}
