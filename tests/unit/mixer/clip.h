/* For the tests of the mixer: pictures of plain colours as VP8 in RTP, and back. The encoder and
 * the decoder are GStreamer's; the packets go through none of the nouns under test. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "bridge/mixer/i420.h"

typedef struct ClipEncoder ClipEncoder;
typedef struct ClipDecoder ClipDecoder;

/* Loads the plugins, once a process. */
void clip_init(void);

ClipEncoder *clip_encoder_new(int width, int height, int kbps);
void clip_encoder_free(ClipEncoder *encoder);
/* The packets of one frame (GBytes); free with g_ptr_array_unref. The first is a key frame. */
GPtrArray *clip_encode(ClipEncoder *encoder, const I420 *picture);
/* The same of a plain colour with some noise in it, so that a frame has several packets. */
GPtrArray *clip_encode_color(ClipEncoder *encoder, uint32_t rgb);
void clip_force_keyframe(ClipEncoder *encoder);

/* Of VP8, or of H.264 as rungs have it. */
ClipDecoder *clip_decoder_new(void);
ClipDecoder *clip_decoder_new_h264(void);
void clip_decoder_free(ClipDecoder *decoder);
void clip_decode(ClipDecoder *decoder, const uint8_t *rtp, size_t size);
/* The latest picture; NULL before the first. */
const I420 *clip_picture(const ClipDecoder *decoder);
int clip_frames(const ClipDecoder *decoder);

/* The mean colour of a part, and whether it is that colour but for coding noise. */
I420Color clip_mean(const I420 *picture, LayoutRect rect);
bool clip_is_color(const I420 *picture, LayoutRect rect, uint32_t rgb);
/* Writes the picture to a PNG. */
void clip_save_png(const I420 *picture, const char *path);
