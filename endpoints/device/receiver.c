#include "endpoints/device/receiver.h"

#include <gst/app/gstappsink.h>
#include <gst/app/gstappsrc.h>
#include <gst/gst.h>
#include <gst/video/video.h>
#include <stdio.h>
#include <string.h>

#include "bridge/base/clock.h"
#include "bridge/base/limits.h"
#include "bridge/base/log.h"
#include "bridge/base/loop.h"
#include "bridge/base/mailbox.h"
#include "endpoints/device/parts.h"
#include "endpoints/device/pipeline.h"

#define RECEIVER_PIPELINE                                                                          \
    "rtpbin name=bin latency=120 do-lost=true do-retransmission=true max-streams=8 "               \
    "rtp-profile=avpf "                                                                            \
    "appsrc name=rtp appsrc name=rtcp appsink name=reports"
#define RECEIVER_QUEUE 512
#define RECEIVER_REPORTS 32
#define RECEIVER_REPORT_BYTES 1400
#define RECEIVER_REPORT_EVERY GST_SECOND
#define RECEIVER_ASK_EVERY_US INT64_C(500000)

typedef struct Report {
    uint16_t size;
    uint8_t bytes[RECEIVER_REPORT_BYTES];
} Report;

struct Receiver {
    Pipeline *pipeline;
    GstElement *bin;
    GstAppSrc *rtp;
    GstAppSrc *rtcp;
    Player *player;
    ReceiverHandlers handlers;
    void *data;
    Mailbox *reports;
    LoopWatch *reports_watch;
    int audio_type;
    int video_type;
    int rtx_type; /* -1: none */
    uint32_t video_ssrc;
    uint32_t rtx_ssrc;
    int64_t last_ask_us; /* the video thread's */
};

/* Becomes a PLI in rtpbin. */
static void ask_for_keyframe(Receiver *receiver, GstAppSink *sink)
{
    int64_t now_us = clock_now_us();
    if (now_us - receiver->last_ask_us >= RECEIVER_ASK_EVERY_US) {
        receiver->last_ask_us = now_us;
        gst_element_send_event(GST_ELEMENT(sink), gst_video_event_new_upstream_force_key_unit(
                                                      GST_CLOCK_TIME_NONE, TRUE, 0));
    }
}

static GstFlowReturn on_video_frame(GstAppSink *sink, gpointer data)
{
    Receiver *receiver = data;
    g_autoptr(GstSample) sample = gst_app_sink_pull_sample(sink);
    if (sample != NULL && !player_push_video(receiver->player, sample)) {
        ask_for_keyframe(receiver, sink);
    }
    return GST_FLOW_OK;
}

static GstFlowReturn on_audio_packet(GstAppSink *sink, gpointer data)
{
    g_autoptr(GstSample) sample = gst_app_sink_pull_sample(sink);
    if (sample != NULL) {
        player_push_audio(((Receiver *)data)->player, sample);
    }
    return GST_FLOW_OK;
}

static GstFlowReturn on_report(GstAppSink *sink, gpointer data)
{
    Receiver *receiver = data;
    g_autoptr(GstSample) sample = gst_app_sink_pull_sample(sink);
    GstBuffer *buffer = sample != NULL ? gst_sample_get_buffer(sample) : NULL;
    Report report;
    if (buffer != NULL && gst_buffer_get_size(buffer) <= sizeof report.bytes) {
        report.size = (uint16_t)gst_buffer_extract(buffer, 0, report.bytes, sizeof report.bytes);
        mailbox_post(receiver->reports, &report);
    }
    return GST_FLOW_OK;
}

static void on_reports(int fd, GIOCondition condition, void *data)
{
    Receiver *receiver = data;
    Report report;
    for (int i = 0; i < RECEIVER_REPORTS && mailbox_take(receiver->reports, &report); i++) {
        receiver->handlers.on_report(report.bytes, report.size, receiver->data);
    }
}

static GstCaps *on_request_pt_map(GstElement *bin, guint session, guint type, gpointer data)
{
    Receiver *receiver = data;
    if ((int)type == receiver->audio_type) {
        return gst_caps_new_simple("application/x-rtp", "media", G_TYPE_STRING, "audio",
                                   "encoding-name", G_TYPE_STRING, "OPUS", "clock-rate", G_TYPE_INT,
                                   48000, "payload", G_TYPE_INT, type, NULL);
    }
    if ((int)type == receiver->video_type) {
        return gst_caps_new_simple("application/x-rtp", "media", G_TYPE_STRING, "video",
                                   "encoding-name", G_TYPE_STRING, "VP8", "clock-rate", G_TYPE_INT,
                                   90000, "payload", G_TYPE_INT, type, "rtcp-fb-nack-pli",
                                   G_TYPE_BOOLEAN, TRUE, NULL);
    }
    if ((int)type == receiver->rtx_type) {
        return gst_caps_new_simple("application/x-rtp", "media", G_TYPE_STRING, "video",
                                   "encoding-name", G_TYPE_STRING, "RTX", "clock-rate", G_TYPE_INT,
                                   90000, "payload", G_TYPE_INT, type, NULL);
    }
    return NULL;
}

