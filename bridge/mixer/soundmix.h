/* The mixing of a meeting's voices, without clock or thread: packets go in as they come, and each
 * tick of 20 ms the mixes go out through the options' `send`. One owner, one thread. */
#pragma once

#include <stdint.h>

#include "bridge/mixer/sound.h"
#include "bridge/mixer/speaker.h"

#define SOUNDMIX_TICK_US 20000

typedef struct SoundMix SoundMix;

SoundMix *soundmix_new(const SoundOptions *options);
void soundmix_free(SoundMix *mix);

/* Copies. Whatever is wrong with the packet is counted. */
void soundmix_push(SoundMix *mix, uint32_t source, const uint8_t *rtp, size_t size,
                   int64_t arrival_us);
/* Forgets the source's voice and ends its mix. */
void soundmix_remove(SoundMix *mix, uint32_t source);
/* Makes and sends the mixes that are due at now_us. Times that were left out, in whole ticks, are
 * left out of the timestamps as well. */
void soundmix_tick(SoundMix *mix, int64_t now_us);

/* All but what only a thread can know. */
const SoundStats *soundmix_stats(const SoundMix *mix);
/* How loud everybody was in the latest tick; room for LIMIT_SOUND_VOICES. Returns how many. */
size_t soundmix_voices(const SoundMix *mix, SpeakerVoice *ret_voices);
/* Who began or ceased to howl since the last call; room for LIMIT_SOUND_VOICES. Returns how many.
 */
size_t soundmix_take_howls(SoundMix *mix, SoundHowl *ret_howls);
