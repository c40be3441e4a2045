#include "signalling/ctl/connection.h"

#include <jansson.h>
#include <string.h>

#include "bridge/base/channel.h"
#include "bridge/base/clock.h"
#include "bridge/base/loop.h"

#define ANSWER_US (15 * CLOCK_US_PER_S)

struct Connection {
    Channel *channel;
    json_t *answer;
    char *closed; /* Why the server ended the conversation. */
    int64_t asked;
};

static void on_message(Channel *channel, json_t *message, void *data)
{
    Connection *connection = data;
    json_t *id = json_object_get(message, "id");
    if (json_is_integer(id) && json_integer_value(id) == connection->asked) {
        connection->answer = json_incref(message);
        loop_stop();
    }
}

static void on_closed(Channel *channel, const char *reason, void *data)
{
    Connection *connection = data;
    connection->closed = g_strdup(reason);
    loop_stop();
}

static const ChannelHandlers handlers = {.on_message = on_message, .on_closed = on_closed};

Connection *connection_open(const char *runtime_dir, GError **error)
{
    g_autofree char *path = g_build_filename(runtime_dir, "server.sock", NULL);
    Connection *connection = g_new0(Connection, 1);
    connection->channel = channel_connect(path, &handlers, connection, error);
    if (connection->channel == NULL) {
        g_prefix_error(error, "the server does not answer (is it running? systemctl start diemcau; "
                              "or give --runtime DIR): ");
        connection_close(connection);
        return NULL;
    }
    return connection;
}

void connection_close(Connection *connection)
{
    if (connection == NULL) {
        return;
    }
    channel_free(connection->channel);
    json_decref(connection->answer);
    g_free(connection->closed);
    g_free(connection);
}

static void on_timeout(void *data)
{
    loop_stop();
}

static json_t *refuse(GError **error, const char *reason)
{
    g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "%s", reason);
    return NULL;
}

json_t *connection_ask(Connection *connection, const char *type, json_t *message, GError **error)
{
    json_object_set_new(message, "type", json_string(type));
    json_object_set_new(message, "id", json_integer(++connection->asked));
    channel_send(connection->channel, message);
    LoopWatch *timeout = loop_after(ANSWER_US, on_timeout, NULL);
    loop_run();
    loop_drop(&timeout);
    json_t *answer = g_steal_pointer(&connection->answer);
    if (answer == NULL) {
        return refuse(error, connection->closed != NULL ? connection->closed
                                                        : "the server did not answer in 15 s");
    }
    if (g_strcmp0(json_string_value(json_object_get(answer, "type")), "ok") != 0) {
        refuse(error, json_string_value(json_object_get(answer, "message")));
        json_decref(answer);
        return NULL;
    }
    return answer;
}
