/* A GStreamer pipeline that runs on the monotonic clock with base time 0: in every pipeline of this
 * process a running time is a monotonic time, so that media crosses from one to another with its
 * timestamp as it is. Errors and the end are reported on the main loop. Owned by the noun that is
 * built of it; main loop only, but for pipeline_find. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct _GstElement GstElement;
typedef struct _GstMessage GstMessage;
typedef struct _GstBuffer GstBuffer;
typedef struct _GstCaps GstCaps;
typedef struct Pipeline Pipeline;

typedef struct PipelineHandlers {
    /* The pipeline is useless now: stop or free it, here or later. */
    void (*on_error)(const char *reason, void *data);
    /* Every other message; may be NULL. */
    void (*on_message)(GstMessage *message, void *data);
} PipelineHandlers;

/* `description` is gst-launch syntax; it is made from constants of ours only, values of other
 * people's choice are set as properties. */
Pipeline *pipeline_new(const char *description, const PipelineHandlers *handlers, void *data,
                       GError **error);
/* Waits for the streaming threads: they never wait for the main loop. */
void pipeline_free(Pipeline *pipeline);

/* The pipeline itself; borrowed. */
GstElement *pipeline_element(const Pipeline *pipeline);
/* The element with this name, which must exist; borrowed, lives as long as the pipeline. */
GstElement *pipeline_find(const Pipeline *pipeline, const char *name);

/* May come back before the pipeline really runs. False when it refused at once; the reason follows
 * through on_error. */
bool pipeline_play(Pipeline *pipeline);
bool pipeline_pause(Pipeline *pipeline);

/* Makes an appsrc that never grows: live, timestamps by the caller, the oldest is dropped. */
void pipeline_bound_source(GstElement *appsrc, GstCaps *caps, unsigned buffers);
/* Makes an appsink that never waits for anybody and never grows. */
void pipeline_bound_sink(GstElement *appsink, unsigned buffers);
