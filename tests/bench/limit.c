/* bench_limit: what fan-out costs when nothing is done but what cannot be left out: each packet of
 * a picture and a sound is protected for each receiver (AES-128-GCM) and sent, a frame of one
 * receiver in one segmented datagram, many datagrams in one call. The receivers' ports stand in a
 * file, one a line. */
#include <arpa/inet.h>
#include <glib.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "bridge/base/clock.h"
#include "bridge/base/medialink.h"
#include "bridge/rtc/rtp.h"
#include "tests/bench/bare.h"
#include "tests/bench/reel.h"

#define RECEIVERS_MAX 2200
/* UDP_SEGMENT: segments of one datagram, less than its 64 KiB. */
#define FRAME_PACKETS_MAX 48
#define BATCH_MESSAGES 64
#define BATCH_PACKETS 128
#define PACKET_BYTES_MAX (LIMIT_RTP_BYTES + BARE_TAG_BYTES)
#define SEND_BUFFER_BYTES (4 * 1024 * 1024)
#define CONTROL_BYTES CMSG_SPACE(sizeof(uint16_t))

typedef struct Receiver {
    struct sockaddr_in name;
    BareCipher *cipher;
} Receiver;

typedef struct Stream {
    ReelPlayer player;
    uint8_t payload_type;
    uint32_t first_ssrc; /* of the first receiver; the next one's is one higher */
} Stream;

typedef struct Limit {
    int fd;
    size_t receiver_count;
    Receiver receivers[RECEIVERS_MAX];
    size_t cue_count;
    ReelCue cues[FRAME_PACKETS_MAX];
    size_t message_count;
    size_t packet_count;
    struct mmsghdr headers[BATCH_MESSAGES];
    _Alignas(struct cmsghdr) uint8_t controls[BATCH_MESSAGES][CONTROL_BYTES];
    struct iovec vectors[BATCH_PACKETS];
    _Alignas(16) uint8_t bytes[BATCH_PACKETS][PACKET_BYTES_MAX];
} Limit;

static void flush(Limit *limit)
{
    size_t done = 0;
    while (done < limit->message_count) {
        int sent =
            sendmmsg(limit->fd, limit->headers + done, (unsigned)(limit->message_count - done), 0);
        done += sent > 0 ? (size_t)sent : 1;
    }
    limit->message_count = 0;
    limit->packet_count = 0;
}

static size_t write_packet(Limit *limit, const Stream *stream, size_t receiver, const ReelCue *cue)
{
    uint8_t *bytes = limit->bytes[limit->packet_count];
    RtpHeader header = {
        .marker = cue->marker,
        .payload_type = stream->payload_type,
        .seq = cue->seq,
        .timestamp = cue->timestamp,
        .ssrc = stream->first_ssrc + (uint32_t)receiver,
    };
    size_t size = rtp_write_header(&header, bytes, PACKET_BYTES_MAX);
    memcpy(bytes + size, cue->payload, cue->payload_size);
    return bare_cipher_protect(limit->receivers[receiver].cipher, bytes, size + cue->payload_size,
                               cue->rollover);
}

static void set_segment(struct msghdr *header, uint8_t *control, size_t size)
{
    header->msg_control = control;
    header->msg_controllen = CONTROL_BYTES;
    struct cmsghdr *at = CMSG_FIRSTHDR(header);
    uint16_t segment = (uint16_t)size;
    at->cmsg_level = IPPROTO_UDP;
    at->cmsg_type = UDP_SEGMENT;
    at->cmsg_len = CMSG_LEN(sizeof segment);
    memcpy(CMSG_DATA(at), &segment, sizeof segment);
}

