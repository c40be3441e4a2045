#include "bridge/mixer/chain.h"

#include <gst/video/video.h>

#define ELEMENTS_MAX 4

struct Chain {
    const ChainHandlers *handlers;
    void *data;
    GstElement *elements[ELEMENTS_MAX];
    size_t element_count;
    GstPad *entry;
    GstPad *exit;
};

static GstFlowReturn on_buffer(GstPad *pad, GstObject *parent, GstBuffer *buffer)
{
    Chain *chain = gst_pad_get_element_private(pad);
    if (chain->handlers->on_buffer != NULL) {
        chain->handlers->on_buffer(buffer, chain->data);
    }
    gst_buffer_unref(buffer);
    return GST_FLOW_OK;
}

static gboolean on_exit_event(GstPad *pad, GstObject *parent, GstEvent *event)
{
    Chain *chain = gst_pad_get_element_private(pad);
    if (GST_EVENT_TYPE(event) == GST_EVENT_CAPS && chain->handlers->on_caps != NULL) {
        GstCaps *caps;
        gst_event_parse_caps(event, &caps);
        chain->handlers->on_caps(caps, chain->data);
    }
    gst_event_unref(event);
    return TRUE;
}

static gboolean on_entry_event(GstPad *pad, GstObject *parent, GstEvent *event)
{
    Chain *chain = gst_pad_get_element_private(pad);
    if (gst_video_event_is_force_key_unit(event) && chain->handlers->on_keyframe_request != NULL) {
        chain->handlers->on_keyframe_request(chain->data);
    }
    gst_event_unref(event);
    return TRUE;
}

/* Anything may come out, also of another size than before; by default a pad would insist on the
 * caps it has. */
static gboolean on_exit_query(GstPad *pad, GstObject *parent, GstQuery *query)
{
    if (GST_QUERY_TYPE(query) == GST_QUERY_ACCEPT_CAPS) {
        gst_query_set_accept_caps_result(query, TRUE);
        return TRUE;
    }
    if (GST_QUERY_TYPE(query) != GST_QUERY_CAPS) {
        return gst_pad_query_default(pad, parent, query);
    }
    GstCaps *filter;
    gst_query_parse_caps(query, &filter);
    GstCaps *all = filter != NULL ? gst_caps_ref(filter) : gst_caps_new_any();
    gst_query_set_caps_result(query, all);
    gst_caps_unref(all);
    return TRUE;
}

static void link_pads(Chain *chain)
{
    GstPad *upstream = gst_object_ref(chain->entry);
    for (size_t i = 0; i < chain->element_count; i++) {
        GstPad *sink = gst_element_get_static_pad(chain->elements[i], "sink");
        gst_pad_link_full(upstream, sink, GST_PAD_LINK_CHECK_NOTHING);
        gst_object_unref(sink);
        gst_object_unref(upstream);
        upstream = gst_element_get_static_pad(chain->elements[i], "src");
    }
    gst_pad_link_full(upstream, chain->exit, GST_PAD_LINK_CHECK_NOTHING);
    gst_object_unref(upstream);
}

static void push_start(Chain *chain, GstCaps *caps)
{
    GstSegment segment;
    gst_segment_init(&segment, GST_FORMAT_TIME);
    gst_pad_push_event(chain->entry, gst_event_new_stream_start("diemcau"));
    gst_pad_push_event(chain->entry, gst_event_new_caps(caps));
    gst_pad_push_event(chain->entry, gst_event_new_segment(&segment));
}

Chain *chain_new(GstElement **elements, GstCaps *caps, const ChainHandlers *handlers, void *data)
{
    Chain *chain = g_new0(Chain, 1);
    chain->handlers = handlers;
    chain->data = data;
    for (; elements[chain->element_count] != NULL; chain->element_count++) {
        chain->elements[chain->element_count] = gst_object_ref_sink(elements[chain->element_count]);
    }
    chain->entry = gst_object_ref_sink(gst_pad_new("entry", GST_PAD_SRC));
    chain->exit = gst_object_ref_sink(gst_pad_new("exit", GST_PAD_SINK));
    gst_pad_set_element_private(chain->entry, chain);
    gst_pad_set_element_private(chain->exit, chain);
    gst_pad_set_event_function(chain->entry, on_entry_event);
    gst_pad_set_event_function(chain->exit, on_exit_event);
    gst_pad_set_query_function(chain->exit, on_exit_query);
    gst_pad_set_chain_function(chain->exit, on_buffer);
    link_pads(chain);
    gst_pad_set_active(chain->exit, TRUE);
    for (size_t i = chain->element_count; i > 0; i--) {
        gst_element_set_state(chain->elements[i - 1], GST_STATE_PLAYING);
    }
    gst_pad_set_active(chain->entry, TRUE);
    push_start(chain, caps);
    return chain;
}

void chain_free(Chain *chain)
{
    if (chain == NULL) {
        return;
    }
    gst_pad_set_active(chain->entry, FALSE);
    for (size_t i = 0; i < chain->element_count; i++) {
        gst_element_set_state(chain->elements[i], GST_STATE_NULL);
        gst_object_unref(chain->elements[i]);
    }
    gst_pad_set_active(chain->exit, FALSE);
    gst_object_unref(chain->entry);
    gst_object_unref(chain->exit);
    g_free(chain);
}

bool chain_push(Chain *chain, GstBuffer *buffer)
{
    return gst_pad_push(chain->entry, buffer) == GST_FLOW_OK;
}

void chain_force_keyframe(Chain *chain)
{
    gst_pad_push_event(chain->entry,
                       gst_video_event_new_downstream_force_key_unit(
                           GST_CLOCK_TIME_NONE, GST_CLOCK_TIME_NONE, GST_CLOCK_TIME_NONE, TRUE, 0));
}
