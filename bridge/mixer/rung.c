#include "bridge/mixer/rung.h"

#include <gst/video/video.h>

#include "bridge/base/limits.h"
#include "bridge/mixer/chain.h"
#include "bridge/mixer/codec.h"

#define RTP_HEADER_BYTES 12
#define RTP_MARKER 0x80

struct Rung {
    RungOptions options;
    const Codec *codec;
    Chain *chain; /* encoder ! payloader */
    GstElement *encoder;
    int64_t first_time_us;
    bool is_started;
    bool is_keyframe_wanted;
    int64_t keyframe_us;
    int64_t time_us;
    bool is_frame_open;
    bool is_frame_key;
    bool is_frame_lost;
    uint64_t bytes;
    uint64_t frames;
};

static void begin_frame(Rung *rung, const uint8_t *payload, size_t size)
{
    rung->is_frame_open = true;
    rung->is_frame_lost = false;
    rung->is_frame_key = videocodec_starts_keyframe(rung->options.shape.codec, payload, size);
    rung->frames++;
    if (rung->is_frame_key) {
        rung->keyframe_us = rung->time_us;
        rung->is_keyframe_wanted = false;
    }
}

static void send_packet(Rung *rung, const uint8_t *rtp, size_t size)
{
    if (!rung->is_frame_open) {
        begin_frame(rung, rtp + RTP_HEADER_BYTES, size - RTP_HEADER_BYTES);
    }
    bool ends_frame = (rtp[1] & RTP_MARKER) != 0;
    rung->is_frame_open = !ends_frame;
    if (rung->is_frame_lost) {
        return;
    }
    RungPacket packet = {
        .rung = rung->options.shape.id,
        .ends_frame = ends_frame,
        .is_keyframe = rung->is_frame_key,
        .time_us = rung->time_us,
        .rtp = rtp,
        .size = size,
    };
    if (rung->options.send(&packet, rung->options.data)) {
        rung->bytes += size;
    } else {
        rung->is_frame_lost = true;
        rung->is_keyframe_wanted = true;
    }
}

static void on_packet(GstBuffer *buffer, void *data)
{
    GstMapInfo map;
    if (!gst_buffer_map(buffer, &map, GST_MAP_READ)) {
        return;
    }
    if (map.size > RTP_HEADER_BYTES) {
        send_packet(data, map.data, map.size);
    }
    gst_buffer_unmap(buffer, &map);
}

static void open_chain(Rung *rung)
{
    static const ChainHandlers handlers = {.on_buffer = on_packet};
    const ProgramRung *shape = &rung->options.shape;
    GstVideoInfo info;
    gst_video_info_set_format(&info, GST_VIDEO_FORMAT_I420, (guint)shape->width,
                              (guint)shape->height);
    info.fps_n = shape->fps;
    info.fps_d = 1;
    GstCaps *caps = gst_video_info_to_caps(&info);
    rung->encoder = rung->codec->make_encoder(shape);
    GstElement *payloader = rung->codec->make_payloader();
    rung->chain =
        chain_new((GstElement *[]){rung->encoder, payloader, NULL}, caps, &handlers, rung);
    gst_caps_unref(caps);
    rung->is_frame_open = false;
}

Rung *rung_new(const RungOptions *options)
{
    Rung *rung = g_new0(Rung, 1);
    rung->options = *options;
    rung->keyframe_us = INT64_MIN / 2;
    rung->codec = codec_get(options->shape.codec);
    open_chain(rung);
    return rung;
}

void rung_free(Rung *rung)
{
    if (rung == NULL) {
        return;
    }
    chain_free(rung->chain);
    g_free(rung);
}

bool rung_adopt(Rung *rung, const RungOptions *options)
{
    const RungOptions *own = &rung->options;
    if (own->shape.id != options->shape.id || own->shape.codec != options->shape.codec ||
        own->shape.width != options->shape.width || own->shape.height != options->shape.height ||
        own->shape.fps != options->shape.fps || own->picture_fps != options->picture_fps) {
        return false;
    }
    if (own->shape.kbps != options->shape.kbps) {
        rung->codec->set_kbps(rung->encoder, options->shape.kbps);
    }
    rung->options = *options;
    return true;
}

void rung_ask_keyframe(Rung *rung)
{
    rung->is_keyframe_wanted = true;
}

bool rung_is_due(const Rung *rung, uint64_t tick)
{
    uint64_t own = (uint64_t)rung->options.shape.fps;
    uint64_t all = (uint64_t)rung->options.picture_fps;
    return !rung->is_started || tick * own / all != (tick - 1) * own / all;
}

/* The encoder is done with the memory when the push returns: it looks at one frame at a time. */
static GstBuffer *wrap(const Rung *rung, const I420 *picture)
{
    size_t size = i420_size_bytes(picture->width, picture->height);
    GstBuffer *buffer = gst_buffer_new_wrapped_full(GST_MEMORY_FLAG_READONLY, picture->plane[0],
                                                    size, 0, size, NULL, NULL);
    GST_BUFFER_PTS(buffer) = (GstClockTime)(rung->time_us - rung->first_time_us) * GST_USECOND;
    GST_BUFFER_DURATION(buffer) = GST_SECOND / (guint64)rung->options.shape.fps;
    return buffer;
}

bool rung_encode(Rung *rung, const I420 *picture, int64_t time_us)
{
    if (!rung->is_started) {
        rung->is_started = true;
        rung->first_time_us = time_us;
    }
    rung->time_us = time_us;
    if (rung->is_keyframe_wanted && time_us - rung->keyframe_us >= RUNG_KEYFRAME_US) {
        chain_force_keyframe(rung->chain);
    }
    if (chain_push(rung->chain, wrap(rung, picture))) {
        return true;
    }
    chain_free(rung->chain);
    open_chain(rung);
    return false;
}

uint64_t rung_bytes(const Rung *rung)
{
    return rung->bytes;
}

uint64_t rung_frames(const Rung *rung)
{
    return rung->frames;
}

const ProgramRung *rung_shape(const Rung *rung)
{
    return &rung->options.shape;
}
