#include "endpoints/device/capture.h"

#include "endpoints/device/feed.h"

#define CAPTURE_FEEDS_MAX 2

struct Capture {
    Encoder *encoder;
    Voice *voice;
    Feed *feeds[CAPTURE_FEEDS_MAX];
};

static bool wants_picture(int64_t captured_us, void *data)
{
    return encoder_wants(((Capture *)data)->encoder, captured_us);
}

static void on_picture(GstSample *sample, int64_t captured_us, void *data)
{
    encoder_push(((Capture *)data)->encoder, sample, captured_us);
}

static void on_sound(const int16_t *samples, size_t count, int64_t captured_us, void *data)
{
    voice_push(((Capture *)data)->voice, samples, count, captured_us);
}

static bool make_feeds(Capture *capture, const Source *video, const Source *audio, GError **error)
{
    static const FeedHandlers handlers = {
        .wants_picture = wants_picture,
        .on_picture = on_picture,
        .on_sound = on_sound,
    };
    const Source none = {.kind = SOURCE_NONE};
    if (source_is_same_file(video, audio)) {
        capture->feeds[0] = feed_new(video, audio, &handlers, capture, error);
        return capture->feeds[0] != NULL;
    }
    if (video->kind != SOURCE_NONE) {
        capture->feeds[0] = feed_new(video, &none, &handlers, capture, error);
        if (capture->feeds[0] == NULL) {
            return false;
        }
    }
    if (audio->kind != SOURCE_NONE) {
        capture->feeds[1] = feed_new(&none, audio, &handlers, capture, error);
        return capture->feeds[1] != NULL;
    }
    return true;
}

Capture *capture_new(const CaptureOptions *options, GError **error)
{
    Capture *capture = g_new0(Capture, 1);
    capture->encoder = options->encoder;
    capture->voice = options->voice;
    if (!make_feeds(capture, &options->video, &options->audio, error)) {
        capture_free(capture);
        return NULL;
    }
    return capture;
}

void capture_free(Capture *capture)
{
    if (capture == NULL) {
        return;
    }
    for (size_t i = 0; i < CAPTURE_FEEDS_MAX; i++) {
        feed_free(capture->feeds[i]);
    }
    g_free(capture);
}

void capture_start(Capture *capture)
{
    for (size_t i = 0; i < CAPTURE_FEEDS_MAX; i++) {
        if (capture->feeds[i] != NULL) {
            feed_start(capture->feeds[i]);
        }
    }
}

void capture_stop(Capture *capture)
{
    for (size_t i = 0; i < CAPTURE_FEEDS_MAX; i++) {
        if (capture->feeds[i] != NULL) {
            feed_stop(capture->feeds[i]);
        }
    }
}
