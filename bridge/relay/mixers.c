#include "bridge/relay/mixers.h"

#include <sys/socket.h>
#include <unistd.h>

#include "bridge/base/channel.h"
#include "bridge/base/limits.h"
#include "bridge/base/log.h"
#include "bridge/base/loop.h"

struct Mixers {
    MixersOptions options;
    char *path;
    int fd;
    LoopWatch *watch;
    GPtrArray *unknown; /* links that have not said hello, owned */
};

static bool on_hello(MixerLink *link, uint64_t meeting, void *data)
{
    Mixers *mixers = data;
    if (!mixers->options.attach(link, meeting, mixers->options.data)) {
        log_warning("mixer.refused", "meeting=%" G_GUINT64_FORMAT " reason=\"no such meeting\"",
                    meeting);
        return false;
    }
    g_ptr_array_remove_fast(mixers->unknown, link);
    return true;
}

static void on_message(MixerLink *link, const MedialinkHeader *header, const uint8_t *body,
                       size_t size, void *data)
{
    Mixers *mixers = data;
    mixers->options.on_message(link, header, body, size, mixers->options.data);
}

static void on_drained(MixerLink *link, void *data)
{
    Mixers *mixers = data;
    mixers->options.on_drained(link, mixers->options.data);
}

static void on_closed(MixerLink *link, void *data)
{
    Mixers *mixers = data;
    if (g_ptr_array_remove_fast(mixers->unknown, link)) {
        mixerlink_free(link);
    } else {
        mixers->options.detach(link, mixers->options.data);
    }
}

static void on_connection(int fd, GIOCondition condition, void *data)
{
    static const MixerLinkHandlers handlers = {
        .on_hello = on_hello,
        .on_message = on_message,
        .on_drained = on_drained,
        .on_closed = on_closed,
    };
    Mixers *mixers = data;
    int accepted = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (accepted < 0) {
        return;
    }
    if (mixers->unknown->len >= LIMIT_MIXERS_UNKNOWN) {
        close(accepted);
        return;
    }
    g_ptr_array_add(mixers->unknown,
                    mixerlink_new(accepted, &handlers, mixers->options.counters, mixers));
}

Mixers *mixers_listen(const MixersOptions *options, GError **error)
{
    int fd = channel_listen_fd(options->path, SOCK_SEQPACKET, error);
    if (fd < 0) {
        return NULL;
    }
    Mixers *mixers = g_new0(Mixers, 1);
    mixers->options = *options;
    mixers->path = g_strdup(options->path);
    mixers->fd = fd;
    mixers->unknown = g_ptr_array_new();
    mixers->watch = loop_watch(fd, G_IO_IN, on_connection, mixers);
    return mixers;
}

void mixers_free(Mixers *mixers)
{
    if (mixers == NULL) {
        return;
    }
    loop_drop(&mixers->watch);
    for (guint i = 0; i < mixers->unknown->len; i++) {
        mixerlink_free(mixers->unknown->pdata[i]);
    }
    g_ptr_array_free(mixers->unknown, TRUE);
    close(mixers->fd);
    unlink(mixers->path);
    g_free(mixers->path);
    g_free(mixers);
}
