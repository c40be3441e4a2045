#include "bridge/relay/mixerlink.h"

#include <errno.h>
#include <glib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "bridge/base/bytes.h"
#include "bridge/base/loop.h"

#define MIXERLINK_BATCH 32
#define MIXERLINK_BATCHES_PER_TURN 8
#define MIXERLINK_MESSAGE_BYTES (MEDIALINK_HEADER_BYTES + MEDIALINK_BODY_BYTES_MAX)
#define MIXERLINK_BUFFER_BYTES (4 * 1024 * 1024)
#define MIXERLINK_HELLO_BYTES 8

struct MixerLink {
    int fd;
    uint64_t meeting;
    MixerLinkHandlers handlers;
    Counters *counters;
    void *data;
    LoopWatch *watch;
    struct mmsghdr headers[MIXERLINK_BATCH];
    struct iovec vectors[MIXERLINK_BATCH];
    uint8_t messages[MIXERLINK_BATCH][MIXERLINK_MESSAGE_BYTES];
};

static bool on_hello(MixerLink *link, const MedialinkHeader *header, const uint8_t *body,
                     size_t size)
{
    ByteReader reader = byte_reader(body, size);
    uint64_t meeting = read_u64(&reader);
    bool is_hello = header->type == MEDIALINK_HELLO && size == MIXERLINK_HELLO_BYTES &&
                    meeting != 0 && link->meeting == 0;
    if (!is_hello || !link->handlers.on_hello(link, meeting, link->data)) {
        return false;
    }
    link->meeting = meeting;
    return true;
}

/* False: the link ends. */
static bool take(MixerLink *link, const uint8_t *bytes, size_t size, bool is_truncated)
{
    MedialinkHeader header;
    link->counters->mixer_in++;
    if (is_truncated || !medialink_read(bytes, size, &header)) {
        link->counters->mixer_bad++;
        return link->meeting != 0;
    }
    const uint8_t *body = bytes + MEDIALINK_HEADER_BYTES;
    size_t body_size = size - MEDIALINK_HEADER_BYTES;
    if (link->meeting == 0) {
        return on_hello(link, &header, body, body_size);
    }
    link->handlers.on_message(link, &header, body, body_size, link->data);
    return true;
}

static void prepare(MixerLink *link)
{
    for (size_t i = 0; i < MIXERLINK_BATCH; i++) {
        link->vectors[i] =
            (struct iovec){.iov_base = link->messages[i], .iov_len = MIXERLINK_MESSAGE_BYTES};
        link->headers[i].msg_hdr = (struct msghdr){.msg_iov = &link->vectors[i], .msg_iovlen = 1};
    }
}

/* Returns how many messages came, -1 when the connection ended. A message of no bytes is the end of
 * the stream: none of ours is empty. */
static int read_batch(MixerLink *link)
{
    prepare(link);
    int count = recvmmsg(link->fd, link->headers, MIXERLINK_BATCH, MSG_DONTWAIT, NULL);
    if (count < 0) {
        return errno == EAGAIN || errno == EINTR ? 0 : -1;
    }
    for (int i = 0; i < count; i++) {
        bool is_truncated = (link->headers[i].msg_hdr.msg_flags & MSG_TRUNC) != 0;
        size_t size = link->headers[i].msg_len;
        if (size == 0 || !take(link, link->messages[i], size, is_truncated)) {
            return -1;
        }
    }
    return count;
}

static void on_readable(int fd, GIOCondition condition, void *data)
{
    MixerLink *link = data;
    int count = MIXERLINK_BATCH;
    for (size_t i = 0; i < MIXERLINK_BATCHES_PER_TURN && count == MIXERLINK_BATCH; i++) {
        count = read_batch(link);
    }
    if (link->meeting != 0) {
        link->handlers.on_drained(link, link->data);
    }
    if (count < 0) {
        loop_drop(&link->watch);
        link->handlers.on_closed(link, link->data);
    }
}

MixerLink *mixerlink_new(int fd, const MixerLinkHandlers *handlers, Counters *counters, void *data)
{
    int bytes = MIXERLINK_BUFFER_BYTES;
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
    MixerLink *link = g_new0(MixerLink, 1);
    link->fd = fd;
    link->handlers = *handlers;
    link->counters = counters;
    link->data = data;
    link->watch = loop_watch(fd, G_IO_IN, on_readable, link);
    return link;
}

void mixerlink_free(MixerLink *link)
{
    if (link == NULL) {
        return;
    }
    loop_drop(&link->watch);
    close(link->fd);
    g_free(link);
}

uint64_t mixerlink_meeting(const MixerLink *link)
{
    return link->meeting;
}

bool mixerlink_send(MixerLink *link, const MedialinkHeader *header, MixerLinkBody body)
{
    uint8_t head[MEDIALINK_HEADER_BYTES];
    medialink_write(header, head);
    struct iovec parts[] = {
        {.iov_base = head, .iov_len = sizeof head},
        {.iov_base = (void *)body.head, .iov_len = body.head_size},
        {.iov_base = (void *)body.payload, .iov_len = body.payload_size},
    };
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = G_N_ELEMENTS(parts)};
    bool fits = body.head_size + body.payload_size <= MEDIALINK_BODY_BYTES_MAX;
    if (!fits || sendmsg(link->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL) < 0) {
        link->counters->mixer_out_dropped++;
        return false;
    }
    return true;
}
