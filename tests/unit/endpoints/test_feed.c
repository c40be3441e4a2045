#include <criterion/criterion.h>
#include <glib/gstdio.h>
#include <gst/gst.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/base/clock.h"
#include "endpoints/device/feed.h"

#define FILM_US INT64_C(2000000)
#define SEEN_MAX 1024

typedef struct Seen {
    GMutex mutex;
    bool wants;
    int pictures;
    int64_t picture_us[SEEN_MAX];
    int sounds;
    int64_t sound_us[SEEN_MAX];
    size_t samples[SEEN_MAX];
    int loud[SEEN_MAX];
} Seen;

static bool wants_picture(int64_t captured_us, void *data)
{
    return ((Seen *)data)->wants;
}

static void on_picture(GstSample *sample, int64_t captured_us, void *data)
{
    Seen *seen = data;
    g_mutex_lock(&seen->mutex);
    if (seen->pictures < SEEN_MAX) {
        seen->picture_us[seen->pictures++] = captured_us;
    }
    g_mutex_unlock(&seen->mutex);
}

static void on_sound(const int16_t *samples, size_t count, int64_t captured_us, void *data)
{
    Seen *seen = data;
    g_mutex_lock(&seen->mutex);
    if (seen->sounds < SEEN_MAX) {
        seen->samples[seen->sounds] = count;
        seen->loud[seen->sounds] = abs(samples[count / 2]) + abs(samples[count / 3]) > 2000;
        seen->sound_us[seen->sounds++] = captured_us;
    }
    g_mutex_unlock(&seen->mutex);
}

static const FeedHandlers handlers = {wants_picture, on_picture, on_sound};
static const Source nothing = {.kind = SOURCE_NONE};

static void start(void)
{
    gst_init(NULL, NULL);
}

TestSuite(feed, .init = start);

