#include "signalling/client.h"

#include <glib.h>
#include <jansson.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/base/limits.h"
#include "bridge/base/log.h"
#include "signalling/devices.h"
#include "signalling/directory.h"
#include "signalling/meetings.h"
#include "signalling/server.h"

#define NONCE_BYTES 32
#define CLOSE_TRY_AGAIN_LATER 1013

struct Client {
    Clients *owner;
    uint64_t id;
    ClientTransport transport;
    ClientRole role;
    char *user;
    char *session;
    char site[SITE_CODE_BYTES_MAX + 1];
    uint8_t nonce[NONCE_BYTES];
    int64_t stats_meeting; /* whose statistics it gets; 0: none */
    int refused_in_a_row;
    bool is_nonce_spent;
    bool is_watching;
    bool is_closing;
};

struct Clients {
    Server *server;
    GHashTable *by_id; /* uint64_t* inside the client → Client* */
    uint64_t last_id;
};

static void client_free(gpointer data)
{
    Client *client = data;
    g_free(client->user);
    g_free(client->session);
    g_free(client);
}

Clients *clients_new(Server *server)
{
    Clients *clients = g_new0(Clients, 1);
    clients->server = server;
    clients->by_id = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, client_free);
    return clients;
}

void clients_free(Clients *clients)
{
    if (clients == NULL) {
        return;
    }
    g_hash_table_unref(clients->by_id);
    g_free(clients);
}

Client *clients_add(Clients *clients, const ClientTransport *transport, ClientRole role,
                    const char *user)
{
    Client *client = g_new0(Client, 1);
    client->owner = clients;
    client->id = ++clients->last_id;
    client->transport = *transport;
    client->role = role;
    client->user = g_strdup(user != NULL ? user : "");
    client->session = g_strdup("");
    randombytes_buf(client->nonce, sizeof client->nonce);
    g_hash_table_insert(clients->by_id, &client->id, client);
    return client;
}

void clients_remove(Clients *clients, Client *client)
{
    Server *server = clients->server;
    client->is_closing = true;
    if (server->meetings != NULL) {
        meetings_on_client_gone(server->meetings, client);
    }
    if (server->devices != NULL) {
        devices_on_client_gone(server->devices, client);
    }
    g_hash_table_remove(clients->by_id, &client->id);
}

Client *clients_find(Clients *clients, uint64_t id)
{
    return g_hash_table_lookup(clients->by_id, &id);
}

size_t clients_count(const Clients *clients)
{
    return g_hash_table_size(clients->by_id);
}

uint64_t client_id(const Client *client)
{
    return client->id;
}

ClientRole client_role(const Client *client)
{
    return client->role;
}

void client_set_role(Client *client, ClientRole role)
{
    client->role = role;
}

const char *client_user(const Client *client)
{
    return client->user;
}

void client_set_session(Client *client, const char *session)
{
    g_free(client->session);
    client->session = g_strdup(session);
}

const char *client_name(const Client *client)
{
    const char *user = client_user(client);
    return user[0] != '\0' ? user : "diemcau-ctl";
}

const char *client_site(const Client *client)
{
    return client->site;
}

void client_set_site(Client *client, const char *code)
{
    g_strlcpy(client->site, code, sizeof client->site);
}

void client_set_watching(Client *client)
{
    client->is_watching = true;
}

void client_set_stats_meeting(Client *client, int64_t meeting)
{
    client->stats_meeting = meeting;
}

const uint8_t *client_nonce(const Client *client)
{
    return client->nonce;
}

bool client_spend_nonce(Client *client)
{
    bool is_fresh = !client->is_nonce_spent;
    client->is_nonce_spent = true;
    return is_fresh;
}

bool client_is_closing(const Client *client)
{
    return client->is_closing;
}

bool client_refuse(Client *client)
{
    return ++client->refused_in_a_row >= LIMIT_REFUSED_IN_A_ROW;
}

void client_accept(Client *client)
{
    client->refused_in_a_row = 0;
}

static void send_text(Client *client, const char *text, size_t size)
{
    if (client->is_closing) {
        return;
    }
    if (!client->transport.send(client->transport.transport, text, size)) {
        log_warning("client.slow", "client=%" G_GUINT64_FORMAT " site=%s", client->id,
                    client->site);
        client_close(client, CLOSE_TRY_AGAIN_LATER, "not reading");
    }
}

void client_send(Client *client, json_t *message)
{
    char *text = json_dumps(message, JSON_COMPACT);
    json_decref(message);
    g_return_if_fail(text != NULL);
    send_text(client, text, strlen(text));
    free(text);
}

void client_close(Client *client, int code, const char *reason)
{
    if (client->is_closing) {
        return;
    }
    client->is_closing = true;
    client->transport.close(client->transport.transport, code, reason);
}

/* `meeting` 0: to all who watch; otherwise to those who asked for its statistics. */
static bool is_meant(const Client *client, int64_t meeting)
{
    return meeting == 0 ? client->is_watching : client->stats_meeting == meeting;
}

static void broadcast(Clients *clients, int64_t meeting, json_t *message)
{
    char *text = json_dumps(message, JSON_COMPACT);
    json_decref(message);
    g_return_if_fail(text != NULL);
    size_t size = strlen(text);
    GHashTableIter iter;
    gpointer value;
    g_hash_table_iter_init(&iter, clients->by_id);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        Client *client = value;
        if (is_meant(client, meeting)) {
            send_text(client, text, size);
        }
    }
    free(text);
}

void clients_broadcast(Clients *clients, json_t *message)
{
    broadcast(clients, 0, message);
}

void clients_broadcast_stats(Clients *clients, int64_t meeting, json_t *message)
{
    broadcast(clients, meeting, message);
}

bool clients_has_stats_watcher(Clients *clients, int64_t meeting)
{
    GHashTableIter iter;
    gpointer value;
    g_hash_table_iter_init(&iter, clients->by_id);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        if (((Client *)value)->stats_meeting == meeting) {
            return true;
        }
    }
    return false;
}

void clients_close_session(Clients *clients, const char *session, const char *reason)
{
    GHashTableIter iter;
    gpointer value;
    g_hash_table_iter_init(&iter, clients->by_id);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        Client *client = value;
        if (session[0] != '\0' && strcmp(client->session, session) == 0) {
            client_close(client, 1008, reason);
        }
    }
}

void clients_close_all(Clients *clients, int code, const char *reason)
{
    GHashTableIter iter;
    gpointer value;
    g_hash_table_iter_init(&iter, clients->by_id);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        client_close(value, code, reason);
    }
}
