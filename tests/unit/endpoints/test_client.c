#include <criterion/criterion.h>
#include <glib.h>
#include <jansson.h>
#include <sodium.h>
#include <stdatomic.h>
#include <string.h>

#include "bridge/base/clock.h"
#include "endpoints/client/client.h"
#include "signal_server.h"

#define PATIENCE_US (10 * CLOCK_US_PER_S)

/* One client, one server, and what they saw. */
typedef struct Stage {
    SignalServer *server;
    SocketHub *hub;
    Identity *identity;
    Client *client;

    /* The client's side. */
    ClientState state;
    int offline_count;
    char reason[128];
    char site[32];
    char pairing_code[32];
    char last_event[32];
    int oks;
    int problems;
    char problem_code[32];
    bool holds_media;

    /* The server's side. */
    const char *auth_reply;
    atomic_int auths;
    atomic_int good_signatures;
    atomic_int with_token;
    atomic_int with_media;
} Stage;

static bool signature_is_good(json_t *message)
{
    gsize key_size = 0;
    gsize signature_size = 0;
    g_autofree guchar *key =
        g_base64_decode(json_string_value(json_object_get(message, "key")), &key_size);
    g_autofree guchar *signature =
        g_base64_decode(json_string_value(json_object_get(message, "signature")), &signature_size);
    uint8_t text[sizeof IDENTITY_AUTH_CONTEXT - 1 + 32];
    memcpy(text, IDENTITY_AUTH_CONTEXT, sizeof IDENTITY_AUTH_CONTEXT - 1);
    memset(text + sizeof IDENTITY_AUTH_CONTEXT - 1, 7, 32);
    return key_size == crypto_sign_PUBLICKEYBYTES && signature_size == crypto_sign_BYTES &&
           crypto_sign_verify_detached(signature, text, sizeof text, key) == 0;
}

static char *serve(json_t *message, void *data)
{
    Stage *stage = data;
    const char *type = json_string_value(json_object_get(message, "type"));
    if (strcmp(type, "device.auth") != 0) {
        return strcmp(type, "swallow") == 0 ? NULL : g_strdup("{\"type\":\"ok\",\"id\":$ID}");
    }
    atomic_fetch_add(&stage->auths, 1);
    atomic_fetch_add(&stage->good_signatures, signature_is_good(message));
    atomic_fetch_add(&stage->with_media, json_object_get(message, "media") != NULL);
    if (json_object_get(message, "token") != NULL) {
        atomic_fetch_add(&stage->with_token, 1);
        return g_strdup("{\"type\":\"error\",\"id\":$ID,\"code\":\"bad_credentials\","
                        "\"field\":\"token\",\"message\":\"spent\"}");
    }
    return g_strdup(stage->auth_reply);
}

static void on_state(ClientState state, json_t *detail, const char *reason, void *data)
{
    Stage *stage = data;
    stage->state = state;
    if (state == CLIENT_OFFLINE) {
        stage->offline_count++;
        g_strlcpy(stage->reason, reason, sizeof stage->reason);
        return;
    }
    const char *code = json_string_value(json_object_get(json_object_get(detail, "site"), "code"));
    const char *pairing = json_string_value(json_object_get(detail, "pairing_code"));
    g_strlcpy(stage->site, code != NULL ? code : "", sizeof stage->site);
    g_strlcpy(stage->pairing_code, pairing != NULL ? pairing : "", sizeof stage->pairing_code);
}

static void on_event(const char *type, json_t *event, void *data)
{
    Stage *stage = data;
    g_strlcpy(stage->last_event, type, sizeof stage->last_event);
}

static json_t *get_media(void *data)
{
    Stage *stage = data;
    return stage->holds_media ? json_pack("{s:i, s:i}", "meeting", 7, "peer", 9) : NULL;
}

static void on_reply(json_t *ok, const Problem *problem, void *data)
{
    Stage *stage = data;
    if (ok != NULL) {
        stage->oks++;
    } else {
        stage->problems++;
        g_strlcpy(stage->problem_code, problem->code, sizeof stage->problem_code);
    }
}

#define ONLINE                                                                                     \
    "{\"type\":\"ok\",\"id\":$ID,\"state\":\"online\",\"site\":{\"code\":\"TG-01\"},"              \
    "\"profile\":{}}"
#define PENDING "{\"type\":\"ok\",\"id\":$ID,\"state\":\"pending\",\"pairing_code\":\"ABCD-1234\"}"

typedef struct Setting {
    const char *pin; /* NULL: the server's own */
    bool unpinned;
    bool insecure;
    const char *token;
    const char *greeting;
} Setting;

