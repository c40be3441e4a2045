#include "bridge/relay/speaker.h"

#include <glib.h>

#define SPEAKER_SILENT_LEVEL 127
/* Speech in a room is at -20 to -50 dBov, its background below -60. */
#define SPEAKER_LOUD_LOUDNESS (SPEAKER_SILENT_LEVEL - 60)
/* A challenger must be this much louder, and the weakest has had its say this long. */
#define SPEAKER_MARGIN_DB 6
#define SPEAKER_STAY_US INT64_C(300000)
/* Pauses between sentences must not cost a place. */
#define SPEAKER_HANGOVER_US INT64_C(1500000)
/* Discontinuous transmission sends a packet every 400 ms or less often. */
#define SPEAKER_STOPPED_US INT64_C(1000000)
#define SPEAKER_ATTACK_US 60000.0F
#define SPEAKER_RELEASE_US 400000.0F
#define SPEAKER_PACKET_US INT64_C(20000)
#define SPEAKER_GAP_MAX_US INT64_C(200000)

static void smooth(Voice *voice, float loudness, int64_t now_us)
{
    int64_t elapsed_us = voice->heard_us == 0 ? SPEAKER_PACKET_US : now_us - voice->heard_us;
    float step_us = (float)CLAMP(elapsed_us, 0, SPEAKER_GAP_MAX_US);
    float time_us = loudness > voice->loudness ? SPEAKER_ATTACK_US : SPEAKER_RELEASE_US;
    voice->loudness += (loudness - voice->loudness) * step_us / (step_us + time_us);
    voice->heard_us = now_us;
    if (loudness >= SPEAKER_LOUD_LOUDNESS) {
        voice->loud_us = now_us;
    }
}

static bool has_stopped(const Voice *voice, int64_t now_us)
{
    return now_us - voice->heard_us > SPEAKER_STOPPED_US ||
           now_us - voice->loud_us > SPEAKER_HANGOVER_US;
}

bool speakers_expire(Speakers *speakers, int64_t now_us)
{
    size_t before = speakers->count;
    for (size_t i = speakers->count; i > 0; i--) {
        if (has_stopped(speakers->chosen[i - 1], now_us)) {
            speakers_leave(speakers, speakers->chosen[i - 1]);
        }
    }
    return speakers->count < before;
}

void speakers_leave(Speakers *speakers, Voice *voice)
{
    for (size_t i = 0; voice->is_chosen && i < speakers->count; i++) {
        if (speakers->chosen[i] == voice) {
            speakers->chosen[i] = speakers->chosen[--speakers->count];
            break;
        }
    }
    voice->is_chosen = false;
    voice->loudness = 0;
}

static void choose(Speakers *speakers, Voice *voice, int64_t now_us)
{
    speakers->chosen[speakers->count++] = voice;
    voice->is_chosen = true;
    voice->chosen_us = now_us;
}

static Voice *find_weakest(const Speakers *speakers)
{
    Voice *weakest = speakers->chosen[0];
    for (size_t i = 1; i < speakers->count; i++) {
        if (speakers->chosen[i]->loudness < weakest->loudness) {
            weakest = speakers->chosen[i];
        }
    }
    return weakest;
}

static bool displaces(const Voice *challenger, const Voice *weakest, int64_t now_us)
{
    return now_us - weakest->chosen_us > SPEAKER_STAY_US &&
           challenger->loudness > weakest->loudness + SPEAKER_MARGIN_DB;
}

bool speakers_hear(Speakers *speakers, Voice *voice, uint8_t level, int64_t now_us)
{
    float loudness = (float)(SPEAKER_SILENT_LEVEL - MIN(level, SPEAKER_SILENT_LEVEL));
    smooth(voice, loudness, now_us);
    if (voice->is_chosen || loudness < SPEAKER_LOUD_LOUDNESS) {
        return voice->is_chosen;
    }
    if (speakers->count == LIMIT_VOICES) {
        speakers_expire(speakers, now_us);
    }
    if (speakers->count == LIMIT_VOICES) {
        Voice *weakest = find_weakest(speakers);
        if (!displaces(voice, weakest, now_us)) {
            return false;
        }
        speakers_leave(speakers, weakest);
    }
    choose(speakers, voice, now_us);
    return true;
}
