#include "bridge/mixer/voice.h"

#include <glib.h>
#include <opus/opus.h>
#include <string.h>

#include "bridge/mixer/voicebuffer.h"
#include "bridge/mixer/voicedelay.h"
#include "bridge/mixer/voicepacket.h"
#include "bridge/mixer/voicestretch.h"

#define CLOCK_HZ 48000
#define FRAME_SAMPLES_MAX 5760 /* Opus: 120 ms */
#define HALF_TICK_US 10000
#define CONCEAL_STEP 120 /* Opus: 2.5 ms */
/* Less than a tick left over, one frame decoded onto it, one period added. */
#define PCM_CAPACITY (VOICE_TICK_SAMPLES + FRAME_SAMPLES_MAX + VOICE_STRETCH_MOST)
/* The sender's encoder has gone silent: it sends a packet that holds no more than the TOC. */
#define DTX_BYTES_MAX 2

/* A sequence number that jumps by more belongs to another stream (RFC 3550 appendix A.1). */
#define SEQ_JUMP_MAX 3000
/* When packets have been late for so long, the sender's clock has jumped back. */
#define LATE_FOR_MAX_US 400000
/* The delay may exceed the largest target by so much before sound is skipped. */
#define DELAY_SLACK_US 60000

/* Band around the target within which the delay is left alone. A frame more or less is 20 ms. */
#define BELOW_TARGET_US 5000
#define ABOVE_TARGET_US 18000
/* Shrinking waits so many ticks between two periods, unless nothing is heard. */
#define SHRINK_EVERY_TICKS 5
/* After so many ticks without a wave that repeats itself the cut is made all the same. */
#define STRETCH_MUST_TICKS 50

#define FADE_IN_SAMPLES 240
#define FADE_OUT_SAMPLES 480
/* Two of the longest frames a tick; a sender whose timestamps hardly move gets no more of us. */
#define DECODED_MAX_SAMPLES (2 * FRAME_SAMPLES_MAX)

/* How sound is carried on when the next packet is not there: full for `hold` samples, then falling
 * to silence at `end`. */
typedef struct Fade {
    int hold;
    int end;
} Fade;

static const Fade fade_loss = {960, 4800};
/* Sequence numbers say that nothing is missing: the sender paused. */
static const Fade fade_pause = {0, 480};
/* The encoder's DTX: comfort noise until its next refresh, which is due every 400 ms. */
static const Fade fade_dtx = {24000, 28800};

struct Voice {
    SoundStats *stats;
    OpusDecoder *decoder;
    VoiceDelay delay;
    bool started;
    bool aligned;
    bool in_dtx;
    uint32_t ssrc;
    int64_t newest_seq;
    int64_t newest_rtp_ts;
    int64_t played_seq;     /* The last that was decoded or given up. */
    int64_t decoded_rtp_ts; /* The timestamp after the last sample in pcm. */
    int64_t delay_us;
    int64_t slack_us; /* How long before its last moment the last frame was there. */
    int64_t last_arrival_us;
    int64_t late_since_us;
    int64_t now_us;
    int concealed; /* Samples since the last decoded one. */
    int decoded;   /* Samples in this tick. */
    float gain;
    int ticks_since_stretch;
    size_t pcm_count;
    int16_t pcm[PCM_CAPACITY];
    VoiceBuffer buffer;
};

Voice *voice_new(SoundStats *stats)
{
    Voice *voice = g_new0(Voice, 1);
    int error = OPUS_OK;
    voice->stats = stats;
    voice->decoder = opus_decoder_create(CLOCK_HZ, 1, &error);
    if (error != OPUS_OK) {
        g_error("voice: opus decoder: %s", opus_strerror(error));
    }
    voice_reset(voice);
    return voice;
}

void voice_free(Voice *voice)
{
    if (voice == NULL) {
        return;
    }
    opus_decoder_destroy(voice->decoder);
    g_free(voice);
}

void voice_reset(Voice *voice)
{
    voice->started = false;
    voice->last_arrival_us = 0;
    voice->slack_us = 0;
    voice->pcm_count = 0;
}

