#include "bridge/mixer/link.h"

#include <errno.h>
#include <glib.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "bridge/base/bytes.h"
#include "bridge/base/clock.h"
#include "bridge/base/log.h"
#include "bridge/base/loop.h"

/* Room for a key frame of the largest rung; the default holds about 90 packets. */
#define SEND_BUFFER_BYTES (2 * 1024 * 1024)
/* Messages taken in one turn of the loop, so that the control socket gets its turn. */
#define MESSAGES_PER_TURN 64
#define HELLO_BYTES 8

struct Link {
    char *path;
    uint64_t meeting;
    const LinkHandlers *handlers;
    void *data;
    pthread_mutex_t lock; /* Holds fd: a sender must not meet a descriptor being closed. */
    int fd;               /* -1: away. */
    LoopWatch *watch;
    LoopWatch *retry;
    bool is_away_told;
    atomic_uint_fast64_t counts[LINK_VERDICTS];
    uint64_t bad_messages;
};

static void set_fd(Link *link, int fd)
{
    pthread_mutex_lock(&link->lock);
    int old = link->fd;
    link->fd = fd;
    pthread_mutex_unlock(&link->lock);
    if (old >= 0) {
        close(old);
    }
}

static void detach(Link *link, const char *reason)
{
    loop_drop(&link->watch);
    set_fd(link, -1);
    log_info("link.lost", "reason=\"%s\"", reason);
    loop_timer_set(link->retry, clock_now_us() + LINK_RETRY_US);
}

static void take(Link *link, const uint8_t *bytes, size_t size)
{
    MedialinkHeader header;
    if (size > MEDIALINK_HEADER_BYTES + MEDIALINK_BODY_BYTES_MAX ||
        !medialink_read(bytes, size, &header)) {
        link->bad_messages++;
        return;
    }
    link->handlers->on_message(&header, bytes + MEDIALINK_HEADER_BYTES,
                               size - MEDIALINK_HEADER_BYTES, link->data);
}

static void on_readable(int fd, GIOCondition condition, void *data)
{
    Link *link = data;
    uint8_t bytes[MEDIALINK_HEADER_BYTES + MEDIALINK_BODY_BYTES_MAX + 1];
    for (int i = 0; i < MESSAGES_PER_TURN; i++) {
        ssize_t size = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT);
        if (size > 0) {
            take(link, bytes, (size_t)size);
        } else if (size == 0) {
            detach(link, "closed");
            return;
        } else if (errno == EAGAIN || errno == EINTR) {
            return;
        } else {
            detach(link, g_strerror(errno));
            return;
        }
    }
}

static int connect_to(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (g_strlcpy(address.sun_path, path, sizeof address.sun_path) >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) == 0) {
        return fd;
    }
    int failure = errno;
    close(fd);
    errno = failure;
    return -1;
}

static bool say_hello(const Link *link, int fd)
{
    uint8_t bytes[MEDIALINK_HEADER_BYTES + HELLO_BYTES];
    MedialinkHeader header = {.type = MEDIALINK_HELLO, .time_us = clock_now_us()};
    medialink_write(&header, bytes);
    ByteWriter writer = byte_writer(bytes + MEDIALINK_HEADER_BYTES, HELLO_BYTES);
    write_u64(&writer, link->meeting);
    return send(fd, bytes, sizeof bytes, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)sizeof bytes;
}

static void tell_away_once(Link *link)
{
    if (!link->is_away_told) {
        link->is_away_told = true;
        log_info("link.waiting", "path=%s reason=\"%s\"", link->path, g_strerror(errno));
    }
}

static void on_retry(void *data)
{
    Link *link = data;
    int fd = connect_to(link->path);
    if (fd < 0 || !say_hello(link, fd)) {
        tell_away_once(link);
        if (fd >= 0) {
            close(fd);
        }
        loop_timer_set(link->retry, clock_now_us() + LINK_RETRY_US);
        return;
    }
    int room = SEND_BUFFER_BYTES;
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
    link->is_away_told = false;
    set_fd(link, fd);
    link->watch = loop_watch(fd, G_IO_IN, on_readable, link);
    log_info("link.attached", "path=%s", link->path);
    link->handlers->on_attached(link->data);
}

Link *link_new(const LinkOptions *options)
{
    Link *link = g_new0(Link, 1);
    link->path = g_strdup(options->path);
    link->meeting = options->meeting;
    link->handlers = options->handlers;
    link->data = options->data;
    link->fd = -1;
    pthread_mutex_init(&link->lock, NULL);
    link->retry = loop_after(0, on_retry, link);
    return link;
}

void link_free(Link *link)
{
    if (link == NULL) {
        return;
    }
    loop_drop(&link->watch);
    loop_drop(&link->retry);
    set_fd(link, -1);
    pthread_mutex_destroy(&link->lock);
    g_free(link->path);
    g_free(link);
}

static LinkVerdict send_on(int fd, const MedialinkHeader *header, const void *body, size_t size)
{
    if (fd < 0) {
        return LINK_AWAY;
    }
    uint8_t head[MEDIALINK_HEADER_BYTES];
    medialink_write(header, head);
    struct iovec parts[] = {{head, sizeof head}, {(void *)body, size}};
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = size > 0 ? 2 : 1};
    if (sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0) {
        return LINK_SENT;
    }
    return errno == EAGAIN ? LINK_FULL : LINK_AWAY;
}

LinkVerdict link_send(Link *link, const MedialinkHeader *header, const void *body, size_t size)
{
    pthread_mutex_lock(&link->lock);
    LinkVerdict verdict = send_on(link->fd, header, body, size);
    pthread_mutex_unlock(&link->lock);
    atomic_fetch_add_explicit(&link->counts[verdict], 1, memory_order_relaxed);
    return verdict;
}

uint64_t link_count(const Link *link, LinkVerdict verdict)
{
    return atomic_load_explicit(&link->counts[verdict], memory_order_relaxed);
}

uint64_t link_bad_messages(const Link *link)
{
    return link->bad_messages;
}
