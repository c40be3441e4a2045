/* Cost of the mixer: N sources of real footage at 25 fps into one picture and its rungs; prints the
 * processor time of the program over a window. Not a test: bench_mixer I420FILE WIDTH HEIGHT
 * SOURCES SIDE CANVAS_W CANVAS_H RUNG_W,H,KBPS… */
#include <errno.h>
#include <glib.h>
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

#define FRAMES 100
#define WARM_UP_US (4 * CLOCK_US_PER_S)
#define WINDOW_US (10 * CLOCK_US_PER_S)
#define MESSAGE_BYTES_MAX (MEDIALINK_HEADER_BYTES + MEDIALINK_BODY_BYTES_MAX)

typedef struct Bench {
    int width, height;
    int sources;
    int rate_divisor;
    GPtrArray *frames[2]; /* Two clips, played forth by turns of the sources. */
    int media_fd;
    uint16_t *seqs;
    uint64_t bytes_out;
    uint64_t frames_out[4];
    ClipDecoder *decoder;
} Bench;

static GPtrArray *encode_clip(const char *path, int width, int height, long first)
{
    size_t size = i420_size_bytes(width, height);
    GPtrArray *frames = g_ptr_array_new();
    int pixels = width * height;
    ClipEncoder *encoder = clip_encoder_new(width, height, pixels * 7 / 100 * 25 / 1000 + 40);
    I420 picture = i420_alloc(width, height);
    FILE *file = fopen(path, "rb");
    if (file == NULL || fseek(file, first * (long)size, SEEK_SET) != 0) {
        g_error("%s", path);
    }
    for (int i = 0; i < FRAMES && fread(picture.plane[0], 1, size, file) == size; i++) {
        g_ptr_array_add(frames, clip_encode(encoder, &picture));
    }
    fclose(file);
    i420_release(&picture);
    clip_encoder_free(encoder);
    return frames;
}

static void send_frame(Bench *bench, uint32_t source, int index)
{
    GPtrArray *clip = bench->frames[source % 2];
    GPtrArray *packets = clip->pdata[index % (int)clip->len];
    for (guint p = 0; p < packets->len; p++) {
        gsize size;
        const uint8_t *rtp = g_bytes_get_data(packets->pdata[p], &size);
        uint8_t message[MESSAGE_BYTES_MAX];
        MedialinkHeader header = {
            .type = MEDIALINK_VIDEO_IN, .source = source, .time_us = clock_now_us()};
        uint16_t seq = bench->seqs[source]++;
        medialink_write(&header, message);
        memcpy(message + MEDIALINK_HEADER_BYTES, rtp, size);
        message[MEDIALINK_HEADER_BYTES + 2] = (uint8_t)(seq >> 8);
        message[MEDIALINK_HEADER_BYTES + 3] = (uint8_t)seq;
        if (send(bench->media_fd, message, MEDIALINK_HEADER_BYTES + size, MSG_NOSIGNAL) < 0) {
            g_error("send: %s", g_strerror(errno));
        }
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
        bench->frames_out[header.rung & 3] += header.flags & MEDIALINK_FLAG_FRAME_END ? 1 : 0;
        if (header.rung == 0) {
            clip_decode(bench->decoder, message + MEDIALINK_HEADER_BYTES,
                        (size_t)size - MEDIALINK_HEADER_BYTES);
        }
    }
}

static double cpu_seconds(pid_t pid)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/stat", (int)pid);
    g_autofree char *text = NULL;
    unsigned long user = 0;
    unsigned long system = 0;
    g_file_get_contents(path, &text, NULL, NULL);
    sscanf(strrchr(text, ')') + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user,
           &system);
    return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

static void print_threads(pid_t pid)
{
    g_autofree char *command = g_strdup_printf(
        "for t in /proc/%d/task/*; do awk '{print $2, \"ticks\", $14+$15}' $t/stat; done; "
        "grep -E 'VmRSS|Threads' /proc/%d/status",
        (int)pid, (int)pid);
    if (system(command) != 0) {
        g_error("%s", command);
    }
}

static void play(Bench *bench, int64_t duration_us, int *index)
{
    int64_t next_us = clock_now_us();
    int64_t end_us = next_us + duration_us;
    while (next_us < end_us) {
        struct pollfd fd = {bench->media_fd, POLLIN, 0};
        int64_t left_us = next_us - clock_now_us();
        if (left_us > 0) {
            poll(&fd, 1, (int)(left_us / 1000) + 1);
            take_all(bench);
            continue;
        }
        for (int s = 1; s <= bench->sources; s++) {
            if ((*index + s) % bench->rate_divisor == 0) {
                send_frame(bench, (uint32_t)s, *index / bench->rate_divisor);
            }
        }
        (*index)++;
        next_us += 40000;
    }
}

