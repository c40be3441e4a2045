#include "endpoints/device/feed.h"

#include <gst/app/gstappsink.h>
#include <gst/gst.h>
#include <stdatomic.h>
#include <string.h>

#include "bridge/base/clock.h"
#include "bridge/base/log.h"
#include "bridge/base/loop.h"
#include "endpoints/device/film.h"
#include "endpoints/device/parts.h"
#include "endpoints/device/pipeline.h"
#include "endpoints/device/voice.h"

#define FEED_RESTART_US INT64_C(2000000)
#define FEED_PICTURES_HELD 1
#define FEED_SOUNDS_HELD 8
#define FEED_ALL_PADS "diemcau-all-pads"

#define SOUND_FORMAT                                                                               \
    "audioconvert ! audioresample ! "                                                              \
    "audio/x-raw,format=S16LE,rate=48000,channels=1,layout=interleaved ! "
#define PATTERN_PIPELINE                                                                           \
    "videotestsrc name=source is-live=true ! "                                                     \
    "video/x-raw,format=I420,width=640,height=360,framerate=25/1 ! appsink name=picture"
/* Compressed pictures first: over USB only they come large and often enough. */
#define CAMERA_CAPS(type)                                                                          \
    type ",width=(int)[320,1280],height=(int)[180,720],framerate=(fraction)[10/1,30/1]"
#define CAMERA_PIPELINE(caps) "v4l2src name=source ! " caps " ! decodebin name=decode"
#define FILE_PIPELINE "filesrc name=source ! decodebin name=decode"
#define TONE_PIPELINE                                                                              \
    "audiotestsrc name=source is-live=true samplesperbuffer=960 volume=0.25 ! " SOUND_FORMAT       \
    "appsink name=sound"
#define CARD_PIPELINE(source)                                                                      \
    source " name=source provide-clock=false buffer-time=200000 latency-time=20000 "               \
           "! " SOUND_FORMAT "appsink name=sound"

struct Feed {
    Source video;
    Source audio;
    char *video_argument;
    char *audio_argument;
    FeedHandlers handlers;
    void *data;
    bool is_running;
    unsigned failures;
    Pipeline *pipeline;
    Film *film;
    LoopWatch *restart;
    atomic_bool asks_early; /* the gate sits before the decoder */
    bool has_picture;       /* streams found so far; the first of each kind is used */
    bool has_sound;
};

static void start_now(Feed *feed);

static int64_t captured_us(GstElement *pipeline, const GstSegment *segment, GstBuffer *buffer)
{
    if (!GST_BUFFER_PTS_IS_VALID(buffer)) {
        return clock_now_us();
    }
    GstClockTime running =
        gst_segment_to_running_time(segment, GST_FORMAT_TIME, GST_BUFFER_PTS(buffer));
    if (!GST_CLOCK_TIME_IS_VALID(running)) {
        return clock_now_us();
    }
    return (int64_t)((running + gst_element_get_base_time(pipeline)) / GST_USECOND);
}

static GstFlowReturn on_picture(GstAppSink *sink, gpointer data)
{
    Feed *feed = data;
    g_autoptr(GstSample) sample = gst_app_sink_pull_sample(sink);
    GstBuffer *buffer = sample != NULL ? gst_sample_get_buffer(sample) : NULL;
    if (buffer == NULL) {
        return GST_FLOW_OK;
    }
    int64_t at_us =
        captured_us(pipeline_element(feed->pipeline), gst_sample_get_segment(sample), buffer);
    if (atomic_load(&feed->asks_early) || feed->handlers.wants_picture(at_us, feed->data)) {
        feed->handlers.on_picture(sample, at_us, feed->data);
    }
    return GST_FLOW_OK;
}

static GstFlowReturn on_sound(GstAppSink *sink, gpointer data)
{
    Feed *feed = data;
    g_autoptr(GstSample) sample = gst_app_sink_pull_sample(sink);
    GstBuffer *buffer = sample != NULL ? gst_sample_get_buffer(sample) : NULL;
    GstMapInfo map;
    if (buffer == NULL || !gst_buffer_map(buffer, &map, GST_MAP_READ)) {
        return GST_FLOW_OK;
    }
    int64_t at_us =
        captured_us(pipeline_element(feed->pipeline), gst_sample_get_segment(sample), buffer);
    feed->handlers.on_sound((const int16_t *)map.data, map.size / sizeof(int16_t), at_us,
                            feed->data);
    gst_buffer_unmap(buffer, &map);
    return GST_FLOW_OK;
}

