/* Turns the frames of one voice into samples, 48 kHz mono, and carries the sound on where a frame
 * is missing: from the in-band FEC of its successor, or by a guess that fades to silence. What
 * comes after silence fades in. Belongs to its voice, on the sound thread; no call waits, allocates
 * or logs but voice_decoder_new. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/mixer/voicebuffer.h"

/* Opus: 120 ms. */
#define VOICE_FRAME_SAMPLES_MAX 5760
/* Opus makes and guesses multiples of 2.5 ms. */
#define VOICE_DECODER_STEP 120

typedef struct VoiceDecoder VoiceDecoder;

VoiceDecoder *voice_decoder_new(void);
void voice_decoder_free(VoiceDecoder *decoder);
/* For the frames of another sender. */
void voice_decoder_reset(VoiceDecoder *decoder);
/* As if silence came before what is decoded next. */
void voice_decoder_hush(VoiceDecoder *decoder);

/* Samples in a packet's payload, up to VOICE_FRAME_SAMPLES_MAX; 0 when it is no Opus packet. */
int voice_decoder_count_samples(const uint8_t *payload, size_t size);

/* Each tick there is an allowance; true when it covers so many samples more. A sender whose
 * timestamps hardly move gets no more of our time than others. */
void voice_decoder_begin_tick(VoiceDecoder *decoder);
bool voice_decoder_may_decode(VoiceDecoder *decoder, int samples);

/* All write to `pcm` and return the number of samples written, 0 when that can not be done. */
int voice_decoder_decode(VoiceDecoder *decoder, const VoiceFrame *frame, int16_t *pcm);
/* The `gap` before `next`, not longer than `next` itself. */
int voice_decoder_recover(VoiceDecoder *decoder, const VoiceFrame *next, int gap, int16_t *pcm);
/* Goes on for `samples`, rounded up to whole steps, while there is sound to go on with; exactly so
 * many once there is silence. `is_pause`: the sender paused and nothing was lost. */
int voice_decoder_conceal(VoiceDecoder *decoder, bool is_pause, int samples, int16_t *pcm);

/* What was written last had faded to silence. */
bool voice_decoder_is_silent(const VoiceDecoder *decoder);
/* What was written last was guessed, or silence. */
bool voice_decoder_is_guessing(const VoiceDecoder *decoder);
/* The sender's encoder has gone silent (DTX): missing frames are no loss. */
bool voice_decoder_is_in_dtx(const VoiceDecoder *decoder);
