#include "endpoints/client/client.h"

#include <gio/gio.h>
#include <jansson.h>
#include <string.h>

#include "bridge/base/clock.h"
#include "bridge/base/fields.h"
#include "bridge/base/limits.h"
#include "bridge/base/log.h"
#include "bridge/base/loop.h"
#include "endpoints/client/backoff.h"
#include "endpoints/client/requests.h"

#define CLIENT_PATH "/ws"
#define CLIENT_SUBPROTOCOL "diemcau.v1"
#define CLIENT_PORT_DEFAULT 8443
/* From the look-up of the name to being let in. */
#define CLIENT_ATTEMPT_US INT64_C(8000000)
#define CLIENT_EXPIRE_EVERY_US INT64_C(1000000)
#define CLIENT_NONCE_BYTES 32
#define CLIENT_NONCE_CHARS_MAX 64

struct Client {
    SocketHub *hub;
    char *host;
    uint16_t port;
    char *pin_hex;
    bool insecure;
    const Identity *identity;
    char *name;
    char *token;
    ClientHandlers handlers;
    void *data;

    ClientState state;
    Socket *socket;
    Requests *requests;
    Backoff backoff;
    GCancellable *lookup;
    GList *addresses; /* GInetAddress, of the last look-up that succeeded */
    unsigned address_turn;
    bool is_local;
    LoopWatch *retry;
    LoopWatch *give_up;
    LoopWatch *expire;
};

static void begin_attempt(void *data);

bool client_parse_url(const char *url, char **ret_host, uint16_t *ret_port)
{
    g_autoptr(GUri) uri = g_uri_parse(url, G_URI_FLAGS_NONE, NULL);
    if (uri == NULL || g_strcmp0(g_uri_get_scheme(uri), "wss") != 0 ||
        g_uri_get_host(uri) == NULL || g_uri_get_host(uri)[0] == '\0' ||
        g_uri_get_userinfo(uri) != NULL || g_uri_get_query(uri) != NULL) {
        return false;
    }
    const char *path = g_uri_get_path(uri);
    int port = g_uri_get_port(uri);
    if ((path[0] != '\0' && strcmp(path, "/") != 0 && strcmp(path, CLIENT_PATH) != 0) ||
        port == 0) {
        return false;
    }
    *ret_host = g_strdup(g_uri_get_host(uri));
    *ret_port = (uint16_t)(port < 0 ? CLIENT_PORT_DEFAULT : port);
    return true;
}

static void enter(Client *client, ClientState state, json_t *detail, const char *reason)
{
    if (state == CLIENT_OFFLINE && client->state == CLIENT_OFFLINE) {
        return;
    }
    client->state = state;
    client->handlers.on_state(state, detail, reason, client->data);
}

/* Closes what is open and plans the next attempt. */
static void lose(Client *client, const char *reason)
{
    g_clear_pointer(&client->socket, socket_free);
    if (client->lookup != NULL) {
        g_cancellable_cancel(client->lookup);
        g_clear_object(&client->lookup);
    }
    loop_drop(&client->give_up);
    backoff_on_lost(&client->backoff, clock_now_us());
    int64_t delay_us = backoff_next_us(&client->backoff, g_random_double());
    log_info("server.lost", "host=%s port=%u reason=\"%s\" retry_ms=%d", client->host, client->port,
             reason, (int)(delay_us / CLOCK_US_PER_MS));
    loop_drop(&client->retry);
    client->retry = loop_after(delay_us, begin_attempt, client);
    enter(client, CLIENT_OFFLINE, NULL, reason);
    requests_fail_all(client->requests, reason);
}

static void on_give_up(void *data)
{
    lose(data, "no answer");
}

static void on_auth_refused(Client *client, const Problem *problem)
{
    log_warning("server.refused", "code=%s field=%s message=\"%s\"", problem->code, problem->field,
                problem->message);
    if (client->token != NULL && strcmp(problem->field, "token") == 0) {
        g_clear_pointer(&client->token, g_free);
    }
    if (client->socket != NULL) {
        lose(client, problem->message);
    }
}

