#include "endpoints/fleet/speech.h"

#include <math.h>
#include <opus/opus.h>
#include <stdlib.h>
#include <string.h>

#include "endpoints/device/level.h"
#include "endpoints/fleet/reading.h"

#define HZ 48000
#define FRAME_SAMPLES (HZ / CLIP_VOICE_FPS)
#define OPUS_BYTES_MAX 400
#define BITRATE_BPS 32000
#define SECONDS_MAX 30
/* The encoder needs some frames before silence sounds, and costs, like silence. */
#define SILENCE_SETTLE_FRAMES 25
#define CACHE_PREFIX "v1"

struct Speech {
    size_t count;
    Clip *voices[SPEECH_VOICES_MAX];
    uint8_t silence_bytes[OPUS_BYTES_MAX];
    ClipFrame silence;
};

static OpusEncoder *make_encoder(void)
{
    int status = OPUS_OK;
    OpusEncoder *encoder = opus_encoder_create(HZ, 1, OPUS_APPLICATION_VOIP, &status);
    if (encoder != NULL) {
        opus_encoder_ctl(encoder, OPUS_SET_BITRATE(BITRATE_BPS));
        opus_encoder_ctl(encoder, OPUS_SET_COMPLEXITY(5));
        opus_encoder_ctl(encoder, OPUS_SET_MAX_BANDWIDTH(OPUS_BANDWIDTH_SUPERWIDEBAND));
        opus_encoder_ctl(encoder, OPUS_SET_INBAND_FEC(1));
        opus_encoder_ctl(encoder, OPUS_SET_PACKET_LOSS_PERC(5));
    }
    return encoder;
}

static void make_silence(Speech *speech)
{
    static const int16_t zeros[FRAME_SAMPLES];
    OpusEncoder *encoder = make_encoder();
    int size = 0;
    for (size_t i = 0; i < SILENCE_SETTLE_FRAMES; i++) {
        size = opus_encode(encoder, zeros, FRAME_SAMPLES, speech->silence_bytes, OPUS_BYTES_MAX);
    }
    opus_encoder_destroy(encoder);
    speech->silence = (ClipFrame){
        .bytes = speech->silence_bytes,
        .size = (size_t)MAX(size, 1),
        .level = SPEECH_SILENCE_LEVEL,
    };
}

static Clip *encode(const int16_t *samples, size_t count, const char *path, GError **error)
{
    const ClipShape shape = {.kind = CLIP_VOICE, .fps = CLIP_VOICE_FPS};
    g_autoptr(ClipWriter) writer = clip_writer_new(&shape);
    OpusEncoder *encoder = make_encoder();
    for (size_t at = 0; at + FRAME_SAMPLES <= count; at += FRAME_SAMPLES) {
        uint8_t bytes[OPUS_BYTES_MAX];
        int size = opus_encode(encoder, samples + at, FRAME_SAMPLES, bytes, sizeof bytes);
        ClipFrame frame = {
            .bytes = bytes,
            .size = (size_t)MAX(size, 0),
            .level = level_of(samples + at, FRAME_SAMPLES),
        };
        if (size > 0 && !clip_writer_add(writer, &frame)) {
            break;
        }
    }
    opus_encoder_destroy(encoder);
    return clip_writer_save(writer, path, error) ? clip_load(path, error) : NULL;
}

/* Half a second of a buzzing vowel, and a breath, again and again: loud, with pauses, in the middle
 * of the band. */
static GArray *synthesise(size_t seconds)
{
    GArray *samples = g_array_sized_new(FALSE, TRUE, sizeof(int16_t), (guint)(seconds * HZ));
    for (size_t i = 0; i < seconds * HZ; i++) {
        double t = (double)i / HZ;
        double syllable = fmax(0, sin(2 * G_PI * 1.9 * t));
        double pitch = 130 + 20 * sin(2 * G_PI * 0.7 * t);
        double tone = 0;
        for (int harmonic = 1; harmonic <= 12; harmonic++) {
            tone += sin(2 * G_PI * pitch * harmonic * t) / harmonic;
        }
        int16_t sample = (int16_t)(6000 * syllable * tone / 2);
        g_array_append_val(samples, sample);
    }
    return samples;
}

static bool add_voice(Speech *speech, const char *path, GArray *samples, GError **error)
{
    Clip *clip = encode((const int16_t *)(void *)samples->data, samples->len, path, error);
    if (clip == NULL) {
        return false;
    }
    speech->voices[speech->count++] = clip;
    return true;
}

static char *cache_path(const char *cache_dir, const char *name)
{
    g_autofree char *file = g_strdup_printf(CACHE_PREFIX "-voice-%s.clip", name);
    return g_build_filename(cache_dir, file, NULL);
}

/* One sound file: from the cache when that is newer. */
static bool take_file(Speech *speech, const char *cache_dir, const char *sound, GError **error)
{
    g_autofree char *name = g_path_get_basename(sound);
    g_autofree char *path = cache_path(cache_dir, name);
    Clip *cached = reading_is_newer(path, sound) ? clip_load(path, NULL) : NULL;
    if (cached != NULL && clip_shape(cached)->kind == CLIP_VOICE) {
        speech->voices[speech->count++] = cached;
        return true;
    }
    clip_free(cached);
    g_autoptr(GArray) samples = reading_sound(sound, HZ, (size_t)SECONDS_MAX * HZ, error);
    return samples != NULL && add_voice(speech, path, samples, error);
}

static bool take_files(Speech *speech, const char *cache_dir, const char *sound_dir, GError **error)
{
    g_autoptr(GPtrArray) files = reading_list(sound_dir, error);
    if (files == NULL) {
        return false;
    }
    for (guint i = 0; i < files->len && speech->count < SPEECH_VOICES_MAX; i++) {
        if (!take_file(speech, cache_dir, g_ptr_array_index(files, i), error)) {
            return false;
        }
    }
    return true;
}

Speech *speech_new(const char *cache_dir, const char *sound_dir, GError **error)
{
    g_autoptr(Speech) speech = g_new0(Speech, 1);
    make_silence(speech);
    if (sound_dir != NULL && !take_files(speech, cache_dir, sound_dir, error)) {
        return NULL;
    }
    if (speech->count == 0) {
        g_autofree char *path = cache_path(cache_dir, "synthesised");
        g_autoptr(GArray) samples = synthesise(10);
        if (!add_voice(speech, path, samples, error)) {
            return NULL;
        }
    }
    return g_steal_pointer(&speech);
}

void speech_free(Speech *speech)
{
    if (speech != NULL) {
        for (size_t i = 0; i < speech->count; i++) {
            clip_free(speech->voices[i]);
        }
        g_free(speech);
    }
}

const Clip *speech_voice(const Speech *speech, size_t site)
{
    return speech->voices[site % speech->count];
}

const ClipFrame *speech_silence(const Speech *speech)
{
    return &speech->silence;
}
