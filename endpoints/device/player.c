#include "endpoints/device/player.h"

#include <gio/gio.h>
#include <gst/app/gstappsink.h>
#include <gst/app/gstappsrc.h>
#include <gst/gst.h>
#include <math.h>
#include <stdatomic.h>

#include "bridge/base/clock.h"
#include "bridge/base/log.h"
#include "bridge/base/loop.h"
#include "endpoints/device/level.h"
#include "endpoints/device/parts.h"
#include "endpoints/device/pipeline.h"

#define PLAYER_QUEUE 64
/* Playout waits this long after the packets' ideal arrival: a retransmission's 120 ms and the
 * decoder. The same for picture and sound. */
#define PLAYER_LATENCY (160 * GST_MSECOND)
#define PLAYER_RESTART_US INT64_C(2000000)
#define PLAYER_FINISH_NS (2 * GST_SECOND)
/* A pause in the sound up to this long is filled by the decoder's concealment. */
#define PLAYER_CONCEAL_US_MAX INT64_C(120000)
#define PLAYER_PACKET_US INT64_C(20000)
#define LEVEL_UNKNOWN (-1)

#define SOUND_DECODER                                                                              \
    "appsrc name=audio ! opusdec name=hearer use-inband-fec=true plc=true ! audioconvert ! "       \
    "audio/x-raw,format=S16LE,layout=interleaved ! identity name=ear silent=true ! "

struct Player {
    PlayerSink sink;
    char *path;
    unsigned files;
    Pipeline *pipeline;
    LoopWatch *restart;
    GstAppSrc *video; /* from open to close */
    GstAppSrc *audio;
    Meter *video_meter;
    Meter *audio_meter;
    atomic_int level; /* 0 to 127 in -dBov, or LEVEL_UNKNOWN */

    bool has_started;      /* a key frame has come */
    int64_t audio_next_us; /* when the next packet is expected; 0: unknown */
};

static bool decodes(const Player *player)
{
    return player->sink == PLAYER_WINDOW || player->sink == PLAYER_DECODE;
}

/* A bare box shows through the kernel, a desktop through its compositor. */
static const char *video_sink(void)
{
    if (g_getenv("WAYLAND_DISPLAY") != NULL) {
        return "waylandsink fullscreen=true";
    }
    if (g_getenv("DISPLAY") != NULL) {
        return "autovideosink";
    }
    return "kmssink";
}

static bool require_parts(PlayerSink sink, GError **error)
{
    static const char *const window[] = {"appsrc",       "autovideosink", "autoaudiosink",
                                         "kmssink",      "opusdec",       "textoverlay",
                                         "videoconvert", "vp8dec",        NULL};
    static const char *const decode[] = {"appsrc", "opusdec", "vp8dec", NULL};
    static const char *const file[] = {"appsrc", "filesink", "webmmux", NULL};
    static const char *const none[] = {NULL};
    static const char *const *const lists[] = {
        [PLAYER_WINDOW] = window,
        [PLAYER_DECODE] = decode,
        [PLAYER_FILE] = file,
        [PLAYER_NONE] = none,
    };
    return parts_require(lists[sink], error);
}

Player *player_new(const PlayerOptions *options, GError **error)
{
    if (!require_parts(options->sink, error)) {
        return NULL;
    }
    Player *player = g_new0(Player, 1);
    player->sink = options->sink;
    player->path = g_strdup(options->path);
    player->video_meter = meter_new();
    player->audio_meter = meter_new();
    atomic_init(&player->level, LEVEL_UNKNOWN);
    return player;
}

void player_free(Player *player)
{
    if (player == NULL) {
        return;
    }
    player_close(player);
    meter_free(player->video_meter);
    meter_free(player->audio_meter);
    g_free(player->path);
    g_free(player);
}

static char *describe(const Player *player)
{
    switch (player->sink) {
    case PLAYER_WINDOW:
        return g_strdup_printf(
            "appsrc name=video ! vp8dec name=viewer threads=2 ! "
            "textoverlay name=notice valignment=top shaded-background=true "
            "silent=true font-desc=\"Sans Bold 22\" ! videoconvert ! %s " SOUND_DECODER
            "audioresample ! autoaudiosink",
            video_sink());
    case PLAYER_DECODE:
        return g_strdup("appsrc name=video ! vp8dec name=viewer threads=1 ! "
                        "fakesink sync=false async=false enable-last-sample=false " SOUND_DECODER
                        "fakesink sync=false async=false enable-last-sample=false");
    case PLAYER_FILE:
        return g_strdup("webmmux name=mux offset-to-zero=true writing-app=diemcau ! "
                        "filesink name=file async=false buffer-mode=unbuffered "
                        "appsrc name=video ! mux.video_0 appsrc name=audio ! mux.audio_0");
    case PLAYER_NONE:
    default:
        return NULL;
    }
}