static void on_auth_answer(json_t *ok, const Problem *problem, void *data)
{
    Client *client = data;
    const char *state = json_string_value(json_object_get(ok, "state"));
    Problem strange = {0};
    if (problem == NULL && g_strcmp0(state, "online") != 0 && g_strcmp0(state, "pending") != 0) {
        problem_set(&strange, "bad_field", "state", "state: is neither online nor pending");
        problem = &strange;
    }
    if (problem != NULL) {
        on_auth_refused(client, problem);
        return;
    }
    loop_drop(&client->give_up);
    backoff_on_good(&client->backoff, clock_now_us());
    bool online = strcmp(state, "online") == 0;
    enter(client, online ? CLIENT_ONLINE : CLIENT_PENDING, ok, NULL);
}

static void send_request(Client *client, json_t *request, ClientReply reply, void *data)
{
    int64_t id = requests_add(client->requests, reply, data, clock_now_us());
    json_object_set_new(request, "id", json_integer(id));
    char *text = json_dumps(request, JSON_COMPACT);
    /* What cannot be sent is answered by its time limit or by the loss of the connection. */
    if (id != 0 && text != NULL && client->socket != NULL) {
        socket_send(client->socket, text);
    }
    free(text);
}

static void authenticate(Client *client, const uint8_t *nonce)
{
    g_autofree char *signature = identity_sign_nonce(client->identity, nonce, CLIENT_NONCE_BYTES);
    json_t *request = json_pack("{s:s, s:s, s:s, s:s, s:s}", "type", "device.auth", "key",
                                identity_public_key(client->identity), "signature", signature,
                                "name", client->name, "software", "diemcau " DIEMCAU_VERSION);
    if (client->token != NULL) {
        json_object_set_new(request, "token", json_string(client->token));
    }
    json_t *media = client->handlers.get_media(client->data);
    if (media != NULL) {
        json_object_set_new(request, "media", media);
    }
    send_request(client, request, on_auth_answer, client);
    json_decref(request);
}

static bool on_welcome(Client *client, json_t *message)
{
    const char *text = NULL;
    Problem problem = {0};
    if (!field_string(message, "nonce", 1, CLIENT_NONCE_CHARS_MAX, &text, &problem)) {
        return false;
    }
    gsize size = 0;
    g_autofree guchar *nonce = g_base64_decode(text, &size);
    if (size != CLIENT_NONCE_BYTES) {
        return false;
    }
    authenticate(client, nonce);
    return true;
}

static void dispatch(Client *client, json_t *message)
{
    const char *type = json_string_value(json_object_get(message, "type"));
    if (type == NULL) {
        lose(client, "a message without a type");
    } else if (json_object_get(message, "id") != NULL) {
        requests_answer(client->requests, message);
    } else if (strcmp(type, "error") == 0) {
        log_warning("server.error", "message=\"%s\"",
                    json_string_value(json_object_get(message, "message")));
    } else if (strcmp(type, "welcome") == 0) {
        if (!on_welcome(client, message)) {
            lose(client, "a welcome without a nonce");
        }
    } else if (strcmp(type, "device.approved") == 0) {
        enter(client, CLIENT_ONLINE, message, NULL);
    } else {
        client->handlers.on_event(type, message, client->data);
    }
}

static void on_text(Socket *socket, const char *text, size_t size, void *data)
{
    Client *client = data;
    Problem problem = {0};
    json_t *message = fields_parse(text, size, &problem);
    if (message == NULL) {
        lose(client, "a message that is not JSON");
        return;
    }
    dispatch(client, message);
    json_decref(message);
}

static void on_open(Socket *socket, void *data)
{
    Client *client = data;
    log_info("server.connected", "host=%s port=%u", client->host, client->port);
}

