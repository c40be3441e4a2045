/* What the mixer costs: real footage from many sources into views and their rungs, between a
 * relay's end of the media socket and a server's end of the control socket. Prints one line of JSON
 * with the processor time of the program over a window. Not a test.
 *
 *   bench_mixer plenary|wall|views [FILM]      BENCH_PNG=FILE keeps the last picture of rung 0
 */
#include <errno.h>
#include <glib.h>
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bridge/base/channel.h"
#include "bridge/base/clock.h"
#include "bridge/base/medialink.h"
#include "tests/unit/mixer/clip.h"

#define FILM "/usr/share/doc/opencv-doc/examples/data/vtest.avi"
#define CLIP_FRAMES 120
#define CLIPS 4
#define TICK_US 40000
#define WARM_UP_US (5 * CLOCK_US_PER_S)
#define WINDOW_US (15 * CLOCK_US_PER_S)
#define MESSAGE_BYTES_MAX (MEDIALINK_HEADER_BYTES + MEDIALINK_BODY_BYTES_MAX)
#define RUNGS_MAX 6

typedef struct BenchRung {
    int view, width, height, kbps;
} BenchRung;

typedef struct Profile {
    const char *name;
    int sources;
    int tile_width, tile_height;
    int ticks_per_frame; /* 1: 25 frames a second, 2: 12.5. */
    int tile_kbps;
    int views, width, height;
    int side; /* Of the grid; 0: as many cells as sources. */
    BenchRung rungs[RUNGS_MAX];
    double target_cores;
} Profile;

static const Profile profiles[] = {
    {"plenary",
     16,
     320,
     180,
     1,
     140,
     1,
     1280,
     720,
     4,
     {{0, 1280, 720, 1500}, {0, 640, 360, 500}, {0, 320, 180, 150}},
     0.35},
    {"wall",
     207,
     128,
     76,
     2,
     40,
     1,
     1920,
     1080,
     0,
     {{0, 1920, 1080, 2500}, {0, 640, 360, 500}, {0, 320, 180, 150}},
     0.6},
    {"views",
     16,
     320,
     180,
     1,
     140,
     3,
     1280,
     720,
     4,
     {{0, 1280, 720, 1500},
      {0, 640, 360, 500},
      {1, 1280, 720, 1500},
      {1, 640, 360, 500},
      {2, 1280, 720, 1500},
      {2, 640, 360, 500}},
     0.8},
};

typedef struct Bench {
    const Profile *profile;
    GPtrArray *clips[CLIPS]; /* Frames of packets; the sources take them by turns. */
    char *dir;
    pid_t pid;
    int media_fd;
    int control_fd;
    uint16_t *seqs;
    int tick;
    uint64_t bytes_out;
    uint64_t frames_out;
    ClipDecoder *decoder; /* Of rung 0, with BENCH_PNG. */
} Bench;

/* Any film in the tile's size. */
static FILE *scale_film(const char *film, const Profile *profile)
{
    g_autofree char *command =
        g_strdup_printf("env -u GST_REGISTRY_DISABLE gst-launch-1.0 -q filesrc location='%s' ! "
                        "avidemux ! decodebin ! videoconvert ! "
                        "videoscale add-borders=false ! video/x-raw,format=I420,width=%d,height=%d,"
                        "pixel-aspect-ratio=1/1 ! fdsink",
                        film, profile->tile_width, profile->tile_height);
    return popen(command, "r");
}

static void encode_clips(Bench *bench, const char *film)
{
    const Profile *profile = bench->profile;
    I420 picture = i420_alloc(profile->tile_width, profile->tile_height);
    size_t size = i420_size_bytes(picture.width, picture.height);
    FILE *file = scale_film(film, profile);
    for (int c = 0; c < CLIPS; c++) {
        ClipEncoder *encoder = clip_encoder_new(picture.width, picture.height, profile->tile_kbps);
        bench->clips[c] = g_ptr_array_new();
        for (int i = 0; i < CLIP_FRAMES; i++) {
            if (fread(picture.plane[0], 1, size, file) != size) {
                g_error("%s: cannot be read, or is too short", film);
            }
            g_ptr_array_add(bench->clips[c], clip_encode(encoder, &picture));
        }
        clip_encoder_free(encoder);
    }
    pclose(file);
    i420_release(&picture);
}

