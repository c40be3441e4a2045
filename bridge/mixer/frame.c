#include "bridge/mixer/frame.h"

#include <gst/video/video.h>

struct Frame {
    I420 picture;
    bool owns_picture;
    GstVideoFrame mapped;
};

Frame *frame_new(GstBuffer *buffer, const GstVideoInfo *info)
{
    GstVideoInfo copy = *info;
    GstVideoFrame mapped;
    if (GST_VIDEO_INFO_FORMAT(info) != GST_VIDEO_FORMAT_I420 ||
        !gst_video_frame_map(&mapped, &copy, buffer, GST_MAP_READ)) {
        return NULL;
    }
    Frame *frame = g_atomic_rc_box_new0(Frame);
    frame->mapped = mapped;
    frame->picture.width = GST_VIDEO_FRAME_WIDTH(&mapped);
    frame->picture.height = GST_VIDEO_FRAME_HEIGHT(&mapped);
    for (int p = 0; p < 3; p++) {
        frame->picture.plane[p] = GST_VIDEO_FRAME_PLANE_DATA(&mapped, p);
        frame->picture.stride[p] = GST_VIDEO_FRAME_PLANE_STRIDE(&mapped, p);
    }
    return frame;
}

Frame *frame_new_from_i420(I420 *picture)
{
    Frame *frame = g_atomic_rc_box_new0(Frame);
    frame->picture = *picture;
    frame->owns_picture = true;
    *picture = (I420){0};
    return frame;
}

Frame *frame_ref(Frame *frame)
{
    return g_atomic_rc_box_acquire(frame);
}

static void clear(void *data)
{
    Frame *frame = data;
    if (frame->owns_picture) {
        i420_release(&frame->picture);
    } else {
        gst_video_frame_unmap(&frame->mapped);
    }
}

void frame_unref(Frame *frame)
{
    if (frame != NULL) {
        g_atomic_rc_box_release_full(frame, clear);
    }
}

const I420 *frame_picture(const Frame *frame)
{
    return &frame->picture;
}