static GstStructure *rtx_types(const Receiver *receiver)
{
    g_autofree char *name = g_strdup_printf("%d", receiver->video_type);
    return gst_structure_new("application/x-rtp-pt-map", name, G_TYPE_UINT,
                             (guint)receiver->rtx_type, NULL);
}

static GstElement *on_request_aux_receiver(GstElement *bin, guint session, gpointer data)
{
    Receiver *receiver = data;
    if (receiver->rtx_type < 0) {
        return NULL;
    }
    GstElement *rtx = gst_element_factory_make("rtprtxreceive", NULL);
    g_autoptr(GstStructure) types = rtx_types(receiver);
    g_object_set(rtx, "payload-type-map", types, NULL);
    if (receiver->video_ssrc != 0 && receiver->rtx_ssrc != 0) {
        g_autofree char *name = g_strdup_printf("%u", receiver->video_ssrc);
        g_autoptr(GstStructure) ssrcs = gst_structure_new("application/x-rtp-ssrc-map", name,
                                                          G_TYPE_UINT, receiver->rtx_ssrc, NULL);
        g_object_set(rtx, "ssrc-map", ssrcs, NULL);
    }
    GstElement *aux = gst_bin_new(NULL);
    gst_bin_add(GST_BIN(aux), rtx);
    g_autoptr(GstPad) sink = gst_element_get_static_pad(rtx, "sink");
    g_autoptr(GstPad) source = gst_element_get_static_pad(rtx, "src");
    g_autofree char *sink_name = g_strdup_printf("sink_%u", session);
    g_autofree char *source_name = g_strdup_printf("src_%u", session);
    gst_element_add_pad(aux, gst_ghost_pad_new(sink_name, sink));
    gst_element_add_pad(aux, gst_ghost_pad_new(source_name, source));
    return aux;
}

/* Builds DEPAYLOADER ! appsink behind a new stream. */
static void add_branch(Receiver *receiver, GstPad *pad, bool is_video)
{
    GstElement *depay = gst_element_factory_make(is_video ? "rtpvp8depay" : "rtpopusdepay", NULL);
    GstElement *sink = gst_element_factory_make("appsink", NULL);
    if (is_video) {
        g_object_set(depay, "request-keyframe", TRUE, "wait-for-keyframe", TRUE, NULL);
    }
    pipeline_bound_sink(sink, RECEIVER_QUEUE);
    GstAppSinkCallbacks callbacks = {.new_sample = is_video ? on_video_frame : on_audio_packet};
    gst_app_sink_set_callbacks(GST_APP_SINK(sink), &callbacks, receiver, NULL);
    GstBin *bin = GST_BIN(pipeline_element(receiver->pipeline));
    gst_bin_add_many(bin, depay, sink, NULL);
    gst_element_link(depay, sink);
    gst_element_sync_state_with_parent(sink);
    gst_element_sync_state_with_parent(depay);
    g_autoptr(GstPad) target = gst_element_get_static_pad(depay, "sink");
    gst_pad_link(pad, target);
}

/* "recv_rtp_src_SESSION_SSRC_TYPE": whatever is not one of ours stays unlinked. */
static void on_pad_added(GstElement *bin, GstPad *pad, gpointer data)
{
    Receiver *receiver = data;
    guint session = 0;
    guint ssrc = 0;
    int type = -1;
    if (sscanf(GST_PAD_NAME(pad), "recv_rtp_src_%u_%u_%d", &session, &ssrc, &type) != 3) {
        return;
    }
    if (type == receiver->video_type || type == receiver->audio_type) {
        add_branch(receiver, pad, type == receiver->video_type);
    }
}

static void on_error(const char *reason, void *data)
{
    Receiver *receiver = data;
    receiver->handlers.on_error(reason, receiver->data);
}

static void set_report_interval(Receiver *receiver)
{
    GObject *session = NULL;
    g_signal_emit_by_name(receiver->bin, "get-internal-session", 0, &session);
    if (session != NULL) {
        g_object_set(session, "rtcp-min-interval", (guint64)RECEIVER_REPORT_EVERY, NULL);
        g_object_unref(session);
    }
}