static void send_message(const Bench *bench, MedialinkHeader header, const void *body, size_t size)
{
    uint8_t message[MESSAGE_BYTES_MAX];
    header.time_us = clock_now_us();
    medialink_write(&header, message);
    memcpy(message + MEDIALINK_HEADER_BYTES, body, size);
    if (send(bench->media_fd, message, MEDIALINK_HEADER_BYTES + size, MSG_NOSIGNAL) < 0) {
        g_error("send: %s", g_strerror(errno));
    }
}

static void send_frame(Bench *bench, uint32_t source, int index)
{
    GPtrArray *clip = bench->clips[source % CLIPS];
    GPtrArray *packets = clip->pdata[index % (int)clip->len];
    for (guint p = 0; p < packets->len; p++) {
        gsize size;
        uint8_t rtp[MEDIALINK_BODY_BYTES_MAX];
        const void *bytes = g_bytes_get_data(packets->pdata[p], &size);
        uint16_t seq = bench->seqs[source]++;
        memcpy(rtp, bytes, size);
        rtp[2] = (uint8_t)(seq >> 8);
        rtp[3] = (uint8_t)seq;
        send_message(bench, (MedialinkHeader){.type = MEDIALINK_VIDEO_IN, .source = source}, rtp,
                     size);
    }
}

static void take_all(Bench *bench)
{
    uint8_t message[MESSAGE_BYTES_MAX];
    ssize_t size;
    while ((size = recv(bench->media_fd, message, sizeof message, MSG_DONTWAIT)) > 0) {
        MedialinkHeader header;
        if (!medialink_read(message, (size_t)size, &header) || header.type != MEDIALINK_PICTURE) {
            continue;
        }
        bench->bytes_out += (uint64_t)size;
        bench->frames_out += header.rung == 0 && (header.flags & MEDIALINK_FLAG_FRAME_END) != 0;
        if (header.rung == 0 && bench->decoder != NULL) {
            clip_decode(bench->decoder, message + MEDIALINK_HEADER_BYTES,
                        (size_t)size - MEDIALINK_HEADER_BYTES);
        }
    }
}

/* The frames of all sources, spread over the ticks as they would be. */
static void play(Bench *bench, int64_t duration_us)
{
    const Profile *profile = bench->profile;
    int64_t next_us = clock_now_us();
    int64_t end_us = next_us + duration_us;
    while (next_us < end_us) {
        int64_t left_us = next_us - clock_now_us();
        if (left_us > 0) {
            poll(&(struct pollfd){bench->media_fd, POLLIN, 0}, 1, (int)(left_us / 1000) + 1);
            take_all(bench);
            continue;
        }
        for (int s = 1; s <= profile->sources; s++) {
            if ((bench->tick + s) % profile->ticks_per_frame == 0) {
                send_frame(bench, (uint32_t)s, bench->tick / profile->ticks_per_frame);
            }
        }
        bench->tick++;
        next_us += TICK_US;
    }
}

static uint16_t rung_number(const Profile *profile, int index)
{
    int position = 0;
    for (int i = 0; i < index; i++) {
        position += profile->rungs[i].view == profile->rungs[index].view;
    }
    return (uint16_t)(8 * profile->rungs[index].view + position);
}

static json_t *make_rungs(const Profile *profile, int view)
{
    json_t *rungs = json_array();
    for (int i = 0; i < RUNGS_MAX && profile->rungs[i].width > 0; i++) {
        const BenchRung *rung = &profile->rungs[i];
        if (rung->view == view) {
            json_array_append_new(rungs, json_pack("{s:i, s:s, s:i, s:i, s:i, s:i}", "id",
                                                   rung_number(profile, i), "codec", "VP8", "width",
                                                   rung->width, "height", rung->height, "fps", 25,
                                                   "kbps", rung->kbps));
        }
    }
    return rungs;
}

