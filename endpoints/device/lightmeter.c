#include "endpoints/device/lightmeter.h"

#include <gst/video/video.h>
#include <math.h>

/* Every so many pixels in each direction are looked at. */
#define STEP 8
/* Video black is 16; a sensor in the dark adds its noise. */
#define BLACK_MEAN 28.0
#define BLACK_SPREAD 6.0

static void measure(const GstVideoFrame *frame, Light *ret_light)
{
    const guint8 *first = GST_VIDEO_FRAME_COMP_DATA(frame, 0);
    int stride = GST_VIDEO_FRAME_COMP_STRIDE(frame, 0);
    int pixel = GST_VIDEO_FRAME_COMP_PSTRIDE(frame, 0);
    double sum = 0;
    double squares = 0;
    int count = 0;
    for (int y = 0; y < GST_VIDEO_FRAME_COMP_HEIGHT(frame, 0); y += STEP) {
        for (int x = 0; x < GST_VIDEO_FRAME_COMP_WIDTH(frame, 0); x += STEP) {
            double luma = first[y * stride + x * pixel];
            sum += luma;
            squares += luma * luma;
            count++;
        }
    }
    ret_light->mean = sum / MAX(count, 1);
    double variance = squares / MAX(count, 1) - ret_light->mean * ret_light->mean;
    ret_light->spread = sqrt(MAX(variance, 0));
}

bool light_read(GstSample *sample, Light *ret_light)
{
    GstVideoInfo info;
    GstVideoFrame frame;
    if (!gst_video_info_from_caps(&info, gst_sample_get_caps(sample)) ||
        GST_VIDEO_INFO_COMP_DEPTH(&info, 0) != 8 ||
        !gst_video_frame_map(&frame, &info, gst_sample_get_buffer(sample), GST_MAP_READ)) {
        return false;
    }
    measure(&frame, ret_light);
    gst_video_frame_unmap(&frame);
    return true;
}

bool light_is_black(const Light *light)
{
    return light->mean < BLACK_MEAN && light->spread < BLACK_SPREAD;
}