static bool link_bin(Receiver *receiver, GError **error)
{
    g_signal_connect(receiver->bin, "request-pt-map", G_CALLBACK(on_request_pt_map), receiver);
    g_signal_connect(receiver->bin, "request-aux-receiver", G_CALLBACK(on_request_aux_receiver),
                     receiver);
    g_signal_connect(receiver->bin, "pad-added", G_CALLBACK(on_pad_added), receiver);
    GstElement *reports = pipeline_find(receiver->pipeline, "reports");
    g_autoptr(GstCaps) rtp = gst_caps_new_empty_simple("application/x-rtp");
    g_autoptr(GstCaps) rtcp = gst_caps_new_empty_simple("application/x-rtcp");
    pipeline_bound_source(GST_ELEMENT(receiver->rtp), rtp, RECEIVER_QUEUE);
    pipeline_bound_source(GST_ELEMENT(receiver->rtcp), rtcp, RECEIVER_REPORTS);
    pipeline_bound_sink(reports, RECEIVER_REPORTS);
    GstAppSinkCallbacks callbacks = {.new_sample = on_report};
    gst_app_sink_set_callbacks(GST_APP_SINK(reports), &callbacks, receiver, NULL);
    if (!gst_element_link_pads(GST_ELEMENT(receiver->rtp), "src", receiver->bin,
                               "recv_rtp_sink_0") ||
        !gst_element_link_pads(GST_ELEMENT(receiver->rtcp), "src", receiver->bin,
                               "recv_rtcp_sink_0") ||
        !gst_element_link_pads(receiver->bin, "send_rtcp_src_0", reports, "sink")) {
        g_set_error(error, GST_CORE_ERROR, GST_CORE_ERROR_PAD, "rtpbin cannot be linked");
        return false;
    }
    set_report_interval(receiver);
    return true;
}

Receiver *receiver_new(const ReceiverOptions *options, const ReceiverHandlers *handlers, void *data,
                       GError **error)
{
    static const char *const names[] = {"rtpbin",        "appsrc",      "appsink", "rtpopusdepay",
                                        "rtprtxreceive", "rtpvp8depay", NULL};
    if (!parts_require(names, error)) {
        return NULL;
    }
    Receiver *receiver = g_new0(Receiver, 1);
    receiver->player = options->player;
    receiver->handlers = *handlers;
    receiver->data = data;
    receiver->audio_type = options->audio != NULL ? options->audio->codec_type : -1;
    receiver->video_type = options->video != NULL ? options->video->codec_type : -1;
    receiver->rtx_type = options->video != NULL ? options->video->rtx_type : -1;
    receiver->video_ssrc = options->video != NULL ? options->video->ssrc : 0;
    receiver->rtx_ssrc = options->video != NULL ? options->video->rtx_ssrc : 0;
    receiver->reports = mailbox_new(sizeof(Report), RECEIVER_REPORTS);
    receiver->reports_watch =
        loop_watch(mailbox_fd(receiver->reports), G_IO_IN, on_reports, receiver);
    PipelineHandlers pipeline_handlers = {.on_error = on_error};
    receiver->pipeline = pipeline_new(RECEIVER_PIPELINE, &pipeline_handlers, receiver, error);
    if (receiver->pipeline == NULL) {
        receiver_free(receiver);
        return NULL;
    }
    receiver->bin = pipeline_find(receiver->pipeline, "bin");
    receiver->rtp = GST_APP_SRC(pipeline_find(receiver->pipeline, "rtp"));
    receiver->rtcp = GST_APP_SRC(pipeline_find(receiver->pipeline, "rtcp"));
    if (!link_bin(receiver, error)) {
        receiver_free(receiver);
        return NULL;
    }
    pipeline_play(receiver->pipeline);
    return receiver;
}

void receiver_free(Receiver *receiver)
{
    if (receiver == NULL) {
        return;
    }
    pipeline_free(receiver->pipeline);
    loop_drop(&receiver->reports_watch);
    mailbox_free(receiver->reports);
    g_free(receiver);
}

static void push(GstAppSrc *source, const uint8_t *bytes, size_t size, int64_t now_us)
{
    GstBuffer *buffer = gst_buffer_new_memdup(bytes, size);
    GST_BUFFER_PTS(buffer) = (GstClockTime)now_us * GST_USECOND;
    GST_BUFFER_DTS(buffer) = GST_BUFFER_PTS(buffer);
    gst_app_src_push_buffer(source, buffer);
}

void receiver_push_rtp(Receiver *receiver, const uint8_t *bytes, size_t size, int64_t now_us)
{
    push(receiver->rtp, bytes, size, now_us);
}

void receiver_push_rtcp(Receiver *receiver, const uint8_t *bytes, size_t size, int64_t now_us)
{
    push(receiver->rtcp, bytes, size, now_us);
}
