#include "endpoints/device/encoder.h"

#include <gst/app/gstappsink.h>
#include <gst/app/gstappsrc.h>
#include <gst/video/video.h>
#include <stdatomic.h>
#include <string.h>

#include "bridge/base/clock.h"
#include "bridge/base/log.h"
#include "bridge/base/loop.h"
#include "endpoints/device/framegate.h"
#include "endpoints/device/outgoing.h"
#include "endpoints/device/parts.h"
#include "endpoints/device/pipeline.h"
#include "endpoints/device/scaler.h"

/* What libwebrtc uses for realtime VP8; the key frame distance is "only when asked". */
#define ENCODER_PIPELINE                                                                           \
    "appsrc name=pictures ! "                                                                      \
    "vp8enc name=coder deadline=1 cpu-used=16 threads=1 end-usage=cbr lag-in-frames=0 "            \
    "buffer-size=1000 buffer-initial-size=500 buffer-optimal-size=600 undershoot=100 "             \
    "overshoot=15 keyframe-max-dist=3000 static-threshold=100 max-intra-bitrate=300 "              \
    "min-quantizer=4 max-quantizer=56 timebase=1/90000 ! "                                         \
    "appsink name=frames"
#define ENCODER_QUEUE 2
#define ENCODER_KEYFRAME_EVERY_US INT64_C(300000)
/* Of a capped uplink, so much belongs to the voice and to RTCP. */
#define ENCODER_CAP_OTHERS_KBPS 50
#define ENCODER_KBPS_MIN 30
#define ENCODER_RESTART_US CLOCK_US_PER_S
/* VP8 payload descriptor (RFC 7741 section 4.2): start of the first partition. */
#define VP8_DESCRIPTOR_BYTES 1
#define VP8_DESCRIPTOR_START 0x10

struct Encoder {
    Mailbox *outbox;
    Pipeline *pipeline;
    GstElement *pictures;
    GstElement *coder;
    GstElement *frames;
    LoopWatch *restart;
    Demand demand;
    int cap_kbps;

    atomic_uint_fast64_t wanted; /* demand_pack of what is encoded */
    atomic_bool keyframe_due;

    /* The source's thread. */
    FrameGate gate;
    Scaler *scaler;
    GstCaps *caps;
    int64_t last_keyframe_us;

    /* The encoder's thread. */
    bool is_broken; /* a packet was lost: nothing is of use before the next key frame */
};

static void post_payloads(Encoder *encoder, const GstMapInfo *map, int64_t captured_us)
{
    const size_t room = OUTGOING_PAYLOAD_BYTES - VP8_DESCRIPTOR_BYTES;
    size_t count = (map->size + room - 1) / room;
    size_t piece = (map->size + count - 1) / count;
    Outgoing outgoing = {
        .kind = OUTGOING_VIDEO,
        .rtp_timestamp =
            (uint32_t)((uint64_t)captured_us * OUTGOING_VIDEO_HZ / (uint64_t)CLOCK_US_PER_S),
        .captured_us = captured_us,
    };
    for (size_t at = 0; at < map->size; at += piece) {
        size_t size = MIN(piece, map->size - at);
        outgoing.marker = at + size == map->size;
        outgoing.size = (uint16_t)(size + VP8_DESCRIPTOR_BYTES);
        outgoing.payload[0] = at == 0 ? VP8_DESCRIPTOR_START : 0;
        memcpy(outgoing.payload + VP8_DESCRIPTOR_BYTES, map->data + at, size);
        if (!mailbox_post(encoder->outbox, &outgoing)) {
            encoder->is_broken = true;
            atomic_store(&encoder->keyframe_due, true);
            return;
        }
    }
}

static void post_frame(Encoder *encoder, GstBuffer *buffer)
{
    bool is_delta = GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT);
    if (encoder->is_broken && is_delta) {
        return;
    }
    encoder->is_broken = false;
    GstMapInfo map;
    if (!GST_BUFFER_PTS_IS_VALID(buffer) || !gst_buffer_map(buffer, &map, GST_MAP_READ)) {
        return;
    }
    if (map.size > 0) {
        post_payloads(encoder, &map, (int64_t)(GST_BUFFER_PTS(buffer) / GST_USECOND));
    }
    gst_buffer_unmap(buffer, &map);
}

static GstFlowReturn on_encoded(GstAppSink *sink, gpointer data)
{
    g_autoptr(GstSample) sample = gst_app_sink_pull_sample(sink);
    if (sample != NULL && gst_sample_get_buffer(sample) != NULL) {
        post_frame(data, gst_sample_get_buffer(sample));
    }
    return GST_FLOW_OK;
}

static void start_again(void *data)
{
    Encoder *encoder = data;
    loop_drop(&encoder->restart);
    gst_element_set_state(pipeline_element(encoder->pipeline), GST_STATE_READY);
    pipeline_play(encoder->pipeline);
}