static GstPadProbeReturn on_decoded(GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
    Player *player = data;
    int width = 0;
    int height = 0;
    g_autoptr(GstCaps) caps = gst_pad_get_current_caps(pad);
    if (caps != NULL) {
        GstStructure *structure = gst_caps_get_structure(caps, 0);
        gst_structure_get_int(structure, "width", &width);
        gst_structure_get_int(structure, "height", &height);
    }
    meter_set_size(player->video_meter, width, height);
    meter_count(player->video_meter, clock_now_us());
    return GST_PAD_PROBE_OK;
}

static GstPadProbeReturn on_heard(GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
    Player *player = data;
    GstMapInfo map;
    if (gst_buffer_map(GST_PAD_PROBE_INFO_BUFFER(info), &map, GST_MAP_READ)) {
        atomic_store_explicit(&player->level,
                              level_of((const int16_t *)map.data, map.size / sizeof(int16_t)),
                              memory_order_relaxed);
        gst_buffer_unmap(GST_PAD_PROBE_INFO_BUFFER(info), &map);
    }
    return GST_PAD_PROBE_OK;
}

static void probe(Player *player, const char *element, GstPadProbeCallback call)
{
    g_autoptr(GstPad) pad =
        gst_element_get_static_pad(pipeline_find(player->pipeline, element), "src");
    gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_BUFFER, call, player, NULL);
}

/* A second meeting must not overwrite the first one's recording: NAME.webm, NAME-2.webm, … */
static void name_file(Player *player)
{
    g_autofree char *path = g_strdup(player->path);
    if (++player->files > 1) {
        const char *dot = strrchr(player->path, '.');
        int stem = dot != NULL ? (int)(dot - player->path) : (int)strlen(player->path);
        g_free(path);
        path =
            g_strdup_printf("%.*s-%u%s", stem, player->path, player->files, dot != NULL ? dot : "");
    }
    g_object_set(pipeline_find(player->pipeline, "file"), "location", path, NULL);
    log_info("player.file", "path=%s", path);
}

static GstAppSrc *bind_source(Player *player, const char *name, const char *caps_text)
{
    GstElement *source = pipeline_find(player->pipeline, name);
    g_autoptr(GstCaps) caps = caps_text != NULL ? gst_caps_from_string(caps_text) : NULL;
    pipeline_bound_source(source, caps, PLAYER_QUEUE);
    gst_app_src_set_latency(GST_APP_SRC(source), PLAYER_LATENCY, GST_CLOCK_TIME_NONE);
    return GST_APP_SRC(source);
}

static void open_again(void *data)
{
    Player *player = data;
    loop_drop(&player->restart);
    if (player->pipeline == NULL) {
        player_open(player);
        return;
    }
    gst_element_set_state(pipeline_element(player->pipeline), GST_STATE_NULL);
    player->has_started = false;
    pipeline_play(player->pipeline);
}

/* A television that is switched off or a sound card that is pulled out. */
static void on_error(const char *reason, void *data)
{
    Player *player = data;
    if (player->restart == NULL) {
        log_warning("player.failed", "reason=\"%s\"", reason);
        player->restart = loop_after(PLAYER_RESTART_US, open_again, player);
    }
}

void player_open(Player *player)
{
    g_autofree char *description = describe(player);
    if (player->pipeline != NULL || description == NULL) {
        return;
    }
    g_autoptr(GError) error = NULL;
    PipelineHandlers handlers = {.on_error = on_error};
    player->pipeline = pipeline_new(description, &handlers, player, &error);
    if (player->pipeline == NULL) {
        on_error(error->message, player);
        return;
    }
    player->audio_next_us = 0;
    if (decodes(player)) {
        probe(player, "viewer", on_decoded);
        probe(player, "ear", on_heard);
    } else {
        name_file(player);
    }
    player->audio =
        bind_source(player, "audio", "audio/x-opus,rate=48000,channels=1,channel-mapping-family=0");
    player->video = bind_source(player, "video", NULL);
    player->has_started = false;
    pipeline_play(player->pipeline);
}