/* One datagram with all cues; all of them but the last have the same size. */
static void add_message(Limit *limit, const Stream *stream, size_t receiver)
{
    if (limit->message_count == BATCH_MESSAGES ||
        limit->packet_count + limit->cue_count > BATCH_PACKETS) {
        flush(limit);
    }
    struct msghdr *header = &limit->headers[limit->message_count].msg_hdr;
    *header = (struct msghdr){
        .msg_name = &limit->receivers[receiver].name,
        .msg_namelen = sizeof limit->receivers[receiver].name,
        .msg_iov = &limit->vectors[limit->packet_count],
        .msg_iovlen = limit->cue_count,
    };
    for (size_t i = 0; i < limit->cue_count; i++) {
        limit->vectors[limit->packet_count] = (struct iovec){
            .iov_base = limit->bytes[limit->packet_count],
            .iov_len = write_packet(limit, stream, receiver, &limit->cues[i]),
        };
        limit->packet_count++;
    }
    if (limit->cue_count > 1) {
        set_segment(header, limit->controls[limit->message_count], header->msg_iov->iov_len);
    }
    limit->message_count++;
}

static void send_frame(Limit *limit, const Stream *stream)
{
    for (size_t i = 0; i < limit->receiver_count && limit->cue_count > 0; i++) {
        add_message(limit, stream, i);
    }
    flush(limit);
    limit->cue_count = 0;
}

static void play_due(Limit *limit, Stream *stream, int64_t now_us)
{
    while (reel_player_take(&stream->player, now_us, &limit->cues[limit->cue_count])) {
        const ReelCue *cue = &limit->cues[limit->cue_count++];
        bool is_alone = stream->payload_type == MEDIALINK_OPUS_PAYLOAD_TYPE;
        if (cue->marker || is_alone || limit->cue_count == FRAME_PACKETS_MAX) {
            send_frame(limit, stream);
        }
    }
}

static void play(Limit *limit, Stream streams[2])
{
    for (;;) {
        int64_t now_us = clock_now_us();
        for (size_t i = 0; i < 2; i++) {
            play_due(limit, &streams[i], now_us);
        }
        int64_t due_us =
            MIN(reel_player_due_us(&streams[0].player), reel_player_due_us(&streams[1].player));
        g_usleep((gulong)MAX(due_us - clock_now_us(), 0));
    }
}

static bool add_receiver(Limit *limit, const char *address, unsigned port, GError **error)
{
    Receiver *receiver = &limit->receivers[limit->receiver_count];
    receiver->name = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    if (inet_pton(AF_INET, address, &receiver->name.sin_addr) != 1) {
        g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "%s: no address", address);
        return false;
    }
    receiver->cipher = bare_cipher_new();
    limit->receiver_count++;
    return true;
}

static bool read_receivers(Limit *limit, const char *address, const char *path, GError **error)
{
    g_autofree char *text = NULL;
    if (!g_file_get_contents(path, &text, NULL, error)) {
        return false;
    }
    g_auto(GStrv) lines = g_strsplit(g_strchomp(text), "\n", RECEIVERS_MAX);
    for (size_t i = 0; lines[i] != NULL; i++) {
        if (!add_receiver(limit, address, (unsigned)g_ascii_strtoull(lines[i], NULL, 10), error)) {
            return false;
        }
    }
    return true;
}

static bool run(Limit *limit, char **arguments, GError **error)
{
    const int bytes = SEND_BUFFER_BYTES;
    g_autoptr(Reel) picture = reel_load(arguments[1], REEL_PICTURE, error);
    g_autoptr(Reel) sound = picture == NULL ? NULL : reel_load(arguments[2], REEL_SOUND, error);
    if (sound == NULL || !read_receivers(limit, arguments[3], arguments[4], error)) {
        return false;
    }
    int64_t now_us = clock_now_us();
    Stream streams[2] = {
        {reel_player(picture, now_us, 0), MEDIALINK_VP8_PAYLOAD_TYPE, 0x10000},
        {reel_player(sound, now_us, 0), MEDIALINK_OPUS_PAYLOAD_TYPE, 0x20000},
    };
    limit->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    setsockopt(limit->fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
    play(limit, streams);
    return true;
}

int main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    static Limit limit;
    if (argc != 5) {
        fprintf(stderr, "usage: bench_limit PICTURE SOUND ADDRESS PORTS\n");
        return 2;
    }
    if (!run(&limit, argv, &error)) {
        fprintf(stderr, "bench_limit: %s\n", error->message);
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
