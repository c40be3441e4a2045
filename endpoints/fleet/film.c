#include "endpoints/fleet/film.h"

#include <gst/app/gstappsink.h>
#include <gst/gst.h>

#include "endpoints/fleet/clip.h"

/* Those that move, or are hard to encode. */
static const char *const patterns[] = {"ball", "pinwheel", "spokes", "smpte", "zone-plate"};

static GstElement *make_source(const FilmOrder *order, GError **error)
{
    g_autofree char *launch =
        order->source != NULL
            ? g_strdup("filesrc name=file ! decodebin ! videoconvert")
            : g_strdup_printf("videotestsrc pattern=%s motion=sweep kx2=20 ky2=20 kt=1",
                              patterns[order->variety % G_N_ELEMENTS(patterns)]);
    g_autofree char *whole = g_strdup_printf(
        "%s ! videoscale ! videorate ! video/x-raw,format=I420,width=%d,height=%d,framerate=%d/1,"
        "pixel-aspect-ratio=1/1 ! vp8enc deadline=1 cpu-used=8 threads=1 end-usage=cbr "
        "target-bitrate=%d keyframe-max-dist=%d lag-in-frames=0 buffer-size=1000 "
        "buffer-initial-size=500 buffer-optimal-size=600 undershoot=100 overshoot=15 "
        "max-intra-bitrate=300 min-quantizer=2 max-quantizer=56 ! "
        "appsink name=sink sync=false max-buffers=8",
        launch, order->width, order->height, order->fps, order->kbps * 1000, order->fps);
    GstElement *pipeline = gst_parse_launch(whole, error);
    g_autoptr(GstElement) file =
        pipeline != NULL ? gst_bin_get_by_name(GST_BIN(pipeline), "file") : NULL;
    if (file != NULL) {
        g_object_set(file, "location", order->source, NULL);
    }
    return pipeline;
}

static bool add_frame(ClipWriter *writer, GstSample *sample)
{
    GstBuffer *buffer = gst_sample_get_buffer(sample);
    GstMapInfo map;
    if (!gst_buffer_map(buffer, &map, GST_MAP_READ)) {
        return false;
    }
    ClipFrame frame = {
        .bytes = map.data,
        .size = map.size,
        .is_keyframe = !GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT),
    };
    bool is_added = clip_writer_add(writer, &frame);
    gst_buffer_unmap(buffer, &map);
    return is_added;
}

static void take_frames(GstElement *sink, ClipWriter *writer, size_t count)
{
    while (clip_writer_count(writer) < count) {
        GstSample *sample = gst_app_sink_pull_sample(GST_APP_SINK(sink));
        if (sample == NULL) {
            return;
        }
        bool is_added = add_frame(writer, sample);
        gst_sample_unref(sample);
        if (!is_added) {
            return;
        }
    }
}

bool film_make(const FilmOrder *order, const char *path, GError **error)
{
    g_autoptr(GstElement) pipeline = make_source(order, error);
    if (pipeline == NULL) {
        return false;
    }
    const ClipShape shape = {
        .kind = CLIP_PICTURE, .width = order->width, .height = order->height, .fps = order->fps};
    g_autoptr(ClipWriter) writer = clip_writer_new(&shape);
    g_autoptr(GstElement) sink = gst_bin_get_by_name(GST_BIN(pipeline), "sink");
    gst_element_set_state(pipeline, GST_STATE_PLAYING);
    take_frames(sink, writer, (size_t)FILM_SECONDS * (size_t)order->fps);
    gst_element_set_state(pipeline, GST_STATE_NULL);
    if (clip_writer_count(writer) < (size_t)order->fps) {
        g_set_error(error, GST_STREAM_ERROR, GST_STREAM_ERROR_DECODE,
                    "%s: less than a second of picture in it",
                    order->source != NULL ? order->source : "the test pattern");
        return false;
    }
    return clip_writer_save(writer, path, error);
}
