#include "endpoints/device/pipeline.h"

#include <gst/app/gstappsink.h>
#include <gst/app/gstappsrc.h>
#include <gst/gst.h>

struct Pipeline {
    GstElement *element;
    PipelineHandlers handlers;
    void *data;
    guint bus_watch;
};

static void report_error(Pipeline *pipeline, GstMessage *message)
{
    g_autoptr(GError) error = NULL;
    gst_message_parse_error(message, &error, NULL);
    g_autofree char *reason =
        g_strdup_printf("%s: %s", GST_MESSAGE_SRC_NAME(message), error->message);
    pipeline->handlers.on_error(reason, pipeline->data);
}

static gboolean on_bus(GstBus *bus, GstMessage *message, gpointer data)
{
    Pipeline *pipeline = data;
    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR) {
        report_error(pipeline, message);
    } else if (pipeline->handlers.on_message != NULL) {
        pipeline->handlers.on_message(message, pipeline->data);
    }
    return G_SOURCE_CONTINUE;
}

Pipeline *pipeline_new(const char *description, const PipelineHandlers *handlers, void *data,
                       GError **error)
{
    GstElement *element = gst_parse_launch(description, error);
    if (element == NULL) {
        return NULL;
    }
    Pipeline *pipeline = g_new0(Pipeline, 1);
    pipeline->element = gst_object_ref_sink(element);
    pipeline->handlers = *handlers;
    pipeline->data = data;
    g_autoptr(GstClock) clock = gst_system_clock_obtain();
    gst_pipeline_use_clock(GST_PIPELINE(element), clock);
    gst_element_set_start_time(element, GST_CLOCK_TIME_NONE);
    gst_element_set_base_time(element, 0);
    g_autoptr(GstBus) bus = gst_element_get_bus(element);
    pipeline->bus_watch = gst_bus_add_watch(bus, on_bus, pipeline);
    return pipeline;
}

void pipeline_free(Pipeline *pipeline)
{
    if (pipeline == NULL) {
        return;
    }
    g_source_remove(pipeline->bus_watch);
    gst_element_set_state(pipeline->element, GST_STATE_NULL);
    gst_object_unref(pipeline->element);
    g_free(pipeline);
}

GstElement *pipeline_element(const Pipeline *pipeline)
{
    return pipeline->element;
}

GstElement *pipeline_find(const Pipeline *pipeline, const char *name)
{
    GstElement *element = gst_bin_get_by_name(GST_BIN(pipeline->element), name);
    g_assert(element != NULL);
    gst_object_unref(element);
    return element;
}

bool pipeline_play(Pipeline *pipeline)
{
    return gst_element_set_state(pipeline->element, GST_STATE_PLAYING) != GST_STATE_CHANGE_FAILURE;
}

bool pipeline_pause(Pipeline *pipeline)
{
    return gst_element_set_state(pipeline->element, GST_STATE_PAUSED) != GST_STATE_CHANGE_FAILURE;
}

void pipeline_bound_source(GstElement *appsrc, GstCaps *caps, unsigned buffers)
{
    g_object_set(appsrc, "is-live", TRUE, "format", GST_FORMAT_TIME, "do-timestamp", FALSE,
                 "max-buffers", (guint64)buffers, "max-bytes", (guint64)0, "leaky-type",
                 GST_APP_LEAKY_TYPE_DOWNSTREAM, "block", FALSE, "emit-signals", FALSE, NULL);
    if (caps != NULL) {
        gst_app_src_set_caps(GST_APP_SRC(appsrc), caps);
    }
}

void pipeline_bound_sink(GstElement *appsink, unsigned buffers)
{
    g_object_set(appsink, "sync", FALSE, "async", FALSE, "max-buffers", buffers, "drop", TRUE,
                 "emit-signals", FALSE, "enable-last-sample", FALSE, NULL);
}