static void set_up_sink(Feed *feed, GstElement *sink, bool is_picture)
{
    pipeline_bound_sink(sink, is_picture ? FEED_PICTURES_HELD : FEED_SOUNDS_HELD);
    g_object_set(sink, "sync", feed->film != NULL, NULL);
    GstAppSinkCallbacks callbacks = {.new_sample = is_picture ? on_picture : on_sound};
    gst_app_sink_set_callbacks(GST_APP_SINK(sink), &callbacks, feed, NULL);
}

/* Every JPEG picture stands alone: what is not wanted need not be decoded. */
static GstPadProbeReturn on_compressed(GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
    Feed *feed = data;
    g_autoptr(GstEvent) event = gst_pad_get_sticky_event(pad, GST_EVENT_SEGMENT, 0);
    if (event == NULL) {
        return GST_PAD_PROBE_OK;
    }
    const GstSegment *segment = NULL;
    gst_event_parse_segment(event, &segment);
    int64_t at_us =
        captured_us(pipeline_element(feed->pipeline), segment, GST_PAD_PROBE_INFO_BUFFER(info));
    return feed->handlers.wants_picture(at_us, feed->data) ? GST_PAD_PROBE_OK : GST_PAD_PROBE_DROP;
}

/* Stops the automatic decoder before a JPEG decoder: that one is built by hand, with a gate. */
static gboolean on_autoplug_continue(GstElement *decode, GstPad *pad, GstCaps *caps, gpointer data)
{
    return !gst_structure_has_name(gst_caps_get_structure(caps, 0), "image/jpeg");
}

/* A film is held to its time before the gate: a film whose pictures are not wanted must not run
 * ahead of its sound. */
static GstElement *make_jpeg_branch(Feed *feed)
{
    const char *description = feed->film != NULL
                                  ? "clocksync ! jpegdec name=decoder ! appsink name=picture"
                                  : "jpegdec name=decoder ! appsink name=picture";
    GstElement *bin = gst_parse_bin_from_description(description, TRUE, NULL);
    g_autoptr(GstElement) decoder = gst_bin_get_by_name(GST_BIN(bin), "decoder");
    g_autoptr(GstElement) sink = gst_bin_get_by_name(GST_BIN(bin), "picture");
    g_autoptr(GstPad) pad = gst_element_get_static_pad(decoder, "sink");
    gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_BUFFER, on_compressed, feed, NULL);
    set_up_sink(feed, sink, true);
    g_object_set(sink, "sync", FALSE, NULL);
    atomic_store(&feed->asks_early, true);
    return bin;
}

static GstElement *make_picture_branch(Feed *feed)
{
    GstElement *sink = gst_element_factory_make("appsink", NULL);
    set_up_sink(feed, sink, true);
    return sink;
}

/* Files come in pieces of any length; played at their time they must be short. */
static GstElement *make_sound_branch(Feed *feed)
{
    const char *description =
        SOUND_FORMAT "audiobuffersplit output-buffer-duration=1/50 ! appsink name=sound";
    GstElement *bin = gst_parse_bin_from_description(description, TRUE, NULL);
    g_autoptr(GstElement) sink = gst_bin_get_by_name(GST_BIN(bin), "sound");
    set_up_sink(feed, sink, false);
    return bin;
}

/* NULL: this stream is not wanted, or there is one of its kind already. */
static GstElement *make_branch(Feed *feed, const char *type)
{
    bool is_jpeg = strcmp(type, "image/jpeg") == 0;
    bool is_picture = is_jpeg || g_str_has_prefix(type, "video/");
    if (is_picture && feed->video.kind != SOURCE_NONE && !feed->has_picture) {
        feed->has_picture = true;
        return is_jpeg ? make_jpeg_branch(feed) : make_picture_branch(feed);
    }
    if (g_str_has_prefix(type, "audio/") && feed->audio.kind != SOURCE_NONE && !feed->has_sound) {
        feed->has_sound = true;
        return make_sound_branch(feed);
    }
    return NULL;
}

