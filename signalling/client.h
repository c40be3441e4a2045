/* One connection that speaks the signalling protocol: a WebSocket, a line of the admin socket, or a
 * REST call while it lasts. Owned by Clients, which the transports feed; everybody else holds a
 * client only within one call and keeps its id. Main loop only. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct json_t json_t;
typedef struct Client Client;
typedef struct Clients Clients;
typedef struct Server Server;

typedef enum ClientRole {
    ROLE_GUEST = 1 << 0,
    ROLE_PENDING = 1 << 1, /* a device that waits for approval */
    ROLE_DEVICE = 1 << 2,
    ROLE_HOST = 1 << 3,
    ROLE_TECHNICIAN = 1 << 4,
    ROLE_ADMIN = 1 << 5,
} ClientRole;

#define ROLES_PAGE (ROLE_HOST | ROLE_TECHNICIAN | ROLE_ADMIN)
#define ROLES_HOSTING (ROLE_HOST | ROLE_ADMIN)
#define ROLES_TECHNICAL (ROLE_TECHNICIAN | ROLE_ADMIN)
#define ROLES_ALL 0x3f

/* How a transport is reached; both may be called from within any handler. `send` borrows `text`;
 * `close` takes a WebSocket status code (RFC 6455 section 7.4) and ends in clients_remove, later.
 */
typedef struct ClientTransport {
    bool (*send)(void *transport, const char *text, size_t size); /* false: queue over its limit */
    void (*close)(void *transport, int code, const char *reason);
    void *transport;
} ClientTransport;

Clients *clients_new(Server *server);
void clients_free(Clients *clients);

/* A transport has a new connection. `user` is NULL unless a session cookie named one. */
Client *clients_add(Clients *clients, const ClientTransport *transport, ClientRole role,
                    const char *user);
/* The connection is gone: tells Devices and Meetings, then frees the client. */
void clients_remove(Clients *clients, Client *client);
/* NULL when it is gone. Ids are never used twice. */
Client *clients_find(Clients *clients, uint64_t id);
size_t clients_count(const Clients *clients);

uint64_t client_id(const Client *client);
ClientRole client_role(const Client *client);
void client_set_role(Client *client, ClientRole role);
/* The user's name; "" for devices and guests. */
const char *client_user(const Client *client);
/* For people to read: the user, or "diemcau-ctl". */
const char *client_name(const Client *client);
/* The code of the site a device serves; "" before it is approved. */
const char *client_site(const Client *client);
void client_set_site(Client *client, const char *code);
/* Sends page events to this client from now on (page.watch). */
void client_set_watching(Client *client);
/* Sends this meeting's `stats` to the client; 0: none. */
void client_set_stats_meeting(Client *client, int64_t meeting);
void client_set_session(Client *client, const char *session);
/* 32 random bytes for device.auth; used once. */
const uint8_t *client_nonce(const Client *client);
/* False when the nonce has been used before. */
bool client_spend_nonce(Client *client);

/* Takes over `message`. A client that does not read is closed with 1013. */
void client_send(Client *client, json_t *message);
void client_close(Client *client, int code, const char *reason);
/* True once client_close was called: what it still says is not heard. */
bool client_is_closing(const Client *client);
/* Takes over `message`; to every client that watches. Encoded once. */
void clients_broadcast(Clients *clients, json_t *message);
/* The same to those that have asked for this meeting's `stats`. */
void clients_broadcast_stats(Clients *clients, int64_t meeting, json_t *message);
bool clients_has_stats_watcher(Clients *clients, int64_t meeting);
/* Closes every socket of a login session that has ended. */
void clients_close_session(Clients *clients, const char *session, const char *reason);
void clients_close_all(Clients *clients, int code, const char *reason);

/* Counts a refused request; true when it is the third in a row. For dispatch. */
bool client_refuse(Client *client);
/* A request was not refused: the count starts again. */
void client_accept(Client *client);
