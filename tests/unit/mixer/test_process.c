/* The real program between a relay's end of the media socket and a server's end of the control
 * socket. */
#include <criterion/criterion.h>
#include <errno.h>
#include <glib/gstdio.h>
#include <jansson.h>
#include <poll.h>
#include <signal.h>
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

#define MEETING 42
#define SOURCES 3
#define TIMEOUT_US (15 * CLOCK_US_PER_S)
#define MESSAGE_BYTES_MAX (MEDIALINK_HEADER_BYTES + MEDIALINK_BODY_BYTES_MAX)

static const uint32_t colors[SOURCES] = {0xc03030, 0x30a040, 0x3050c0};

/* What came back on one rung. */
typedef struct Received {
    ClipDecoder *decoder;
    bool is_started;
    bool is_first_key;
    uint16_t seq;
    int seq_gaps;
    int keyframes;
    int frames;
    size_t packet_size; /* Of the running frame. */
    int odd_sizes;
} Received;

typedef struct World {
    char *dir;
    pid_t pid;
    int listen_fd;
    int media_fd;
    int control_fd;
    GString *line;
    GPtrArray *lines; /* json_t */
    ClipEncoder *encoders[SOURCES];
    uint32_t keyframes_asked[SOURCES + 1];
    Received rungs[2];
    int sound_packets;
    bool is_quiet[SOURCES];
} World;

static World world;

static int connect_control(const char *dir)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    g_snprintf(address.sun_path, sizeof address.sun_path, "%s/mixer-%d.sock", dir, MEETING);
    int64_t end_us = clock_now_us() + TIMEOUT_US;
    while (clock_now_us() < end_us) {
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0) {
            return fd;
        }
        close(fd);
        g_usleep(20000);
    }
    return -1;
}

static pid_t spawn_mixer(const char *dir)
{
    pid_t pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        execl(DIEMCAU_MIXER, DIEMCAU_MIXER, "--runtime", dir, "--meeting", G_STRINGIFY(MEETING),
              "--threads", "2", (char *)NULL);
        _exit(127);
    }
    return pid;
}

static bool wait_readable(int fd, int timeout_ms)
{
    struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
    return poll(&poll_fd, 1, timeout_ms) > 0;
}

static void accept_mixer(void)
{
    uint8_t hello[MESSAGE_BYTES_MAX];
    MedialinkHeader header;
    cr_assert(wait_readable(world.listen_fd, 5000), "the mixer does not come");
    world.media_fd = accept4(world.listen_fd, NULL, NULL, SOCK_CLOEXEC);
    ssize_t size = recv(world.media_fd, hello, sizeof hello, 0);
    cr_assert_eq(size, MEDIALINK_HEADER_BYTES + 8);
    cr_assert(medialink_read(hello, (size_t)size, &header));
    cr_assert_eq(header.type, MEDIALINK_HELLO);
    cr_assert_eq(hello[MEDIALINK_HEADER_BYTES + 7], MEETING);
}

static void open_world(void)
{
    clip_init();
    world.dir = g_dir_make_tmp("mixer-XXXXXX", NULL);
    g_autofree char *media = g_build_filename(world.dir, "media.sock", NULL);
    world.listen_fd = channel_listen_fd(media, SOCK_SEQPACKET, NULL);
    cr_assert_geq(world.listen_fd, 0);
    world.pid = spawn_mixer(world.dir);
    accept_mixer();
    world.control_fd = connect_control(world.dir);
    cr_assert_geq(world.control_fd, 0);
    world.line = g_string_new(NULL);
    world.lines = g_ptr_array_new_with_free_func((GDestroyNotify)json_decref);
    for (int i = 0; i < SOURCES; i++) {
        world.encoders[i] = clip_encoder_new(318, 178, 300);
    }
    for (int i = 0; i < 2; i++) {
        world.rungs[i].decoder = clip_decoder_new();
    }
}