static void on_closed(Socket *socket, const char *reason, void *data)
{
    g_autofree char *kept = g_strdup(reason);
    lose(data, kept);
}

static void connect_to(Client *client, GInetAddress *address)
{
    g_autofree char *numeric = g_inet_address_to_string(address);
    client->is_local = g_inet_address_get_is_loopback(address);
    SocketTarget target = {
        .address = numeric,
        .host = client->host,
        .port = client->port,
        .path = CLIENT_PATH,
        .protocol = CLIENT_SUBPROTOCOL,
        .pin_hex = client->pin_hex,
        .insecure = client->insecure,
    };
    SocketHandlers handlers = {.on_open = on_open, .on_text = on_text, .on_closed = on_closed};
    client->socket = socket_open(client->hub, &target, &handlers, client);
}

/* A name server that is down must not cut off a server whose address is known. */
static void connect_to_next(Client *client, const char *otherwise)
{
    guint count = g_list_length(client->addresses);
    if (count == 0) {
        lose(client, otherwise);
        return;
    }
    connect_to(client, g_list_nth_data(client->addresses, client->address_turn++ % count));
}

static void on_looked_up(GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr(GError) error = NULL;
    GList *found = g_resolver_lookup_by_name_finish(G_RESOLVER(source), result, &error);
    if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
        return;
    }
    Client *client = data;
    g_clear_object(&client->lookup);
    if (found != NULL) {
        g_resolver_free_addresses(client->addresses);
        client->addresses = found;
    }
    connect_to_next(client, error != NULL ? error->message : "no such host");
}

static void begin_attempt(void *data)
{
    Client *client = data;
    loop_drop(&client->retry);
    loop_drop(&client->give_up);
    client->give_up = loop_after(CLIENT_ATTEMPT_US, on_give_up, client);
    GInetAddress *numeric = g_inet_address_new_from_string(client->host);
    if (numeric != NULL) {
        connect_to(client, numeric);
        g_object_unref(numeric);
        return;
    }
    g_autoptr(GResolver) resolver = g_resolver_get_default();
    client->lookup = g_cancellable_new();
    g_resolver_lookup_by_name_async(resolver, client->host, client->lookup, on_looked_up, client);
}

static void on_expire(void *data)
{
    Client *client = data;
    requests_expire(client->requests, clock_now_us());
}

Client *client_new(const ClientOptions *options, const ClientHandlers *handlers, void *data)
{
    Client *client = g_new0(Client, 1);
    client->hub = options->hub;
    client->host = g_strdup(options->host);
    client->port = options->port;
    client->pin_hex = g_strdup(options->pin_hex);
    client->insecure = options->insecure;
    client->identity = options->identity;
    client->name = g_strdup(options->name);
    client->token = g_strdup(options->token);
    client->handlers = *handlers;
    client->data = data;
    client->requests = requests_new();
    client->retry = loop_after(0, begin_attempt, client);
    client->expire = loop_every(CLIENT_EXPIRE_EVERY_US, on_expire, client);
    return client;
}

void client_free(Client *client)
{
    if (client == NULL) {
        return;
    }
    if (client->lookup != NULL) {
        g_cancellable_cancel(client->lookup);
        g_clear_object(&client->lookup);
    }
    loop_drop(&client->retry);
    loop_drop(&client->give_up);
    loop_drop(&client->expire);
    socket_free(client->socket);
    requests_free(client->requests);
    g_resolver_free_addresses(client->addresses);
    g_free(client->host);
    g_free(client->pin_hex);
    g_free(client->name);
    g_free(client->token);
    g_free(client);
}

ClientState client_state(const Client *client)
{
    return client->state;
}

bool client_is_local(const Client *client)
{
    return client->is_local;
}

void client_request(Client *client, json_t *request, ClientReply reply, void *data)
{
    send_request(client, request, reply, data);
    json_decref(request);
}
