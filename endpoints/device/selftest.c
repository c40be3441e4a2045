#include "endpoints/device/selftest.h"

#include <gst/gst.h>
#include <jansson.h>
#include <stdatomic.h>

#include "bridge/base/clock.h"
#include "bridge/base/log.h"
#include "bridge/base/loop.h"
#include "endpoints/client/examination.h"
#include "endpoints/device/feed.h"
#include "endpoints/device/level.h"
#include "endpoints/device/lightmeter.h"
#include "endpoints/device/pipeline.h"
#include "endpoints/device/tonemeter.h"
#include "endpoints/device/voice.h"

/* A camera takes a second or two before its picture is right. */
#define LOOK_US (3 * CLOCK_US_PER_S)
#define PLAY_US (2 * CLOCK_US_PER_S)
#define TONE_HZ 1000.0
#define TONE_PIPELINE                                                                              \
    "audiotestsrc is-live=true freq=1000 volume=0.25 ! audioconvert ! audioresample ! "            \
    "autoaudiosink"
/* Share of the tone in what is heard, in per mille: a room and a poor box leave enough of it. */
#define TONE_PERMILLE 300
/* Quieter than this even an empty room is not: the microphone is dead or switched off. */
#define SILENT_LEVEL 90
#define FEEDS 2

struct SelfTest {
    SelfTestOptions options;
    char *state_dir;
    Feed *feeds[FEEDS]; /* of picture, or of both when they come from one file; of sound */
    Pipeline *tone;
    bool has_tone_failed;
    LoopWatch *timer;
    LinkCheck *link;
    Examination examination;
    bool is_running;
    bool is_looking; /* camera or microphone may still tell something */
    /* Written by streaming threads. */
    atomic_int light; /* LIGHT_* of the latest picture */
    atomic_int level; /* of the loudest sound, −dBov */
    atomic_int tone_permille;
};

enum { LIGHT_NONE, LIGHT_BLACK, LIGHT_SEEN };

/* ---- streaming threads ---- */

static bool wants_picture(int64_t captured_us, void *data)
{
    return true;
}

static void on_picture(GstSample *sample, int64_t captured_us, void *data)
{
    SelfTest *test = data;
    Light light;
    if (light_read(sample, &light)) {
        atomic_store(&test->light, light_is_black(&light) ? LIGHT_BLACK : LIGHT_SEEN);
    }
}

static void on_sound(const int16_t *samples, size_t count, int64_t captured_us, void *data)
{
    SelfTest *test = data;
    int level = level_of(samples, count);
    if (level < atomic_load(&test->level)) {
        atomic_store(&test->level, level);
    }
    int permille = (int)(1000 * tone_share(samples, count, TONE_HZ, VOICE_HZ));
    if (permille > atomic_load(&test->tone_permille)) {
        atomic_store(&test->tone_permille, permille);
    }
}

/* ---- the end ---- */

static void stop_feeds(SelfTest *test)
{
    for (int i = 0; i < FEEDS; i++) {
        if (test->feeds[i] != NULL) {
            feed_stop(test->feeds[i]);
        }
    }
    g_clear_pointer(&test->tone, pipeline_free);
    loop_drop(&test->timer);
    test->is_looking = false;
}

/* When both the way and the parts have been looked at. */
static void tell(SelfTest *test)
{
    if (!test->is_running || test->is_looking || test->link != NULL) {
        return;
    }
    test->is_running = false;
    test->examination.disk_mib = examination_disk_mib(test->state_dir);
    client_request(test->options.client, examination_to_json(&test->examination), NULL, NULL);
    log_info("selftest.done",
             "check=%" G_GINT64_FORMAT
             " camera=%s microphone=%s speaker=%s disk_mib=%" G_GINT64_FORMAT,
             test->examination.check, test->examination.camera, test->examination.microphone,
             test->examination.speaker, test->examination.disk_mib);
}

static void on_link(const LinkResult *result, void *data)
{
    SelfTest *test = data;
    test->examination.link = *result;
    g_clear_pointer(&test->link, link_check_free);
    tell(test);
}

/* ---- camera, microphone, loudspeaker ---- */

static void judge_sources(SelfTest *test)
{
    static const char *const lights[] = {
        [LIGHT_NONE] = "none", [LIGHT_BLACK] = "black", [LIGHT_SEEN] = "ok"};
    Examination *found = &test->examination;
    int level = atomic_load(&test->level);
    if (test->options.video.kind != SOURCE_NONE) {
        found->camera = lights[atomic_load(&test->light)];
    }
    if (test->options.audio.kind != SOURCE_NONE) {
        bool has_heard = level <= LEVEL_SILENCE;
        found->level = has_heard ? level : -1;
        found->microphone = !has_heard ? "none" : level > SILENT_LEVEL ? "silent" : "ok";
    }
}