static void on_pad_added(GstElement *decode, GstPad *pad, gpointer data)
{
    Feed *feed = data;
    g_autoptr(GstCaps) caps = gst_pad_query_caps(pad, NULL);
    GstElement *branch = make_branch(feed, gst_structure_get_name(gst_caps_get_structure(caps, 0)));
    if (branch == NULL) {
        return;
    }
    if (feed->film != NULL) {
        film_add_stream(feed->film, pad);
    }
    gst_bin_add(GST_BIN(pipeline_element(feed->pipeline)), branch);
    g_autoptr(GstPad) target = gst_element_get_static_pad(branch, "sink");
    gst_pad_link(pad, target);
    gst_element_sync_state_with_parent(branch);
}

/* On a streaming thread: the rest is the main loop's. */
static void on_no_more_pads(GstElement *decode, gpointer data)
{
    gst_element_post_message(
        decode,
        gst_message_new_application(GST_OBJECT(decode), gst_structure_new_empty(FEED_ALL_PADS)));
}

static const char *describe(const Feed *feed)
{
    if (feed->video.kind == SOURCE_FILE || feed->audio.kind == SOURCE_FILE) {
        return FILE_PIPELINE;
    }
    switch (feed->video.kind != SOURCE_NONE ? feed->video.kind : feed->audio.kind) {
    case SOURCE_CAMERA:
        return feed->failures % 2 == 0 ? CAMERA_PIPELINE(CAMERA_CAPS("image/jpeg"))
                                       : CAMERA_PIPELINE(CAMERA_CAPS("video/x-raw"));
    case SOURCE_PATTERN:
        return PATTERN_PIPELINE;
    case SOURCE_ALSA:
        return CARD_PIPELINE("alsasrc");
    case SOURCE_PULSE:
        return CARD_PIPELINE("pulsesrc");
    default:
        return TONE_PIPELINE;
    }
}

static void configure_source(Feed *feed)
{
    GstElement *source = pipeline_find(feed->pipeline, "source");
    const Source *given = feed->video.kind != SOURCE_NONE ? &feed->video : &feed->audio;
    if (given->kind == SOURCE_FILE) {
        g_object_set(source, "location", given->argument, NULL);
    } else if (given->kind == SOURCE_PATTERN && given->argument != NULL) {
        gst_util_set_object_arg(G_OBJECT(source), "pattern", given->argument);
    } else if ((given->kind == SOURCE_CAMERA || given->kind == SOURCE_ALSA) &&
               given->argument != NULL) {
        g_object_set(source, "device", given->argument, NULL);
    } else if (given->kind == SOURCE_TONE) {
        g_object_set(source, "freq", given->hz, NULL);
    } else if (given->kind == SOURCE_SILENCE) {
        gst_util_set_object_arg(G_OBJECT(source), "wave", "silence");
    }
}

/* The streaming threads use the pointers until the pipeline has stopped. */
static void tear_down(Feed *feed)
{
    pipeline_free(feed->pipeline);
    feed->pipeline = NULL;
    g_clear_pointer(&feed->film, film_free);
    atomic_store(&feed->asks_early, false);
    feed->has_picture = false;
    feed->has_sound = false;
}

static void on_restart(void *data)
{
    Feed *feed = data;
    loop_drop(&feed->restart);
    tear_down(feed);
    start_now(feed);
}

static void on_error(const char *reason, void *data)
{
    Feed *feed = data;
    if (feed->restart == NULL) {
        feed->failures++;
        log_warning("source.failed", "times=%u reason=\"%s\"", feed->failures, reason);
        feed->restart = loop_after(FEED_RESTART_US, on_restart, feed);
    }
}

static void on_message(GstMessage *message, void *data)
{
    Feed *feed = data;
    if (feed->film == NULL) {
        return;
    }
    const GstStructure *structure = gst_message_get_structure(message);
    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_APPLICATION &&
        gst_structure_has_name(structure, FEED_ALL_PADS)) {
        if (!film_begin(feed->film)) {
            on_error("the file cannot be played in a loop", feed);
        }
        return;
    }
    film_on_message(feed->film, message);
}

static void connect_decoder(Feed *feed)
{
    g_autoptr(GstElement) decode =
        gst_bin_get_by_name(GST_BIN(pipeline_element(feed->pipeline)), "decode");
    if (decode != NULL) {
        g_signal_connect(decode, "autoplug-continue", G_CALLBACK(on_autoplug_continue), feed);
        g_signal_connect(decode, "pad-added", G_CALLBACK(on_pad_added), feed);
        g_signal_connect(decode, "no-more-pads", G_CALLBACK(on_no_more_pads), feed);
        return;
    }
    bool is_picture = feed->video.kind != SOURCE_NONE;
    set_up_sink(feed, pipeline_find(feed->pipeline, is_picture ? "picture" : "sound"), is_picture);
}