int64_t voice_last_arrival_us(const Voice *voice)
{
    return voice->last_arrival_us;
}

static int64_t played_rtp_ts(const Voice *voice)
{
    return voice->decoded_rtp_ts - (int64_t)voice->pcm_count;
}

int64_t voice_delay_now_us(const Voice *voice)
{
    return voice->started ? voice->delay_us : 0;
}

/* How long after its undisturbed arrival the next sample is played, if played now. */
static int64_t measure_delay_us(const Voice *voice)
{
    return voice->now_us - voice_delay_arrival_us(&voice->delay, played_rtp_ts(voice));
}

/* A stream begins, or its clock has jumped: nothing that was known about it holds. */
static void start(Voice *voice, const VoicePacket *packet)
{
    if (voice->started) {
        voice->stats->voice_restarts++;
    }
    if (!voice->started || voice->ssrc != packet->ssrc) {
        opus_decoder_ctl(voice->decoder, OPUS_RESET_STATE);
        voice->pcm_count = 0;
    }
    voice->started = true;
    voice->aligned = false;
    voice->in_dtx = false;
    voice->ssrc = packet->ssrc;
    voice->newest_seq = packet->seq;
    voice->newest_rtp_ts = packet->timestamp;
    voice->played_seq = voice->newest_seq - 1;
    voice->late_since_us = 0;
    voice->slack_us = 0;
    voice->concealed = fade_loss.end;
    voice->gain = 0;
    voice->ticks_since_stretch = 0;
    voice_delay_reset(&voice->delay);
    voice_buffer_reset(&voice->buffer, voice->newest_seq);
}

static bool is_other_stream(const Voice *voice, const VoicePacket *packet)
{
    int16_t seq_step = (int16_t)(packet->seq - (uint16_t)voice->newest_seq);
    return voice->ssrc != packet->ssrc || ABS((int)seq_step) > SEQ_JUMP_MAX;
}

/* RFC 3550 appendix A.1: neither goes round once it is unwrapped. */
static VoiceFrameHeader unwrap(Voice *voice, const VoicePacket *packet)
{
    int16_t seq_step = (int16_t)(packet->seq - (uint16_t)voice->newest_seq);
    int32_t rtp_ts_step = (int32_t)(packet->timestamp - (uint32_t)voice->newest_rtp_ts);
    VoiceFrameHeader header = {
        .seq = voice->newest_seq + seq_step,
        .rtp_ts = voice->newest_rtp_ts + rtp_ts_step,
    };
    if (seq_step > 0) {
        voice->newest_seq = header.seq;
        voice->newest_rtp_ts = header.rtp_ts;
    }
    return header;
}

/* The sound before this frame has been guessed or silent because it was not there: play it now and
 * be later from here on, rather than throw it away. */
static bool wait_longer_for(Voice *voice, const VoiceFrameHeader *header, int64_t excess_us)
{
    const VoiceFrame *first = voice_buffer_first(&voice->buffer);
    bool is_next = first == NULL || header->seq < first->seq;
    int64_t queued_us = (int64_t)voice->pcm_count * 125 / 6;
    if (!is_next || voice->concealed == 0 || header->seq <= voice->played_seq ||
        excess_us + queued_us > VOICE_DELAY_MAX_US) {
        return false;
    }
    voice->decoded_rtp_ts = header->rtp_ts;
    return true;
}

static bool count_late(Voice *voice, const VoicePacket *packet, int64_t arrival_us)
{
    voice->stats->packets_late++;
    if (voice->late_since_us == 0) {
        voice->late_since_us = arrival_us;
    }
    if (arrival_us - voice->late_since_us > LATE_FOR_MAX_US) {
        start(voice, packet);
    }
    return false;
}