static void open_stage(Stage *stage, Setting setting)
{
    SignalServerOptions server = {.greeting = setting.greeting, .on_message = serve, .data = stage};
    stage->server = signal_server_start(&server);
    stage->hub = socket_hub_new(NULL);
    cr_assert_not_null(stage->hub);
    stage->identity = identity_new_ephemeral(NULL);
    const char *pin = setting.pin != NULL ? setting.pin : signal_server_pin(stage->server);
    ClientOptions options = {
        .hub = stage->hub,
        .host = "127.0.0.1",
        .port = signal_server_port(stage->server),
        .pin_hex = setting.unpinned ? NULL : pin,
        .insecure = setting.insecure,
        .identity = stage->identity,
        .name = "box",
        .token = setting.token,
    };
    ClientHandlers handlers = {.on_state = on_state, .on_event = on_event, .get_media = get_media};
    stage->client = client_new(&options, &handlers, stage);
}

static void close_stage(Stage *stage)
{
    client_free(stage->client);
    socket_hub_free(stage->hub);
    signal_server_stop(stage->server);
    identity_free(stage->identity);
}

/* Turns the main loop until it holds, or fails. */
#define AWAIT(condition)                                                                           \
    do {                                                                                           \
        int64_t until_us_ = clock_now_us() + PATIENCE_US;                                          \
        g_timeout_add(20, keep_turning, NULL);                                                     \
        while (!(condition) && clock_now_us() < until_us_) {                                       \
            g_main_context_iteration(NULL, TRUE);                                                  \
        }                                                                                          \
        cr_assert(condition);                                                                      \
    } while (0)

static gboolean keep_turning(gpointer data)
{
    return G_SOURCE_CONTINUE;
}

Test(client, proves_its_key_and_comes_online)
{
    Stage stage = {.auth_reply = ONLINE};
    open_stage(&stage, (Setting){0});
    AWAIT(stage.state == CLIENT_ONLINE);
    cr_assert_eq(stage.good_signatures, 1);
    cr_assert_eq(stage.with_media, 0);
    cr_assert_str_eq(stage.site, "TG-01");
    cr_assert(client_is_local(stage.client));
    close_stage(&stage);
}

Test(client, waits_with_its_pairing_code_until_it_is_approved)
{
    Stage stage = {.auth_reply = PENDING};
    open_stage(&stage, (Setting){0});
    AWAIT(stage.state == CLIENT_PENDING);
    cr_assert_str_eq(stage.pairing_code, "ABCD-1234");
    signal_server_say(stage.server, "{\"type\":\"device.approved\",\"site\":{\"code\":\"TG-02\"}}");
    AWAIT(stage.state == CLIENT_ONLINE);
    cr_assert_str_eq(stage.site, "TG-02");
    close_stage(&stage);
}

Test(client, says_nothing_to_a_server_with_another_certificate)
{
    Stage stage = {.auth_reply = ONLINE};
    open_stage(
        &stage,
        (Setting){.pin = "0000000000000000000000000000000000000000000000000000000000000000"});
    int64_t until_us = clock_now_us() + 3 * CLOCK_US_PER_S;
    g_timeout_add(20, keep_turning, NULL);
    while (clock_now_us() < until_us) {
        g_main_context_iteration(NULL, TRUE);
    }
    cr_assert_eq(signal_server_opened(stage.server), 0);
    cr_assert_eq(stage.auths, 0);
    cr_assert_eq(stage.state, CLIENT_OFFLINE);
    close_stage(&stage);
}

Test(client, trusts_no_self_signed_certificate_without_a_pin)
{
    Stage stage = {.auth_reply = ONLINE};
    open_stage(&stage, (Setting){.unpinned = true});
    int64_t until_us = clock_now_us() + 2 * CLOCK_US_PER_S;
    g_timeout_add(20, keep_turning, NULL);
    while (clock_now_us() < until_us) {
        g_main_context_iteration(NULL, TRUE);
    }
    cr_assert_eq(signal_server_opened(stage.server), 0);
    close_stage(&stage);
}

Test(client, accepts_any_certificate_in_a_rehearsal)
{
    Stage stage = {.auth_reply = ONLINE};
    open_stage(&stage, (Setting){.unpinned = true, .insecure = true});
    AWAIT(stage.state == CLIENT_ONLINE);
    close_stage(&stage);
}

Test(client, comes_back_and_names_the_media_it_holds)
{
    Stage stage = {.auth_reply = ONLINE};
    open_stage(&stage, (Setting){0});
    AWAIT(stage.state == CLIENT_ONLINE);
    stage.holds_media = true;
    signal_server_say(stage.server, SIGNAL_SERVER_CLOSE);
    AWAIT(stage.offline_count == 1);
    AWAIT(stage.state == CLIENT_ONLINE);
    cr_assert_eq(stage.auths, 2);
    cr_assert_eq(stage.with_media, 1);
    close_stage(&stage);
}

