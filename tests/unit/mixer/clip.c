#include "tests/unit/mixer/clip.h"

#include <cairo.h>
#include <gst/video/video.h>
#include <stdlib.h>

#include "bridge/mixer/plugin.h"

#define COLOR_TOLERANCE 8
#define NOISE 6

#define ELEMENTS_MAX 3

typedef struct Row {
    GstElement *elements[ELEMENTS_MAX]; /* Then NULL. */
    GstPad *entry;
    GstPad *exit;
} Row;

struct ClipEncoder {
    Row row;
    I420 picture;
    GRand *random;
    GPtrArray *packets;
    int64_t frames;
};

struct ClipDecoder {
    Row row;
    GstVideoInfo info;
    I420 picture;
    int frames;
};

void clip_init(void)
{
    static gsize done = 0;
    if (g_once_init_enter(&done)) {
        g_autoptr(GError) error = NULL;
        if (!plugin_load_all(&error)) {
            g_error("%s", error->message);
        }
        g_once_init_leave(&done, 1);
    }
}

static void open_row(Row *row, GstCaps *caps, GstPadChainFunction chain, void *data)
{
    GstSegment segment;
    row->entry = gst_pad_new("entry", GST_PAD_SRC);
    row->exit = gst_pad_new("exit", GST_PAD_SINK);
    gst_pad_set_element_private(row->exit, data);
    gst_pad_set_chain_function(row->exit, chain);
    GstPad *upstream = row->entry;
    for (int i = 0; i < ELEMENTS_MAX && row->elements[i] != NULL; i++) {
        gst_pad_link(upstream, row->elements[i]->sinkpads->data);
        upstream = row->elements[i]->srcpads->data;
    }
    gst_pad_link(upstream, row->exit);
    gst_pad_set_active(row->exit, TRUE);
    for (int i = ELEMENTS_MAX - 1; i >= 0; i--) {
        if (row->elements[i] != NULL) {
            gst_element_set_state(row->elements[i], GST_STATE_PLAYING);
        }
    }
    gst_pad_set_active(row->entry, TRUE);
    gst_segment_init(&segment, GST_FORMAT_TIME);
    gst_pad_push_event(row->entry, gst_event_new_stream_start("clip"));
    gst_pad_push_event(row->entry, gst_event_new_caps(caps));
    gst_pad_push_event(row->entry, gst_event_new_segment(&segment));
    gst_caps_unref(caps);
}

static void close_row(Row *row)
{
    gst_pad_set_active(row->entry, FALSE);
    for (int i = 0; i < ELEMENTS_MAX && row->elements[i] != NULL; i++) {
        gst_element_set_state(row->elements[i], GST_STATE_NULL);
        gst_object_unref(row->elements[i]);
    }
    gst_pad_set_active(row->exit, FALSE);
    gst_object_unref(row->entry);
    gst_object_unref(row->exit);
}

static GstFlowReturn on_packet(GstPad *pad, GstObject *parent, GstBuffer *buffer)
{
    ClipEncoder *encoder = gst_pad_get_element_private(pad);
    gsize size = gst_buffer_get_size(buffer);
    void *bytes = g_malloc(size);
    gst_buffer_extract(buffer, 0, bytes, size);
    g_ptr_array_add(encoder->packets, g_bytes_new_take(bytes, size));
    gst_buffer_unref(buffer);
    return GST_FLOW_OK;
}

ClipEncoder *clip_encoder_new(int width, int height, int kbps)
{
    clip_init();
    ClipEncoder *encoder = g_new0(ClipEncoder, 1);
    encoder->picture = i420_alloc(width, height);
    encoder->random = g_rand_new_with_seed(1);
    encoder->row.elements[0] = gst_element_factory_make("vp8enc", NULL);
    encoder->row.elements[1] = gst_element_factory_make("rtpvp8pay", NULL);
    g_object_set(encoder->row.elements[0], "deadline", G_GINT64_CONSTANT(1), "threads", 1,
                 "cpu-used", 8, "target-bitrate", kbps * 1000, "keyframe-max-dist", 3000, NULL);
    g_object_set(encoder->row.elements[1], "mtu", 1200, "pt", 96, NULL);
    open_row(&encoder->row,
             gst_caps_new_simple("video/x-raw", "format", G_TYPE_STRING, "I420", "width",
                                 G_TYPE_INT, width, "height", G_TYPE_INT, height, "framerate",
                                 GST_TYPE_FRACTION, 25, 1, NULL),
             on_packet, encoder);
    return encoder;
}

void clip_encoder_free(ClipEncoder *encoder)
{
    close_row(&encoder->row);
    i420_release(&encoder->picture);
    g_rand_free(encoder->random);
    g_free(encoder);
}

GPtrArray *clip_encode(ClipEncoder *encoder, const I420 *picture)
{
    size_t size = i420_size_bytes(picture->width, picture->height);
    GstBuffer *buffer = gst_buffer_new_memdup(picture->plane[0], size);
    GST_BUFFER_PTS(buffer) = (GstClockTime)encoder->frames++ * 40 * GST_MSECOND;
    encoder->packets = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
    gst_pad_push(encoder->row.entry, buffer);
    return g_steal_pointer(&encoder->packets);
}

GPtrArray *clip_encode_color(ClipEncoder *encoder, uint32_t rgb)
{
    I420 *picture = &encoder->picture;
    i420_fill(picture, i420_color(rgb));
    for (int y = 0; y < picture->height; y++) {
        for (int x = 0; x < picture->width; x++) {
            uint8_t *luma = &picture->plane[0][y * picture->stride[0] + x];
            int noisy = *luma + g_rand_int_range(encoder->random, -NOISE, NOISE + 1);
            *luma = (uint8_t)CLAMP(noisy, 16, 235);
        }
    }
    return clip_encode(encoder, picture);
}

