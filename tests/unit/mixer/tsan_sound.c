/* The sound thread under ThreadSanitizer, where Criterion does not start: three threads talk, one
 * comes and goes, one reads the counters, for two seconds. Ends with 0 when all that was mixed was
 * heard. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

#include "bridge/base/clock.h"
#include "bridge/mixer/sound.h"
#include "tests/unit/mixer/test_sound_support.h"

#define TALKERS 3
#define SECONDS 2

typedef struct Run {
    Sound *sound;
    uint32_t source;
    int64_t until_us;
} Run;

/* Written on the sound thread only, read after it has ended. */
typedef struct Heard {
    uint64_t common;
    uint64_t own;
} Heard;

static void on_send(uint32_t source, const uint8_t *rtp, size_t size, int64_t time_us, void *data)
{
    Heard *heard = data;
    heard->common += source == 0;
    heard->own += source != 0;
}

static void *talk(void *data)
{
    Run *run = data;
    Talker talker = talker_of(300 + 100 * run->source, 5000);
    while (clock_now_us() < run->until_us) {
        uint8_t rtp[RTP_MAX];
        size_t size = talker_write(&talker, rtp);
        sound_post_packet(run->sound, run->source, rtp, size, clock_now_us());
        g_usleep(19000);
    }
    sound_post_gone(run->sound, run->source);
    talker_clear(&talker);
    return NULL;
}

static void *come_and_go(void *data)
{
    Run *run = data;
    Talker talker = talker_of(900, 5000);
    uint8_t rtp[RTP_MAX];
    size_t size = talker_write(&talker, rtp);
    for (uint32_t i = 0; clock_now_us() < run->until_us; i++) {
        sound_post_packet(run->sound, 100 + i % 40, rtp, size, clock_now_us());
        sound_post_gone(run->sound, 100 + (i + 20) % 40);
        g_usleep(500);
    }
    talker_clear(&talker);
    return NULL;
}

static void *read_stats(void *data)
{
    Run *run = data;
    SoundStats stats;
    while (clock_now_us() < run->until_us) {
        sound_read_stats(run->sound, &stats);
        g_usleep(1000);
    }
    return NULL;
}

int main(void)
{
    Heard heard = {0};
    Sound *sound = sound_new(&(SoundOptions){.send = on_send, .data = &heard});
    void *(*const work[])(void *) = {talk, talk, talk, come_and_go, read_stats};
    pthread_t threads[G_N_ELEMENTS(work)];
    Run runs[G_N_ELEMENTS(work)];
    int64_t until_us = clock_now_us() + SECONDS * CLOCK_US_PER_S;
    for (uint32_t i = 0; i < G_N_ELEMENTS(work); i++) {
        runs[i] = (Run){.sound = sound, .source = i + 1, .until_us = until_us};
        pthread_create(&threads[i], NULL, work[i], &runs[i]);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(work); i++) {
        pthread_join(threads[i], NULL);
    }
    SoundStats stats;
    sound_read_stats(sound, &stats);
    sound_free(sound);
    printf("common %lu own %lu ticks %lu late %lu stalls %lu late max %lu us in %lu unposted %lu\n",
           heard.common, heard.own, stats.ticks, stats.ticks_late, stats.stalls,
           stats.tick_late_max_us, stats.packets_in, stats.packets_unposted);
    bool is_well = heard.common >= stats.ticks && stats.ticks > SECONDS * 10 && heard.own > 0 &&
                   stats.packets_in > 0 && stats.packets_bad == 0;
    return is_well ? 0 : 1;
}
