#include "endpoints/fleet/decoder.h"

#include <gst/gst.h>
#include <gst/video/video.h>

struct Decoder {
    DecoderFunc call;
    void *data;
    GstElement *element;
    GstPad *entry;
    GstPad *exit;
    GstVideoInfo info;
    bool has_info;
};

static GstFlowReturn on_picture(GstPad *pad, GstObject *parent, GstBuffer *buffer)
{
    Decoder *decoder = gst_pad_get_element_private(pad);
    GstVideoFrame frame;
    if (decoder->has_info && gst_video_frame_map(&frame, &decoder->info, buffer, GST_MAP_READ)) {
        const DecoderPicture picture = {
            .luma = GST_VIDEO_FRAME_PLANE_DATA(&frame, 0),
            .stride = (size_t)GST_VIDEO_FRAME_PLANE_STRIDE(&frame, 0),
            .width = GST_VIDEO_FRAME_WIDTH(&frame),
            .height = GST_VIDEO_FRAME_HEIGHT(&frame),
        };
        decoder->call(&picture, decoder->data);
        gst_video_frame_unmap(&frame);
    }
    gst_buffer_unref(buffer);
    return GST_FLOW_OK;
}

static gboolean on_exit_event(GstPad *pad, GstObject *parent, GstEvent *event)
{
    Decoder *decoder = gst_pad_get_element_private(pad);
    if (GST_EVENT_TYPE(event) == GST_EVENT_CAPS) {
        GstCaps *caps;
        gst_event_parse_caps(event, &caps);
        decoder->has_info = gst_video_info_from_caps(&decoder->info, caps);
    }
    gst_event_unref(event);
    return TRUE;
}

static void link_pads(Decoder *decoder)
{
    g_autoptr(GstPad) sink = gst_element_get_static_pad(decoder->element, "sink");
    g_autoptr(GstPad) source = gst_element_get_static_pad(decoder->element, "src");
    gst_pad_link_full(decoder->entry, sink, GST_PAD_LINK_CHECK_NOTHING);
    gst_pad_link_full(source, decoder->exit, GST_PAD_LINK_CHECK_NOTHING);
}

static void start(Decoder *decoder)
{
    GstSegment segment;
    gst_segment_init(&segment, GST_FORMAT_TIME);
    gst_pad_set_active(decoder->exit, TRUE);
    gst_element_set_state(decoder->element, GST_STATE_PLAYING);
    gst_pad_set_active(decoder->entry, TRUE);
    gst_pad_push_event(decoder->entry, gst_event_new_stream_start("fleet"));
    g_autoptr(GstCaps) caps = gst_caps_new_empty_simple("video/x-vp8");
    gst_pad_push_event(decoder->entry, gst_event_new_caps(caps));
    gst_pad_push_event(decoder->entry, gst_event_new_segment(&segment));
}

Decoder *decoder_new(DecoderFunc call, void *data)
{
    GstElement *element = gst_element_factory_make("vp8dec", NULL);
    if (element == NULL) {
        return NULL;
    }
    Decoder *decoder = g_new0(Decoder, 1);
    decoder->call = call;
    decoder->data = data;
    decoder->element = gst_object_ref_sink(element);
    g_object_set(element, "threads", 1, NULL);
    decoder->entry = gst_object_ref_sink(gst_pad_new("entry", GST_PAD_SRC));
    decoder->exit = gst_object_ref_sink(gst_pad_new("exit", GST_PAD_SINK));
    gst_pad_set_element_private(decoder->exit, decoder);
    gst_pad_set_chain_function(decoder->exit, on_picture);
    gst_pad_set_event_function(decoder->exit, on_exit_event);
    link_pads(decoder);
    start(decoder);
    return decoder;
}

void decoder_free(Decoder *decoder)
{
    if (decoder == NULL) {
        return;
    }
    gst_pad_set_active(decoder->entry, FALSE);
    gst_element_set_state(decoder->element, GST_STATE_NULL);
    gst_pad_set_active(decoder->exit, FALSE);
    gst_object_unref(decoder->element);
    gst_object_unref(decoder->entry);
    gst_object_unref(decoder->exit);
    g_free(decoder);
}

bool decoder_push(Decoder *decoder, GBytes *frame)
{
    return gst_pad_push(decoder->entry, gst_buffer_new_wrapped_bytes(frame)) == GST_FLOW_OK;
}