Test(client, finds_a_restarted_server_again)
{
    Stage stage = {.auth_reply = ONLINE};
    open_stage(&stage, (Setting){.unpinned = true, .insecure = true});
    AWAIT(stage.state == CLIENT_ONLINE);
    uint16_t port = signal_server_port(stage.server);
    signal_server_stop(stage.server);
    AWAIT(stage.state == CLIENT_OFFLINE);
    SignalServerOptions again = {.port = port, .on_message = serve, .data = &stage};
    stage.server = signal_server_start(&again);
    AWAIT(stage.state == CLIENT_ONLINE);
    close_stage(&stage);
}

Test(client, tries_without_a_token_that_was_spent)
{
    Stage stage = {.auth_reply = PENDING};
    open_stage(&stage, (Setting){.token = "TOKEN"});
    AWAIT(stage.state == CLIENT_PENDING);
    cr_assert_eq(stage.with_token, 1);
    close_stage(&stage);
}

Test(client, keeps_trying_when_it_is_refused)
{
    Stage stage = {.auth_reply = "{\"type\":\"error\",\"id\":$ID,\"code\":\"bad_credentials\","
                                 "\"message\":\"revoked\"}"};
    open_stage(&stage, (Setting){0});
    AWAIT(stage.auths >= 2);
    cr_assert_eq(stage.state, CLIENT_OFFLINE);
    close_stage(&stage);
}

Test(client, pairs_requests_with_answers)
{
    Stage stage = {.auth_reply = ONLINE};
    open_stage(&stage, (Setting){0});
    AWAIT(stage.state == CLIENT_ONLINE);
    client_request(stage.client, json_pack("{s:s}", "type", "ping"), on_reply, &stage);
    cr_assert_eq(stage.oks, 0);
    AWAIT(stage.oks == 1);
    close_stage(&stage);
}

Test(client, answers_unavailable_when_the_connection_ends_first)
{
    Stage stage = {.auth_reply = ONLINE};
    open_stage(&stage, (Setting){0});
    AWAIT(stage.state == CLIENT_ONLINE);
    client_request(stage.client, json_pack("{s:s}", "type", "swallow"), on_reply, &stage);
    signal_server_say(stage.server, SIGNAL_SERVER_CLOSE);
    AWAIT(stage.problems == 1);
    cr_assert_str_eq(stage.problem_code, "unavailable");
    close_stage(&stage);
}

Test(client, hands_out_events)
{
    Stage stage = {.auth_reply = ONLINE};
    open_stage(&stage, (Setting){0});
    AWAIT(stage.state == CLIENT_ONLINE);
    signal_server_say(stage.server, "{\"type\":\"invite\",\"meeting\":1}");
    AWAIT(strcmp(stage.last_event, "invite") == 0);
    close_stage(&stage);
}

static void expect_parting(const char *text, const char *reason)
{
    Stage stage = {.auth_reply = ONLINE};
    open_stage(&stage, (Setting){0});
    AWAIT(stage.state == CLIENT_ONLINE);
    signal_server_say(stage.server, text);
    AWAIT(stage.offline_count == 1);
    cr_assert_str_eq(stage.reason, reason);
    AWAIT(stage.state == CLIENT_ONLINE);
    close_stage(&stage);
}

Test(client, parts_from_a_server_that_speaks_no_json)
{
    expect_parting("{\"type\":", "a message that is not JSON");
}

Test(client, parts_from_a_server_that_sends_bytes)
{
    expect_parting(SIGNAL_SERVER_BINARY, "binary message");
}

Test(client, parts_from_a_server_whose_message_has_no_type)
{
    expect_parting("{\"meeting\":1}", "a message without a type");
}

Test(client, parts_from_a_server_that_talks_without_end)
{
    g_autofree char *padding = g_strnfill(70 * 1024, 'x');
    g_autofree char *text = g_strdup_printf("{\"type\":\"invite\",\"x\":\"%s\"}", padding);
    expect_parting(text, "message too long");
}

Test(client, does_not_sign_what_is_no_nonce)
{
    Stage stage = {.auth_reply = ONLINE};
    open_stage(&stage, (Setting){.greeting = "{\"type\":\"welcome\",\"nonce\":\"AAAA\"}"});
    AWAIT(signal_server_opened(stage.server) >= 2);
    cr_assert_eq(stage.auths, 0);
    close_stage(&stage);
}

Test(client, reads_urls)
{
    char *host = NULL;
    uint16_t port = 0;
    cr_assert(client_parse_url("wss://[::1]:9000/ws", &host, &port));
    cr_assert_str_eq(host, "::1");
    cr_assert_eq(port, 9000);
    g_free(host);
    cr_assert_not(client_parse_url("wss://h?x=1", &host, &port));
    cr_assert_not(client_parse_url("wss//h", &host, &port));
}
