#include "tests/unit/mixer/world.h"

#include <criterion/criterion.h>
#include <glib/gstdio.h>
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

#define MEETING 42
#define MESSAGE_BYTES_MAX (MEDIALINK_HEADER_BYTES + MEDIALINK_BODY_BYTES_MAX)

const uint32_t world_colors[WORLD_SOURCES] = {0xc03030, 0x30a040, 0x3050c0};

World world;

static int connect_control(const char *dir)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    g_snprintf(address.sun_path, sizeof address.sun_path, "%s/mixer-%d.sock", dir, MEETING);
    int64_t end_us = clock_now_us() + WORLD_TIMEOUT_US;
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

void world_accept_mixer(void)
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

void world_open(void)
{
    clip_init();
    world.dir = g_dir_make_tmp("mixer-XXXXXX", NULL);
    g_autofree char *media = g_build_filename(world.dir, "media.sock", NULL);
    world.listen_fd = channel_listen_fd(media, SOCK_SEQPACKET, NULL);
    cr_assert_geq(world.listen_fd, 0);
    world.pid = spawn_mixer(world.dir);
    world_accept_mixer();
    world.control_fd = connect_control(world.dir);
    cr_assert_geq(world.control_fd, 0);
    world.line = g_string_new(NULL);
    world.lines = g_ptr_array_new_with_free_func((GDestroyNotify)json_decref);
    for (int i = 0; i < WORLD_SOURCES; i++) {
        world.encoders[i] = clip_encoder_new(318, 178, 300);
    }
    for (int i = 0; i < WORLD_RUNGS; i++) {
        world.rungs[i].decoder = clip_decoder_new();
    }
}

void world_close(void)
{
    int status = 0;
    kill(world.pid, SIGTERM);
    waitpid(world.pid, &status, 0);
    cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 0, "exit status %x", status);
    close(world.media_fd);
    close(world.listen_fd);
    close(world.control_fd);
    for (int i = 0; i < WORLD_SOURCES; i++) {
        clip_encoder_free(world.encoders[i]);
    }
    for (int i = 0; i < WORLD_RUNGS; i++) {
        clip_decoder_free(world.rungs[i].decoder);
    }
    g_ptr_array_unref(world.lines);
    g_string_free(world.line, TRUE);
    g_autofree char *media = g_build_filename(world.dir, "media.sock", NULL);
    g_unlink(media);
    g_rmdir(world.dir);
    g_free(world.dir);
}

void world_send_media(MedialinkHeader header, const void *body, size_t size)
{
    uint8_t message[MESSAGE_BYTES_MAX];
    header.time_us = clock_now_us();
    medialink_write(&header, message);
    if (size > 0) {
        memcpy(message + MEDIALINK_HEADER_BYTES, body, size);
    }
    cr_assert_geq(send(world.media_fd, message, MEDIALINK_HEADER_BYTES + size, MSG_NOSIGNAL), 0);
}

void world_send_frames(bool is_sent)
{
    for (int i = 0; i < WORLD_SOURCES; i++) {
        if (world.is_quiet[i]) {
            continue;
        }
        g_autoptr(GPtrArray) packets = clip_encode_color(world.encoders[i], world_colors[i]);
        for (guint p = 0; is_sent && p < packets->len; p++) {
            gsize size;
            const void *bytes = g_bytes_get_data(packets->pdata[p], &size);
            MedialinkHeader header = {.type = MEDIALINK_VIDEO_IN, .source = (uint32_t)i + 1};
            world_send_media(header, bytes, size);
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
    cr_assert_lt(header->rung, WORLD_RUNGS);
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
    if (is_last && world.on_picture != NULL) {
        world.on_picture(header->rung);
    }
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
        cr_assert_leq(header.source, WORLD_SOURCES);
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

bool world_play_until(bool (*is_done)(void), int64_t timeout_us)
{
    int64_t end_us = clock_now_us() + timeout_us;
    int64_t next_us = clock_now_us();
    while (!is_done()) {
        int64_t now_us = clock_now_us();
        if (now_us > end_us) {
            return false;
        }
        if (now_us >= next_us) {
            world_send_frames(true);
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

json_t *world_call(const char *text)
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
    int64_t end_us = clock_now_us() + WORLD_TIMEOUT_US;
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

bool world_has_event(uint32_t source, const char *video)
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

void world_tell_rungs(const uint8_t *body, size_t size)
{
    world_send_media((MedialinkHeader){.type = MEDIALINK_RUNGS}, body, size);
}
