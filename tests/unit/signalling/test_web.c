/* The web door as a stranger sees it: raw bytes over TLS. */
#include <criterion/criterion.h>
#include <glib/gstdio.h>
#include <jansson.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bridge/base/clock.h"
#include "bridge/base/limits.h"
#include "signalling/certificate.h"
#include "signalling/client.h"
#include "signalling/config.h"
#include "signalling/users.h"
#include "signalling/web_server.h"
#include "tests/unit/signalling/house.h"
#include "tests/unit/signalling/raw_client.h"

#define HOST "Host: localhost:1\r\n"
#define UPGRADE                                                                                    \
    "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"                   \
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
#define SUBPROTOCOL "Sec-WebSocket-Protocol: diemcau.v1\r\n"
#define LARGE_BYTES (6 * 1024 * 1024)
#define PASSWORD "rạch gầm 1785"

typedef struct Door {
    House *house;
    Certificate *certificate;
    WebServer *web;
    uint16_t port;
    char *root;
} Door;

static uint16_t free_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    cr_assert_eq(bind(fd, (struct sockaddr *)&address, size), 0);
    getsockname(fd, (struct sockaddr *)&address, &size);
    close(fd);
    return ntohs(address.sin_port);
}

static char *make_page(void)
{
    char *root = g_dir_make_tmp("page-XXXXXX", NULL);
    g_autofree char *assets = g_build_filename(root, "assets", NULL);
    g_autofree char *index = g_build_filename(root, "index.html", NULL);
    g_autofree char *large = g_build_filename(assets, "large.woff2", NULL);
    g_autofree char *script = g_build_filename(assets, "x.js", NULL);
    g_autofree char *bytes = g_strnfill(LARGE_BYTES, 'x');
    g_mkdir(assets, 0700);
    g_file_set_contents(index, "<!doctype html><title>x</title>", -1, NULL);
    g_file_set_contents(large, bytes, -1, NULL);
    g_file_set_contents(script, bytes, 4000, NULL);
    return root;
}

static Door door_open(const char *more_settings)
{
    Door door = {.port = free_port(), .root = make_page()};
    g_autofree char *settings =
        g_strdup_printf("server.listen=127.0.0.1\nserver.port=%u\nserver.web_root=%s\n"
                        "server.allowed_origins=https://khac.vn\n%s",
                        door.port, door.root, more_settings);
    g_autoptr(GError) error = NULL;
    door.house = house_new(settings);
    door.certificate = certificate_load("", "", door.house->directory, NULL);
    door.web = web_server_new(&door.house->server, door.certificate, &error);
    cr_assert_not_null(door.web, "%s", error != NULL ? error->message : "");
    return door;
}

static void door_close(Door *door)
{
    static const char *const names[] = {"assets/large.woff2", "assets/x.js", "assets", "index.html",
                                        ""};
    web_server_free(door->web);
    certificate_free(door->certificate);
    house_free(door->house);
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path = g_build_filename(door->root, names[i], NULL);
        g_remove(path);
    }
    g_free(door->root);
}

static int status_in(const char *text)
{
    int status = 0;
    return sscanf(text, "HTTP/1.1 %d", &status) == 1 ? status : 0;
}

static void read_body(RawClient *client)
{
    const char *length = strstr(raw_text(client), "Content-Length: ");
    size_t size = length != NULL ? strtoul(length + 16, NULL, 10) : 0;
    int64_t deadline_us = clock_now_us() + 20 * CLOCK_US_PER_S;
    while (clock_now_us() < deadline_us) {
        const char *body = strstr(raw_text(client), "\r\n\r\n");
        if (body == NULL || strlen(body + 4) >= size || raw_read_to_end(client, 1)) {
            return;
        }
    }
}

/* Sends it on a connection of its own; the status and, when asked for, the whole answer. */
static int status_of(const Door *door, const char *bytes, char **ret_text)
{
    RawClient *client = raw_open(door->port, NULL);
    raw_send_text(client, bytes);
    raw_read_until(client, "\r\n\r\n");
    if (ret_text != NULL) {
        read_body(client);
    }
    int status = status_in(raw_text(client));
    if (ret_text != NULL) {
        *ret_text = g_strdup(raw_text(client));
    }
    raw_close(client);
    return status;
}

