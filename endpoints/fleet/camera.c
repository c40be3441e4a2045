#include "endpoints/fleet/camera.h"

#include <gst/gst.h>
#include <gst/video/video.h>
#include <string.h>

#include "bridge/base/clock.h"
#include "bridge/base/mailbox.h"
#include "endpoints/device/encoder.h"
#include "endpoints/fleet/timecode.h"

#define OUTBOX_PACKETS 256
/* Pictures whose way through the bridge is followed: ten seconds. */
#define SENT_MAX 256
#define LUMA_GROUND 80
#define CHROMA_GROUND 128

typedef struct Sent {
    uint32_t time_ms;
    int64_t sent_us; /* 0: unused */
} Sent;

struct Camera {
    uint16_t sender;
    Mailbox *outbox;
    Encoder *encoder;
    Demand demand;
    int64_t due_us;
    GstCaps *caps;
    size_t sent_at;
    Sent sent[SENT_MAX];
};

Camera *camera_new(uint16_t sender, GError **error)
{
    Camera *camera = g_new0(Camera, 1);
    camera->sender = sender;
    camera->outbox = mailbox_new(sizeof(Outgoing), OUTBOX_PACKETS);
    camera->encoder = encoder_new(camera->outbox, error);
    if (camera->encoder == NULL) {
        camera_free(camera);
        return NULL;
    }
    return camera;
}

void camera_free(Camera *camera)
{
    if (camera != NULL) {
        encoder_free(camera->encoder);
        mailbox_free(camera->outbox);
        gst_clear_caps(&camera->caps);
        g_free(camera);
    }
}

void camera_set_demand(Camera *camera, const Demand *demand)
{
    camera->demand = *demand;
    camera->due_us = 0;
    gst_clear_caps(&camera->caps);
    encoder_set_demand(camera->encoder, demand);
    if (!demand_is_off(demand)) {
        camera->caps =
            gst_caps_new_simple("video/x-raw", "format", G_TYPE_STRING, "I420", "width", G_TYPE_INT,
                                demand->width, "height", G_TYPE_INT, demand->height, "framerate",
                                GST_TYPE_FRACTION, demand->fps, 1, NULL);
    }
}

void camera_request_keyframe(Camera *camera)
{
    encoder_request_keyframe(camera->encoder);
}

static void draw(const Camera *camera, GstVideoFrame *frame, int64_t now_us)
{
    const TimecodePlane plane = {
        .bytes = GST_VIDEO_FRAME_PLANE_DATA(frame, 0),
        .stride = (size_t)GST_VIDEO_FRAME_PLANE_STRIDE(frame, 0),
        .width = camera->demand.width,
        .height = camera->demand.height,
    };
    memset(plane.bytes, LUMA_GROUND, plane.stride * (size_t)plane.height);
    for (guint i = 1; i < 3; i++) {
        memset(GST_VIDEO_FRAME_PLANE_DATA(frame, i), CHROMA_GROUND,
               (size_t)GST_VIDEO_FRAME_PLANE_STRIDE(frame, i) *
                   (size_t)GST_VIDEO_FRAME_COMP_HEIGHT(frame, i));
    }
    timecode_draw(&plane, (uint32_t)(now_us / CLOCK_US_PER_MS), camera->sender);
}

static void take_picture(Camera *camera, int64_t now_us)
{
    GstVideoInfo info;
    GstVideoFrame frame;
    gst_video_info_from_caps(&info, camera->caps);
    g_autoptr(GstBuffer) buffer = gst_buffer_new_allocate(NULL, info.size, NULL);
    if (!gst_video_frame_map(&frame, &info, buffer, GST_MAP_WRITE)) {
        return;
    }
    draw(camera, &frame, now_us);
    gst_video_frame_unmap(&frame);
    g_autoptr(GstSample) sample = gst_sample_new(buffer, camera->caps, NULL, NULL);
    encoder_push(camera->encoder, sample, now_us);
}

void camera_tick(Camera *camera, int64_t now_us)
{
    if (demand_is_off(&camera->demand) || now_us < camera->due_us) {
        return;
    }
    int64_t period_us = CLOCK_US_PER_S / camera->demand.fps;
    bool is_late = now_us - camera->due_us > period_us;
    camera->due_us = (is_late ? now_us : camera->due_us) + period_us;
    take_picture(camera, now_us);
}

static void note_sent(Camera *camera, const Outgoing *outgoing, int64_t now_us)
{
    camera->sent[camera->sent_at++ % SENT_MAX] = (Sent){
        .time_ms = (uint32_t)(outgoing->captured_us / CLOCK_US_PER_MS),
        .sent_us = now_us,
    };
}

bool camera_take(Camera *camera, int64_t now_us, Outgoing *ret_outgoing)
{
    if (!mailbox_take(camera->outbox, ret_outgoing)) {
        return false;
    }
    if (ret_outgoing->marker) {
        note_sent(camera, ret_outgoing, now_us);
    }
    return true;
}

int64_t camera_take_sent_us(Camera *camera, uint32_t time_ms)
{
    for (size_t i = 0; i < SENT_MAX; i++) {
        if (camera->sent[i].sent_us != 0 && camera->sent[i].time_ms == time_ms) {
            int64_t sent_us = camera->sent[i].sent_us;
            camera->sent[i].sent_us = 0;
            return sent_us;
        }
    }
    return 0;
}
