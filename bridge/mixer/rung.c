#include "bridge/mixer/rung.h"

#include <glib.h>

#include "bridge/base/videocodec.h"

#define RTP_HEADER_BYTES 12
#define RTP_MARKER 0x80

struct Rung {
    RungOptions options;
    WorkshopOrder *order; /* of the encoder, while there is none */
    Encoder *encoder;
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

static void on_packet(const uint8_t *rtp, size_t size, void *data)
{
    if (size > RTP_HEADER_BYTES) {
        send_packet(data, rtp, size);
    }
}

static void use(Rung *rung, Encoder *encoder)
{
    rung->encoder = encoder;
    encoder_set_sink(encoder, on_packet, rung);
    rung->is_frame_open = false;
    rung->is_keyframe_wanted = true;
    rung->keyframe_us = INT64_MIN / 2;
}

static void order_encoder(Rung *rung)
{
    if (rung->options.workshop == NULL) {
        use(rung, encoder_new(&rung->options.shape));
    } else {
        rung->order = workshop_order(rung->options.workshop, &rung->options.shape);
    }
}

static bool has_encoder(Rung *rung)
{
    Encoder *made = rung->order == NULL ? NULL : workshop_take(rung->order);
    if (made != NULL) {
        rung->order = NULL;
        encoder_set_kbps(made, rung->options.shape.kbps); /* may have changed meanwhile */
        use(rung, made);
    }
    return rung->encoder != NULL;
}

static void scrap_encoder(Rung *rung)
{
    Encoder *encoder = g_steal_pointer(&rung->encoder);
    if (rung->options.workshop == NULL) {
        encoder_free(encoder);
    } else {
        workshop_scrap(rung->options.workshop, encoder);
    }
}

Rung *rung_new(const RungOptions *options)
{
    Rung *rung = g_new0(Rung, 1);
    rung->options = *options;
    order_encoder(rung);
    return rung;
}

void rung_free(Rung *rung)
{
    if (rung == NULL) {
        return;
    }
    workshop_drop(rung->order);
    scrap_encoder(rung);
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
    if (own->shape.kbps != options->shape.kbps && rung->encoder != NULL) {
        encoder_set_kbps(rung->encoder, options->shape.kbps);
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

bool rung_encode(Rung *rung, const I420 *picture, int64_t time_us)
{
    if (!has_encoder(rung)) {
        return true;
    }
    rung->is_started = true;
    rung->time_us = time_us;
    if (rung->is_keyframe_wanted && time_us - rung->keyframe_us >= RUNG_KEYFRAME_US) {
        encoder_force_keyframe(rung->encoder);
    }
    if (encoder_push(rung->encoder, picture, time_us)) {
        return true;
    }
    scrap_encoder(rung);
    order_encoder(rung);
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