static void close_world(void)
{
    int status = 0;
    kill(world.pid, SIGTERM);
    waitpid(world.pid, &status, 0);
    cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 0, "exit status %x", status);
    close(world.media_fd);
    close(world.listen_fd);
    close(world.control_fd);
    for (int i = 0; i < SOURCES; i++) {
        clip_encoder_free(world.encoders[i]);
    }
    for (int i = 0; i < 2; i++) {
        clip_decoder_free(world.rungs[i].decoder);
    }
    g_ptr_array_unref(world.lines);
    g_string_free(world.line, TRUE);
    g_autofree char *media = g_build_filename(world.dir, "media.sock", NULL);
    g_unlink(media);
    g_rmdir(world.dir);
    g_free(world.dir);
}

static void send_media(MedialinkHeader header, const void *body, size_t size)
{
    uint8_t message[MESSAGE_BYTES_MAX];
    header.time_us = clock_now_us();
    medialink_write(&header, message);
    if (size > 0) {
        memcpy(message + MEDIALINK_HEADER_BYTES, body, size);
    }
    cr_assert_geq(send(world.media_fd, message, MEDIALINK_HEADER_BYTES + size, MSG_NOSIGNAL), 0);
}

static void send_frames(bool is_sent)
{
    for (int i = 0; i < SOURCES; i++) {
        if (world.is_quiet[i]) {
            continue;
        }
        g_autoptr(GPtrArray) packets = clip_encode_color(world.encoders[i], colors[i]);
        for (guint p = 0; is_sent && p < packets->len; p++) {
            gsize size;
            const void *bytes = g_bytes_get_data(packets->pdata[p], &size);
            MedialinkHeader header = {.type = MEDIALINK_VIDEO_IN, .source = (uint32_t)i + 1};
            send_media(header, bytes, size);
        }
    }
}

static void check_size(Received *rung, const MedialinkHeader *header, size_t size)
{
    bool is_last = (header->flags & MEDIALINK_FLAG_FRAME_END) != 0;
    if (rung->packet_size != 0 &&
        (is_last ? size > rung->packet_size : size != rung->packet_size)) {
        rung->odd_sizes++;
    }
    rung->packet_size = is_last ? 0 : size;
}

static void take_picture(const MedialinkHeader *header, const uint8_t *rtp, size_t size)
{
    cr_assert_lt(header->rung, 2);
    Received *rung = &world.rungs[header->rung];
    uint16_t seq = (uint16_t)(rtp[2] << 8 | rtp[3]);
    bool is_key = (header->flags & MEDIALINK_FLAG_KEYFRAME) != 0;
    bool is_last = (header->flags & MEDIALINK_FLAG_FRAME_END) != 0;
    cr_assert_eq(rtp[1] & 0x7f, 96);
    cr_assert_eq(rtp[1] >> 7, is_last);
    if (!rung->is_started) {
        rung->is_started = true;
        rung->is_first_key = is_key;
    } else if ((uint16_t)(rung->seq + 1) != seq) {
        rung->seq_gaps++;
    }
    rung->seq = seq;
    rung->frames += is_last ? 1 : 0;
    rung->keyframes += is_last && is_key ? 1 : 0;
    check_size(rung, header, size);
    clip_decode(rung->decoder, rtp, size);
}

static bool take_media(void)
{
    uint8_t message[MESSAGE_BYTES_MAX];
    MedialinkHeader header;
    ssize_t size = recv(world.media_fd, message, sizeof message, MSG_DONTWAIT);
    if (size <= 0) {
        return false;
    }
    cr_assert(medialink_read(message, (size_t)size, &header));
    if (header.type == MEDIALINK_PICTURE) {
        take_picture(&header, message + MEDIALINK_HEADER_BYTES,
                     (size_t)size - MEDIALINK_HEADER_BYTES);
    } else if (header.type == MEDIALINK_SOURCE_KEYFRAME) {
        cr_assert_leq(header.source, SOURCES);
        world.keyframes_asked[header.source]++;
        clip_force_keyframe(world.encoders[header.source - 1]);
    } else if (header.type == MEDIALINK_SOUND) {
        world.sound_packets++;
    }
    return true;
}