static bool keep(Voice *voice, const VoiceFrameHeader *header, const VoicePacket *packet)
{
    VoiceBufferVerdict verdict =
        voice_buffer_put(&voice->buffer, header, packet->payload, packet->payload_size);
    switch (verdict) {
    case VOICE_BUFFER_DUPLICATE:
        voice->stats->packets_duplicate++;
        return false;
    case VOICE_BUFFER_LATE:
        voice->stats->packets_late++;
        return false;
    case VOICE_BUFFER_OVERFLOW:
        voice->stats->packets_overflowed++;
        break;
    case VOICE_BUFFER_TAKEN:
        break;
    }
    voice->late_since_us = 0;
    voice->stats->packets_in++;
    return true;
}

bool voice_push(Voice *voice, const uint8_t *rtp, size_t size, int64_t arrival_us)
{
    VoicePacket packet;
    int samples = 0;
    if (voice_packet_parse(rtp, size, &packet)) {
        samples =
            opus_packet_get_nb_samples(packet.payload, (opus_int32)packet.payload_size, CLOCK_HZ);
    }
    if (samples <= 0 || samples > FRAME_SAMPLES_MAX) {
        voice->stats->packets_bad++;
        return false;
    }
    if (!voice->started || is_other_stream(voice, &packet)) {
        start(voice, &packet);
    }
    voice->last_arrival_us = arrival_us;
    VoiceFrameHeader header = unwrap(voice, &packet);
    header.samples = samples;
    int64_t excess_us = voice_delay_on_packet(&voice->delay, header.rtp_ts, arrival_us);
    if (voice->aligned && header.rtp_ts < voice->decoded_rtp_ts) {
        voice_delay_on_late(&voice->delay, excess_us);
        if (!wait_longer_for(voice, &header, excess_us) &&
            header.rtp_ts + samples <= voice->decoded_rtp_ts) {
            return count_late(voice, &packet, arrival_us);
        }
    }
    return keep(voice, &header, &packet);
}

static bool is_silent(const Voice *voice)
{
    return voice->gain <= 0;
}

/* Plays what comes next `delay_us` after its arrival, or half a tick more or less, so that the
 * frame `next` begins with a tick: one that straddles two would be needed up to a tick earlier. */
static void align(Voice *voice, int64_t delay_us, const VoiceFrame *next)
{
    int64_t play_rtp_ts = voice_delay_rtp_ts(&voice->delay, voice->now_us - delay_us);
    if (next != NULL) {
        int64_t ahead = next->rtp_ts - play_rtp_ts + VOICE_TICK_SAMPLES / 2;
        play_rtp_ts = next->rtp_ts - MAX(ahead, 0) / VOICE_TICK_SAMPLES * VOICE_TICK_SAMPLES;
    }
    voice->decoded_rtp_ts = play_rtp_ts + (int64_t)voice->pcm_count;
    voice->aligned = true;
}

static const Fade *choose_fade(const Voice *voice, const VoiceFrame *next)
{
    if (voice->in_dtx) {
        return &fade_dtx;
    }
    bool is_pause = next != NULL && next->seq == voice->played_seq + 1;
    return is_pause ? &fade_pause : &fade_loss;
}

static void append_silence(Voice *voice, int samples)
{
    memset(voice->pcm + voice->pcm_count, 0, (size_t)samples * sizeof *voice->pcm);
    voice->pcm_count += (size_t)samples;
    voice->decoded_rtp_ts += samples;
    voice->concealed = MIN(voice->concealed + samples, fade_dtx.end);
    voice->gain = 0;
}

static void fade_out(Voice *voice, int16_t *pcm, int samples, const Fade *fade)
{
    for (int i = 0; i < samples; i++) {
        int left = fade->end - voice->concealed - i;
        float gain = CLAMP((float)left / (float)(fade->end - fade->hold), 0.0F, 1.0F);
        gain = MAX(gain, voice->gain - 1.0F / FADE_OUT_SAMPLES);
        voice->gain = MIN(voice->gain, gain);
        pcm[i] = (int16_t)((float)pcm[i] * voice->gain);
    }
}

