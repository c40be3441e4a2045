#include "bridge/base/control_client.h"

#include <jansson.h>
#include <string.h>

#include "bridge/base/channel.h"
#include "bridge/base/fields.h"
#include "bridge/base/log.h"

typedef struct Pending {
    ControlReply reply;
    void *data;
} Pending;

struct ControlClient {
    Channel *channel;
    ControlClientHandlers handlers;
    void *data;
    int64_t next_id;
    GHashTable *pending; /* id → Pending */
};

static void answer(Pending *pending, json_t *ok, const Problem *problem)
{
    if (pending->reply != NULL) {
        pending->reply(ok, problem, pending->data);
    } else if (problem != NULL && strcmp(problem->code, "unavailable") != 0) {
        log_warning("control.refused", "code=%s field=%s message=\"%s\"", problem->code,
                    problem->field, problem->message);
    }
}

static void copy_problem(json_t *error, Problem *ret_problem)
{
    const char *code = json_string_value(json_object_get(error, "code"));
    const char *field = json_string_value(json_object_get(error, "field"));
    const char *message = json_string_value(json_object_get(error, "message"));
    problem_set(ret_problem, code != NULL ? code : "unavailable", field != NULL ? field : "", "%s",
                message != NULL ? message : "no reason given");
}

static void on_answer(ControlClient *client, int64_t id, json_t *message)
{
    gpointer key;
    gpointer value;
    if (!g_hash_table_steal_extended(client->pending, &id, &key, &value)) {
        return;
    }
    g_free(key);
    g_autofree Pending *pending = value;
    json_t *ok = json_object_get(message, "ok");
    Problem problem;
    if (ok == NULL) {
        copy_problem(json_object_get(message, "error"), &problem);
    }
    answer(pending, ok, ok == NULL ? &problem : NULL);
}

static void on_message(Channel *channel, json_t *message, void *data)
{
    ControlClient *client = data;
    json_t *id = json_object_get(message, "id");
    const char *event = json_string_value(json_object_get(message, "event"));
    if (json_is_integer(id)) {
        on_answer(client, json_integer_value(id), message);
    } else if (event != NULL) {
        client->handlers.on_event(client, event, message, client->data);
    }
}

static void answer_all_unavailable(ControlClient *client)
{
    Problem problem;
    problem_set(&problem, "unavailable", "", "the media process is restarting; try again");
    g_autoptr(GHashTable) pending = g_steal_pointer(&client->pending);
    client->pending = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
    GHashTableIter at;
    gpointer value;
    g_hash_table_iter_init(&at, pending);
    while (g_hash_table_iter_next(&at, NULL, &value)) {
        answer(value, NULL, &problem);
    }
}

static void on_closed(Channel *channel, const char *reason, void *data)
{
    ControlClient *client = data;
    answer_all_unavailable(client);
    client->handlers.on_closed(client, reason, client->data);
}

static const ChannelHandlers handlers = {.on_message = on_message, .on_closed = on_closed};

ControlClient *control_client_connect(const char *path,
                                      const ControlClientHandlers *client_handlers, void *data,
                                      GError **error)
{
    ControlClient *client = g_new0(ControlClient, 1);
    client->channel = channel_connect(path, &handlers, client, error);
    if (client->channel == NULL) {
        g_free(client);
        return NULL;
    }
    client->handlers = *client_handlers;
    client->data = data;
    client->pending = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
    return client;
}

void control_client_free(ControlClient *client)
{
    if (client == NULL) {
        return;
    }
    answer_all_unavailable(client);
    channel_free(client->channel);
    g_hash_table_unref(client->pending);
    g_free(client);
}

void control_client_call(ControlClient *client, const char *op, json_t *request, ControlReply reply,
                         void *data)
{
    int64_t *id = g_new(int64_t, 1);
    *id = ++client->next_id;
    Pending *pending = g_new(Pending, 1);
    *pending = (Pending){.reply = reply, .data = data};
    json_object_set_new(request, "id", json_integer(*id));
    json_object_set_new(request, "op", json_string(op));
    g_hash_table_insert(client->pending, id, pending);
    channel_send(client->channel, request); /* A dead channel answers through on_closed. */
}