static void on_played(void *data)
{
    SelfTest *test = data;
    bool is_heard = atomic_load(&test->tone_permille) >= TONE_PERMILLE;
    test->examination.speaker = test->has_tone_failed ? "failed" : is_heard ? "ok" : "unheard";
    stop_feeds(test);
    tell(test);
}

static void on_tone_error(const char *reason, void *data)
{
    log_warning("selftest.tone", "reason=\"%s\"", reason);
    ((SelfTest *)data)->has_tone_failed = true;
}

static void play(SelfTest *test)
{
    static const PipelineHandlers handlers = {.on_error = on_tone_error};
    atomic_store(&test->tone_permille, 0);
    test->tone = pipeline_new(TONE_PIPELINE, &handlers, test, NULL);
    test->has_tone_failed = test->tone == NULL || !pipeline_play(test->tone);
    loop_drop(&test->timer);
    test->timer = loop_after(PLAY_US, on_played, test);
}

/* A tone can be told only by a microphone that hears, in a room where it does not sound already. */
static bool can_play(const SelfTest *test)
{
    return test->options.has_speaker && g_strcmp0(test->examination.microphone, "ok") == 0 &&
           atomic_load(&test->tone_permille) < TONE_PERMILLE;
}

static void on_looked(void *data)
{
    SelfTest *test = data;
    judge_sources(test);
    if (can_play(test)) {
        play(test);
        return;
    }
    stop_feeds(test);
    tell(test);
}

static void look(SelfTest *test)
{
    atomic_store(&test->light, LIGHT_NONE);
    atomic_store(&test->level, LEVEL_SILENCE + 1);
    atomic_store(&test->tone_permille, 0);
    test->is_looking = true;
    for (int i = 0; i < FEEDS; i++) {
        if (test->feeds[i] != NULL) {
            feed_start(test->feeds[i]);
        }
    }
    test->timer = loop_after(LOOK_US, on_looked, test);
}

static void look_at_meeting(SelfTest *test, const SelfTestMeeting *meeting)
{
    Examination *found = &test->examination;
    found->camera = meeting->sends_picture ? "ok" : NULL;
    found->level = meeting->level;
    found->microphone = meeting->level > SILENT_LEVEL ? "silent" : "ok";
}

void selftest_on_check(SelfTest *test, json_t *event, const SelfTestMeeting *meeting)
{
    bool is_quiet;
    int64_t check = examination_read_event(event, &is_quiet);
    if (check == 0 || test->link != NULL) {
        return; /* the server asks again when it misses the answer */
    }
    stop_feeds(test);
    test->examination = (Examination){.check = check, .level = -1};
    test->is_running = true;
    if (meeting != NULL) {
        look_at_meeting(test, meeting);
    } else if (!is_quiet) {
        look(test);
    }
    test->link = link_check_start(test->options.client, is_quiet || meeting != NULL, on_link, test);
}

void selftest_yield(SelfTest *test)
{
    if (test->is_looking) {
        stop_feeds(test);
        tell(test);
    }
}

static bool make_feeds(SelfTest *test, GError **error)
{
    static const FeedHandlers handlers = {
        .wants_picture = wants_picture, .on_picture = on_picture, .on_sound = on_sound};
    static const Source none = {.kind = SOURCE_NONE};
    const Source *video = &test->options.video;
    const Source *audio = &test->options.audio;
    bool is_one = source_is_same_file(video, audio);
    if (video->kind != SOURCE_NONE || is_one) {
        test->feeds[0] = feed_new(video, is_one ? audio : &none, &handlers, test, error);
        if (test->feeds[0] == NULL) {
            return false;
        }
    }
    if (audio->kind != SOURCE_NONE && !is_one) {
        test->feeds[1] = feed_new(&none, audio, &handlers, test, error);
        return test->feeds[1] != NULL;
    }
    return true;
}

SelfTest *selftest_new(const SelfTestOptions *options, GError **error)
{
    SelfTest *test = g_new0(SelfTest, 1);
    test->options = *options;
    test->state_dir = g_strdup(options->state_dir);
    if (!make_feeds(test, error)) {
        selftest_free(test);
        return NULL;
    }
    return test;
}

void selftest_free(SelfTest *test)
{
    if (test == NULL) {
        return;
    }
    stop_feeds(test);
    for (int i = 0; i < FEEDS; i++) {
        feed_free(test->feeds[i]);
    }
    link_check_free(test->link);
    g_free(test->state_dir);
    g_free(test);
}
