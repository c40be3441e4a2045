/* Encoders and players at the web door: WHIP and WHEP, over TLS, against a relay that answers. */
#include <criterion/criterion.h>
#include <glib/gstdio.h>
#include <jansson.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bridge/base/limits.h"
#include "signalling/certificate.h"
#include "signalling/meetings.h"
#include "signalling/store.h"
#include "signalling/web_server.h"
#include "tests/unit/signalling/raw_client.h"
#include "tests/unit/signalling/stage.h"

typedef struct Door {
    Stage *stage;
    Visitor *host;
    Certificate *certificate;
    WebServer *web;
    uint16_t port;
    char *root;
    int asked;
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

static void open_web(Door *door)
{
    g_autoptr(GError) error = NULL;
    door->web = web_server_new(&door->stage->house->server, door->certificate, &error);
    cr_assert_not_null(door->web, "%s", error != NULL ? error->message : "");
}

/* With meeting 1 open. */
static Door *door_open(void)
{
    Door *door = g_new0(Door, 1);
    door->port = free_port();
    door->root = g_dir_make_tmp("page-XXXXXX", NULL);
    g_autofree char *index = g_build_filename(door->root, "index.html", NULL);
    g_file_set_contents(index, "<!doctype html>", -1, NULL);
    g_autofree char *settings = g_strdup_printf(
        "server.listen=127.0.0.1\nserver.port=%u\nserver.web_root=%s\n", door->port, door->root);
    door->stage = stage_new(settings);
    door->certificate = certificate_load("", "", door->stage->house->directory, NULL);
    open_web(door);
    door->host = visitor_new(door->stage->house, ROLE_HOST, "chutri");
    stage_open_meeting(door->stage, door->host, NULL);
    return door;
}

static void door_close(Door *door)
{
    g_autofree char *index = g_build_filename(door->root, "index.html", NULL);
    web_server_free(door->web);
    if (door->host != NULL) {
        visitor_leave(door->host);
    }
    certificate_free(door->certificate);
    stage_free(door->stage);
    g_unlink(index);
    g_rmdir(door->root);
    g_free(door->root);
    g_free(door);
}

/* A token of meeting 1; borrowed. */
static const char *make_token(Door *door, const char *role, json_t *more)
{
    json_object_set_new(more, "meeting", json_integer(1));
    json_object_set_new(more, "role", json_string(role));
    json_t *answer = visitor_ask(door->host, 1000 + door->asked++, "stream.token", more);
    cr_assert_str_eq(text_at(answer, "type"), "ok", "%s", text_at(answer, "message"));
    return text_at(answer, "token");
}

typedef struct Answer {
    int status;
    char *text; /* all of it */
} Answer;

static void answer_clear(Answer *answer)
{
    g_clear_pointer(&answer->text, g_free);
}

#define OFFER "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\n"

/* `headers` and `token` may be NULL; a body goes with a Content-Type of SDP unless they say one. */
static Answer ask(const Door *door, const char *request_line, const char *token,
                  const char *headers, const char *body)
{
    GString *text = g_string_new(NULL);
    g_string_append_printf(text, "%s HTTP/1.1\r\nHost: localhost:%u\r\nConnection: close\r\n",
                           request_line, door->port);
    if (token != NULL) {
        g_string_append_printf(text, "Authorization: Bearer %s\r\n", token);
    }
    if (body != NULL) {
        g_string_append_printf(text, "Content-Length: %zu\r\n%s", strlen(body),
                               headers == NULL ? "Content-Type: application/sdp\r\n" : "");
    }
    g_string_append_printf(text, "%s\r\n%s", headers != NULL ? headers : "",
                           body != NULL ? body : "");
    RawClient *client = raw_open(door->port, NULL);
    raw_send_text(client, text->str);
    raw_read_to_end(client, 5000);
    Answer answer = {.text = g_strdup(raw_text(client))};
    sscanf(answer.text, "HTTP/1.1 %d", &answer.status);
    raw_close(client);
    g_string_free(text, TRUE);
    return answer;
}

static void check_problem(Answer answer, int status, const char *words)
{
    cr_assert_eq(answer.status, status, "%s", answer.text);
    cr_assert_not_null(strstr(answer.text, "Content-Type: application/problem+json\r\n"), "%s",
                       answer.text);
    cr_assert_not_null(strstr(answer.text, words), "\"%s\" not in %s", words, answer.text);
    answer_clear(&answer);
}

/* What Location says; free with g_free. */
static char *location_of(const Answer *answer)
{
    const char *start = strstr(answer->text, "Location: ");
    cr_assert_not_null(start, "%s", answer->text);
    start += strlen("Location: ");
    return g_strndup(start, strcspn(start, "\r"));
}

static char *begin(Door *door, const char *path, const char *token)
{
    g_autofree char *line = g_strdup_printf("POST %s", path);
    Answer answer = ask(door, line, token, NULL, OFFER);
    cr_assert_eq(answer.status, 201, "%s", answer.text);
    char *location = location_of(&answer);
    answer_clear(&answer);
    return location;
}

static int end(const Door *door, const char *location, const char *token)
{
    g_autofree char *line = g_strdup_printf("DELETE %s", location);
    Answer answer = ask(door, line, token, NULL, NULL);
    answer_clear(&answer);
    return answer.status;
}

static void tell_state(Door *door, json_int_t peer, const char *state)
{
    control_emit(
        door->stage->relay, "peer",
        json_pack("{s:I, s:i, s:i, s:s}", "peer", peer, "meeting", 1, "source", 4, "state", state));
    stage_settle(door->stage);
}

static json_int_t peer_of(const char *location)
{
    return strtoll(strrchr(location, '/') + 1, NULL, 10);
}

static const char *stream_seat_state(Door *door, char *ret_state, size_t size)
{
    json_t *meeting = stage_meeting(door->stage);
    json_t *seat = json_array_get(json_object_get(meeting, "seats"), 3);
    g_strlcpy(ret_state, seat != NULL ? text_at(seat, "state") : "none", size);
    json_decref(meeting);
    return ret_state;
}

#define SEAT_STATE(door) stream_seat_state(door, (char[16]){0}, 16)

/* ---- what works ---- */

Test(whip, a_publisher_gets_an_answer_and_a_seat_of_its_own)
{
    Door *door = door_open();
    const char *token = make_token(door, "publish", json_pack("{s:s}", "name", "Xe lưu động"));
    Answer answer = ask(door, "POST /whip/1", token, NULL, OFFER);
    cr_assert_eq(answer.status, 201, "%s", answer.text);
    cr_assert_not_null(strstr(answer.text, "Content-Type: application/sdp\r\n"));
    cr_assert_not_null(strstr(answer.text, "\r\n\r\n" STAGE_SDP));
    g_autofree char *location = location_of(&answer);
    cr_assert(g_str_has_prefix(location, "/whip/1/"));
    json_t *added = stage_wait(door->stage, "peer.add", 0);
    cr_assert_str_eq(text_at(added, "sdp"), OFFER);
    cr_assert_eq(number_at(added, "source"), 4);
    cr_assert_eq(number_at(added, "peer"), peer_of(location));
    cr_assert_str_eq(SEAT_STATE(door), "connecting");
    tell_state(door, peer_of(location), "connected");
    cr_assert_str_eq(SEAT_STATE(door), "joined");
    guint from = door->stage->heard->len;
    cr_assert_eq(end(door, location, token), 200);
    cr_assert_eq(number_at(stage_wait(door->stage, "peer.remove", from), "peer"),
                 peer_of(location));
    cr_assert_str_eq(SEAT_STATE(door), "missing", "the seat stays with its token");
    cr_assert_eq(end(door, location, token), 404);
    answer_clear(&answer);
    door_close(door);
}

Test(whip, a_player_watches_a_view_like_a_site)
{
    Door *door = door_open();
    visitor_ask(door->host, 1, "view.set",
                json_pack("{s:i, s:{s:i, s:s, s:s}}", "meeting", 1, "view", "id", 2, "layout", "1",
                          "audience", "chair"));
    const char *token = make_token(door, "watch", json_pack("{s:i}", "view", 2));
    g_autofree char *first = begin(door, "/whep/1", token);
    json_t *added = stage_wait(door->stage, "peer.add", 0);
    cr_assert_eq(number_at(added, "source"), 0);
    cr_assert_eq(number_at(added, "view"), 2);
    g_autofree char *second = begin(door, "/whep/1", token);
    cr_assert_str_neq(first, second, "several may watch");
    guint from = door->stage->heard->len;
    visitor_ask(door->host, 2, "view.remove", json_pack("{s:i, s:i}", "meeting", 1, "view", 2));
    cr_assert_eq(number_at(stage_wait(door->stage, "peer.update", from), "view"), 0);
    cr_assert_str_eq(SEAT_STATE(door), "none", "a player has no seat");
    cr_assert_eq(end(door, second, token), 200);
    cr_assert_eq(end(door, first, token), 200);
    door_close(door);
}

Test(whip, a_publisher_that_comes_again_keeps_seat_and_mute)
{
    Door *door = door_open();
    const char *token = make_token(door, "publish", json_object());
    g_autofree char *first = begin(door, "/whip/1", token);
    tell_state(door, peer_of(first), "connected");
    check_problem(ask(door, "POST /whip/1", token, NULL, OFFER), 409, "conflict");
    visitor_ask(door->host, 1, "seat.mute",
                json_pack("{s:i, s:i, s:b}", "meeting", 1, "source", 4, "muted", true));
    cr_assert_eq(end(door, first, token), 200);
    guint from = door->stage->heard->len;
    g_autofree char *second = begin(door, "/whip/1", token);
    json_t *added = stage_wait(door->stage, "peer.add", from);
    cr_assert_eq(number_at(added, "source"), 4);
    cr_assert(json_is_true(json_object_get(added, "muted")), "a muted one never comes back heard");
    tell_state(door, peer_of(second), "connected");
    tell_state(door, peer_of(second), "silent");
    cr_assert_str_eq(SEAT_STATE(door), "lost");
    g_autofree char *third = begin(door, "/whip/1", token);
    cr_assert_str_neq(third, second, "a silent one may be replaced");
    cr_assert_eq(end(door, second, token), 404);
    door_close(door);
}

Test(whip, a_publisher_is_not_told_to_obey_a_demand)
{
    Door *door = door_open();
    const char *token = make_token(door, "publish", json_object());
    g_autofree char *location = begin(door, "/whip/1", token);
    tell_state(door, peer_of(location), "connected");
    guint from = door->stage->heard->len;
    control_emit(door->stage->mixer, "demands",
                 json_pack("{s:[{s:i, s:i, s:i, s:i, s:i}]}", "demands", "source", 4, "width", 320,
                           "height", 180, "fps", 25, "kbps", 150));
    json_t *update = stage_wait(door->stage, "peer.update", from);
    cr_assert(json_is_true(json_object_get(update, "video")));
    cr_assert_null(json_object_get(update, "kbps"));
    door_close(door);
}

Test(whip, sessions_go_on_over_a_restart_of_the_server)
{
    Door *door = door_open();
    g_autofree char *publisher = g_strdup(make_token(door, "publish", json_object()));
    g_autofree char *watcher = g_strdup(make_token(door, "watch", json_object()));
    g_autofree char *in = begin(door, "/whip/1", publisher);
    g_autofree char *out = begin(door, "/whep/1", watcher);
    tell_state(door, peer_of(in), "connected");
    web_server_free(g_steal_pointer(&door->web));
    visitor_leave(g_steal_pointer(&door->host));
    json_decref(door->stage->peers);
    door->stage->peers =
        json_pack("[{s:I, s:i, s:i, s:s, s:b}, {s:I, s:i, s:i, s:s, s:b}]", "peer", peer_of(in),
                  "meeting", 1, "source", 4, "state", "connected", "muted", false, "peer",
                  peer_of(out), "meeting", 1, "source", 0, "state", "connected", "muted", false);
    stage_restart(door->stage);
    open_web(door);
    stage_settle(door->stage);
    cr_assert_str_eq(SEAT_STATE(door), "joined");
    cr_assert_eq(end(door, out, publisher), 403, "it is not the publisher's");
    cr_assert_eq(end(door, out, watcher), 200);
    cr_assert_eq(end(door, in, publisher), 200);
    door_close(door);
}

Test(whip, tells_pages_and_scripts_what_it_takes)
{
    Door *door = door_open();
    Answer endpoint = ask(door, "OPTIONS /whip/1", NULL, "Origin: https://obs.example\r\n", NULL);
    cr_assert_eq(endpoint.status, 200);
    cr_assert_not_null(strstr(endpoint.text, "Accept-Post: application/sdp\r\n"));
    cr_assert_not_null(strstr(endpoint.text, "Access-Control-Allow-Origin: *\r\n"));
    cr_assert_not_null(strstr(endpoint.text, "Access-Control-Allow-Methods: POST, OPTIONS\r\n"));
    Answer session = ask(door, "OPTIONS /whep/1/7", NULL, NULL, NULL);
    cr_assert_eq(session.status, 200);
    cr_assert_not_null(strstr(session.text, "Allow: DELETE, OPTIONS\r\n"));
    answer_clear(&endpoint);
    answer_clear(&session);
    door_close(door);
}

/* ---- what is refused ---- */

Test(whip, refuses_who_has_no_token_for_it)
{
    Door *door = door_open();
    const char *publisher = make_token(door, "publish", json_object());
    Answer none = ask(door, "POST /whip/1", NULL, NULL, OFFER);
    cr_assert_not_null(strstr(none.text, "WWW-Authenticate: Bearer realm=\"diemcau\"\r\n"));
    check_problem(none, 401, "bad_credentials");
    Answer bad = ask(door, "POST /whip/1", "AAAA-BBBB-CCCC-DDDD-EEEE-FFFF-GGGG-HHHH", NULL, OFFER);
    cr_assert_not_null(strstr(bad.text, "error=\"invalid_token\""));
    check_problem(bad, 401, "bad_credentials");
    check_problem(ask(door, "POST /whip/1", "' OR 1=1", NULL, OFFER), 401, "bad_credentials");
    check_problem(ask(door, "DELETE /whip/1/1", NULL, NULL, NULL), 401, "bad_credentials");
    check_problem(ask(door, "POST /whep/1", publisher, NULL, OFFER), 403, "not_allowed");
    check_problem(ask(door, "POST /whip/2", publisher, NULL, OFFER), 404, "not_found");
    cr_assert_eq(stage_count(door->stage, "peer.add", 0), 0, "the relay was not asked");
    door_close(door);
}

Test(whip, a_token_that_was_revoked_ends_its_session_and_its_seat)
{
    Door *door = door_open();
    const char *token = make_token(door, "publish", json_object());
    g_autofree char *location = begin(door, "/whip/1", token);
    json_t *list = visitor_ask(door->host, 1, "stream.list", json_pack("{s:i}", "meeting", 1));
    json_t *shown = json_array_get(json_object_get(list, "tokens"), 0);
    cr_assert_str_eq(text_at(shown, "role"), "publish");
    cr_assert_str_eq(text_at(shown, "made_by"), "chutri");
    cr_assert_null(json_object_get(shown, "token"), "the secret is shown once");
    guint from = door->stage->heard->len;
    visitor_ask(door->host, 2, "stream.revoke",
                json_pack("{s:i, s:I}", "meeting", 1, "stream", number_at(shown, "stream")));
    stage_wait(door->stage, "peer.remove", from);
    cr_assert_str_eq(SEAT_STATE(door), "none");
    check_problem(ask(door, "POST /whip/1", token, NULL, OFFER), 401, "bad_credentials");
    cr_assert_eq(end(door, location, token), 401);
    door_close(door);
}

Test(whip, a_token_ends_only_its_own_sessions_and_expires)
{
    Door *door = door_open();
    g_autofree char *first = g_strdup(make_token(door, "publish", json_object()));
    g_autofree char *second = g_strdup(make_token(door, "publish", json_object()));
    g_autofree char *location = begin(door, "/whip/1", first);
    cr_assert_eq(end(door, location, second), 404);
    cr_assert_eq(end(door, location, first), 200);
    web_server_free(g_steal_pointer(&door->web));
    visitor_leave(g_steal_pointer(&door->host));
    store_query(door->stage->house->server.store, "UPDATE stream_tokens SET expires_ms=1", NULL,
                NULL, NULL);
    stage_restart(door->stage);
    open_web(door);
    check_problem(ask(door, "POST /whip/1", first, NULL, OFFER), 401, "expired");
    door_close(door);
}

Test(whip, refuses_what_is_no_offer_and_says_why)
{
    Door *door = door_open();
    const char *token = make_token(door, "publish", json_object());
    Answer wrong = ask(door, "POST /whip/1", token, "Content-Type: application/json\r\n", "{}");
    cr_assert_not_null(strstr(wrong.text, "Accept-Post: application/sdp\r\n"));
    check_problem(wrong, 415, "application/sdp");
    check_problem(ask(door, "POST /whip/1", token, NULL, ""), 400, "line 1: there is no offer");
    check_problem(ask(door, "POST /whip/1", token, NULL, "v=0\r\ns=\xff\r\n"), 400, "line 2: not");
    g_autofree char *long_offer = g_strnfill(LIMIT_SDP_BYTES + 1, 'a');
    check_problem(ask(door, "POST /whip/1", token, NULL, long_offer), 413, "too long");
    g_autofree char *longer_offer = g_strnfill(LIMIT_MESSAGE_BYTES + 1, 'a');
    check_problem(ask(door, "POST /whip/1", token, NULL, longer_offer), 413, "Content Too Large");
    door->stage->sdp_fault = "line 3: no ice-ufrag";
    check_problem(ask(door, "POST /whip/1", token, NULL, OFFER), 400, "line 3: no ice-ufrag");
    cr_assert_str_eq(SEAT_STATE(door), "none", "nobody has been here");
    door_close(door);
}

Test(whip, refuses_other_methods_and_names_those_there_are)
{
    static const struct {
        const char *line;
        const char *allow;
        const char *body;
    } cases[] = {
        {"PATCH /whip/1/1", "Allow: DELETE, OPTIONS\r\n", "a=candidate:1"},
        {"PATCH /whep/1/1", "Allow: DELETE, OPTIONS\r\n", ""},
        {"GET /whip/1", "Allow: POST, OPTIONS\r\n", NULL},
        {"PUT /whep/1", "Allow: POST, OPTIONS\r\n", "v=0"},
        {"DELETE /whip/1", "Allow: POST, OPTIONS\r\n", NULL},
        {"POST /whip/1/1", "Allow: DELETE, OPTIONS\r\n", "v=0"},
    };
    Door *door = door_open();
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        Answer answer = ask(door, cases[i].line, NULL, NULL, cases[i].body);
        cr_assert_not_null(strstr(answer.text, cases[i].allow), "%s: %s", cases[i].line,
                           answer.text);
        check_problem(answer, 405, "Method Not Allowed");
    }
    check_problem(ask(door, "POST /whip/x", NULL, NULL, OFFER), 404, "not_found");
    check_problem(ask(door, "POST /whip/1/", NULL, NULL, OFFER), 404, "not_found");
    check_problem(ask(door, "POST /whip/99999999999999999999", NULL, NULL, OFFER), 404,
                  "not_found");
    door_close(door);
}