/* Carries the sound on for up to `samples`, which is rounded up to what the decoder can do. */
static void conceal(Voice *voice, const VoiceFrame *next, int samples)
{
    if (is_silent(voice)) {
        append_silence(voice, samples);
        return;
    }
    const Fade *fade = choose_fade(voice, next);
    int step = MIN(samples, VOICE_TICK_SAMPLES);
    step = (step + CONCEAL_STEP - 1) / CONCEAL_STEP * CONCEAL_STEP;
    int16_t *pcm = voice->pcm + voice->pcm_count;
    int made = opus_decode(voice->decoder, NULL, 0, pcm, step, 0);
    if (made <= 0) {
        append_silence(voice, step);
        return;
    }
    fade_out(voice, pcm, made, fade);
    if (fade == &fade_loss) {
        voice->stats->frames_concealed++;
    }
    if (fade == &fade_loss && next != NULL) {
        voice_delay_on_frame(&voice->delay, true, voice->delay.frame_us);
    }
    voice->pcm_count += (size_t)made;
    voice->decoded_rtp_ts += made;
    voice->concealed += made;
}

static void fade_in(Voice *voice, int16_t *pcm, int samples)
{
    for (int i = 0; i < samples && voice->gain < 1.0F; i++) {
        voice->gain = MIN(voice->gain + 1.0F / FADE_IN_SAMPLES, 1.0F);
        pcm[i] = (int16_t)((float)pcm[i] * voice->gain);
    }
}

static void take_decoded(Voice *voice, int samples)
{
    fade_in(voice, voice->pcm + voice->pcm_count, samples);
    voice->pcm_count += (size_t)samples;
    voice->decoded_rtp_ts += samples;
    voice->concealed = 0;
}

static bool may_decode(Voice *voice, int samples)
{
    voice->decoded += samples;
    return voice->decoded <= DECODED_MAX_SAMPLES;
}

/* The gap before `next` is not longer than a frame: its in-band FEC holds what was in it. */
static void recover(Voice *voice, const VoiceFrame *next, int gap)
{
    int step = (gap + CONCEAL_STEP - 1) / CONCEAL_STEP * CONCEAL_STEP;
    int16_t *pcm = voice->pcm + voice->pcm_count;
    int made = 0;
    if (may_decode(voice, step)) {
        made = opus_decode(voice->decoder, next->bytes, (opus_int32)next->size, pcm, step, 1);
    }
    if (made < gap) {
        append_silence(voice, gap);
        return;
    }
    voice->stats->frames_recovered++;
    voice_delay_on_frame(&voice->delay, true, voice->delay.frame_us);
    take_decoded(voice, gap);
}

static void decode(Voice *voice, const VoiceFrame *frame)
{
    int16_t *pcm = voice->pcm + voice->pcm_count;
    int64_t past = voice->decoded_rtp_ts - frame->rtp_ts;
    voice->played_seq = frame->seq;
    if (past >= frame->samples) {
        voice->stats->packets_late++;
        return;
    }
    if (!may_decode(voice, frame->samples)) {
        voice->stats->packets_overflowed++;
        return;
    }
    int made =
        opus_decode(voice->decoder, frame->bytes, (opus_int32)frame->size, pcm, frame->samples, 0);
    if (made != frame->samples) {
        voice->stats->packets_bad++;
        return;
    }
    made -= (int)past;
    memmove(pcm, pcm + past, (size_t)made * sizeof *pcm);
    take_decoded(voice, made);
    voice->in_dtx = frame->size <= DTX_BYTES_MAX;
    voice->slack_us = voice->now_us - voice_delay_arrival_us(&voice->delay, frame->rtp_ts);
    voice_delay_on_frame(&voice->delay, false, (int64_t)frame->samples * 125 / 6);
}

/* In silence the delay is set right at no cost: what comes next is played earlier or later. */
static void realign_in_silence(Voice *voice, const VoiceFrame *next)
{
    int64_t target_us = voice_delay_target_us(&voice->delay);
    int64_t delay_us = measure_delay_us(voice);
    bool is_near = delay_us >= target_us && delay_us <= target_us + 2 * HALF_TICK_US;
    bool is_even = (next->rtp_ts - played_rtp_ts(voice)) % VOICE_TICK_SAMPLES == 0;
    if (!is_near || !is_even) {
        align(voice, target_us + HALF_TICK_US, next);
        voice->decoded_rtp_ts = MIN(voice->decoded_rtp_ts, next->rtp_ts);
    }
}

