#include "signalling/rest_call.h"

#include <glib.h>
#include <jansson.h>
#include <string.h>

#include "bridge/base/loop.h"
#include "signalling/dispatch.h"
#include "signalling/server.h"

typedef struct Call {
    RestCalls *owner;
    Client *client;
    Exchange *exchange; /* NULL once answered */
    RestAnswer answer;
} Call;

struct RestCalls {
    Server *server;
    GHashTable *open; /* Call *, owned */
    GQueue done;      /* Call *: answered, to be removed when nothing of theirs runs any more */
    LoopWatch *cleaner;
};

static void call_free(gpointer data)
{
    Call *call = data;
    Problem problem;
    if (call->exchange != NULL) {
        problem_set(&problem, "unavailable", "", "the server is ending");
        exchange_reply_problem(call->exchange, 503, &problem);
    }
    clients_remove(call->owner->server->clients, call->client);
    g_free(call);
}

static void on_clean(void *data)
{
    RestCalls *calls = data;
    Call *call = NULL;
    while ((call = g_queue_pop_head(&calls->done)) != NULL) {
        g_hash_table_remove(calls->open, call);
    }
}

RestCalls *rest_calls_new(Server *server)
{
    RestCalls *calls = g_new0(RestCalls, 1);
    calls->server = server;
    calls->open = g_hash_table_new_full(NULL, NULL, call_free, NULL);
    calls->cleaner = loop_after(0, on_clean, calls);
    loop_timer_set(calls->cleaner, -1);
    return calls;
}

void rest_calls_free(RestCalls *calls)
{
    if (calls == NULL) {
        return;
    }
    g_queue_clear(&calls->done);
    g_hash_table_unref(calls->open);
    loop_drop(&calls->cleaner);
    g_free(calls);
}

static void fail(Exchange *exchange, json_t *answer)
{
    Problem problem;
    const char *field = json_string_value(json_object_get(answer, "field"));
    problem_set(&problem, json_string_value(json_object_get(answer, "code")),
                field != NULL ? field : "", "%s",
                json_string_value(json_object_get(answer, "message")));
    exchange_reply_problem(exchange, exchange_status_of(problem.code), &problem);
}

static void finish(Call *call, json_t *answer)
{
    Exchange *exchange = g_steal_pointer(&call->exchange);
    if (strcmp(json_string_value(json_object_get(answer, "type")), "error") == 0) {
        fail(exchange, answer);
    } else {
        json_object_del(answer, "type");
        json_object_del(answer, "id");
        call->answer(exchange, answer);
    }
    g_queue_push_tail(&call->owner->done, call);
    loop_timer_set(call->owner->cleaner, 0);
}

/* An event may pass by before the answer. */
static bool on_send(void *transport, const char *text, size_t size)
{
    Call *call = transport;
    json_t *answer = json_loadb(text, size, 0, NULL);
    if (call->exchange != NULL && json_object_get(answer, "id") != NULL) {
        finish(call, answer);
    }
    json_decref(answer);
    return true;
}

static void on_close(void *transport, int code, const char *reason)
{
}

void rest_call(RestCalls *calls, Exchange *exchange, const Session *session, const char *type,
               json_t *message, RestAnswer answer)
{
    Call *call = g_new0(Call, 1);
    ClientTransport transport = {on_send, on_close, call};
    call->owner = calls;
    call->exchange = exchange;
    call->answer = answer;
    call->client = clients_add(calls->server->clients, &transport, session->role, session->user);
    client_set_session(call->client, session->hash);
    g_hash_table_add(calls->open, call);
    json_object_set_new(message, "type", json_string(type));
    json_object_set_new(message, "id", json_integer(0));
    dispatch_message(calls->server, call->client, message);
    json_decref(message);
}
