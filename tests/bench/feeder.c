/* bench_feeder: sends a picture and a sound in a loop, in real time, either as a mixer does to the
 * relay's media socket (bridge/PROTOCOL.md) or as plain RTP to two ports of 127.0.0.1. */
#include <arpa/inet.h>
#include <errno.h>
#include <gio/gio.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "bridge/base/bytes.h"
#include "bridge/base/clock.h"
#include "bridge/base/medialink.h"
#include "bridge/rtc/rtp.h"
#include "tests/bench/reel.h"

#define PICTURE_SSRC 0x70696374
#define SOUND_SSRC 0x736f756e

typedef struct Arguments {
    char *picture;
    char *sound;
    char *media;
    gint64 meeting;
    int picture_port;
    int sound_port;
} Arguments;

/* One of the two streams and where it goes. */
typedef struct Stream {
    ReelPlayer player;
    MedialinkType type;
    uint8_t payload_type;
    uint32_t ssrc;
    int fd;
} Stream;

static bool parse_arguments(int *argc, char ***argv, Arguments *a, GError **error)
{
    const GOptionEntry entries[] = {
        {"picture", 0, 0, G_OPTION_ARG_FILENAME, &a->picture, "Packets of the picture", "FILE"},
        {"sound", 0, 0, G_OPTION_ARG_FILENAME, &a->sound, "Packets of the sound", "FILE"},
        {"media", 0, 0, G_OPTION_ARG_FILENAME, &a->media, "The relay's media socket", "SOCKET"},
        {"meeting", 0, 0, G_OPTION_ARG_INT64, &a->meeting, "Meeting to play the mixer of", "ID"},
        {"picture-port", 0, 0, G_OPTION_ARG_INT, &a->picture_port, "Instead: a port", "PORT"},
        {"sound-port", 0, 0, G_OPTION_ARG_INT, &a->sound_port, "Instead: a port", "PORT"},
        G_OPTION_ENTRY_NULL,
    };
    g_autoptr(GOptionContext) context = g_option_context_new("— play a stream to be fanned out");
    g_option_context_add_main_entries(context, entries, NULL);
    if (!g_option_context_parse(context, argc, argv, error)) {
        return false;
    }
    if (a->picture == NULL || a->sound == NULL ||
        (a->media == NULL && (a->picture_port <= 0 || a->sound_port <= 0))) {
        g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                    "--picture, --sound, and --media or two ports are needed; see --help");
        return false;
    }
    return true;
}

static bool fail(GError **error, const char *what)
{
    g_set_error(error, G_IO_ERROR, g_io_error_from_errno(errno), "%s: %s", what, g_strerror(errno));
    return false;
}

static bool say_hello(int fd, uint64_t meeting, GError **error)
{
    uint8_t hello[MEDIALINK_HEADER_BYTES + sizeof meeting];
    ByteWriter body = byte_writer(hello + MEDIALINK_HEADER_BYTES, sizeof meeting);
    medialink_write(&(MedialinkHeader){.type = MEDIALINK_HELLO, .time_us = clock_now_us()}, hello);
    write_u64(&body, meeting);
    return send(fd, hello, sizeof hello, 0) == sizeof hello || fail(error, "media socket");
}

static int connect_media(const Arguments *arguments, GError **error)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    g_strlcpy(name.sun_path, arguments->media, sizeof name.sun_path);
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&name, sizeof name) != 0) {
        fail(error, arguments->media);
        return -1;
    }
    return say_hello(fd, (uint64_t)arguments->meeting, error) ? fd : -1;
}

static int connect_port(int port, GError **error)
{
    const struct sockaddr_in name = {.sin_family = AF_INET,
                                     .sin_port = htons((uint16_t)port),
                                     .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (const struct sockaddr *)&name, sizeof name) != 0) {
        fail(error, "RTP socket");
        return -1;
    }
    return fd;
}

static bool connect_streams(const Arguments *arguments, Stream streams[2], GError **error)
{
    if (arguments->media != NULL) {
        streams[0].fd = streams[1].fd = connect_media(arguments, error);
    } else {
        streams[0].fd = connect_port(arguments->picture_port, error);
        streams[1].fd = streams[0].fd < 0 ? -1 : connect_port(arguments->sound_port, error);
    }
    return streams[1].fd >= 0;
}

