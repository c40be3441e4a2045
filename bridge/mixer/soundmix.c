#include "bridge/mixer/soundmix.h"

#include <glib.h>
#include <string.h>

#include "bridge/base/limits.h"
#include "bridge/mixer/howl.h"
#include "bridge/mixer/soundline.h"
#include "bridge/mixer/voice.h"
#include "bridge/mixer/voicelevel.h"

/* A voice speaks while packets come: one in 400 ms is the pace of Opus DTX. */
#define SPEAKS_US 400000
/* Its own mix goes on for so long after that, so that a pause for breath changes no mix. */
#define MIX_HOLD_US 2000000
#define FORGET_US 10000000
/* A mix may be taken from a voice that has missed so much when there is no other. */
#define ABSENT_US 100000

/* One source's part in the mix. */
typedef struct Part {
    uint32_t source; /* 0: free */
    Voice *voice;    /* Kept for the next source. */
    VoiceLevel level;
    Howl howl;
    bool is_howl_told; /* As it was told last. */
    SoundLine *line;   /* The mix without this source, NULL while it is silent. */
    int16_t pcm[SOUND_LINE_MIX];
} Part;

struct SoundMix {
    SoundOptions options;
    SoundStats stats;
    int64_t now_us;
    bool ticked;
    SoundStamp stamp;
    SoundLine *common;
    SoundLine *spare_lines[LIMIT_SOUND_MIXES];
    size_t spare_count;
    Part parts[LIMIT_SOUND_VOICES];
    size_t ended_howl_count;
    SoundHowl ended_howls[LIMIT_SOUND_VOICES]; /* Of voices that were forgotten meanwhile. */
    int32_t sum[SOUND_LINE_MIX];
};

SoundMix *soundmix_new(const SoundOptions *options)
{
    SoundMix *mix = g_new0(SoundMix, 1);
    mix->options = *options;
    mix->common = sound_line_new();
    for (size_t i = 0; i < LIMIT_SOUND_MIXES; i++) {
        mix->spare_lines[i] = sound_line_new();
    }
    mix->spare_count = LIMIT_SOUND_MIXES;
    for (size_t i = 0; i < LIMIT_SOUND_VOICES; i++) {
        mix->parts[i].voice = voice_new(&mix->stats);
    }
    return mix;
}

static void end_line(SoundMix *mix, Part *part)
{
    if (part->line != NULL) {
        mix->spare_lines[mix->spare_count++] = g_steal_pointer(&part->line);
        mix->stats.speakers_now--;
    }
}

static void forget(SoundMix *mix, Part *part)
{
    end_line(mix, part);
    voice_reset(part->voice);
    memset(part->pcm, 0, sizeof part->pcm);
    if (part->is_howl_told && mix->ended_howl_count < LIMIT_SOUND_VOICES) {
        mix->ended_howls[mix->ended_howl_count++] = (SoundHowl){part->source, false};
    }
    part->howl = (Howl){0};
    part->is_howl_told = false;
    part->source = 0;
    mix->stats.voices_now--;
}

void soundmix_free(SoundMix *mix)
{
    if (mix == NULL) {
        return;
    }
    for (size_t i = 0; i < LIMIT_SOUND_VOICES; i++) {
        end_line(mix, &mix->parts[i]);
        voice_free(mix->parts[i].voice);
    }
    for (size_t i = 0; i < mix->spare_count; i++) {
        sound_line_free(mix->spare_lines[i]);
    }
    sound_line_free(mix->common);
    g_free(mix);
}

static Part *find_part(SoundMix *mix, uint32_t source)
{
    for (size_t i = 0; i < LIMIT_SOUND_VOICES; i++) {
        if (mix->parts[i].source == source) {
            return &mix->parts[i];
        }
    }
    return NULL;
}

static int64_t last_heard_us(const Part *part)
{
    return voice_last_arrival_us(part->voice);
}

/* The one that has been quiet longest, of all or of those with a mix of their own. */
static Part *find_quietest(SoundMix *mix, bool with_line)
{
    Part *quietest = NULL;
    for (size_t i = 0; i < LIMIT_SOUND_VOICES; i++) {
        Part *part = &mix->parts[i];
        if (part->source != 0 && (part->line != NULL || !with_line) &&
            (quietest == NULL || last_heard_us(part) < last_heard_us(quietest))) {
            quietest = part;
        }
    }
    return quietest;
}

/* NULL when all are taken by voices that speak. */
static Part *add_part(SoundMix *mix, uint32_t source, int64_t arrival_us)
{
    Part *part = find_part(mix, 0);
    if (part == NULL) {
        part = find_quietest(mix, false);
        if (arrival_us - last_heard_us(part) < ABSENT_US) {
            return NULL;
        }
        forget(mix, part);
    }
    part->source = source;
    voice_level_init(&part->level);
    mix->stats.voices_now++;
    return part;
}

/* Nobody is heard who has no mix without themselves: they would hear their own echo. */
static bool start_line(SoundMix *mix, Part *part, int64_t arrival_us)
{
    if (mix->spare_count == 0) {
        Part *quietest = find_quietest(mix, true);
        if (arrival_us - last_heard_us(quietest) < ABSENT_US) {
            return false;
        }
        end_line(mix, quietest);
    }
    part->line = mix->spare_lines[--mix->spare_count];
    sound_line_start(part->line, part->source, mix->common);
    mix->stats.speakers_now++;
    return true;
}