/* ARGB: white, amber, red, each readable on the overlay's shade. */
static guint32 colour_of(StandingTone tone)
{
    static const guint32 colours[] = {
        [STANDING_PLAIN] = 0xffffffff, [STANDING_AMBER] = 0xffffc83d, [STANDING_RED] = 0xffff6b5e};
    return colours[tone];
}

void player_set_notice(Player *player, const char *text, StandingTone tone)
{
    if (player->pipeline == NULL || player->sink != PLAYER_WINDOW) {
        return;
    }
    /* The overlay reads Pango markup. */
    g_autofree char *escaped = g_markup_escape_text(text != NULL ? text : "", -1);
    g_object_set(pipeline_find(player->pipeline, "notice"), "text", escaped, "silent", text == NULL,
                 "color", colour_of(tone), NULL);
}

static void finish_file(Player *player)
{
    gst_app_src_end_of_stream(player->video);
    gst_app_src_end_of_stream(player->audio);
    g_autoptr(GstBus) bus = gst_element_get_bus(pipeline_element(player->pipeline));
    g_autoptr(GstMessage) message =
        gst_bus_timed_pop_filtered(bus, PLAYER_FINISH_NS, GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
    if (message == NULL || GST_MESSAGE_TYPE(message) != GST_MESSAGE_EOS) {
        log_warning("player.file", "finished=false");
    }
}

void player_close(Player *player)
{
    loop_drop(&player->restart);
    if (player->pipeline == NULL) {
        return;
    }
    if (player->sink == PLAYER_FILE) {
        finish_file(player);
    }
    pipeline_free(player->pipeline);
    player->pipeline = NULL;
    player->video = NULL;
    player->audio = NULL;
}

/* WebM wants the size before the first frame; it may change in the stream later. */
static void begin_video(Player *player, int width, int height)
{
    g_autoptr(GstCaps) caps =
        gst_caps_new_simple("video/x-vp8", "width", G_TYPE_INT, width, "height", G_TYPE_INT, height,
                            "framerate", GST_TYPE_FRACTION, 0, 1, NULL);
    gst_app_src_set_caps(player->video, caps);
    player->has_started = true;
}

static GstBuffer *buffer_of(const PlayerFrame *frame)
{
    GstBuffer *buffer = gst_buffer_new_memdup(frame->bytes, frame->size);
    GST_BUFFER_PTS(buffer) = (GstClockTime)MAX(frame->due_us, 0) * GST_USECOND;
    return buffer;
}

bool player_push_video(Player *player, const PlayerFrame *frame)
{
    if (!decodes(player)) {
        meter_count(player->video_meter, clock_now_us());
        if (frame->is_key) {
            meter_set_size(player->video_meter, frame->width, frame->height);
        }
    }
    if (player->video == NULL) {
        return true;
    }
    if (!player->has_started) {
        if (!frame->is_key) {
            return false;
        }
        begin_video(player, frame->width, frame->height);
    }
    GstBuffer *buffer = buffer_of(frame);
    if (!frame->is_key) {
        GST_BUFFER_FLAG_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT);
    }
    gst_app_src_push_buffer(player->video, buffer);
    return true;
}

/* The decoder conceals what was lost, and what comes out has no hole. */
static void conceal_gap(Player *player, int64_t due_us)
{
    int64_t expected_us = player->audio_next_us;
    int64_t gap_us = due_us - expected_us;
    if (expected_us > 0 && gap_us > PLAYER_PACKET_US / 2 && gap_us <= PLAYER_CONCEAL_US_MAX) {
        GstEvent *gap = gst_event_new_gap((GstClockTime)expected_us * GST_USECOND,
                                          (GstClockTime)gap_us * GST_USECOND);
        gst_element_send_event(GST_ELEMENT(player->audio), gap);
    }
    player->audio_next_us = due_us + PLAYER_PACKET_US;
}

void player_push_audio(Player *player, const PlayerFrame *packet)
{
    meter_count(player->audio_meter, clock_now_us());
    if (player->audio == NULL) {
        return;
    }
    if (decodes(player)) {
        conceal_gap(player, packet->due_us);
    }
    gst_app_src_push_buffer(player->audio, buffer_of(packet));
}

MeterReading player_read_video(Player *player, int64_t now_us)
{
    return meter_read(player->video_meter, now_us);
}

MeterReading player_read_audio(Player *player, int64_t now_us)
{
    return meter_read(player->audio_meter, now_us);
}

bool player_get_level(const Player *player, double *ret_dbfs)
{
    int level = atomic_load_explicit(&((Player *)player)->level, memory_order_relaxed);
    *ret_dbfs = -level;
    return level != LEVEL_UNKNOWN;
}
