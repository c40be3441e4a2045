#include "bridge/base/channel.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "bridge/base/fields.h"
#include "bridge/base/limits.h"
#include "bridge/base/loop.h"

#define CHANNEL_READ_BYTES 16384

struct Channel {
    int fd;
    LoopWatch *watch;
    ChannelHandlers handlers;
    void *data;
    GByteArray *incoming;
    GByteArray *outgoing;
    bool closed;
    bool *freed; /* Set while a handler runs: tells the caller that the channel is gone. */
};

static void on_ready(int fd, GIOCondition condition, void *data);

Channel *channel_new(int fd, const ChannelHandlers *handlers, void *data)
{
    Channel *channel = g_new0(Channel, 1);
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    channel->fd = fd;
    channel->handlers = *handlers;
    channel->data = data;
    channel->incoming = g_byte_array_new();
    channel->outgoing = g_byte_array_new();
    channel->watch = loop_watch(fd, G_IO_IN, on_ready, channel);
    return channel;
}

static bool fill_address(const char *path, struct sockaddr_un *ret_address, GError **error)
{
    *ret_address = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof ret_address->sun_path) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_NAMETOOLONG,
                    "%s: a socket path may have %zu bytes; choose a shorter runtime directory",
                    path, sizeof ret_address->sun_path - 1);
        return false;
    }
    g_strlcpy(ret_address->sun_path, path, sizeof ret_address->sun_path);
    return true;
}

static int connect_fd(const char *path, int type, GError **error)
{
    struct sockaddr_un address;
    if (!fill_address(path, &address, error)) {
        return -1;
    }
    int fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) < 0) {
        int failure = errno;
        g_set_error(error, G_FILE_ERROR, (gint)g_file_error_from_errno(failure), "%s: %s", path,
                    g_strerror(failure));
        if (fd >= 0) {
            close(fd);
        }
        return -1;
    }
    return fd;
}

Channel *channel_connect(const char *path, const ChannelHandlers *handlers, void *data,
                         GError **error)
{
    int fd = connect_fd(path, SOCK_STREAM, error);
    return fd < 0 ? NULL : channel_new(fd, handlers, data);
}

static void flush(Channel *channel)
{
    while (channel->outgoing->len > 0) {
        ssize_t sent = send(channel->fd, channel->outgoing->data, channel->outgoing->len,
                            MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent <= 0) {
            break; /* Full: the watch calls again. Broken: the next read tells. */
        }
        g_byte_array_remove_range(channel->outgoing, 0, (guint)sent);
    }
    if (channel->watch != NULL) {
        loop_watch_set(channel->watch, channel->outgoing->len > 0 ? G_IO_IN | G_IO_OUT : G_IO_IN);
    }
}

void channel_free(Channel *channel)
{
    if (channel == NULL) {
        return;
    }
    if (channel->freed != NULL) {
        *channel->freed = true;
    }
    if (!channel->closed) {
        flush(channel);
    }
    loop_drop(&channel->watch);
    close(channel->fd);
    g_byte_array_unref(channel->incoming);
    g_byte_array_unref(channel->outgoing);
    g_free(channel);
}

bool channel_send(Channel *channel, json_t *message)
{
    g_autofree char *line = json_dumps(message, JSON_COMPACT);
    json_decref(message);
    if (line == NULL || channel->closed) {
        return false;
    }
    size_t size = strlen(line);
    line[size] = '\n'; /* In place of the terminator. */
    if (channel->outgoing->len + size + 1 > LIMIT_CONTROL_QUEUE_BYTES) {
        return false;
    }
    g_byte_array_append(channel->outgoing, (const guint8 *)line, (guint)size + 1);
    flush(channel);
    return true;
}

static void end(Channel *channel, const char *reason)
{
    channel->closed = true;
    loop_drop(&channel->watch);
    channel->handlers.on_closed(channel, reason, channel->data);
}

/* False when the channel has ended or was freed by its owner. */
static bool deliver_line(Channel *channel, const char *line, size_t size)
{
    Problem problem;
    json_t *message = fields_parse(line, size, &problem);
    if (message == NULL) {
        end(channel, problem.message);
        return false;
    }
    bool freed = false;
    channel->freed = &freed;
    channel->handlers.on_message(channel, message, channel->data);
    json_decref(message);
    if (freed) {
        return false;
    }
    channel->freed = NULL;
    return !channel->closed;
}

static bool deliver_lines(Channel *channel)
{
    guint start = 0;
    for (;;) {
        const guint8 *from = channel->incoming->data + start;
        const guint8 *newline = memchr(from, '\n', channel->incoming->len - start);
        if (newline == NULL) {
            break;
        }
        size_t size = (size_t)(newline - from);
        start += (guint)size + 1;
        if (size > 0 && !deliver_line(channel, (const char *)from, size)) {
            return false;
        }
    }
    g_byte_array_remove_range(channel->incoming, 0, start);
    if (channel->incoming->len > LIMIT_CONTROL_LINE_BYTES) {
        end(channel, "a line is too long");
        return false;
    }
    return true;
}

static void on_ready(int fd, GIOCondition condition, void *data)
{
    Channel *channel = data;
    if (condition & G_IO_OUT) {
        flush(channel);
    }
    if (!(condition & (G_IO_IN | G_IO_HUP | G_IO_ERR))) {
        return;
    }
    guint8 bytes[CHANNEL_READ_BYTES];
    ssize_t size = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT);
    if (size > 0) {
        g_byte_array_append(channel->incoming, bytes, (guint)size);
        deliver_lines(channel);
    } else if (size == 0) {
        end(channel, "the other side closed");
    } else if (errno != EAGAIN && errno != EINTR) {
        end(channel, g_strerror(errno));
    }
}

static bool remove_stale_socket(const char *path, int type, GError **error)
{
    int fd = connect_fd(path, type, NULL);
    if (fd >= 0) {
        close(fd);
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_EXIST,
                    "%s: another process already listens here; stop it first", path);
        return false;
    }
    unlink(path);
    return true;
}

int channel_listen_fd(const char *path, int type, GError **error)
{
    struct sockaddr_un address;
    if (!fill_address(path, &address, error) || !remove_stale_socket(path, type, error)) {
        return -1;
    }
    int fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    mode_t mask = umask(0177);
    bool bound = fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof address) == 0;
    int failure = errno;
    umask(mask);
    if (!bound || listen(fd, 16) < 0) {
        failure = bound ? errno : failure;
        g_set_error(error, G_FILE_ERROR, (gint)g_file_error_from_errno(failure), "%s: %s", path,
                    g_strerror(failure));
        if (fd >= 0) {
            close(fd);
        }
        return -1;
    }
    return fd;
}