void soundmix_push(SoundMix *mix, uint32_t source, const uint8_t *rtp, size_t size,
                   int64_t arrival_us)
{
    if (source == 0) {
        mix->stats.packets_bad++;
        return;
    }
    Part *part = find_part(mix, source);
    if (part == NULL) {
        part = add_part(mix, source, arrival_us);
    }
    if (part == NULL) {
        mix->stats.packets_refused++;
        return;
    }
    bool is_usable = voice_push(part->voice, rtp, size, arrival_us);
    if (last_heard_us(part) == 0) {
        forget(mix, part);
    } else if (is_usable && part->line == NULL && !start_line(mix, part, arrival_us)) {
        mix->stats.packets_refused++;
    }
}

void soundmix_remove(SoundMix *mix, uint32_t source)
{
    Part *part = source == 0 ? NULL : find_part(mix, source);
    if (part != NULL) {
        forget(mix, part);
    }
}

static void add_sound(int32_t *sum, const int16_t *pcm)
{
    for (int i = 0; i < VOICE_TICK_SAMPLES; i++) {
        sum[i] += pcm[i];
    }
}

static void run_part(SoundMix *mix, Part *part)
{
    int16_t *pcm = part->pcm + SOUND_LIMITER_AHEAD;
    memmove(part->pcm, part->pcm + VOICE_TICK_SAMPLES, SOUND_LIMITER_AHEAD * sizeof *pcm);
    decodemark_set(mix->options.mark, mix->options.mark_slot, part->source);
    bool is_heard = voice_tick(part->voice, mix->now_us, pcm);
    decodemark_set(mix->options.mark, mix->options.mark_slot, 0);
    part->level.heard = 0;
    howl_tick(&part->howl, is_heard ? pcm : NULL, VOICE_TICK_SAMPLES);
    if (part->line != NULL && is_heard) {
        voice_level_run(&part->level, pcm, VOICE_TICK_SAMPLES);
        add_sound(mix->sum + SOUND_LIMITER_AHEAD, pcm);
    }
    int64_t delay_us = voice_delay_now_us(part->voice);
    mix->stats.voice_delay_max_now_us = MAX(mix->stats.voice_delay_max_now_us, (uint64_t)delay_us);
    int64_t quiet_us = mix->now_us - MIN(last_heard_us(part), mix->now_us);
    if (quiet_us > FORGET_US) {
        forget(mix, part);
    } else if (quiet_us > SPEAKS_US + MIX_HOLD_US) {
        end_line(mix, part);
    }
}

static void send_line(SoundMix *mix, SoundLine *line, uint32_t source, const int32_t *samples)
{
    uint8_t rtp[LIMIT_RTP_BYTES];
    size_t size = sound_line_write(line, samples, mix->stamp, rtp);
    mix->stats.packets_out++;
    mix->options.send(source, rtp, size, mix->now_us, mix->options.data);
}

static void send_without(SoundMix *mix, const Part *part)
{
    int32_t others[SOUND_LINE_MIX];
    for (int i = 0; i < SOUND_LINE_MIX; i++) {
        others[i] = mix->sum[i] - part->pcm[i];
    }
    send_line(mix, part->line, part->source, others);
}

static void advance(SoundMix *mix, int64_t now_us)
{
    int64_t steps = 1;
    if (mix->ticked) {
        steps = MAX(1, (now_us - mix->now_us + SOUNDMIX_TICK_US / 2) / SOUNDMIX_TICK_US);
    }
    mix->ticked = true;
    mix->now_us = now_us;
    mix->stamp.seq++;
    mix->stamp.rtp_ts += (uint32_t)steps * VOICE_TICK_SAMPLES;
    mix->stats.ticks++;
    mix->stats.voice_delay_max_now_us = 0;
}

void soundmix_tick(SoundMix *mix, int64_t now_us)
{
    advance(mix, now_us);
    memmove(mix->sum, mix->sum + VOICE_TICK_SAMPLES, SOUND_LIMITER_AHEAD * sizeof *mix->sum);
    memset(mix->sum + SOUND_LIMITER_AHEAD, 0, VOICE_TICK_SAMPLES * sizeof *mix->sum);
    for (size_t i = 0; i < LIMIT_SOUND_VOICES; i++) {
        if (mix->parts[i].source != 0) {
            run_part(mix, &mix->parts[i]);
        }
    }
    for (size_t i = 0; i < LIMIT_SOUND_VOICES; i++) {
        if (mix->parts[i].line != NULL) {
            send_without(mix, &mix->parts[i]);
        }
    }
    send_line(mix, mix->common, 0, mix->sum);
}

const SoundStats *soundmix_stats(const SoundMix *mix)
{
    return &mix->stats;
}

size_t soundmix_voices(const SoundMix *mix, SpeakerVoice *ret_voices)
{
    size_t count = 0;
    for (size_t i = 0; i < LIMIT_SOUND_VOICES; i++) {
        const Part *part = &mix->parts[i];
        if (part->source != 0) {
            ret_voices[count++] = (SpeakerVoice){part->source, part->level.heard};
        }
    }
    return count;
}

size_t soundmix_take_howls(SoundMix *mix, SoundHowl *ret_howls)
{
    size_t count = mix->ended_howl_count;
    memcpy(ret_howls, mix->ended_howls, count * sizeof *ret_howls);
    mix->ended_howl_count = 0;
    for (size_t i = 0; i < LIMIT_SOUND_VOICES; i++) {
        Part *part = &mix->parts[i];
        if (part->source != 0 && part->howl.is_on != part->is_howl_told &&
            count < LIMIT_SOUND_VOICES) {
            part->is_howl_told = part->howl.is_on;
            ret_howls[count++] = (SoundHowl){part->source, part->howl.is_on};
        }
    }
    return count;
}