static json_t *make_cells(const Profile *profile)
{
    json_t *cells = json_array();
    int side = profile->side;
    if (side == 0) {
        json_array_append_new(cells, json_pack("{s:s, s:s, s:i, s:i, s:i, s:i}", "role", "recent",
                                               "grid", "seats", "x", 0, "y", 0, "w", 1, "h", 1));
    }
    for (int i = 0; i < side * side; i++) {
        json_array_append_new(cells,
                              json_pack("{s:s, s:f, s:f, s:f, s:f}", "role", "recent", "x",
                                        (double)(i % side) / side, "y", (double)(i / side) / side,
                                        "w", 1.0 / side, "h", 1.0 / side));
    }
    return cells;
}

static json_t *make_seats(const Profile *profile)
{
    json_t *seats = json_array();
    for (int i = 1; i <= profile->sources; i++) {
        g_autofree char *name = g_strdup_printf("Xã Hậu Mỹ Bắc %d – Ủy ban nhân dân", i);
        json_array_append_new(seats, json_pack("{s:i, s:s, s:b, s:b}", "source", i, "name", name,
                                               "present", 1, "muted", i % 3 == 0));
    }
    return seats;
}

static void send_program(const Bench *bench)
{
    const Profile *profile = bench->profile;
    json_t *views = json_array();
    for (int v = 0; v < profile->views; v++) {
        json_array_append_new(
            views, json_pack("{s:i, s:i, s:i, s:{s:s, s:o}, s:o}", "id", v, "width", profile->width,
                             "height", profile->height, "layout", "name", "bench", "cells",
                             make_cells(profile), "rungs", make_rungs(profile, v)));
    }
    json_t *program =
        json_pack("{s:i, s:s, s:i, s:s, s:i, s:o, s:o}", "id", 1, "op", "program", "revision", 1,
                  "title", "", "fps", 25, "views", views, "seats", make_seats(profile));
    char *text = json_dumps(program, JSON_COMPACT);
    if (send(bench->control_fd, text, strlen(text), 0) < 0 ||
        send(bench->control_fd, "\n", 1, 0) < 0) {
        g_error("control: %s", g_strerror(errno));
    }
    free(text);
    json_decref(program);
}

static void send_watch(const Bench *bench)
{
    uint8_t body[2 * RUNGS_MAX];
    size_t size = 0;
    for (int i = 0; i < RUNGS_MAX && bench->profile->rungs[i].width > 0; i++) {
        body[size++] = 0;
        body[size++] = (uint8_t)rung_number(bench->profile, i);
    }
    send_message(bench, (MedialinkHeader){.type = MEDIALINK_RUNGS}, body, size);
}