static void take_lines(void)
{
    char bytes[4096];
    ssize_t size = recv(world.control_fd, bytes, sizeof bytes, MSG_DONTWAIT);
    for (ssize_t i = 0; i < size; i++) {
        if (bytes[i] != '\n') {
            g_string_append_c(world.line, bytes[i]);
            continue;
        }
        json_t *line = json_loads(world.line->str, 0, NULL);
        cr_assert_not_null(line, "not JSON: %s", world.line->str);
        g_ptr_array_add(world.lines, line);
        g_string_truncate(world.line, 0);
    }
}

/* Plays until `is_done` says so: a frame of every source each 40 ms, everything that comes taken.
 */
static bool play_until(bool (*is_done)(void), int64_t timeout_us)
{
    int64_t end_us = clock_now_us() + timeout_us;
    int64_t next_us = clock_now_us();
    while (!is_done()) {
        int64_t now_us = clock_now_us();
        if (now_us > end_us) {
            return false;
        }
        if (now_us >= next_us) {
            send_frames(true);
            next_us += 40000;
        }
        struct pollfd fds[] = {{world.media_fd, POLLIN, 0}, {world.control_fd, POLLIN, 0}};
        poll(fds, 2, (int)MAX(0, (next_us - now_us) / 1000));
        while (take_media()) {
        }
        take_lines();
    }
    return true;
}

static json_t *call(const char *text)
{
    json_error_t error;
    json_t *request = json_loads(text, 0, &error);
    cr_assert_not_null(request, "%s: %s", error.text, text);
    int64_t id = json_integer_value(json_object_get(request, "id"));
    char *line = json_dumps(request, JSON_COMPACT);
    cr_assert_geq(send(world.control_fd, line, strlen(line), MSG_NOSIGNAL), 0);
    cr_assert_geq(send(world.control_fd, "\n", 1, MSG_NOSIGNAL), 0);
    free(line);
    json_decref(request);
    int64_t end_us = clock_now_us() + TIMEOUT_US;
    while (clock_now_us() < end_us) {
        for (guint i = 0; i < world.lines->len; i++) {
            json_t *id_found = json_object_get(world.lines->pdata[i], "id");
            if (id_found != NULL && json_integer_value(id_found) == id) {
                json_t *answer = json_incref(world.lines->pdata[i]);
                g_ptr_array_remove_index(world.lines, i);
                return answer;
            }
        }
        wait_readable(world.control_fd, 100);
        take_lines();
    }
    cr_assert_fail("no answer to %s", text);
    return NULL;
}

static bool has_event(uint32_t source, const char *video)
{
    for (guint i = 0; i < world.lines->len; i++) {
        json_t *line = world.lines->pdata[i];
        const char *event = json_string_value(json_object_get(line, "event"));
        if (g_strcmp0(event, "source") == 0 &&
            json_integer_value(json_object_get(line, "source")) == source &&
            g_strcmp0(json_string_value(json_object_get(line, "video")), video) == 0) {
            return true;
        }
    }
    return false;
}

static char *program(int id, int width, const char *note)
{
    return g_strdup_printf(
        "{\"id\":%d,\"op\":\"program\",\"revision\":%d,\"title\":\"Giao ban\",\"fps\":25,"
        "\"views\":[{\"id\":0,\"name\":\"Chung\",\"width\":%d,\"height\":360,\"rungs\":["
        "{\"id\":0,\"codec\":\"VP8\",\"width\":640,\"height\":360,\"fps\":25,\"kbps\":800},"
        "{\"id\":1,\"codec\":\"VP8\",\"width\":320,\"height\":180,\"fps\":12,\"kbps\":200}],"
        "\"layout\":{\"name\":\"2x2\",\"cells\":["
        "{\"role\":\"recent\",\"x\":0,\"y\":0,\"w\":0.5,\"h\":0.5},"
        "{\"role\":\"recent\",\"x\":0.5,\"y\":0,\"w\":0.5,\"h\":0.5},"
        "{\"role\":\"recent\",\"x\":0,\"y\":0.5,\"w\":0.5,\"h\":0.5},"
        "{\"role\":\"recent\",\"x\":0.5,\"y\":0.5,\"w\":0.5,\"h\":0.5}]},"
        "\"spotlight\":null}],\"seats\":["
        "{\"source\":1,\"name\":\"Xã Hậu Mỹ Bắc A – Ủy ban nhân dân\",\"tier\":\"commune\","
        "\"present\":true,\"muted\":true,\"note\":\"\"},"
        "{\"source\":2,\"name\":\"Sở Nội vụ\",\"tier\":\"agency\",\"present\":true,"
        "\"muted\":false,\"note\":\"\"},"
        "{\"source\":3,\"name\":\"Huyện Cái Bè\",\"tier\":\"district\",\"present\":true,"
        "\"muted\":false,\"note\":\"\"},"
        "{\"source\":4,\"name\":\"Sở Nông nghiệp và Phát triển nông thôn\",\"tier\":\"agency\","
        "\"present\":false,\"muted\":false,\"note\":\"%s\"}]}",
        id, id, width, note);
}

