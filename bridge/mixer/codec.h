/* The encoders of rungs, one row for each codec: how its GStreamer elements are made and what its
 * packets look like. Immutable tables. Any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/mixer/programview.h"

typedef struct _GstElement GstElement;

typedef struct Codec {
    /* Realtime on one thread, without frames that refer forward; key frames on demand only. The
     * caller's, floating. */
    GstElement *(*make_encoder)(const ProgramRung *shape);
    /* RTP packets of LIMIT_RTP_BYTES, all of a frame but the last equal in size where the format
     * lets them. The caller's, floating. */
    GstElement *(*make_payloader)(void);
    /* While it runs; H.264 goes on with a key frame. */
    void (*set_kbps)(GstElement *encoder, int kbps);
} Codec;

const Codec *codec_get(VideoCodec codec);