void clip_force_keyframe(ClipEncoder *encoder)
{
    gst_pad_push_event(encoder->row.entry,
                       gst_video_event_new_downstream_force_key_unit(
                           GST_CLOCK_TIME_NONE, GST_CLOCK_TIME_NONE, GST_CLOCK_TIME_NONE, TRUE, 0));
}

static GstFlowReturn on_frame(GstPad *pad, GstObject *parent, GstBuffer *buffer)
{
    ClipDecoder *decoder = gst_pad_get_element_private(pad);
    GstCaps *caps = gst_pad_get_current_caps(pad);
    gst_video_info_from_caps(&decoder->info, caps);
    gst_caps_unref(caps);
    i420_release(&decoder->picture);
    decoder->picture = i420_alloc(decoder->info.width, decoder->info.height);
    decoder->frames++;
    gst_buffer_extract(buffer, 0, decoder->picture.plane[0],
                       i420_size_bytes(decoder->info.width, decoder->info.height));
    gst_buffer_unref(buffer);
    return GST_FLOW_OK;
}

/* Of a row of elements that ends with NULL. */
static ClipDecoder *new_decoder(const char *const *elements, const char *encoding, int payload_type)
{
    clip_init();
    ClipDecoder *decoder = g_new0(ClipDecoder, 1);
    for (int i = 0; elements[i] != NULL; i++) {
        decoder->row.elements[i] = gst_element_factory_make(elements[i], NULL);
    }
    open_row(&decoder->row,
             gst_caps_new_simple("application/x-rtp", "media", G_TYPE_STRING, "video", "clock-rate",
                                 G_TYPE_INT, 90000, "encoding-name", G_TYPE_STRING, encoding,
                                 "payload", G_TYPE_INT, payload_type, NULL),
             on_frame, decoder);
    return decoder;
}

ClipDecoder *clip_decoder_new(void)
{
    static const char *const elements[] = {"rtpvp8depay", "vp8dec", NULL};
    return new_decoder(elements, "VP8", 96);
}

ClipDecoder *clip_decoder_new_h264(void)
{
    static const char *const elements[] = {"rtph264depay", "h264parse", "openh264dec", NULL};
    clip_init();
    gst_object_unref(
        gst_plugin_load_file(DIEMCAU_GSTREAMER_PLUGINS "/libgstvideoparsersbad.so", NULL));
    return new_decoder(elements, "H264", 97);
}

void clip_decoder_free(ClipDecoder *decoder)
{
    close_row(&decoder->row);
    i420_release(&decoder->picture);
    g_free(decoder);
}

void clip_decode(ClipDecoder *decoder, const uint8_t *rtp, size_t size)
{
    gst_pad_push(decoder->row.entry, gst_buffer_new_memdup(rtp, size));
}

const I420 *clip_picture(const ClipDecoder *decoder)
{
    return decoder->frames > 0 ? &decoder->picture : NULL;
}

int clip_frames(const ClipDecoder *decoder)
{
    return decoder->frames;
}

I420Color clip_mean(const I420 *picture, LayoutRect rect)
{
    I420 part = i420_part(picture, rect);
    int means[3];
    for (int p = 0; p < 3; p++) {
        int64_t sum = 0;
        int width = i420_plane_width(&part, p);
        int height = i420_plane_height(&part, p);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                sum += part.plane[p][y * part.stride[p] + x];
            }
        }
        means[p] = (int)(sum / (width * height));
    }
    return (I420Color){(uint8_t)means[0], (uint8_t)means[1], (uint8_t)means[2]};
}

bool clip_is_color(const I420 *picture, LayoutRect rect, uint32_t rgb)
{
    I420Color is = clip_mean(picture, rect);
    I420Color should = i420_color(rgb);
    return abs(is.y - should.y) <= COLOR_TOLERANCE && abs(is.u - should.u) <= COLOR_TOLERANCE &&
           abs(is.v - should.v) <= COLOR_TOLERANCE;
}

static uint32_t to_rgb(int y, int u, int v)
{
    double luma = 1.164 * (y - 16);
    int r = (int)(luma + 1.596 * (v - 128));
    int g = (int)(luma - 0.813 * (v - 128) - 0.391 * (u - 128));
    int b = (int)(luma + 2.018 * (u - 128));
    return (uint32_t)(CLAMP(r, 0, 255) << 16 | CLAMP(g, 0, 255) << 8 | CLAMP(b, 0, 255));
}

void clip_save_png(const I420 *picture, const char *path)
{
    cairo_surface_t *surface =
        cairo_image_surface_create(CAIRO_FORMAT_RGB24, picture->width, picture->height);
    unsigned char *data = cairo_image_surface_get_data(surface);
    int stride = cairo_image_surface_get_stride(surface);
    cairo_surface_flush(surface);
    for (int y = 0; y < picture->height; y++) {
        uint32_t *row = (uint32_t *)(void *)(data + (ptrdiff_t)y * stride);
        for (int x = 0; x < picture->width; x++) {
            row[x] = to_rgb(picture->plane[0][y * picture->stride[0] + x],
                            picture->plane[1][y / 2 * picture->stride[1] + x / 2],
                            picture->plane[2][y / 2 * picture->stride[2] + x / 2]);
        }
    }
    cairo_surface_mark_dirty(surface);
    cairo_surface_write_to_png(surface, path);
    cairo_surface_destroy(surface);
}