static void on_error(const char *reason, void *data)
{
    Encoder *encoder = data;
    if (encoder->restart == NULL) {
        log_warning("encoder.failed", "reason=\"%s\"", reason);
        encoder->restart = loop_after(ENCODER_RESTART_US, start_again, encoder);
    }
}

Encoder *encoder_new(Mailbox *outbox, GError **error)
{
    static const char *const names[] = {"appsrc", "vp8enc", "appsink", NULL};
    if (!parts_require(names, error)) {
        return NULL;
    }
    Encoder *encoder = g_new0(Encoder, 1);
    PipelineHandlers handlers = {.on_error = on_error};
    encoder->pipeline = pipeline_new(ENCODER_PIPELINE, &handlers, encoder, error);
    if (encoder->pipeline == NULL) {
        g_free(encoder);
        return NULL;
    }
    encoder->outbox = outbox;
    encoder->scaler = scaler_new();
    encoder->pictures = pipeline_find(encoder->pipeline, "pictures");
    encoder->coder = pipeline_find(encoder->pipeline, "coder");
    encoder->frames = pipeline_find(encoder->pipeline, "frames");
    pipeline_bound_source(encoder->pictures, NULL, ENCODER_QUEUE);
    pipeline_bound_sink(encoder->frames, ENCODER_QUEUE);
    GstAppSinkCallbacks callbacks = {.new_sample = on_encoded};
    gst_app_sink_set_callbacks(GST_APP_SINK(encoder->frames), &callbacks, encoder, NULL);
    pipeline_play(encoder->pipeline);
    return encoder;
}

void encoder_free(Encoder *encoder)
{
    if (encoder == NULL) {
        return;
    }
    loop_drop(&encoder->restart);
    pipeline_free(encoder->pipeline);
    scaler_free(encoder->scaler);
    gst_clear_caps(&encoder->caps);
    g_free(encoder);
}

static Demand under_cap(const Encoder *encoder)
{
    Demand demand = encoder->demand;
    if (encoder->cap_kbps > 0 && !demand_is_off(&demand)) {
        int cap = MAX(encoder->cap_kbps - ENCODER_CAP_OTHERS_KBPS, ENCODER_KBPS_MIN);
        demand.kbps = MIN(demand.kbps, cap);
    }
    return demand;
}

static void apply(Encoder *encoder)
{
    Demand demand = under_cap(encoder);
    Demand before = encoder_current(encoder);
    if (demand.kbps != 0 && demand.kbps != before.kbps) {
        g_object_set(encoder->coder, "target-bitrate", demand.kbps * 1000, NULL);
    }
    if (demand_is_off(&before) && !demand_is_off(&demand)) {
        atomic_store(&encoder->keyframe_due, true);
    }
    atomic_store_explicit(&encoder->wanted, demand_pack(&demand), memory_order_release);
}

void encoder_set_demand(Encoder *encoder, const Demand *demand)
{
    encoder->demand = *demand;
    apply(encoder);
}

void encoder_set_cap(Encoder *encoder, int kbps)
{
    encoder->cap_kbps = kbps;
    apply(encoder);
}

Demand encoder_current(const Encoder *encoder)
{
    return demand_unpack(atomic_load_explicit(&((Encoder *)encoder)->wanted, memory_order_acquire));
}

void encoder_request_keyframe(Encoder *encoder)
{
    atomic_store(&encoder->keyframe_due, true);
}

bool encoder_wants(Encoder *encoder, int64_t captured_us)
{
    Demand demand = encoder_current(encoder);
    return frame_gate_pass(&encoder->gate, demand.fps, captured_us);
}

/* Upstream events reach the encoder from its sink's side. */
static void force_due_keyframe(Encoder *encoder, int64_t captured_us)
{
    if (!atomic_load(&encoder->keyframe_due) ||
        captured_us - encoder->last_keyframe_us < ENCODER_KEYFRAME_EVERY_US) {
        return;
    }
    atomic_store(&encoder->keyframe_due, false);
    encoder->last_keyframe_us = captured_us;
    gst_element_send_event(
        encoder->frames, gst_video_event_new_upstream_force_key_unit(GST_CLOCK_TIME_NONE, TRUE, 0));
}

void encoder_push(Encoder *encoder, GstSample *sample, int64_t captured_us)
{
    Demand demand = encoder_current(encoder);
    if (demand_is_off(&demand)) {
        return;
    }
    GstCaps *caps = NULL;
    GstBuffer *picture = scaler_run(encoder->scaler, sample, &demand, &caps);
    if (picture == NULL) {
        return;
    }
    if (encoder->caps != caps) {
        gst_caps_replace(&encoder->caps, caps);
        gst_app_src_set_caps(GST_APP_SRC(encoder->pictures), caps);
    }
    force_due_keyframe(encoder, captured_us);
    GST_BUFFER_PTS(picture) = (GstClockTime)captured_us * GST_USECOND;
    GST_BUFFER_DURATION(picture) = GST_SECOND / (GstClockTime)demand.fps;
    gst_app_src_push_buffer(GST_APP_SRC(encoder->pictures), picture);
}
