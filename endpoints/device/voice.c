#include "endpoints/device/voice.h"

#include <gio/gio.h>
#include <opus/opus.h>
#include <stdatomic.h>
#include <string.h>

#include "bridge/base/clock.h"
#include "endpoints/device/level.h"
#include "endpoints/device/outgoing.h"

#define VOICE_BPS 32000
/* 5 of 10: no audible difference for speech at this rate, half the work. */
#define VOICE_COMPLEXITY 5
/* Makes the encoder spend bits on in-band FEC. */
#define VOICE_EXPECTED_LOSS_PCT 10
/* A gap or overlap of more than this is real, not jitter of the source's clock. */
#define VOICE_RESYNC_US INT64_C(30000)

struct Voice {
    Mailbox *outbox;
    OpusEncoder *opus;
    int16_t frame[VOICE_FRAME_SAMPLES];
    size_t filled;
    bool started;
    uint32_t timestamp;  /* of the frame's first sample */
    int64_t captured_us; /* of the frame's first sample, by counting samples */
    atomic_bool muted;
    atomic_uchar level;
};

static OpusEncoder *make_encoder(GError **error)
{
    int status = OPUS_OK;
    OpusEncoder *opus = opus_encoder_create(VOICE_HZ, 1, OPUS_APPLICATION_VOIP, &status);
    if (status != OPUS_OK) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_FAILED, "Opus: %s", opus_strerror(status));
        return NULL;
    }
    opus_encoder_ctl(opus, OPUS_SET_BITRATE(VOICE_BPS));
    opus_encoder_ctl(opus, OPUS_SET_COMPLEXITY(VOICE_COMPLEXITY));
    opus_encoder_ctl(opus, OPUS_SET_INBAND_FEC(1));
    opus_encoder_ctl(opus, OPUS_SET_PACKET_LOSS_PERC(VOICE_EXPECTED_LOSS_PCT));
    opus_encoder_ctl(opus, OPUS_SET_DTX(0));
    return opus;
}

Voice *voice_new(Mailbox *outbox, GError **error)
{
    OpusEncoder *opus = make_encoder(error);
    if (opus == NULL) {
        return NULL;
    }
    Voice *voice = g_new0(Voice, 1);
    voice->outbox = outbox;
    voice->opus = opus;
    atomic_init(&voice->muted, false);
    atomic_init(&voice->level, LEVEL_SILENCE);
    return voice;
}

void voice_free(Voice *voice)
{
    if (voice != NULL) {
        opus_encoder_destroy(voice->opus);
        g_free(voice);
    }
}

static void finish_frame(Voice *voice)
{
    uint8_t level = level_of(voice->frame, VOICE_FRAME_SAMPLES);
    atomic_store_explicit(&voice->level, level, memory_order_relaxed);
    if (atomic_load_explicit(&voice->muted, memory_order_acquire)) {
        return;
    }
    Outgoing outgoing = {
        .kind = OUTGOING_AUDIO,
        .level = level,
        .rtp_timestamp = voice->timestamp,
        .captured_us = voice->captured_us,
    };
    opus_int32 size = opus_encode(voice->opus, voice->frame, VOICE_FRAME_SAMPLES, outgoing.payload,
                                  sizeof outgoing.payload);
    if (size > 0) {
        outgoing.size = (uint16_t)size;
        mailbox_post(voice->outbox, &outgoing);
    }
}

static int64_t samples_us(size_t samples)
{
    return (int64_t)samples * CLOCK_US_PER_S / VOICE_HZ;
}

/* A source that stood still or jumped goes on at its new time; the receiver sees a gap. */
static void follow_source(Voice *voice, int64_t captured_us)
{
    int64_t expected_us = voice->captured_us + samples_us(voice->filled);
    int64_t off_us = captured_us - expected_us;
    if (voice->started && ABS(off_us) < VOICE_RESYNC_US) {
        return;
    }
    if (voice->started) {
        int64_t skipped = MAX(off_us, 0) * VOICE_HZ / CLOCK_US_PER_S;
        voice->timestamp += (uint32_t)voice->filled + (uint32_t)skipped;
    }
    voice->started = true;
    voice->filled = 0;
    voice->captured_us = captured_us;
}

/* The count of samples says how much, the source's clock when: lip sync must not drift with a
 * sound card that runs a little fast. */
static void start_frame(Voice *voice, int64_t captured_us)
{
    voice->filled = 0;
    voice->timestamp += VOICE_FRAME_SAMPLES;
    voice->captured_us = captured_us;
}

void voice_push(Voice *voice, const int16_t *samples, size_t count, int64_t captured_us)
{
    follow_source(voice, captured_us);
    size_t used = 0;
    while (used < count) {
        size_t take = MIN(count - used, VOICE_FRAME_SAMPLES - voice->filled);
        memcpy(voice->frame + voice->filled, samples + used, take * sizeof *samples);
        voice->filled += take;
        used += take;
        if (voice->filled == VOICE_FRAME_SAMPLES) {
            finish_frame(voice);
            start_frame(voice, captured_us + samples_us(used));
        }
    }
}

void voice_set_muted(Voice *voice, bool muted)
{
    atomic_store_explicit(&voice->muted, muted, memory_order_release);
}

uint8_t voice_level(const Voice *voice)
{
    return atomic_load_explicit(&((Voice *)voice)->level, memory_order_relaxed);
}