Test(whip, refuses_a_token_that_cannot_be)
{
    static const struct {
        const char *message;
        const char *field;
    } cases[] = {
        {"{\"meeting\":1,\"role\":\"listen\"}", "role"},
        {"{\"meeting\":1}", "role"},
        {"{\"meeting\":9,\"role\":\"watch\"}", "meeting"},
        {"{\"meeting\":1,\"role\":\"watch\",\"view\":3}", "view"},
        {"{\"meeting\":1,\"role\":\"publish\",\"site\":\"XX\"}", "site"},
        {"{\"meeting\":1,\"role\":\"publish\",\"ttl_s\":5}", "ttl_s"},
    };
    Door *door = door_open();
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        json_t *answer =
            visitor_ask(door->host, (int)i, "stream.token", json_loads(cases[i].message, 0, NULL));
        cr_assert_str_eq(text_at(answer, "field"), cases[i].field, "%s", cases[i].message);
        visitor_ask(door->host, 100 + (int)i, "ping", json_object());
    }
    door_close(door);
}

Test(whip, a_publisher_that_never_connects_does_not_stay)
{
    Door *door = door_open();
    const char *token = make_token(door, "publish", json_object());
    g_autofree char *location = begin(door, "/whip/1", token);
    tell_state(door, peer_of(location), "gone");
    cr_assert_str_eq(SEAT_STATE(door), "missing");
    cr_assert_eq(end(door, location, token), 404);
    door_close(door);
}
