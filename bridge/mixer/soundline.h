/* One outgoing mix: limiter, Opus encoder and RTP header. Belongs to the sound mix, on the sound
 * thread; no call waits, allocates or logs but sound_line_new. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/base/limits.h"
#include "bridge/mixer/soundlimiter.h"

#define SOUND_LINE_SAMPLES SOUND_LIMITER_SAMPLES
#define SOUND_LINE_MIX (SOUND_LIMITER_AHEAD + SOUND_LINE_SAMPLES)

typedef struct SoundLine SoundLine;

/* What the packets of all lines of a tick have in common. */
typedef struct SoundStamp {
    uint16_t seq;
    uint32_t rtp_ts; /* 48 kHz */
} SoundStamp;

SoundLine *sound_line_new(void);
void sound_line_free(SoundLine *line);
/* Begins anew for `source`, as a twin of `common`: whoever heard that one until now goes on to
 * hear this one without a seam. */
void sound_line_start(SoundLine *line, uint32_t source, const SoundLine *common);
/* `mix` begins with the last SOUND_LIMITER_AHEAD samples of the tick before. Returns the size of
 * the RTP packet. */
size_t sound_line_write(SoundLine *line, const int32_t mix[SOUND_LINE_MIX], SoundStamp stamp,
                        uint8_t ret_rtp[LIMIT_RTP_BYTES]);
