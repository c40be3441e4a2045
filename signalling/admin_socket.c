#include "signalling/admin_socket.h"

#include <jansson.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bridge/base/channel.h"
#include "bridge/base/log.h"
#include "bridge/base/loop.h"
#include "signalling/client.h"
#include "signalling/config.h"
#include "signalling/dispatch.h"
#include "signalling/server.h"

#define CONNECTIONS_MAX 16
#define ADMIN_NAME "ctl"

typedef struct Connection {
    AdminSocket *owner;
    Channel *channel;
    Client *client;
} Connection;

struct AdminSocket {
    Server *server;
    char *path;
    int fd;
    LoopWatch *watch;
    LoopWatch *cleaner;
    GHashTable *connections; /* Connection *, owned */
    GQueue ended;            /* Connection *, to be removed when nothing of theirs runs any more */
};

static void connection_free(gpointer data)
{
    Connection *connection = data;
    clients_remove(connection->owner->server->clients, connection->client);
    channel_free(connection->channel);
    g_free(connection);
}

static void end(Connection *connection)
{
    AdminSocket *admin = connection->owner;
    if (g_queue_find(&admin->ended, connection) == NULL) {
        g_queue_push_tail(&admin->ended, connection);
        loop_timer_set(admin->cleaner, 0);
    }
}

static void on_clean(void *data)
{
    AdminSocket *admin = data;
    Connection *connection = NULL;
    while ((connection = g_queue_pop_head(&admin->ended)) != NULL) {
        g_hash_table_remove(admin->connections, connection);
    }
}

static void on_message(Channel *channel, json_t *message, void *data)
{
    Connection *connection = data;
    if (!client_is_closing(connection->client)) {
        dispatch_message(connection->owner->server, connection->client, message);
    }
}

static void on_closed(Channel *channel, const char *reason, void *data)
{
    end(data);
}

static bool on_send(void *transport, const char *text, size_t size)
{
    Connection *connection = transport;
    json_t *message = json_loadb(text, size, 0, NULL);
    return message != NULL && channel_send(connection->channel, message);
}

static void on_close(void *transport, int code, const char *reason)
{
    end(transport);
}

static void on_connection(int fd, GIOCondition condition, void *data)
{
    AdminSocket *admin = data;
    int connected = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (connected < 0) {
        return;
    }
    if (g_hash_table_size(admin->connections) >= CONNECTIONS_MAX) {
        close(connected);
        return;
    }
    static const ChannelHandlers handlers = {on_message, on_closed};
    Connection *connection = g_new0(Connection, 1);
    ClientTransport transport = {on_send, on_close, connection};
    connection->owner = admin;
    connection->channel = channel_new(connected, &handlers, connection);
    connection->client = clients_add(admin->server->clients, &transport, ROLE_ADMIN, ADMIN_NAME);
    g_hash_table_add(admin->connections, connection);
}

AdminSocket *admin_socket_new(Server *server, GError **error)
{
    g_autofree char *path = g_build_filename(server->config->runtime_dir, "server.sock", NULL);
    int fd = channel_listen_fd(path, SOCK_STREAM, error);
    if (fd < 0) {
        return NULL;
    }
    AdminSocket *admin = g_new0(AdminSocket, 1);
    admin->server = server;
    admin->path = g_steal_pointer(&path);
    admin->fd = fd;
    admin->connections = g_hash_table_new_full(NULL, NULL, connection_free, NULL);
    admin->watch = loop_watch(fd, G_IO_IN, on_connection, admin);
    admin->cleaner = loop_after(0, on_clean, admin);
    loop_timer_set(admin->cleaner, -1);
    return admin;
}

void admin_socket_free(AdminSocket *admin)
{
    if (admin == NULL) {
        return;
    }
    loop_drop(&admin->watch);
    loop_drop(&admin->cleaner);
    g_queue_clear(&admin->ended);
    g_hash_table_unref(admin->connections);
    close(admin->fd);
    unlink(admin->path);
    g_free(admin->path);
    g_free(admin);
}
