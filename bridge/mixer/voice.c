#include "bridge/mixer/voice.h"

#include <glib.h>
#include <string.h>

#include "bridge/mixer/voicebuffer.h"
#include "bridge/mixer/voicedecoder.h"
#include "bridge/mixer/voicedelay.h"
#include "bridge/mixer/voicepacket.h"
#include "bridge/mixer/voicestretch.h"

#define HALF_TICK_US 10000
/* Less than a tick left over, one frame decoded onto it, one period added. */
#define PCM_CAPACITY (VOICE_TICK_SAMPLES + VOICE_FRAME_SAMPLES_MAX + VOICE_STRETCH_MOST)

/* A sequence number that jumps by more belongs to another stream (RFC 3550 appendix A.1). */
#define SEQ_JUMP_MAX 3000
/* When packets have been late for so long, the sender's clock has jumped back. */
#define LATE_FOR_MAX_US 400000
/* The delay may exceed the largest target by so much before sound is skipped. */
#define DELAY_SLACK_US 60000

/* Band around the target within which the delay is left alone. It must hold the 20 ms by which the
 * slack changes when one frame more or less is needed for a tick. */
#define BELOW_TARGET_US 5000
#define ABOVE_TARGET_US 18000
/* Shrinking is no hurry: so many ticks between two periods. */
#define SHRINK_EVERY_TICKS 5
/* After so many ticks without a wave that repeats itself the cut is made all the same. */
#define STRETCH_MUST_TICKS 50

struct Voice {
    SoundStats *stats;
    VoiceDecoder *decoder;
    VoiceDelay delay;
    bool started;
    bool aligned;
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
    int ticks_since_stretch;
    size_t pcm_count;
    int16_t pcm[PCM_CAPACITY];
    VoiceBuffer buffer;
};

Voice *voice_new(SoundStats *stats)
{
    Voice *voice = g_new0(Voice, 1);
    voice->stats = stats;
    voice->decoder = voice_decoder_new();
    voice_reset(voice);
    return voice;
}

void voice_free(Voice *voice)
{
    if (voice == NULL) {
        return;
    }
    voice_decoder_free(voice->decoder);
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
        voice_decoder_reset(voice->decoder);
        voice->pcm_count = 0;
    }
    voice->started = true;
    voice->aligned = false;
    voice->ssrc = packet->ssrc;
    voice->newest_seq = packet->seq;
    voice->newest_rtp_ts = packet->timestamp;
    voice->played_seq = voice->newest_seq - 1;
    voice->late_since_us = 0;
    voice->slack_us = 0;
    voice->ticks_since_stretch = 0;
    voice_decoder_hush(voice->decoder);
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
    if (!is_next || !voice_decoder_is_guessing(voice->decoder) ||
        header->seq <= voice->played_seq || excess_us + queued_us > VOICE_DELAY_MAX_US) {
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
        samples = voice_decoder_count_samples(packet.payload, packet.payload_size);
    }
    if (samples == 0) {
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

static void append(Voice *voice, int samples)
{
    voice->pcm_count += (size_t)samples;
    voice->decoded_rtp_ts += samples;
}

static void conceal(Voice *voice, bool is_pause, int samples)
{
    bool was_silent = voice_decoder_is_silent(voice->decoder);
    bool is_loss = !is_pause && !was_silent && !voice_decoder_is_in_dtx(voice->decoder);
    voice->stats->frames_concealed += is_loss;
    append(voice,
           voice_decoder_conceal(voice->decoder, is_pause, samples, voice->pcm + voice->pcm_count));
}

/* The gap before `next` is not longer than a frame: its in-band FEC holds what was in it. */
static void recover(Voice *voice, const VoiceFrame *next, int gap)
{
    voice_delay_on_frame(&voice->delay, true, voice->delay.frame_us);
    int made = voice_decoder_recover(voice->decoder, next, gap, voice->pcm + voice->pcm_count);
    if (made == 0) {
        conceal(voice, false, gap);
        return;
    }
    voice->stats->frames_recovered++;
    append(voice, made);
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
    if (!voice_decoder_may_decode(voice->decoder, frame->samples)) {
        voice->stats->packets_overflowed++;
        return;
    }
    int made = voice_decoder_decode(voice->decoder, frame, pcm);
    if (made == 0) {
        voice->stats->packets_bad++;
        return;
    }
    made -= (int)past;
    memmove(pcm, pcm + past, (size_t)made * sizeof *pcm);
    append(voice, made);
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

/* Crosses a gap, or a part of it, before the frame `next`. */
static void bridge(Voice *voice, const VoiceFrame *next, int64_t gap, int wanted)
{
    bool is_pause = next->seq == voice->played_seq + 1;
    if (is_pause || voice_decoder_is_silent(voice->decoder)) {
        conceal(voice, is_pause, (int)MIN(gap, wanted));
    } else if (gap <= next->samples) {
        recover(voice, next, (int)gap);
    } else {
        voice_delay_on_frame(&voice->delay, true, voice->delay.frame_us);
        conceal(voice, false, (int)MIN(gap - next->samples, wanted));
    }
}

/* Adds at least one sample to pcm, or drops a frame. */
static void make_more(Voice *voice)
{
    const VoiceFrame *next = voice_buffer_first(&voice->buffer);
    int wanted = VOICE_TICK_SAMPLES - (int)voice->pcm_count;
    if (next == NULL) {
        conceal(voice, false, wanted);
        return;
    }
    if (voice_decoder_is_silent(voice->decoder) && next->rtp_ts > voice->decoded_rtp_ts) {
        realign_in_silence(voice, next);
    }
    int64_t gap = next->rtp_ts - voice->decoded_rtp_ts;
    if (gap > 0) {
        bridge(voice, next, gap, wanted);
        return;
    }
    decode(voice, next);
    voice_buffer_drop_first(&voice->buffer);
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
    if (voice_decoder_is_guessing(voice->decoder)) {
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
        voice->slack_us += ((int64_t)voice->pcm_count - (int64_t)before) * 125 / 6;
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
    voice_decoder_hush(voice->decoder);
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
    voice_decoder_begin_tick(voice->decoder);
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