/* ---- the protocol ---- */

Test(web, chooses_http_1_1_and_nothing_else)
{
    Door door = door_open("");
    RawClient *client = raw_open(door.port, "\x02h2\x08http/1.1");
    cr_assert_str_eq(raw_alpn(client), "http/1.1");
    raw_close(client);
    door_close(&door);
}

Test(web, refuses_to_become_http_2)
{
    Door door = door_open("");
    cr_assert_eq(status_of(&door,
                           "GET / HTTP/1.1\r\n" HOST "Connection: Upgrade, HTTP2-Settings\r\n"
                           "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n\r\n",
                           NULL),
                 400);
    RawClient *client = raw_open(door.port, NULL);
    raw_send_text(client, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    cr_assert(raw_read_to_end(client, 3000));
    raw_close(client);
    cr_assert_eq(status_of(&door, "GET / HTTP/1.1\r\n" HOST "\r\n", NULL), 200);
    door_close(&door);
}

Test(web, survives_an_unknown_upgrade_on_a_kept_connection)
{
    Door door = door_open("");
    for (int i = 0; i < 3; i++) {
        RawClient *client = raw_open(door.port, NULL);
        raw_send_text(client, "GET /healthz HTTP/1.1\r\n" HOST "\r\n");
        raw_read_until(client, "\"ok\"");
        raw_send_text(client, "GET / HTTP/1.1\r\n" HOST "Connection: Upgrade\r\n"
                              "Upgrade: nothing-of-the-kind\r\n\r\n");
        cr_assert(raw_read_to_end(client, 3000));
        cr_assert_null(strstr(raw_text(client), " 101 "));
        raw_close(client);
    }
    door_close(&door);
}

Test(web, believes_only_plain_lengths)
{
    static const struct {
        const char *header;
        int status;
    } lengths[] = {
        {"", 411},
        {"Content-Length: -1\r\n", 400},
        {"Content-Length: +1\r\n", 400},
        {"Content-Length: 0x10\r\n", 400},
        {"Content-Length: 1 1\r\n", 400},
        {"Content-Length: 2\r\nContent-Length: 3\r\n", 400},
        {"Content-Length: 65537\r\n", 413},
        {"Content-Length: 4294967297\r\n", 413},
        {"Content-Length: 99999999999999999999\r\n", 413},
        {"Transfer-Encoding: chunked\r\n", 501},
        {"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n", 501},
    };
    Door door = door_open("");
    for (size_t i = 0; i < G_N_ELEMENTS(lengths); i++) {
        g_autofree char *request =
            g_strconcat("POST /api/v1/login HTTP/1.1\r\n" HOST, lengths[i].header, "\r\n{}", NULL);
        cr_assert_eq(status_of(&door, request, NULL), lengths[i].status, "%s", lengths[i].header);
    }
    door_close(&door);
}

Test(web, refuses_what_it_has_no_use_for)
{
    static const struct {
        const char *request;
        int status;
    } requests[] = {
        {"PUT / HTTP/1.1\r\n" HOST "Content-Length: 0\r\n\r\n", 404},
        {"PUT / HTTP/1.1\r\n" HOST "\r\n", 411},
        {"PATCH / HTTP/1.1\r\n" HOST "Content-Length: 65537\r\n\r\n", 413},
        {"OPTIONS / HTTP/1.1\r\n" HOST "\r\n", 404},
        {"PUT /api/v1/session HTTP/1.1\r\n" HOST "Content-Length: 2\r\n\r\n{}", 405},
        {"GET / HTTP/1.1\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\n" HOST "Content-Length: 2\r\n\r\n{}", 400},
        {"DELETE /api/v1/meetings/1 HTTP/1.1\r\n" HOST "Content-Length: 2\r\n\r\n{}", 400},
        {"GET /%00index.html HTTP/1.1\r\n" HOST "\r\n", 400},
        {"GET /\xff HTTP/1.1\r\n" HOST "\r\n", 400},
        {"GET /../../etc/passwd HTTP/1.1\r\n" HOST "\r\n", 404},
        {"GET /..%2f..%2fetc%2fpasswd HTTP/1.1\r\n" HOST "\r\n", 404},
        {"GET /assets/%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\n" HOST "\r\n", 404},
        {"POST / HTTP/1.1\r\n" HOST "Content-Length: 0\r\n\r\n", 404},
        {"GET /api/v1/nothing HTTP/1.1\r\n" HOST "\r\n", 404},
        {"DELETE /api/v1/session HTTP/1.1\r\n" HOST "\r\n", 405},
        {"GET /api/v1/login HTTP/1.1\r\n" HOST "\r\n", 405},
    };
    Door door = door_open("");
    for (size_t i = 0; i < G_N_ELEMENTS(requests); i++) {
        cr_assert_eq(status_of(&door, requests[i].request, NULL), requests[i].status, "%s",
                     requests[i].request);
    }
    door_close(&door);
}

Test(web, hangs_up_on_noise)
{
    static const char *const noises[] = {"CONNECT a:1 HTTP/1.1\r\n" HOST "\r\n", "\x01\x02\r\n\r\n",
                                         "GET\r\n\r\n"};
    Door door = door_open("");
    for (size_t i = 0; i < G_N_ELEMENTS(noises); i++) {
        RawClient *client = raw_open(door.port, NULL);
        raw_send_text(client, noises[i]);
        cr_assert(raw_read_to_end(client, 8000), "%s", noises[i]);
        cr_assert_null(strstr(raw_text(client), " 200 "));
        raw_close(client);
    }
    g_autofree char *large = g_strnfill(9000, 'a');
    g_autofree char *request =
        g_strconcat("GET / HTTP/1.1\r\n" HOST "X: ", large, "\r\n\r\n", NULL);
    cr_assert_eq(status_of(&door, request, NULL), 0);
    door_close(&door);
}

/* One test for all deadlines: they take their five seconds at the same time. */
Test(web, waits_five_seconds_for_nobody)
{
    Door door = door_open("");
    static const char *const openings[] = {
        "",
        "GET / HTTP/1.1\r\nHost: ",
        "POST /api/v1/login HTTP/1.1\r\n" HOST "Content-Type: application/json\r\n"
        "Content-Length: 9\r\n\r\n{",
        "GET /healthz HTTP/1.1\r\n" HOST "\r\n",
        "GET /ws HTTP/1.1\r\n" HOST UPGRADE SUBPROTOCOL "\r\n",
    };
    RawClient *clients[G_N_ELEMENTS(openings)];
    int64_t start_us = clock_now_us();
    for (size_t i = 0; i < G_N_ELEMENTS(openings); i++) {
        clients[i] = raw_open(door.port, NULL);
        raw_send_text(clients[i], openings[i]);
    }
    cr_assert_not(raw_read_to_end(clients[4], 3000), "a guest has five seconds");
    for (size_t i = 0; i < G_N_ELEMENTS(openings); i++) {
        cr_assert(raw_read_to_end(clients[i], 12000), "still open: %s", openings[i]);
    }
    cr_assert_lt(clock_now_us() - start_us, 12 * CLOCK_US_PER_S);
    cr_assert_eq(raw_close_code(clients[4]), 1008);
    for (size_t i = 0; i < G_N_ELEMENTS(openings); i++) {
        raw_close(clients[i]);
    }
    door_close(&door);
}

static gboolean on_alarm(gpointer data)
{
    return G_SOURCE_CONTINUE;
}

/* Rounds the main loop makes in a second. */
static int rounds_in_a_second(void)
{
    int rounds = 0;
    int64_t end_us = clock_now_us() + CLOCK_US_PER_S;
    guint alarm = g_timeout_add(100, on_alarm, NULL);
    while (clock_now_us() < end_us) {
        g_main_context_iteration(NULL, TRUE);
        rounds++;
    }
    g_source_remove(alarm);
    return rounds;
}

Test(web, sleeps_while_a_peer_asks_ahead_and_does_not_read)
{
    Door door = door_open("");
    RawClient *client = raw_open(door.port, NULL);
    static const char request[] = "GET /assets/large.woff2 HTTP/1.1\r\n" HOST "\r\n";
    g_autoptr(GString) requests = g_string_new(NULL);
    for (int i = 0; i < 50; i++) {
        g_string_append(requests, request);
    }
    raw_send_text(client, requests->str);
    rounds_in_a_second();
    cr_assert_lt(rounds_in_a_second(), 200, "the loop spins");
    for (int i = 0; i < 3; i++) {
        raw_read_until(client, "HTTP/1.1 200 OK");
        raw_forget(client);
    }
    raw_close(client);
    cr_assert_eq(status_of(&door, "GET / HTTP/1.1\r\n" HOST "\r\n", NULL), 200);
    door_close(&door);
}

/* ---- the page ---- */

Test(web, sends_strict_headers_with_everything)
{
    static const char *const requests[] = {
        "GET / HTTP/1.1\r\n" HOST "\r\n",
        "GET /nothing HTTP/1.1\r\n" HOST "\r\n",
        "GET /api/v1/session HTTP/1.1\r\n" HOST "\r\n",
        "POST /api/v1/login HTTP/1.1\r\n" HOST "\r\n",
        "GET /ws HTTP/1.1\r\n" HOST UPGRADE "\r\n",
    };
    static const char *const headers[] = {
        "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; "
        "img-src 'self' data:; font-src 'self'; media-src 'self' blob:; "
        "connect-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'\r\n",
        "Strict-Transport-Security: max-age=31536000\r\n",
        "X-Content-Type-Options: nosniff\r\n",
        "Referrer-Policy: no-referrer\r\n",
        "Cross-Origin-Opener-Policy: same-origin\r\n",
        "Permissions-Policy: camera=(self), microphone=(self), display-capture=(self)\r\n",
    };
    Door door = door_open("");
    for (size_t i = 0; i < G_N_ELEMENTS(requests); i++) {
        g_autofree char *text = NULL;
        status_of(&door, requests[i], &text);
        for (size_t j = 0; j < G_N_ELEMENTS(headers); j++) {
            cr_assert_not_null(strstr(text, headers[j]), "%s lacks %s:\n%s", requests[i],
                               headers[j], text);
        }
    }
    door_close(&door);
}

Test(web, serves_a_large_file_whole)
{
    Door door = door_open("");
    RawClient *client = raw_open(door.port, NULL);
    raw_send_text(client, "GET /assets/large.woff2 HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n");
    cr_assert(raw_read_to_end(client, 20000));
    const char *body = strstr(raw_text(client), "\r\n\r\n");
    cr_assert_not_null(strstr(raw_text(client), "Content-Type: font/woff2\r\n"));
    cr_assert_eq(strlen(body + 4), LARGE_BYTES);
    raw_close(client);
    door_close(&door);
}

Test(web, answers_head_without_a_body_and_a_known_etag_with_304)
{
    Door door = door_open("");
    RawClient *client = raw_open(door.port, NULL);
    raw_send_text(client, "HEAD / HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n");
    cr_assert(raw_read_to_end(client, 10000));
    cr_assert_null(strstr(raw_text(client), "doctype"));
    g_autofree char *etag = g_strdup(strstr(raw_text(client), "ETag: ") + 6);
    *strchr(etag, '\r') = '\0';
    raw_close(client);
    g_autofree char *again =
        g_strdup_printf("GET / HTTP/1.1\r\n" HOST "If-None-Match: %s\r\n\r\n", etag);
    cr_assert_eq(status_of(&door, again, NULL), 304);
    door_close(&door);
}

Test(web, packs_what_the_browser_can_unpack)
{
    Door door = door_open("");
    g_autofree char *packed = NULL;
    g_autofree char *plain = NULL;
    status_of(&door, "GET /assets/x.js HTTP/1.1\r\n" HOST "Accept-Encoding: gzip, br\r\n\r\n",
              &packed);
    status_of(&door, "GET /assets/x.js HTTP/1.1\r\n" HOST "\r\n", &plain);
    cr_assert_not_null(strstr(packed, "Content-Encoding: gzip\r\n"));
    cr_assert_null(strstr(plain, "Content-Encoding"));
    cr_assert_not_null(strstr(plain, "Content-Length: 4000\r\n"));
    cr_assert_not_null(strstr(plain, "immutable"));
    door_close(&door);
}

/* ---- WebSockets ---- */

static RawClient *ws_open(const Door *door, const char *headers)
{
    g_autofree char *request =
        g_strconcat("GET /ws HTTP/1.1\r\n" HOST UPGRADE SUBPROTOCOL, headers, "\r\n", NULL);
    RawClient *client = raw_open(door->port, NULL);
    raw_send_text(client, request);
    raw_read_until(client, "\"welcome\"");
    cr_assert_eq(status_in(raw_text(client)), 101, "%s", raw_text(client));
    return client;
}

Test(web, opens_a_socket_with_the_subprotocol_and_no_extension)
{
    Door door = door_open("");
    RawClient *client =
        ws_open(&door, "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n");
    cr_assert_not_null(strcasestr(raw_text(client), "sec-websocket-protocol: diemcau.v1"));
    cr_assert_null(strcasestr(raw_text(client), "sec-websocket-extensions"));
    cr_assert_not_null(strstr(raw_text(client), "\"nonce\""));
    raw_close(client);
    door_close(&door);
}

Test(web, refuses_sockets_from_where_it_should_not)
{
    static const struct {
        const char *request;
        int status;
    } requests[] = {
        {"GET /ws HTTP/1.1\r\n" HOST UPGRADE "\r\n", 400},
        {"GET /ws HTTP/1.1\r\n" HOST UPGRADE "Sec-WebSocket-Protocol: http\r\n\r\n", 400},
        {"GET /ws HTTP/1.1\r\n" HOST UPGRADE "Sec-WebSocket-Protocol: diemcau.v2\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\n" HOST UPGRADE SUBPROTOCOL "\r\n", 404},
        {"GET /ws HTTP/1.1\r\n" HOST UPGRADE SUBPROTOCOL "Origin: https://evil.vn\r\n\r\n", 403},
        {"GET /ws HTTP/1.1\r\n" HOST UPGRADE SUBPROTOCOL "Origin: http://localhost:1\r\n\r\n", 403},
        {"GET /ws HTTP/1.1\r\n" HOST UPGRADE SUBPROTOCOL "Origin: https://localhost\r\n\r\n", 403},
        {"GET /ws HTTP/1.1\r\n" HOST UPGRADE SUBPROTOCOL "Origin: null\r\n\r\n", 403},
        {"GET /ws HTTP/1.1\r\n" HOST UPGRADE SUBPROTOCOL "Cookie: __Host-sid=x\r\n\r\n", 403},
        {"GET /ws HTTP/1.1\r\n" HOST "Connection: Upgrade\r\nUpgrade: websocket\r\n"
         "Sec-WebSocket-Version: 8\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" SUBPROTOCOL
         "\r\n",
         400},
    };
    Door door = door_open("");
    for (size_t i = 0; i < G_N_ELEMENTS(requests); i++) {
        cr_assert_eq(status_of(&door, requests[i].request, NULL), requests[i].status, "%s",
                     requests[i].request);
    }
    door_close(&door);
}

Test(web, accepts_its_own_origin_and_the_allowed_one)
{
    Door door = door_open("");
    raw_close(ws_open(&door, "Origin: https://localhost:1\r\n"));
    raw_close(ws_open(&door, "Origin: https://khac.vn\r\n"));
    raw_close(ws_open(&door, ""));
    door_close(&door);
}

Test(web, puts_a_message_together_from_its_fragments)
{
    Door door = door_open("");
    RawClient *client = ws_open(&door, "");
    raw_send_frame(client, 1, false, "{\"type\":", 8);
    raw_send_frame(client, 9, true, "ping", 4);
    raw_send_frame(client, 0, false, "\"ping\",\"id\"", 11);
    raw_send_frame(client, 0, true, ":5}", 3);
    raw_read_until(client, "\"id\":5");
    cr_assert_not_null(strstr(raw_text(client), "\"ok\""));
    raw_close(client);
    door_close(&door);
}

static void assert_closed_with(RawClient *client, int code)
{
    cr_assert(raw_read_to_end(client, 10000), "still open");
    cr_assert_eq(raw_close_code(client), code, "closed with %d", raw_close_code(client));
    raw_close(client);
}

Test(web, closes_a_socket_over_a_message_that_is_too_large)
{
    Door door = door_open("");
    g_autofree char *large = g_strnfill(LIMIT_MESSAGE_BYTES + 1, 'a');
    RawClient *client = ws_open(&door, "");
    raw_send_frame(client, 1, true, large, LIMIT_MESSAGE_BYTES + 1);
    assert_closed_with(client, 1009);
    client = ws_open(&door, "");
    raw_send_frame(client, 1, false, large, LIMIT_MESSAGE_BYTES / 2);
    raw_send_frame(client, 0, false, large, LIMIT_MESSAGE_BYTES / 2);
    raw_send_frame(client, 0, true, large, 1);
    assert_closed_with(client, 1009);
    door_close(&door);
}

Test(web, closes_a_socket_over_bytes_and_over_three_refusals)
{
    Door door = door_open("");
    RawClient *client = ws_open(&door, "");
    raw_send_frame(client, 2, true, "{}", 2);
    assert_closed_with(client, 1003);
    client = ws_open(&door, "");
    for (int i = 0; i < 3; i++) {
        raw_send_frame(client, 1, true, "{}", 2);
    }
    assert_closed_with(client, 1008);
    door_close(&door);
}

static bool has_no_client(void *data)
{
    return clients_count(((Door *)data)->house->server.clients) == 0;
}

Test(web, forgets_a_socket_that_is_gone)
{
    Door door = door_open("");
    RawClient *client = ws_open(&door, "");
    cr_assert_eq(clients_count(door.house->server.clients), 1);
    raw_close(client);
    run_until(has_no_client, &door);
    door_close(&door);
}

Test(web, says_goodbye_when_it_ends)
{
    Door door = door_open("");
    RawClient *client = ws_open(&door, "");
    web_server_free(g_steal_pointer(&door.web));
    assert_closed_with(client, 1001);
    door_close(&door);
}

/* ---- REST ---- */

static char *post(const char *path, const char *headers, const char *body)
{
    return g_strdup_printf("POST %s HTTP/1.1\r\n" HOST "Content-Type: application/json\r\n"
                           "Content-Length: %zu\r\n%s\r\n%s",
                           path, strlen(body), headers, body);
}

static int post_status(const Door *door, const char *path, const char *headers, const char *body,
                       char **ret_text)
{
    g_autofree char *request = post(path, headers, body);
    return status_of(door, request, ret_text);
}

/* The cookie of a new administrator, as a Cookie header. */
static char *log_in_first(const Door *door)
{
    char token[SETUP_TOKEN_SIZE];
    cr_assert(users_make_setup_token(door->house->server.users, token, NULL));
    g_autofree char *body = g_strdup_printf(
        "{\"token\":\"%s\",\"name\":\"quản trị\",\"password\":\"%s\"}", token, PASSWORD);
    g_autofree char *text = NULL;
    cr_assert_eq(post_status(door, "/api/v1/setup", "", body, &text), 200, "%s", text);
    const char *cookie = strstr(text, "Set-Cookie: __Host-sid=");
    cr_assert_not_null(cookie);
    cr_assert_not_null(strstr(cookie, "; Path=/; "));
    cr_assert_not_null(strstr(cookie, "; Secure; HttpOnly; SameSite=Strict\r\n"));
    g_autofree char *value = g_strndup(cookie + 12, strcspn(cookie + 12, ";"));
    return g_strdup_printf("Cookie: %s\r\n", value);
}

static int get_status(const Door *door, const char *path, const char *headers, char **ret_text)
{
    g_autofree char *request = g_strdup_printf("GET %s HTTP/1.1\r\n" HOST "%s\r\n", path, headers);
    return status_of(door, request, ret_text);
}

Test(web, the_first_start_ends_with_somebody_logged_in)
{
    Door door = door_open("");
    g_autofree char *before = NULL;
    g_autofree char *after = NULL;
    cr_assert_eq(get_status(&door, "/api/v1/session", "", &before), 401);
    cr_assert_not_null(strstr(before, "\"setup\":true"), "%s", before);
    g_autofree char *cookie = log_in_first(&door);
    cr_assert_eq(get_status(&door, "/api/v1/session", cookie, &after), 200);
    cr_assert_not_null(strstr(after, "\"role\":\"admin\""));
    g_autofree char *other = NULL;
    cr_assert_eq(get_status(&door, "/api/v1/session", "", &other), 401);
    cr_assert_null(strstr(other, "\"setup\""));
    door_close(&door);
}

Test(web, a_session_opens_a_socket_with_its_role_and_logging_out_closes_it)
{
    Door door = door_open("");
    g_autofree char *cookie = log_in_first(&door);
    g_autofree char *headers = g_strconcat(cookie, "Origin: https://localhost:1\r\n", NULL);
    RawClient *client = ws_open(&door, headers);
    static const char ask[] = "{\"type\":\"device.list\",\"id\":1}";
    raw_send_frame(client, 1, true, ask, sizeof ask - 1);
    raw_read_until(client, "\"devices\"");
    cr_assert_eq(post_status(&door, "/api/v1/logout", cookie, "", NULL), 204);
    assert_closed_with(client, 1008);
    cr_assert_eq(get_status(&door, "/api/v1/session", cookie, NULL), 401);
    door_close(&door);
}

Test(web, wrong_passwords_are_refused_and_then_slowed_down)
{
    Door door = door_open("");
    g_autofree char *cookie = log_in_first(&door);
    static const char body[] = "{\"name\":\"quản trị\",\"password\":\"wrong wrong\"}";
    int status = 0;
    for (int i = 0; i < 20 && status != 429; i++) {
        g_autofree char *text = NULL;
        status = post_status(&door, "/api/v1/login", "", body, &text);
        cr_assert_not_null(strstr(text, "application/problem+json"));
        cr_assert_null(strstr(text, "Set-Cookie"));
        cr_assert_eq(status == 429, strstr(text, "Retry-After: ") != NULL);
        cr_assert(status == 429 || (status == 401 && i < 19), "%s", text);
    }
    cr_assert_eq(status, 429);
    door_close(&door);
}

Test(web, bad_bodies_are_named)
{
    static const struct {
        const char *body;
        const char *words;
    } bodies[] = {
        {"", "\"field\":\"name\""},
        {"[]", "bad_json"},
        {"{\"name\":\"a\"", "bad_json"},
        {"{\"name\":\"a\"}", "\"field\":\"password\""},
        {"{\"name\":5,\"password\":\"x\"}", "\"field\":\"name\""},
        {"{\"name\":\"a\",\"name\":\"b\",\"password\":\"x\"}", "bad_json"},
    };
    Door door = door_open("");
    for (size_t i = 0; i < G_N_ELEMENTS(bodies); i++) {
        RawClient *client = raw_open(door.port, NULL);
        g_autofree char *request = post("/api/v1/login", "", bodies[i].body);
        raw_send_text(client, request);
        raw_read_until(client, "\"code\"");
        cr_assert_eq(status_in(raw_text(client)), 400);
        cr_assert_not_null(strstr(raw_text(client), bodies[i].words), "%s", raw_text(client));
        raw_close(client);
    }
    door_close(&door);
}

Test(web, needs_a_login_for_what_is_not_open)
{
    static const char *const requests[] = {
        "GET /api/v1/sites HTTP/1.1\r\n" HOST "\r\n",
        "GET /api/v1/meetings HTTP/1.1\r\n" HOST "\r\n",
        "GET /api/v1/meetings/1 HTTP/1.1\r\n" HOST "\r\n",
        "POST /api/v1/meetings HTTP/1.1\r\n" HOST "Content-Length: 0\r\n\r\n",
        "DELETE /api/v1/meetings/1 HTTP/1.1\r\n" HOST "\r\n",
        "POST /api/v1/logout HTTP/1.1\r\n" HOST "Content-Length: 0\r\n\r\n",
        "GET /api/v1/sites HTTP/1.1\r\n" HOST "Cookie: __Host-sid=made-up\r\n\r\n",
        "GET /api/v1/sites HTTP/1.1\r\n" HOST "Cookie: __Host-sid=\r\n\r\n",
    };
    Door door = door_open("");
    for (size_t i = 0; i < G_N_ELEMENTS(requests); i++) {
        cr_assert_eq(status_of(&door, requests[i], NULL), 401, "%s", requests[i]);
    }
    door_close(&door);
}

Test(web, keeps_a_technician_from_hosting)
{
    Door door = door_open("");
    g_autofree char *admin = log_in_first(&door);
    Visitor *visitor = visitor_new(door.house, ROLE_ADMIN, "ctl");
    visitor_ask(visitor, 1, "user.add",
                json_pack("{s:s, s:s, s:s}", "name", "ky-thuat", "password", PASSWORD, "role",
                          "technician"));
    visitor_leave(visitor);
    g_autofree char *text = NULL;
    cr_assert_eq(post_status(&door, "/api/v1/login", "",
                             "{\"name\":\"ky-thuat\",\"password\":\"" PASSWORD "\"}", &text),
                 200);
    const char *value = strstr(text, "__Host-sid=");
    g_autofree char *cookie = g_strdup_printf("Cookie: %.*s\r\n", (int)strcspn(value, ";"), value);
    cr_assert_eq(get_status(&door, "/api/v1/sites", cookie, NULL), 200);
    cr_assert_eq(post_status(&door, "/api/v1/meetings", cookie, "{}", NULL), 403);
    door_close(&door);
}

Test(web, takes_changes_from_its_own_page_only)
{
    Door door = door_open("");
    g_autofree char *cookie = log_in_first(&door);
    g_autofree char *foreign = g_strconcat(cookie, "Origin: https://evil.vn\r\n", NULL);
    g_autofree char *own = g_strconcat(cookie, "Origin: https://localhost:1\r\n", NULL);
    cr_assert_eq(post_status(&door, "/api/v1/logout", foreign, "", NULL), 403);
    g_autofree char *form = g_strdup_printf("POST /api/v1/login HTTP/1.1\r\n" HOST
                                            "Content-Type: text/plain\r\nContent-Length: 2\r\n"
                                            "\r\n{}");
    cr_assert_eq(status_of(&door, form, NULL), 415);
    cr_assert_eq(get_status(&door, "/api/v1/session", cookie, NULL), 200);
    cr_assert_eq(post_status(&door, "/api/v1/logout", own, "", NULL), 204);
    door_close(&door);
}

Test(web, lists_the_sites_and_describes_itself)
{
    Door door = door_open("");
    g_autofree char *cookie = log_in_first(&door);
    RawClient *client = raw_open(door.port, NULL);
    g_autofree char *request =
        g_strdup_printf("GET /api/v1/sites HTTP/1.1\r\n" HOST "%s\r\n", cookie);
    raw_send_text(client, request);
    raw_read_until(client, "\"TG-B\"");
    raw_forget(client);
    raw_send_text(client, "GET /api/v1/openapi.json HTTP/1.1\r\n" HOST "\r\n");
    raw_read_until(client, "\"openapi\"");
    raw_forget(client);
    raw_send_text(client, "GET /metrics HTTP/1.1\r\n" HOST "\r\n");
    raw_read_until(client, "\ndiemcau_sites 3\n");
    cr_assert_not_null(strstr(raw_text(client), "\ndiemcau_sites 3\n"));
    raw_close(client);
    door_close(&door);
}

/* ---- opening ---- */

Test(web, says_what_to_do_about_a_port_in_use)
{
    Door door = door_open("");
    g_autoptr(GError) error = NULL;
    cr_assert_null(web_server_new(&door.house->server, door.certificate, &error));
    cr_assert_not_null(strstr(error->message, "is in use"), "%s", error->message);
    cr_assert_not_null(strstr(error->message, "server.port"));
    door_close(&door);
}

Test(web, closes_a_socket_that_does_not_read)
{
    Door door = door_open("");
    g_autofree char *cookie = log_in_first(&door);
    g_autofree char *headers = g_strconcat(cookie, "Origin: https://localhost:1\r\n", NULL);
    RawClient *client = ws_open(&door, headers);
    client_set_watching(clients_find(door.house->server.clients, 1));
    g_autofree char *large = g_strnfill(60000, 'x');
    for (int i = 0; i < 400 && clients_count(door.house->server.clients) > 0; i++) {
        clients_broadcast(door.house->server.clients, json_pack("{s:s}", "type", large));
        g_main_context_iteration(NULL, FALSE);
    }
    run_until(has_no_client, &door);
    raw_close(client);
    door_close(&door);
}
