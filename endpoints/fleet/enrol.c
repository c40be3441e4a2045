#include "endpoints/fleet/enrol.h"

#include <jansson.h>

#include "bridge/base/channel.h"

struct Enrol {
    Channel *channel;
    EnrolFunc call;
    void *data;
};

static void on_message(Channel *channel, json_t *message, void *data)
{
    const Enrol *enrol = data;
    json_int_t id = json_integer_value(json_object_get(message, "id"));
    if (id < 1) {
        return;
    }
    const char *token = json_string_value(json_object_get(message, "token"));
    const char *reason = json_string_value(json_object_get(message, "message"));
    enrol->call((size_t)id - 1, token, reason != NULL ? reason : "no token in the answer",
                enrol->data);
}

static void on_closed(Channel *channel, const char *reason, void *data)
{
    Enrol *enrol = data;
    g_clear_pointer(&enrol->channel, channel_free);
}

Enrol *enrol_new(const char *socket_path, EnrolFunc call, void *data, GError **error)
{
    static const ChannelHandlers handlers = {on_message, on_closed};
    Enrol *enrol = g_new0(Enrol, 1);
    enrol->call = call;
    enrol->data = data;
    enrol->channel = channel_connect(socket_path, &handlers, enrol, error);
    if (enrol->channel == NULL) {
        g_clear_pointer(&enrol, g_free);
    }
    return enrol;
}

void enrol_free(Enrol *enrol)
{
    if (enrol != NULL) {
        g_clear_pointer(&enrol->channel, channel_free);
        g_free(enrol);
    }
}

void enrol_ask(Enrol *enrol, size_t site, const char *code)
{
    json_t *request = json_pack("{s:s, s:I, s:s}", "type", "token.new", "id",
                                (json_int_t)(site + 1), "site", code);
    if (enrol->channel == NULL) {
        json_decref(request);
        enrol->call(site, NULL, "the admin socket is closed", enrol->data);
    } else if (!channel_send(enrol->channel, request)) {
        enrol->call(site, NULL, "the admin socket does not read", enrol->data);
    }
}
