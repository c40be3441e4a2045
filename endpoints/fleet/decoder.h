/* Decodes VP8 without a pipeline and without a thread: a frame is pushed in and its picture comes
 * out before the push returns. Owned by the examiner and used on its thread. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct Decoder Decoder;

/* A decoded picture; borrowed for the call. */
typedef struct DecoderPicture {
    const uint8_t *luma;
    size_t stride;
    int width, height;
} DecoderPicture;

typedef void (*DecoderFunc)(const DecoderPicture *picture, void *data);

/* NULL when GStreamer has no VP8 decoder. */
Decoder *decoder_new(DecoderFunc call, void *data);
void decoder_free(Decoder *decoder);
/* Takes a reference. False when the decoder refused the frame: then it is of no further use. */
bool decoder_push(Decoder *decoder, GBytes *frame);