/* Two seconds: 25 frames a second, a tone in the first half only. */
static char *make_film(const char *video)
{
    char *path = NULL;
    int fd = g_file_open_tmp("diemcau-film-XXXXXX.mkv", &path, NULL);
    g_close(fd, NULL);
    g_autofree char *text = g_strdup_printf(
        "matroskamux name=mux ! filesink location=%s "
        "videotestsrc num-buffers=50 pattern=ball ! "
        "video/x-raw,format=I420,width=160,height=90,framerate=25/1 ! %s ! mux.video_0 "
        "concat name=join ! mux.audio_0 "
        "audiotestsrc num-buffers=50 samplesperbuffer=960 ! "
        "audio/x-raw,format=S16LE,rate=48000,channels=1,layout=interleaved ! join. "
        "audiotestsrc num-buffers=50 samplesperbuffer=960 wave=silence ! "
        "audio/x-raw,format=S16LE,rate=48000,channels=1,layout=interleaved ! join.",
        path, video);
    g_autoptr(GstElement) pipeline = gst_parse_launch(text, NULL);
    cr_assert_not_null(pipeline);
    g_autoptr(GstBus) bus = gst_element_get_bus(pipeline);
    gst_element_set_state(pipeline, GST_STATE_PLAYING);
    g_autoptr(GstMessage) message =
        gst_bus_timed_pop_filtered(bus, 20 * GST_SECOND, GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
    cr_assert(message != NULL && GST_MESSAGE_TYPE(message) == GST_MESSAGE_EOS);
    gst_element_set_state(pipeline, GST_STATE_NULL);
    return path;
}

static gboolean keep_turning(gpointer data)
{
    return G_SOURCE_CONTINUE;
}

static void turn_for(int64_t duration_us)
{
    int64_t until_us = clock_now_us() + duration_us;
    guint source = g_timeout_add(10, keep_turning, NULL);
    while (clock_now_us() < until_us) {
        g_main_context_iteration(NULL, TRUE);
    }
    g_source_remove(source);
}

static Seen *play(const char *path, bool wants, int64_t duration_us)
{
    Seen *seen = g_new0(Seen, 1);
    g_mutex_init(&seen->mutex);
    seen->wants = wants;
    Source film = {.kind = SOURCE_FILE, .argument = path};
    Feed *feed = feed_new(&film, &film, &handlers, seen, NULL);
    cr_assert_not_null(feed);
    feed_start(feed);
    turn_for(duration_us);
    feed_free(feed);
    return seen;
}

/* Each piece begins where the one before ended; the first is cut where the film was entered. */
static void expect_steady_pictures(const Seen *seen)
{
    for (int i = 2; i < seen->pictures; i++) {
        int64_t step_us = seen->picture_us[i] - seen->picture_us[i - 1];
        cr_assert_float_eq((double)step_us, 40000, 3000, "%d: %d us", i, (int)step_us);
    }
}

static void expect_steady_sound(const Seen *seen)
{
    for (int i = 1; i < seen->sounds; i++) {
        int64_t step_us = seen->sound_us[i] - seen->sound_us[i - 1];
        double length_us = (double)seen->samples[i - 1] * 1e6 / 48000;
        cr_assert_float_eq((double)step_us, length_us, 3000, "%d: %d us", i, (int)step_us);
    }
}

/* Tone while the wall clock modulo the film's length lies in the first half. */
static void expect_phase(const Seen *seen)
{
    int64_t offset_us = g_get_real_time() - clock_now_us();
    int right = 0;
    for (int i = 0; i < seen->sounds; i++) {
        int64_t position_us = (seen->sound_us[i] + offset_us + 10000) % FILM_US;
        right += seen->loud[i] == (position_us < FILM_US / 2);
    }
    cr_assert_gt(right, seen->sounds * 95 / 100, "%d of %d", right, seen->sounds);
}

static void expect_seamless_loop(const char *video)
{
    g_autofree char *path = make_film(video);
    Seen *seen = play(path, true, 5500000);
    cr_assert_gt(seen->pictures, 100, "%d", seen->pictures);
    cr_assert_gt(seen->sounds, 200, "%d", seen->sounds);
    expect_steady_pictures(seen);
    expect_steady_sound(seen);
    expect_phase(seen);
    g_unlink(path);
    g_free(seen);
}

Test(feed, loops_a_jpeg_film_without_a_seam_and_in_step_with_the_wall_clock)
{
    expect_seamless_loop("jpegenc");
}

Test(feed, loops_a_vp8_film_without_a_seam_and_in_step_with_the_wall_clock)
{
    expect_seamless_loop("vp8enc deadline=1 cpu-used=16 threads=1");
}

Test(feed, lets_the_sound_go_on_while_no_picture_is_wanted)
{
    g_autofree char *path = make_film("jpegenc");
    Seen *seen = g_new0(Seen, 1);
    g_mutex_init(&seen->mutex);
    Source film = {.kind = SOURCE_FILE, .argument = path};
    Feed *feed = feed_new(&film, &film, &handlers, seen, NULL);
    feed_start(feed);
    turn_for(3000000);
    cr_assert_eq(seen->pictures, 0);
    cr_assert_gt(seen->sounds, 100);
    seen->wants = true;
    turn_for(1000000);
    cr_assert_gt(seen->pictures, 15, "the picture is not ahead of its time: %d", seen->pictures);
    feed_free(feed);
    expect_steady_sound(seen);
    g_unlink(path);
    g_free(seen);
}

Test(feed, makes_tones_and_patterns)
{
    Seen *seen = g_new0(Seen, 1);
    g_mutex_init(&seen->mutex);
    seen->wants = true;
    Source pattern = {.kind = SOURCE_PATTERN, .argument = "ball"};
    Source tone = {.kind = SOURCE_TONE, .hz = 440};
    Feed *picture = feed_new(&pattern, &nothing, &handlers, seen, NULL);
    Feed *sound = feed_new(&nothing, &tone, &handlers, seen, NULL);
    feed_start(picture);
    feed_start(sound);
    turn_for(1500000);
    int64_t now_us = clock_now_us();
    feed_free(picture);
    feed_free(sound);
    cr_assert_gt(seen->pictures, 20);
    cr_assert_gt(seen->sounds, 40);
    cr_assert_float_eq((double)seen->picture_us[seen->pictures - 1], (double)now_us, 200000);
    cr_assert_float_eq((double)seen->sound_us[seen->sounds - 1], (double)now_us, 200000);
    g_free(seen);
}

static void expect_refusal(Source video, Source audio, const char *phrase)
{
    g_autoptr(GError) error = NULL;
    cr_assert_null(feed_new(&video, &audio, &handlers, NULL, &error));
    cr_assert_not_null(strstr(error->message, phrase), "%s", error->message);
}

Test(feed, refuses_what_is_not_there)
{
    expect_refusal((Source){.kind = SOURCE_FILE, .argument = "/no/such.mkv"}, nothing,
                   "/no/such.mkv");
    expect_refusal((Source){.kind = SOURCE_PATTERN, .argument = "plaid"}, nothing, "plaid");
}

Test(feed, survives_a_file_that_is_no_film)
{
    g_autofree char *path = NULL;
    int fd = g_file_open_tmp("diemcau-film-XXXXXX", &path, NULL);
    g_close(fd, NULL);
    g_file_set_contents(path, "no film", -1, NULL);
    Seen *seen = play(path, true, 3000000);
    cr_assert_eq(seen->pictures, 0);
    g_unlink(path);
    g_free(seen);
}
