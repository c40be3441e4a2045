#include "endpoints/device/scaler.h"

#include <gst/video/video.h>

#define POOL_BUFFERS_MIN 2
#define POOL_BUFFERS_MAX 8

struct Scaler {
    GstCaps *source_caps;
    GstVideoInfo source;
    GstCaps *target_caps;
    GstVideoInfo target;
    Demand demand;
    GstVideoConverter *converter;
    GstBufferPool *pool;
};

Scaler *scaler_new(void)
{
    return g_new0(Scaler, 1);
}

static void drop_target(Scaler *scaler)
{
    if (scaler->pool != NULL) {
        gst_buffer_pool_set_active(scaler->pool, FALSE);
        gst_clear_object(&scaler->pool);
    }
    g_clear_pointer(&scaler->converter, gst_video_converter_free);
    gst_clear_caps(&scaler->target_caps);
}

void scaler_free(Scaler *scaler)
{
    if (scaler != NULL) {
        drop_target(scaler);
        gst_clear_caps(&scaler->source_caps);
        g_free(scaler);
    }
}

static GstStructure *converter_settings(const DemandCrop *crop)
{
    /* No matrix and no gamma: those passes cost more than the scaling, and a change of range is a
     * table look-up on the small picture. */
    return gst_structure_new(
        "settings", GST_VIDEO_CONVERTER_OPT_SRC_X, G_TYPE_INT, crop->x,
        GST_VIDEO_CONVERTER_OPT_SRC_Y, G_TYPE_INT, crop->y, GST_VIDEO_CONVERTER_OPT_SRC_WIDTH,
        G_TYPE_INT, crop->width, GST_VIDEO_CONVERTER_OPT_SRC_HEIGHT, G_TYPE_INT, crop->height,
        GST_VIDEO_CONVERTER_OPT_RESAMPLER_METHOD, GST_TYPE_VIDEO_RESAMPLER_METHOD,
        GST_VIDEO_RESAMPLER_METHOD_LINEAR, GST_VIDEO_CONVERTER_OPT_MATRIX_MODE,
        GST_TYPE_VIDEO_MATRIX_MODE, GST_VIDEO_MATRIX_MODE_NONE,
        GST_VIDEO_CONVERTER_OPT_DITHER_METHOD, GST_TYPE_VIDEO_DITHER_METHOD, GST_VIDEO_DITHER_NONE,
        GST_VIDEO_CONVERTER_OPT_THREADS, G_TYPE_UINT, 1, NULL);
}

static bool make_pool(Scaler *scaler)
{
    scaler->pool = gst_video_buffer_pool_new();
    GstStructure *config = gst_buffer_pool_get_config(scaler->pool);
    gst_buffer_pool_config_set_params(config, scaler->target_caps,
                                      (guint)GST_VIDEO_INFO_SIZE(&scaler->target), POOL_BUFFERS_MIN,
                                      POOL_BUFFERS_MAX);
    return gst_buffer_pool_set_config(scaler->pool, config) &&
           gst_buffer_pool_set_active(scaler->pool, TRUE);
}

static bool make_target(Scaler *scaler, const Demand *demand)
{
    drop_target(scaler);
    scaler->demand = *demand;
    gst_video_info_set_format(&scaler->target, GST_VIDEO_FORMAT_I420, (guint)demand->width,
                              (guint)demand->height);
    GstVideoInfo named = scaler->target;
    named.fps_n = demand->fps;
    named.fps_d = 1;
    scaler->target_caps = gst_video_info_to_caps(&named);
    /* The converter refuses to change the rate, which is not its business. */
    scaler->target.fps_n = scaler->source.fps_n;
    scaler->target.fps_d = scaler->source.fps_d;
    DemandCrop crop = demand_crop(demand, scaler->source.width, scaler->source.height);
    GstStructure *settings = converter_settings(&crop);
    /* RGB must become luma and chroma; everything else keeps its matrix. */
    if (GST_VIDEO_INFO_IS_RGB(&scaler->source)) {
        gst_structure_remove_field(settings, GST_VIDEO_CONVERTER_OPT_MATRIX_MODE);
    }
    scaler->converter = gst_video_converter_new(&scaler->source, &scaler->target, settings);
    return scaler->converter != NULL && make_pool(scaler);
}

