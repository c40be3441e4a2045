#include "bridge/mixer/sound.h"

#include <errno.h>
#include <glib.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "bridge/base/clock.h"
#include "bridge/base/limits.h"
#include "bridge/base/mailbox.h"
#include "bridge/base/medialink.h"
#include "bridge/mixer/soundmix.h"

/* Changes of the speaker that may wait: the main loop looks more often than one can speak up. */
#define SPEAKERS_WAITING_MAX 16
/* Missed ticks up to this are made up for one by one; after a longer stop the past is let go. */
#define STALL_US 200000
#define NICE (-10)
#define STATS_COUNT (sizeof(SoundStats) / sizeof(uint64_t))

/* A packet, or with size 0 the end of a source. */
typedef struct SoundPost {
    uint32_t source;
    uint16_t size;
    int64_t arrival_us;
    uint8_t rtp[MEDIALINK_BODY_BYTES_MAX];
} SoundPost;

struct Sound {
    pthread_t thread;
    Mailbox *mailbox;
    SoundMix *mix;
    Mailbox *speakers; /* uint32_t */
    Mailbox *howls;    /* SoundHowl */
    atomic_bool stopping;
    atomic_uint_fast64_t unposted;
    atomic_uint_fast64_t published[STATS_COUNT];
    /* Only the thread's: */
    Speaker speaker;
    uint64_t ticks_late;
    uint64_t stalls;
    uint64_t tick_late_max_us;
};

static void publish(Sound *sound)
{
    SoundStats stats = *soundmix_stats(sound->mix);
    stats.ticks_late = sound->ticks_late;
    stats.stalls = sound->stalls;
    stats.tick_late_max_us = sound->tick_late_max_us;
    uint64_t values[STATS_COUNT];
    memcpy(values, &stats, sizeof values);
    for (size_t i = 0; i < STATS_COUNT; i++) {
        atomic_store_explicit(&sound->published[i], values[i], memory_order_relaxed);
    }
}

void sound_read_stats(Sound *sound, SoundStats *ret_stats)
{
    uint64_t values[STATS_COUNT];
    for (size_t i = 0; i < STATS_COUNT; i++) {
        values[i] = atomic_load_explicit(&sound->published[i], memory_order_relaxed);
    }
    memcpy(ret_stats, values, sizeof values);
    ret_stats->packets_unposted = atomic_load(&sound->unposted);
}

static void sleep_until(int64_t at_us)
{
    struct timespec at = {
        .tv_sec = at_us / CLOCK_US_PER_S,
        .tv_nsec = at_us % CLOCK_US_PER_S * 1000,
    };
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL) == EINTR) {
    }
}

/* At most a mailbox full: those who post can not hold the tick up. */
static void take_posts(Sound *sound)
{
    SoundPost post;
    for (int i = 0; i < LIMIT_SOUND_QUEUE && mailbox_take(sound->mailbox, &post); i++) {
        if (post.size == 0) {
            soundmix_remove(sound->mix, post.source);
        } else {
            soundmix_push(sound->mix, post.source, post.rtp, post.size, post.arrival_us);
        }
    }
}

/* Returns the tick to run now: the one that was due, or the latest when there was a stall. */
static int64_t judge_lateness(Sound *sound, int64_t due_us)
{
    int64_t late_us = MAX(clock_now_us() - due_us, 0);
    sound->tick_late_max_us = MAX(sound->tick_late_max_us, (uint64_t)late_us);
    sound->ticks_late += late_us >= SOUNDMIX_TICK_US;
    if (late_us <= STALL_US) {
        return due_us;
    }
    sound->stalls++;
    return due_us + late_us / SOUNDMIX_TICK_US * SOUNDMIX_TICK_US;
}

static void find_speaker(Sound *sound, int64_t now_us)
{
    SpeakerVoice voices[LIMIT_SOUND_VOICES];
    uint32_t before = sound->speaker.source;
    size_t count = soundmix_voices(sound->mix, voices);
    uint32_t source = speaker_tick(&sound->speaker, voices, count, now_us);
    if (source != before) {
        mailbox_post(sound->speakers, &source);
    }
}

static void find_howls(Sound *sound)
{
    SoundHowl howls[LIMIT_SOUND_VOICES];
    size_t count = soundmix_take_howls(sound->mix, howls);
    for (size_t i = 0; i < count; i++) {
        mailbox_post(sound->howls, &howls[i]);
    }
}

/* Sound goes before picture: where the system allows it, this thread is served before those that
 * encode. Where not, it runs like any other. */
static void ask_for_precedence(void)
{
    setpriority(PRIO_PROCESS, (id_t)gettid(), NICE);
}

static void *run(void *data)
{
    Sound *sound = data;
    ask_for_precedence();
    int64_t due_us = clock_now_us() + SOUNDMIX_TICK_US;
    while (!atomic_load(&sound->stopping)) {
        sleep_until(due_us);
        due_us = judge_lateness(sound, due_us);
        take_posts(sound);
        soundmix_tick(sound->mix, due_us);
        find_speaker(sound, due_us);
        find_howls(sound);
        publish(sound);
        due_us += SOUNDMIX_TICK_US;
    }
    return NULL;
}

Sound *sound_new(const SoundOptions *options)
{
    Sound *sound = g_new0(Sound, 1);
    sound->mailbox = mailbox_new(sizeof(SoundPost), LIMIT_SOUND_QUEUE);
    sound->speakers = mailbox_new(sizeof(uint32_t), SPEAKERS_WAITING_MAX);
    sound->howls = mailbox_new(sizeof(SoundHowl), 2 * LIMIT_SOUND_VOICES);
    sound->mix = soundmix_new(options);
    int error = pthread_create(&sound->thread, NULL, run, sound);
    if (error != 0) {
        g_error("sound: thread: %s", g_strerror(error));
    }
    pthread_setname_np(sound->thread, "sound");
    return sound;
}

void sound_free(Sound *sound)
{
    if (sound == NULL) {
        return;
    }
    atomic_store(&sound->stopping, true);
    pthread_join(sound->thread, NULL);
    soundmix_free(sound->mix);
    mailbox_free(sound->mailbox);
    mailbox_free(sound->speakers);
    mailbox_free(sound->howls);
    g_free(sound);
}

bool sound_post_packet(Sound *sound, uint32_t source, const uint8_t *rtp, size_t size,
                       int64_t arrival_us)
{
    SoundPost post = {.source = source, .size = (uint16_t)size, .arrival_us = arrival_us};
    bool fits = size > 0 && size <= sizeof post.rtp;
    if (fits) {
        memcpy(post.rtp, rtp, size);
    }
    if (!fits || !mailbox_post(sound->mailbox, &post)) {
        atomic_fetch_add(&sound->unposted, 1);
        return false;
    }
    return true;
}

void sound_post_gone(Sound *sound, uint32_t source)
{
    SoundPost post = {.source = source};
    if (!mailbox_post(sound->mailbox, &post)) {
        atomic_fetch_add(&sound->unposted, 1);
    }
}

int sound_speaker_fd(const Sound *sound)
{
    return mailbox_fd(sound->speakers);
}

bool sound_take_speaker(Sound *sound, uint32_t *ret_source)
{
    return mailbox_take(sound->speakers, ret_source);
}

int sound_howl_fd(const Sound *sound)
{
    return mailbox_fd(sound->howls);
}

bool sound_take_howl(Sound *sound, SoundHowl *ret_howl)
{
    return mailbox_take(sound->howls, ret_howl);
}
