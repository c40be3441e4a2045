#include "bridge/mixer/tally.h"

#include <dirent.h>
#include <glib.h>
#include <jansson.h>

#include "bridge/base/clock.h"

struct Tally {
    bool has_before;
    int64_t before_us;
    uint64_t ticks;
    uint64_t bytes;
};

Tally *tally_new(void)
{
    return g_new0(Tally, 1);
}

void tally_free(Tally *tally)
{
    g_free(tally);
}

static int count_threads(void)
{
    int threads = 0;
    DIR *tasks = opendir("/proc/self/task");
    if (tasks == NULL) {
        return 0;
    }
    for (struct dirent *task = readdir(tasks); task != NULL; task = readdir(tasks)) {
        threads += task->d_name[0] != '.' ? 1 : 0;
    }
    closedir(tasks);
    return threads;
}

/* One decimal is what anybody looks at. */
static double rounded(double value)
{
    return (double)(int64_t)(value * 10 + 0.5) / 10;
}

static json_t *to_json(const TallyInput *input, double fps, double kbps)
{
    const PictureStats *picture = &input->picture;
    const CrewStats *crew = &input->crew;
    json_t *stats =
        json_pack("{s:f, s:f, s:I, s:I, s:I, s:i}", "fps", rounded(fps), "tick_late_max_ms",
                  rounded((double)picture->late_max_us / CLOCK_US_PER_MS), "encode_kbps",
                  (json_int_t)kbps, "voices", (json_int_t)input->sound.voices_now, "decoders",
                  (json_int_t)crew->decoders, "threads", count_threads());
    json_t *counters = json_pack(
        "{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "ticks_skipped",
        (json_int_t)picture->ticks_skipped, "frames_decoded", (json_int_t)crew->frames,
        "packets_unwanted", (json_int_t)crew->packets_unwanted, "packets_excess",
        (json_int_t)crew->packets_excess, "packets_dropped", (json_int_t)crew->packets_dropped,
        "packets_refused", (json_int_t)crew->packets_refused, "keyframes_asked",
        (json_int_t)crew->keyframes_asked, "link_full", (json_int_t)input->link_full);
    json_object_set_new(stats, "counters", counters);
    return stats;
}

json_t *tally_second(Tally *tally, const TallyInput *input, int64_t now_us)
{
    double seconds = (double)(now_us - tally->before_us) / CLOCK_US_PER_S;
    double fps = 0;
    double kbps = 0;
    if (tally->has_before && seconds > 0) {
        fps = (double)(input->picture.ticks - tally->ticks) / seconds;
        kbps = (double)(input->picture.bytes - tally->bytes) * 8 / 1000 / seconds;
    }
    tally->has_before = true;
    tally->before_us = now_us;
    tally->ticks = input->picture.ticks;
    tally->bytes = input->picture.bytes;
    return to_json(input, fps, kbps);
}