static void start_mixer(Bench *bench)
{
    bench->dir = g_dir_make_tmp("bench-XXXXXX", NULL);
    g_autofree char *media = g_build_filename(bench->dir, "media.sock", NULL);
    int listen_fd = channel_listen_fd(media, SOCK_SEQPACKET, NULL);
    bench->pid = fork();
    if (bench->pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        execl(DIEMCAU_MIXER, DIEMCAU_MIXER, "--runtime", bench->dir, "--meeting", "1",
              (char *)NULL);
        _exit(127);
    }
    poll(&(struct pollfd){listen_fd, POLLIN, 0}, 1, 10000);
    bench->media_fd = accept(listen_fd, NULL, NULL);
    int room = 4 * 1024 * 1024;
    setsockopt(bench->media_fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    g_snprintf(address.sun_path, sizeof address.sun_path, "%s/mixer-1.sock", bench->dir);
    bench->control_fd = socket(AF_UNIX, SOCK_STREAM, 0);
    while (connect(bench->control_fd, (struct sockaddr *)&address, sizeof address) != 0) {
        g_usleep(10000);
    }
}

static void stop_mixer(const Bench *bench)
{
    g_autofree char *media = g_build_filename(bench->dir, "media.sock", NULL);
    kill(bench->pid, SIGTERM);
    waitpid(bench->pid, NULL, 0);
    unlink(media);
    rmdir(bench->dir);
}

/* Of /proc/PID/stat or /proc/PID/task/TID/stat. */
static double cpu_seconds(const char *path)
{
    g_autofree char *text = NULL;
    unsigned long user = 0;
    unsigned long system = 0;
    if (g_file_get_contents(path, &text, NULL, NULL)) {
        sscanf(strrchr(text, ')') + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user,
               &system);
    }
    return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

static double process_seconds(const Bench *bench)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/stat", (int)bench->pid);
    return cpu_seconds(path);
}

/* Processor time since the start, by thread name. */
static json_t *thread_seconds(const Bench *bench)
{
    json_t *threads = json_object();
    g_autofree char *tasks = g_strdup_printf("/proc/%d/task", (int)bench->pid);
    g_autoptr(GDir) dir = g_dir_open(tasks, 0, NULL);
    for (const char *id; dir != NULL && (id = g_dir_read_name(dir)) != NULL;) {
        g_autofree char *stat = g_build_filename(tasks, id, "stat", NULL);
        g_autofree char *comm = g_build_filename(tasks, id, "comm", NULL);
        g_autofree char *name = NULL;
        if (g_file_get_contents(comm, &name, NULL, NULL)) {
            double before = json_real_value(json_object_get(threads, g_strchomp(name)));
            json_object_set_new(threads, name, json_real(before + cpu_seconds(stat)));
        }
    }
    return threads;
}

/* The latest `stats` event. */
static json_t *last_stats(const Bench *bench)
{
    GString *text = g_string_new(NULL);
    char bytes[4096];
    ssize_t size;
    while ((size = recv(bench->control_fd, bytes, sizeof bytes, MSG_DONTWAIT)) > 0) {
        g_string_append_len(text, bytes, size);
    }
    json_t *stats = json_null();
    g_auto(GStrv) lines = g_strsplit(text->str, "\n", -1);
    for (size_t i = 0; lines[i] != NULL; i++) {
        json_t *line = json_loads(lines[i], 0, NULL);
        const char *event = json_string_value(json_object_get(line, "event"));
        if (g_strcmp0(event, "stats") == 0) {
            json_decref(stats);
            stats = json_incref(line);
        }
        json_decref(line);
    }
    g_string_free(text, TRUE);
    return stats;
}

static void measure(Bench *bench)
{
    play(bench, WARM_UP_US);
    double before = process_seconds(bench);
    uint64_t bytes_before = bench->bytes_out;
    uint64_t frames_before = bench->frames_out;
    play(bench, WINDOW_US);
    double seconds = (double)WINDOW_US / CLOCK_US_PER_S;
    json_t *line = json_pack(
        "{s:s, s:s, s:f, s:f, s:f, s:f, s:o, s:o}", "bench", "mixer", "profile",
        bench->profile->name, "cores", (process_seconds(bench) - before) / seconds, "target",
        bench->profile->target_cores, "fps", (double)(bench->frames_out - frames_before) / seconds,
        "kbps_out", (double)(bench->bytes_out - bytes_before) * 8 / 1000 / seconds,
        "thread_seconds", thread_seconds(bench), "stats", last_stats(bench));
    char *text = json_dumps(line, JSON_COMPACT | JSON_REAL_PRECISION(4));
    puts(text);
    free(text);
    json_decref(line);
}

static const Profile *find_profile(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(profiles); i++) {
        if (g_strcmp0(profiles[i].name, name) == 0) {
            return &profiles[i];
        }
    }
    return NULL;
}

int main(int argc, char **argv)
{
    const Profile *profile = find_profile(argv[1]);
    const char *png = g_getenv("BENCH_PNG");
    if (profile == NULL) {
        fprintf(stderr, "bench_mixer plenary|wall|views [FILM.avi]\n");
        return 2;
    }
    clip_init();
    Bench bench = {.profile = profile, .seqs = g_new0(uint16_t, profile->sources + 1)};
    bench.decoder = png != NULL ? clip_decoder_new() : NULL;
    encode_clips(&bench, argc > 2 ? argv[2] : FILM);
    start_mixer(&bench);
    send_program(&bench);
    send_watch(&bench);
    measure(&bench);
    if (png != NULL) {
        clip_save_png(clip_picture(bench.decoder), png);
    }
    stop_mixer(&bench);
    return 0;
}
