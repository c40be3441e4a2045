/* One encoder with its payloader: pictures in, RTP packets out before the push returns. Whatever it
 * allocates it has allocated when it is made, which takes longer than a picture lasts. Made, used
 * and freed on any thread, one at a time. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/mixer/i420.h"
#include "bridge/mixer/programview.h"

typedef struct Encoder Encoder;

/* One RTP packet, borrowed for the call. */
typedef void (*EncoderSink)(const uint8_t *rtp, size_t size, void *data);

Encoder *encoder_new(const ProgramRung *shape);
/* NULL is fine. */
void encoder_free(Encoder *encoder);

/* Until there is one, packets are dropped. */
void encoder_set_sink(Encoder *encoder, EncoderSink sink, void *data);
void encoder_set_kbps(Encoder *encoder, int kbps);
/* The next picture becomes a key frame. */
void encoder_force_keyframe(Encoder *encoder);
/* `picture` has the size of the shape; `time_us` grows. False: the encoder is of no further use. */
bool encoder_push(Encoder *encoder, const I420 *picture, int64_t time_us);