static void start_now(Feed *feed)
{
    g_autoptr(GError) error = NULL;
    PipelineHandlers handlers = {.on_error = on_error, .on_message = on_message};
    feed->pipeline = pipeline_new(describe(feed), &handlers, feed, &error);
    if (feed->pipeline == NULL) {
        on_error(error->message, feed);
        return;
    }
    configure_source(feed);
    bool is_file = feed->video.kind == SOURCE_FILE || feed->audio.kind == SOURCE_FILE;
    if (is_file) {
        feed->film = film_new(feed->pipeline);
    }
    connect_decoder(feed);
    if (is_file) {
        pipeline_pause(feed->pipeline);
    } else {
        pipeline_play(feed->pipeline);
    }
}

static bool require_parts(SourceKind kind, GError **error)
{
    static const char *const file[] = {
        "filesrc",          "decodebin", "audioconvert", "audioresample", "appsink",
        "audiobuffersplit", NULL};
    static const char *const camera[] = {"v4l2src", "decodebin", "jpegdec", "appsink", NULL};
    static const char *const pattern[] = {"videotestsrc", "appsink", NULL};
    static const char *const alsa[] = {"alsasrc", "audioconvert", "audioresample", NULL};
    static const char *const pulse[] = {"pulsesrc", "audioconvert", "audioresample", NULL};
    static const char *const tone[] = {"audiotestsrc", "audioconvert", "audioresample", NULL};
    static const char *const none[] = {NULL};
    static const char *const *const lists[] = {
        [SOURCE_NONE] = none,       [SOURCE_FILE] = file,    [SOURCE_CAMERA] = camera,
        [SOURCE_PATTERN] = pattern, [SOURCE_ALSA] = alsa,    [SOURCE_PULSE] = pulse,
        [SOURCE_TONE] = tone,       [SOURCE_SILENCE] = tone,
    };
    return parts_require(lists[kind], error);
}

static bool check_source(const Source *source, GError **error)
{
    if (!require_parts(source->kind, error)) {
        return false;
    }
    if (source->kind == SOURCE_FILE && !g_file_test(source->argument, G_FILE_TEST_IS_REGULAR)) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_NOENT, "no such file: %s", source->argument);
        return false;
    }
    return true;
}

static bool check_pattern(const Source *source, GError **error)
{
    if (source->kind != SOURCE_PATTERN || source->argument == NULL) {
        return true;
    }
    g_autoptr(GstElement) probe =
        gst_object_ref_sink(gst_element_factory_make("videotestsrc", NULL));
    GParamSpec *spec = g_object_class_find_property(G_OBJECT_GET_CLASS(probe), "pattern");
    GEnumClass *known = G_PARAM_SPEC_ENUM(spec)->enum_class;
    if (g_enum_get_value_by_nick(known, source->argument) == NULL) {
        g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                    "test:%s: no such pattern; try smpte, ball or snow", source->argument);
        return false;
    }
    return true;
}

Feed *feed_new(const Source *video, const Source *audio, const FeedHandlers *handlers, void *data,
               GError **error)
{
    if (!check_source(video, error) || !check_source(audio, error) ||
        !check_pattern(video, error)) {
        return NULL;
    }
    Feed *feed = g_new0(Feed, 1);
    feed->video = *video;
    feed->audio = *audio;
    feed->video.argument = feed->video_argument = g_strdup(video->argument);
    feed->audio.argument = feed->audio_argument = g_strdup(audio->argument);
    feed->handlers = *handlers;
    feed->data = data;
    return feed;
}

void feed_free(Feed *feed)
{
    if (feed == NULL) {
        return;
    }
    feed_stop(feed);
    g_free(feed->video_argument);
    g_free(feed->audio_argument);
    g_free(feed);
}

void feed_start(Feed *feed)
{
    if (!feed->is_running) {
        feed->is_running = true;
        start_now(feed);
    }
}

void feed_stop(Feed *feed)
{
    feed->is_running = false;
    loop_drop(&feed->restart);
    tear_down(feed);
}