/* The middle of cell 0 to 3 of the 2×2 picture, clear of label and gap. */
static LayoutRect middle(int cell, int width, int height)
{
    return (LayoutRect){.x = (cell % 2 * width / 2 + width / 8) & ~1,
                        .y = (cell / 2 * height / 2 + height / 16) & ~1,
                        .w = (width / 4) & ~1,
                        .h = (height / 5) & ~1};
}

static bool shows_color(int rung, int cell, uint32_t rgb)
{
    const I420 *picture = clip_picture(world.rungs[rung].decoder);
    return picture != NULL &&
           clip_is_color(picture, middle(cell, picture->width, picture->height), rgb);
}

static bool shows_all_colors(void)
{
    for (int i = 0; i < SOURCES; i++) {
        if (!shows_color(0, i, colors[i]) || !shows_color(1, i, colors[i])) {
            return false;
        }
    }
    return has_event(1, "live") && has_event(2, "live") && has_event(3, "live");
}

static bool has_lost_source_two(void)
{
    return has_event(2, "none") && !shows_color(0, 1, colors[1]);
}

static bool has_lost_source_three(void)
{
    return has_event(3, "none") && !shows_color(0, 2, colors[2]);
}

static bool has_second_keyframes(void)
{
    return world.rungs[0].keyframes >= 2 && world.rungs[1].keyframes >= 2;
}

static bool has_some_frames(void)
{
    return world.rungs[0].frames >= 10 && world.rungs[1].frames >= 5;
}

static void check_answer(json_t *answer)
{
    json_t *ok = json_object_get(answer, "ok");
    cr_assert_not_null(ok);
    json_t *view = json_array_get(json_object_get(ok, "views"), 0);
    json_t *cells = json_object_get(view, "cells");
    cr_expect_eq(json_integer_value(json_object_get(view, "id")), 0);
    json_t *demands = json_object_get(ok, "demands");
    cr_expect_eq(json_array_size(cells), 4);
    cr_expect_eq(json_array_size(demands), 3);
    json_t *cell = json_array_get(cells, 1);
    cr_expect_eq(json_integer_value(json_object_get(cell, "source")), 2);
    cr_expect_float_eq(json_real_value(json_object_get(cell, "x")), 0.5, 1e-9);
    json_t *demand = json_array_get(demands, 0);
    cr_expect_eq(json_integer_value(json_object_get(demand, "width")), 318);
    cr_expect_eq(json_integer_value(json_object_get(demand, "height")), 178);
    cr_expect_eq(json_integer_value(json_object_get(demand, "fps")), 25);
    json_decref(answer);
}

static bool has_three_live(void)
{
    return has_event(1, "live") && has_event(2, "live") && has_event(3, "live");
}

static void tell_rungs(const uint8_t *body, size_t size)
{
    send_media((MedialinkHeader){.type = MEDIALINK_RUNGS}, body, size);
}

static void ask_rung_keyframes(void)
{
    for (uint16_t rung = 0; rung < 2; rung++) {
        send_media((MedialinkHeader){.type = MEDIALINK_RUNG_KEYFRAME, .rung = rung}, NULL, 0);
    }
}