static char *program_text(int side, int seats, char **arguments)
{
    GString *text = g_string_new(NULL);
    g_string_append_printf(text,
                           "{\"id\":1,\"op\":\"program\",\"revision\":1,\"title\":\"\","
                           "\"width\":%s,\"height\":%s,\"fps\":25,\"rungs\":[",
                           arguments[0], arguments[1]);
    for (int i = 2; arguments[i] != NULL; i++) {
        int w = 0, h = 0, kbps = 0;
        sscanf(arguments[i], "%d,%d,%d", &w, &h, &kbps);
        g_string_append_printf(text,
                               "%s{\"id\":%d,\"width\":%d,\"height\":%d,\"fps\":25,\"kbps\":%d}",
                               i > 2 ? "," : "", i - 2, w, h, kbps);
    }
    g_string_append(text, "],\"layout\":{\"name\":\"grid\",\"cells\":[");
    for (int i = 0; i < side * side; i++) {
        g_string_append_printf(
            text, "%s{\"role\":\"recent\",\"x\":%.6f,\"y\":%.6f,\"w\":%.6f,\"h\":%.6f}",
            i > 0 ? "," : "", (double)(i % side) / side, (double)(i / side) / side, 1.0 / side,
            1.0 / side);
    }
    g_string_append(text, "]},\"spotlight\":null,\"seats\":[");
    for (int i = 0; i < seats; i++) {
        g_string_append_printf(text,
                               "%s{\"source\":%d,\"name\":\"Xã Hậu Mỹ Bắc %d – Ủy ban nhân dân\","
                               "\"present\":true,\"muted\":%s,\"note\":\"Chưa có hình\"}",
                               i > 0 ? "," : "", i + 1, i + 1, i % 3 == 0 ? "true" : "false");
    }
    g_string_append(text, "]}\n");
    return g_string_free(text, FALSE);
}

static int connect_control(const char *dir)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    g_snprintf(address.sun_path, sizeof address.sun_path, "%s/mixer-1.sock", dir);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    while (connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        g_usleep(10000);
    }
    return fd;
}

int main(int argc, char **argv)
{
    if (argc < 9) {
        fprintf(stderr, "bench_mixer FILE W H SOURCES SIDE CANVAS_W CANVAS_H W,H,KBPS...\n");
        return 2;
    }
    clip_init();
    Bench bench = {.width = atoi(argv[2]), .height = atoi(argv[3]), .sources = atoi(argv[4])};
    bench.rate_divisor = bench.sources > 16 ? 2 : 1;
    bench.frames[0] = encode_clip(argv[1], bench.width, bench.height, 0);
    bench.frames[1] = encode_clip(argv[1], bench.width, bench.height, 150);
    bench.seqs = g_new0(uint16_t, bench.sources + 1);
    bench.decoder = clip_decoder_new();
    g_autofree char *dir = g_dir_make_tmp("bench-XXXXXX", NULL);
    g_autofree char *media = g_build_filename(dir, "media.sock", NULL);
    int listen_fd = channel_listen_fd(media, SOCK_SEQPACKET, NULL);
    pid_t pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        execl(DIEMCAU_MIXER, DIEMCAU_MIXER, "--runtime", dir, "--meeting", "1", (char *)NULL);
        _exit(127);
    }
    poll(&(struct pollfd){listen_fd, POLLIN, 0}, 1, 10000);
    bench.media_fd = accept(listen_fd, NULL, NULL);
    int room = 4 * 1024 * 1024;
    setsockopt(bench.media_fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
    int control_fd = connect_control(dir);
    g_autofree char *text = program_text(atoi(argv[5]), bench.sources, argv + 6);
    if (send(control_fd, text, strlen(text), 0) < 0) {
        return 1;
    }
    int index = 0;
    play(&bench, WARM_UP_US, &index);
    double before = cpu_seconds(pid);
    uint64_t bytes_before = bench.bytes_out;
    uint64_t frames_before = bench.frames_out[0];
    play(&bench, WINDOW_US, &index);
    double cpu = (cpu_seconds(pid) - before) / ((double)WINDOW_US / CLOCK_US_PER_S);
    print_threads(pid);
    printf("cores %.3f  fps %.1f  kbit/s out %.0f\n", cpu,
           (double)(bench.frames_out[0] - frames_before) / 10,
           (double)(bench.bytes_out - bytes_before) * 8 / 10000);
    char stats[65536];
    ssize_t size = recv(control_fd, stats, sizeof stats - 1, MSG_DONTWAIT);
    stats[MAX(size, 0)] = '\0';
    char *last = g_strrstr(stats, "\n{");
    printf("%s", last == NULL ? "" : last + 1);
    if (g_getenv("BENCH_PNG") != NULL) {
        clip_save_png(clip_picture(bench.decoder), g_getenv("BENCH_PNG"));
    }
    kill(pid, SIGTERM);
    waitpid(pid, NULL, 0);
    g_autofree char *clean = g_strdup_printf("rm -rf %s", dir);
    return system(clean);
}
