/* The device's end of the signalling protocol (signalling/PROTOCOL.md): connects, proves who it is,
 * keeps the connection alive, comes back for ever when it is lost, pairs requests with answers and
 * hands out events. It knows nothing of media. Owned by a device or a simulated site; lives on the
 * main loop. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "bridge/base/problem.h"
#include "endpoints/client/identity.h"
#include "endpoints/client/socket.h"

typedef struct json_t json_t;
typedef struct Client Client;

typedef enum ClientState {
    CLIENT_OFFLINE, /* not connected, or not let in yet */
    CLIENT_PENDING, /* connected; a technician has to approve the pairing code */
    CLIENT_ONLINE,
} ClientState;

/* Exactly one of `ok` (borrowed) and `problem` is given. Code "unavailable": the connection ended
 * or no answer came. */
typedef void (*ClientReply)(json_t *ok, const Problem *problem, void *data);

typedef struct ClientHandlers {
    /* `detail` is borrowed: the answer to device.auth or the device.approved event (site, profile,
     * pairing_code); NULL when offline, then `reason` says why. The client must not be freed. */
    void (*on_state)(ClientState state, json_t *detail, const char *reason, void *data);
    /* Every other message without an id. The client must not be freed. */
    void (*on_event)(const char *type, json_t *event, void *data);
    /* What is said as "media" in device.auth: a new object or NULL when nothing is held. */
    json_t *(*get_media)(void *data);
} ClientHandlers;

typedef struct ClientOptions {
    SocketHub *hub;
    const char *host; /* name or numeric address of the server */
    uint16_t port;
    const char *pin_hex; /* NULL: the system's certificate store */
    bool insecure;
    const Identity *identity; /* must outlive the client */
    const char *name;
    const char *token; /* one-time enrolment; NULL: none */
} ClientOptions;

/* "wss://HOST[:PORT][/]"; the port defaults to 8443. `ret_host` is to be freed with g_free. */
bool client_parse_url(const char *url, char **ret_host, uint16_t *ret_port);

/* Strings are copied. Starts to connect at once; calls nothing before it returns. */
Client *client_new(const ClientOptions *options, const ClientHandlers *handlers, void *data);
/* Outstanding requests are forgotten without an answer. */
void client_free(Client *client);

ClientState client_state(const Client *client);
/* Is the server on this machine? Then the media's candidates must include loopback. */
bool client_is_local(const Client *client);
/* Takes over `request`, an object with "type" and without "id". The reply (may be NULL) never runs
 * before this returns. */
void client_request(Client *client, json_t *request, ClientReply reply, void *data);