static void check_refusal(void)
{
    g_autofree char *odd = program(50, 641, "");
    json_t *answer = call(odd);
    json_t *error = json_object_get(answer, "error");
    cr_expect_str_eq(json_string_value(json_object_get(error, "field")), "views[0].width");
    json_decref(answer);
    json_t *hello = call("{\"id\":51,\"op\":\"hello\"}");
    json_t *ok = json_object_get(hello, "ok");
    cr_expect_eq(json_integer_value(json_object_get(ok, "revision")), 1);
    cr_expect_str_eq(json_string_value(json_object_get(ok, "process")), "mixer");
    json_decref(hello);
}

static void check_rungs(void)
{
    for (int i = 0; i < 2; i++) {
        cr_expect(world.rungs[i].is_first_key, "rung %d does not begin with a key frame", i);
        cr_expect_eq(world.rungs[i].seq_gaps, 0);
        cr_expect_eq(world.rungs[i].odd_sizes, 0);
    }
    int ratio_pct = world.rungs[0].frames * 100 / world.rungs[1].frames;
    cr_expect(ratio_pct > 170 && ratio_pct < 250, "25 fps against 12: %d %%", ratio_pct);
}

static void check_reconnect(void)
{
    close(world.media_fd);
    for (int i = 0; i < 2; i++) {
        clip_decoder_free(world.rungs[i].decoder);
        world.rungs[i] = (Received){.decoder = clip_decoder_new()};
    }
    accept_mixer();
    tell_rungs((uint8_t[]){0, 0, 0, 1}, 4);
    cr_assert(play_until(has_some_frames, TIMEOUT_US));
    check_rungs();
}

static bool has_ten_frames_of_rung_0(void)
{
    return world.rungs[0].frames >= 10;
}

static void check_rungs_on_demand(void)
{
    tell_rungs((uint8_t[]){0, 0}, 2);
    world.rungs[0].frames = 0;
    cr_assert(play_until(has_ten_frames_of_rung_0, TIMEOUT_US));
    world.rungs[0].frames = world.rungs[1].frames = world.rungs[1].keyframes = 0;
    cr_assert(play_until(has_ten_frames_of_rung_0, TIMEOUT_US));
    cr_expect_eq(world.rungs[1].frames, 0, "nobody asks for it any more");
}

Test(process, shows_every_source_in_its_cell_and_survives_its_relay, .timeout = 60)
{
    open_world();
    g_autofree char *text = program(1, 640, "Chưa kết nối");
    check_answer(call(text));
    send_frames(false); /* The key frames are lost: the mixer has to ask. */
    cr_assert(play_until(has_three_live, TIMEOUT_US), "sources are wanted before a receiver is");
    cr_expect(!world.rungs[0].is_started && !world.rungs[1].is_started);
    tell_rungs((uint8_t[]){0, 0, 0, 1}, 4);
    cr_assert(play_until(shows_all_colors, TIMEOUT_US));
    for (int i = 1; i <= SOURCES; i++) {
        cr_expect_geq(world.keyframes_asked[i], 1);
    }
    cr_expect_eq(world.rungs[0].keyframes, 1, "key frames come on demand only");
    const char *png = g_getenv("MIXER_TEST_PNG");
    if (png != NULL) {
        clip_save_png(clip_picture(world.rungs[0].decoder), png);
    }
    check_refusal();
    ask_rung_keyframes();
    cr_assert(play_until(has_second_keyframes, TIMEOUT_US));
    cr_expect_eq(world.rungs[0].keyframes, 2);
    check_rungs();
    world.is_quiet[1] = true;
    send_media((MedialinkHeader){.type = MEDIALINK_SOURCE_GONE, .source = 2}, NULL, 0);
    int frames = world.rungs[0].frames;
    cr_assert(play_until(has_lost_source_two, TIMEOUT_US), "gone, but still shown");
    cr_expect_lt(world.rungs[0].frames - frames, 25, "at once, not when it has stood still");
    world.is_quiet[2] = true; /* No word of its end: its picture goes by itself. */
    cr_assert(play_until(has_lost_source_three, TIMEOUT_US));
    cr_expect(shows_color(0, 0, colors[0]), "the others go on");
    check_reconnect();
    check_rungs_on_demand();
    close_world();
}
