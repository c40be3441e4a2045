#include "bridge/mixer/speaker.h"

#include <glib.h>
#include <stdbool.h>

/* 6 dB: of two who speak at once the other must be so much louder to take over. */
#define LOUDER 4.0F
/* The smoothed power follows 63 % of a step in so many ticks of 20 ms. */
#define SMOOTH_TICKS 15.0F

static SpeakerRun *find_run(Speaker *speaker, uint32_t source)
{
    for (size_t i = 0; i < LIMIT_SOUND_VOICES; i++) {
        if (speaker->runs[i].source == source) {
            return &speaker->runs[i];
        }
    }
    return NULL;
}

static void hear(Speaker *speaker, const SpeakerVoice *voice, int64_t now_us)
{
    SpeakerRun *run = find_run(speaker, voice->source);
    if (run == NULL && voice->power > 0) {
        run = find_run(speaker, 0);
    }
    if (run == NULL) {
        return;
    }
    if (run->source == 0) {
        *run = (SpeakerRun){.source = voice->source, .began_us = now_us};
    }
    run->power += (voice->power - run->power) / SMOOTH_TICKS;
    if (voice->power > 0) {
        run->heard_us = now_us;
    }
}

/* A run ends with a pause that is too long, that of the speaker with a longer one. */
static void end_runs(Speaker *speaker, int64_t now_us)
{
    for (size_t i = 0; i < LIMIT_SOUND_VOICES; i++) {
        SpeakerRun *run = &speaker->runs[i];
        bool is_speaker = run->source == speaker->source;
        int64_t pause_us = is_speaker ? SPEAKER_SILENCE_US : SPEAKER_PAUSE_US;
        if (run->source == 0 || now_us - run->heard_us < pause_us) {
            continue;
        }
        speaker->source = is_speaker ? 0 : speaker->source;
        run->source = 0;
    }
}

static bool may_take_over(const SpeakerRun *run, const SpeakerRun *before, int64_t now_us)
{
    if (run->heard_us - run->began_us < SPEAKER_TURN_US) {
        return false;
    }
    return before == NULL || now_us - before->heard_us >= SPEAKER_PAUSE_US ||
           run->power > before->power * LOUDER;
}

uint32_t speaker_tick(Speaker *speaker, const SpeakerVoice *voices, size_t count, int64_t now_us)
{
    for (size_t i = 0; i < count; i++) {
        hear(speaker, &voices[i], now_us);
    }
    end_runs(speaker, now_us);
    SpeakerRun *before = speaker->source == 0 ? NULL : find_run(speaker, speaker->source);
    SpeakerRun *best = NULL;
    for (size_t i = 0; i < LIMIT_SOUND_VOICES; i++) {
        SpeakerRun *run = &speaker->runs[i];
        if (run->source != 0 && run != before && may_take_over(run, before, now_us) &&
            (best == NULL || run->power > best->power)) {
            best = run;
        }
    }
    if (best != NULL) {
        speaker->source = best->source;
    }
    return speaker->source;
}