static bool is_same_target(const Scaler *scaler, const Demand *demand)
{
    return scaler->converter != NULL && scaler->demand.width == demand->width &&
           scaler->demand.height == demand->height && scaler->demand.fps == demand->fps;
}

static bool prepare(Scaler *scaler, GstSample *sample, const Demand *demand)
{
    GstCaps *caps = gst_sample_get_caps(sample);
    if (caps == NULL) {
        return false;
    }
    if (caps == scaler->source_caps && is_same_target(scaler, demand)) {
        return true;
    }
    bool same_source = scaler->source_caps != NULL && gst_caps_is_equal(caps, scaler->source_caps);
    if (!same_source && !gst_video_info_from_caps(&scaler->source, caps)) {
        return false;
    }
    gst_caps_replace(&scaler->source_caps, caps);
    return (same_source && is_same_target(scaler, demand)) || make_target(scaler, demand);
}

static void squeeze(uint8_t *pixels, size_t count, unsigned factor, unsigned base)
{
    for (size_t i = 0; i < count; i++) {
        pixels[i] = (uint8_t)(base + ((pixels[i] * factor + 128U) >> 8));
    }
}

static void limit_range(GstVideoFrame *frame)
{
    for (guint plane = 0; plane < GST_VIDEO_FRAME_N_PLANES(frame); plane++) {
        size_t size = (size_t)GST_VIDEO_FRAME_PLANE_STRIDE(frame, plane) *
                      (size_t)GST_VIDEO_FRAME_COMP_HEIGHT(frame, plane);
        uint8_t *pixels = GST_VIDEO_FRAME_PLANE_DATA(frame, plane);
        /* Luma 0..255 to 16..235, chroma 0..255 to 16..240. */
        if (plane == 0) {
            squeeze(pixels, size, 220, 16);
        } else {
            squeeze(pixels, size, 224, 16);
        }
    }
}

static bool convert(Scaler *scaler, GstBuffer *from, GstBuffer *to)
{
    GstVideoFrame source;
    GstVideoFrame target;
    if (!gst_video_frame_map(&source, &scaler->source, from, GST_MAP_READ)) {
        return false;
    }
    if (!gst_video_frame_map(&target, &scaler->target, to, GST_MAP_READWRITE)) {
        gst_video_frame_unmap(&source);
        return false;
    }
    gst_video_converter_frame(scaler->converter, &source, &target);
    if (scaler->source.colorimetry.range == GST_VIDEO_COLOR_RANGE_0_255 &&
        !GST_VIDEO_INFO_IS_RGB(&scaler->source)) {
        limit_range(&target);
    }
    gst_video_frame_unmap(&target);
    gst_video_frame_unmap(&source);
    return true;
}

GstBuffer *scaler_run(Scaler *scaler, GstSample *sample, const Demand *demand, GstCaps **ret_caps)
{
    GstBuffer *from = gst_sample_get_buffer(sample);
    GstBuffer *to = NULL;
    GstBufferPoolAcquireParams dont_wait = {.flags = GST_BUFFER_POOL_ACQUIRE_FLAG_DONTWAIT};
    if (from == NULL || !prepare(scaler, sample, demand) ||
        gst_buffer_pool_acquire_buffer(scaler->pool, &to, &dont_wait) != GST_FLOW_OK) {
        return NULL;
    }
    if (!convert(scaler, from, to)) {
        gst_buffer_unref(to);
        return NULL;
    }
    *ret_caps = scaler->target_caps;
    return to;
}
