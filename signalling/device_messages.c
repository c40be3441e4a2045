#include <glib.h>
#include <jansson.h>
#include <sodium.h>
#include <string.h>

#include "bridge/base/fields.h"
#include "bridge/base/limits.h"
#include "signalling/devices.h"
#include "signalling/dispatch.h"

#define SOFTWARE_BYTES_MAX 64
#define BASE64_BYTES_MAX 96
#define TOKEN_BYTES_MAX 64

static bool read_base64(json_t *message, const char *name, uint8_t *ret_bytes, size_t size,
                        Problem *problem)
{
    const char *text = NULL;
    size_t decoded = 0;
    if (!field_string(message, name, 1, BASE64_BYTES_MAX, &text, problem)) {
        return false;
    }
    bool is_read = sodium_base642bin(ret_bytes, size, text, strlen(text), NULL, &decoded, NULL,
                                     sodium_base64_VARIANT_ORIGINAL) == 0;
    if (!is_read || decoded != size) {
        return problem_set(problem, "bad_field", name, "%s: must be base64 of %zu bytes", name,
                           size);
    }
    return true;
}

static bool read_claim(json_t *message, DeviceClaim *claim, Problem *problem)
{
    return read_base64(message, "key", claim->key, sizeof claim->key, problem) &&
           read_base64(message, "signature", claim->signature, sizeof claim->signature, problem) &&
           field_string_or(message, "name", LIMIT_NAME_BYTES, "", &claim->name, problem) &&
           field_string_or(message, "software", SOFTWARE_BYTES_MAX, "", &claim->software,
                           problem) &&
           field_string_or(message, "token", TOKEN_BYTES_MAX, "", &claim->token, problem) &&
           (!field_has(message, "media") || field_object(message, "media", &claim->media, problem));
}

static void on_device_auth(Server *server, Client *client, json_t *message, Request request)
{
    Problem problem;
    DeviceClaim claim = {.media = NULL};
    if (!read_claim(message, &claim, &problem)) {
        request_fail(server, request, &problem);
        return;
    }
    devices_authenticate(server->devices, client, &claim, request);
}

static void on_ping(Server *server, Client *client, json_t *message, Request request)
{
    request_ok(server, request,
               json_pack("{s:I}", "time_ms", (json_int_t)(g_get_real_time() / 1000)));
}

const MessageRow device_rows[] = {
    {"ping", ROLES_ALL, on_ping},
    {"device.auth", ROLE_GUEST, on_device_auth},
    {NULL, 0, NULL},
};
