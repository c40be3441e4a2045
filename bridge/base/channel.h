/* One end of a newline-delimited JSON conversation over a connected UNIX stream socket. The owner
 * frees it; it lives on the loop of the thread that made it. A line over LIMIT_CONTROL_LINE_BYTES,
 * a line that is not a JSON object, or a peer that does not read ends the conversation. */
#pragma once

#include <stdbool.h>

#include <glib.h>

typedef struct json_t json_t;
typedef struct Channel Channel;

typedef struct ChannelHandlers {
    /* `message` is borrowed. The channel may be freed within the call. */
    void (*on_message)(Channel *channel, json_t *message, void *data);
    /* Nothing is called after this; free the channel here or later. */
    void (*on_closed)(Channel *channel, const char *reason, void *data);
} ChannelHandlers;

/* Takes over the connected descriptor `fd`. May not call back before returning. */
Channel *channel_new(int fd, const ChannelHandlers *handlers, void *data);
/* Connects to the listening socket at `path`; NULL and an error (G_FILE_ERROR) otherwise. */
Channel *channel_connect(const char *path, const ChannelHandlers *handlers, void *data,
                         GError **error);
/* What is queued is sent as far as it can be without waiting. */
void channel_free(Channel *channel);

/* Queues one line; takes over the reference. False when the channel is closed or its queue full. */
bool channel_send(Channel *channel, json_t *message);

/* A listening socket at `path` (mode 0600, an old socket file is replaced only when nobody answers
 * on it); -1 and an error naming the path otherwise. `type` is SOCK_STREAM or SOCK_SEQPACKET. */
int channel_listen_fd(const char *path, int type, GError **error);
