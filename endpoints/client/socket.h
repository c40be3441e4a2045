/* One WebSocket to the server, over TLS, on the default GLib context. A SocketHub is the library
 * context all sockets of a process share and must outlive them; both belong to the main loop's
 * thread. A message over LIMIT_MESSAGE_BYTES, a binary message, or a server that does not read ends
 * the socket. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct SocketHub SocketHub;
typedef struct Socket Socket;

typedef struct SocketHandlers {
    void (*on_open)(Socket *socket, void *data);
    /* `text` is borrowed and not terminated. The socket may be freed within the call. */
    void (*on_text)(Socket *socket, const char *text, size_t size, void *data);
    /* Also when it could not be opened. Nothing is called after this; free the socket here or
     * later. Never called from within socket_open. */
    void (*on_closed)(Socket *socket, const char *reason, void *data);
} SocketHandlers;

typedef struct SocketTarget {
    const char *address; /* numeric, or a name that is looked up while everything waits */
    const char *host;    /* for the Host header and the certificate check */
    uint16_t port;
    const char *path;
    const char *protocol; /* the WebSocket subprotocol asked for */
    const char *pin_hex;  /* of pin_parse; NULL: the system's certificate store decides */
    bool insecure;        /* any certificate will do; only for rehearsals */
} SocketTarget;

/* Pings every 10 s; 25 s of silence close a socket. */
SocketHub *socket_hub_new(GError **error);
void socket_hub_free(SocketHub *hub);

/* Starts to connect. Strings are copied. */
Socket *socket_open(SocketHub *hub, const SocketTarget *target, const SocketHandlers *handlers,
                    void *data);
/* Closes without a further call. */
void socket_free(Socket *socket);

/* Queues one text message (copied); false when it is not open or too much waits already. */
bool socket_send(Socket *socket, const char *text);
