#include "bridge/mixer/encoder.h"

#include <gst/video/video.h>

#include "bridge/base/clock.h"
#include "bridge/mixer/chain.h"
#include "bridge/mixer/codec.h"

struct Encoder {
    ProgramRung shape;
    const Codec *codec;
    Chain *chain; /* encoder ! payloader */
    GstElement *element;
    EncoderSink sink;
    void *data;
    bool is_started;
    int64_t first_time_us;
};

static void on_packet(GstBuffer *buffer, void *data)
{
    Encoder *encoder = data;
    GstMapInfo map;
    if (encoder->sink == NULL || !gst_buffer_map(buffer, &map, GST_MAP_READ)) {
        return;
    }
    encoder->sink(map.data, map.size, encoder->data);
    gst_buffer_unmap(buffer, &map);
}

static void open_chain(Encoder *encoder)
{
    static const ChainHandlers handlers = {.on_buffer = on_packet};
    const ProgramRung *shape = &encoder->shape;
    GstVideoInfo info;
    gst_video_info_set_format(&info, GST_VIDEO_FORMAT_I420, (guint)shape->width,
                              (guint)shape->height);
    info.fps_n = shape->fps;
    info.fps_d = 1;
    GstCaps *caps = gst_video_info_to_caps(&info);
    encoder->element = encoder->codec->make_encoder(shape);
    GstElement *payloader = encoder->codec->make_payloader();
    encoder->chain =
        chain_new((GstElement *[]){encoder->element, payloader, NULL}, caps, &handlers, encoder);
    gst_caps_unref(caps);
}

/* The encoder is done with the memory when the push returns: it looks at one frame at a time. */
static GstBuffer *wrap(const Encoder *encoder, const I420 *picture, GstClockTime time)
{
    size_t size = i420_size_bytes(picture->width, picture->height);
    GstBuffer *buffer = gst_buffer_new_wrapped_full(GST_MEMORY_FLAG_READONLY, picture->plane[0],
                                                    size, 0, size, NULL, NULL);
    GST_BUFFER_PTS(buffer) = time;
    GST_BUFFER_DURATION(buffer) = GST_SECOND / (guint64)encoder->shape.fps;
    return buffer;
}

/* It allocates with its first pictures: two of them, as the second refers to the first. */
static void warm_up(Encoder *encoder)
{
    I420 black = i420_alloc(encoder->shape.width, encoder->shape.height);
    i420_fill(&black, i420_color(0x000000));
    chain_push(encoder->chain, wrap(encoder, &black, 0));
    chain_push(encoder->chain, wrap(encoder, &black, GST_SECOND / (guint64)encoder->shape.fps));
    i420_release(&black);
}

Encoder *encoder_new(const ProgramRung *shape)
{
    Encoder *encoder = g_new0(Encoder, 1);
    encoder->shape = *shape;
    encoder->codec = codec_get(shape->codec);
    open_chain(encoder);
    warm_up(encoder);
    return encoder;
}

void encoder_free(Encoder *encoder)
{
    if (encoder != NULL) {
        chain_free(encoder->chain);
        g_free(encoder);
    }
}

void encoder_set_sink(Encoder *encoder, EncoderSink sink, void *data)
{
    encoder->sink = sink;
    encoder->data = data;
}

void encoder_set_kbps(Encoder *encoder, int kbps)
{
    encoder->codec->set_kbps(encoder->element, kbps);
}

void encoder_force_keyframe(Encoder *encoder)
{
    chain_force_keyframe(encoder->chain);
}

bool encoder_push(Encoder *encoder, const I420 *picture, int64_t time_us)
{
    if (!encoder->is_started) {
        encoder->is_started = true;
        /* Behind those it was warmed up with. */
        encoder->first_time_us = time_us - CLOCK_US_PER_S;
    }
    GstClockTime time = (GstClockTime)(time_us - encoder->first_time_us) * GST_USECOND;
    return chain_push(encoder->chain, wrap(encoder, picture, time));
}