static size_t write_media_header(const Stream *stream, const ReelCue *cue, uint8_t *bytes)
{
    bool is_picture = stream->type == MEDIALINK_PICTURE;
    unsigned flags = (cue->marker ? MEDIALINK_FLAG_FRAME_END : 0) |
                     (cue->is_keyframe ? MEDIALINK_FLAG_KEYFRAME : 0);
    MedialinkHeader header = {
        .type = (uint8_t)stream->type,
        .flags = is_picture ? (uint8_t)flags : 0,
        .time_us = cue->time_us,
    };
    medialink_write(&header, bytes);
    return MEDIALINK_HEADER_BYTES;
}

/* A full socket makes us wait: what both sides are given is the same. */
static bool send_cue(const Stream *stream, const ReelCue *cue, bool is_media)
{
    uint8_t bytes[MEDIALINK_HEADER_BYTES + LIMIT_RTP_BYTES];
    size_t size = is_media ? write_media_header(stream, cue, bytes) : 0;
    RtpHeader header = {
        .marker = cue->marker,
        .payload_type = stream->payload_type,
        .seq = cue->seq,
        .timestamp = cue->timestamp,
        .ssrc = stream->ssrc,
    };
    size += rtp_write_header(&header, bytes + size, sizeof bytes - size);
    memcpy(bytes + size, cue->payload, cue->payload_size);
    return send(stream->fd, bytes, size + cue->payload_size, MSG_NOSIGNAL) >= 0 ||
           errno == ECONNREFUSED;
}

/* The relay's wishes: the reel goes on as it is. */
static void pass_over_messages(int fd)
{
    uint8_t bytes[MEDIALINK_HEADER_BYTES + MEDIALINK_BODY_BYTES_MAX];
    while (recv(fd, bytes, sizeof bytes, MSG_DONTWAIT) > 0) {
    }
}

static bool play(Stream streams[2], bool is_media)
{
    for (;;) {
        ReelCue cue;
        int64_t now_us = clock_now_us();
        for (size_t i = 0; i < 2; i++) {
            while (reel_player_take(&streams[i].player, now_us, &cue)) {
                if (!send_cue(&streams[i], &cue, is_media)) {
                    return false;
                }
            }
        }
        if (is_media) {
            pass_over_messages(streams[0].fd);
        }
        int64_t due_us =
            MIN(reel_player_due_us(&streams[0].player), reel_player_due_us(&streams[1].player));
        g_usleep((gulong)MAX(due_us - clock_now_us(), 0));
    }
}

static bool run(const Arguments *arguments, GError **error)
{
    g_autoptr(Reel) picture = reel_load(arguments->picture, REEL_PICTURE, error);
    g_autoptr(Reel) sound = picture == NULL ? NULL : reel_load(arguments->sound, REEL_SOUND, error);
    if (sound == NULL) {
        return false;
    }
    int64_t now_us = clock_now_us();
    Stream streams[2] = {
        {.player = reel_player(picture, now_us, 0),
         .type = MEDIALINK_PICTURE,
         .payload_type = MEDIALINK_VP8_PAYLOAD_TYPE,
         .ssrc = PICTURE_SSRC},
        {.player = reel_player(sound, now_us, 0),
         .type = MEDIALINK_SOUND,
         .payload_type = MEDIALINK_OPUS_PAYLOAD_TYPE,
         .ssrc = SOUND_SSRC},
    };
    return connect_streams(arguments, streams, error) &&
           (play(streams, arguments->media != NULL) || fail(error, "the other side is gone"));
}

int main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    Arguments arguments = {0};
    bool is_done = parse_arguments(&argc, &argv, &arguments, &error) && run(&arguments, &error);
    if (!is_done) {
        fprintf(stderr, "bench_feeder: %s\n", error->message);
    }
    g_free(arguments.picture);
    g_free(arguments.sound);
    g_free(arguments.media);
    return is_done ? EXIT_SUCCESS : EXIT_FAILURE;
}