/* Adds at least one sample to pcm, or drops a frame. */
static void make_more(Voice *voice)
{
    const VoiceFrame *next = voice_buffer_first(&voice->buffer);
    int wanted = VOICE_TICK_SAMPLES - (int)voice->pcm_count;
    if (next == NULL) {
        conceal(voice, NULL, wanted);
        return;
    }
    if (is_silent(voice) && next->rtp_ts > voice->decoded_rtp_ts) {
        realign_in_silence(voice, next);
    }
    int64_t gap = next->rtp_ts - voice->decoded_rtp_ts;
    if (gap <= 0) {
        decode(voice, next);
        voice_buffer_drop_first(&voice->buffer);
    } else if (next->seq == voice->played_seq + 1 || is_silent(voice)) {
        conceal(voice, next, (int)MIN(gap, wanted));
    } else if (gap <= next->samples) {
        recover(voice, next, (int)gap);
    } else {
        conceal(voice, next, (int)MIN(gap - next->samples, wanted));
    }
}

static void fill(Voice *voice)
{
    /* Every turn drops a frame or adds samples, so this ends. */
    while (voice->pcm_count < VOICE_TICK_SAMPLES) {
        make_more(voice);
    }
}

static void follow_target(Voice *voice)
{
    voice->ticks_since_stretch++;
    if (voice->concealed > 0) {
        return;
    }
    int64_t target_us = voice_delay_target_us(&voice->delay);
    bool must = voice->ticks_since_stretch > STRETCH_MUST_TICKS;
    size_t before = voice->pcm_count;
    if (voice->slack_us < target_us - BELOW_TARGET_US) {
        voice->pcm_count = voice_stretch_lengthen(voice->pcm, before, must);
        voice->stats->voice_stretches += voice->pcm_count > before;
    } else if (voice->slack_us > target_us + ABOVE_TARGET_US && voice->buffer.count > 0 &&
               voice->ticks_since_stretch >= SHRINK_EVERY_TICKS) {
        voice->pcm_count = voice_stretch_shorten(voice->pcm, before, must);
        voice->stats->voice_shrinks += voice->pcm_count < before;
    }
    if (voice->pcm_count != before) {
        voice->ticks_since_stretch = 0;
    }
}

/* The thread stood still, or the sender's clock has jumped ahead: what is now being played would be
 * too old to be worth hearing. */
static void skip_what_is_too_old(Voice *voice)
{
    if (measure_delay_us(voice) <= VOICE_DELAY_MAX_US + DELAY_SLACK_US) {
        return;
    }
    voice->pcm_count = 0;
    voice->stats->voice_restarts++;
    align(voice, voice_delay_target_us(&voice->delay), NULL);
}

static bool has_sound(const int16_t *pcm)
{
    for (int i = 0; i < VOICE_TICK_SAMPLES; i++) {
        if (pcm[i] != 0) {
            return true;
        }
    }
    return false;
}

bool voice_tick(Voice *voice, int64_t now_us, int16_t ret_pcm[VOICE_TICK_SAMPLES])
{
    voice->now_us = now_us;
    voice->decoded = 0;
    if (!voice->started) {
        memset(ret_pcm, 0, VOICE_TICK_SAMPLES * sizeof *ret_pcm);
        return false;
    }
    if (!voice->aligned) {
        align(voice, VOICE_DELAY_START_US, voice_buffer_first(&voice->buffer));
    }
    skip_what_is_too_old(voice);
    fill(voice);
    follow_target(voice);
    fill(voice);
    voice->delay_us = measure_delay_us(voice);
    memcpy(ret_pcm, voice->pcm, VOICE_TICK_SAMPLES * sizeof *ret_pcm);
    voice->pcm_count -= VOICE_TICK_SAMPLES;
    memmove(voice->pcm, voice->pcm + VOICE_TICK_SAMPLES, voice->pcm_count * sizeof *voice->pcm);
    return has_sound(ret_pcm);
}
