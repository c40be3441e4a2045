#include <criterion/criterion.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bridge/base/channel.h"
#include "bridge/base/clock.h"
#include "bridge/mixer/link.h"

#define PATIENCE_US (5 * CLOCK_US_PER_S)

typedef struct Relay {
    char *dir;
    char *path;
    int listen_fd;
    int fd;
    int attached;
    int messages;
    MedialinkHeader header;
    uint8_t body[MEDIALINK_BODY_BYTES_MAX];
    size_t body_size;
} Relay;

static void on_attached(void *data)
{
    ((Relay *)data)->attached++;
}

static void on_message(const MedialinkHeader *header, const uint8_t *body, size_t size, void *data)
{
    Relay *relay = data;
    relay->messages++;
    relay->header = *header;
    relay->body_size = size;
    memcpy(relay->body, body, size);
}

static const LinkHandlers handlers = {on_attached, on_message};

static Relay *relay_new(void)
{
    Relay *relay = g_new0(Relay, 1);
    relay->dir = g_dir_make_tmp("link-XXXXXX", NULL);
    relay->path = g_build_filename(relay->dir, "media.sock", NULL);
    relay->listen_fd = relay->fd = -1;
    return relay;
}

static void relay_listen(Relay *relay)
{
    relay->listen_fd = channel_listen_fd(relay->path, SOCK_SEQPACKET, NULL);
    cr_assert_geq(relay->listen_fd, 0);
}

static void relay_close(Relay *relay)
{
    close(relay->fd);
    close(relay->listen_fd);
    g_unlink(relay->path);
}

static void relay_free(Relay *relay)
{
    relay_close(relay);
    g_rmdir(relay->dir);
    g_free(relay->dir);
    g_free(relay->path);
    g_free(relay);
}

static bool spin_until(const int *counter, int wanted)
{
    int64_t end_us = clock_now_us() + PATIENCE_US;
    while (*counter < wanted && clock_now_us() < end_us) {
        if (!g_main_context_iteration(NULL, FALSE)) {
            g_usleep(1000);
        }
    }
    return *counter >= wanted;
}

static Link *open_link(Relay *relay)
{
    return link_new(&(LinkOptions){relay->path, UINT64_C(0x0102030405060708), &handlers, relay});
}

static void accept_hello(Relay *relay)
{
    uint8_t bytes[100];
    MedialinkHeader header;
    relay->fd = accept(relay->listen_fd, NULL, NULL);
    cr_assert_eq(recv(relay->fd, bytes, sizeof bytes, 0), MEDIALINK_HEADER_BYTES + 8);
    cr_assert(medialink_read(bytes, sizeof bytes, &header));
    cr_expect_eq(header.type, MEDIALINK_HELLO);
    cr_expect_arr_eq(bytes + MEDIALINK_HEADER_BYTES, "\1\2\3\4\5\6\7\10", 8);
}

static LinkVerdict send_one(Link *link, size_t size)
{
    static const uint8_t body[MEDIALINK_BODY_BYTES_MAX] = {1, 2, 3};
    MedialinkHeader header = {.type = MEDIALINK_PICTURE, .flags = 3, .rung = 2, .time_us = 77};
    return link_send(link, &header, body, size);
}

Test(link, says_hello_first)
{
    Relay *relay = relay_new();
    relay_listen(relay);
    Link *link = open_link(relay);
    cr_assert(spin_until(&relay->attached, 1));
    send_one(link, 10);
    accept_hello(relay);
    link_free(link);
    relay_free(relay);
}

Test(link, waits_for_a_relay_that_comes_later)
{
    Relay *relay = relay_new();
    Link *link = open_link(relay);
    for (int i = 0; i < 50; i++) {
        g_main_context_iteration(NULL, FALSE);
    }
    cr_expect_eq(relay->attached, 0);
    cr_expect_eq(send_one(link, 10), LINK_AWAY);
    relay_listen(relay);
    cr_assert(spin_until(&relay->attached, 1));
    accept_hello(relay);
    link_free(link);
    relay_free(relay);
}

Test(link, comes_back_to_a_relay_that_restarts)
{
    Relay *relay = relay_new();
    relay_listen(relay);
    Link *link = open_link(relay);
    cr_assert(spin_until(&relay->attached, 1));
    accept_hello(relay);
    relay_close(relay);
    relay_listen(relay);
    cr_assert(spin_until(&relay->attached, 2));
    accept_hello(relay);
    cr_expect_eq(send_one(link, 10), LINK_SENT);
    link_free(link);
    relay_free(relay);
}

Test(link, carries_messages_both_ways)
{
    Relay *relay = relay_new();
    relay_listen(relay);
    Link *link = open_link(relay);
    cr_assert(spin_until(&relay->attached, 1));
    accept_hello(relay);
    cr_expect_eq(send_one(link, MEDIALINK_BODY_BYTES_MAX), LINK_SENT);
    uint8_t bytes[2000];
    MedialinkHeader header;
    cr_expect_eq(recv(relay->fd, bytes, sizeof bytes, 0), 1516);
    cr_assert(medialink_read(bytes, sizeof bytes, &header));
    cr_expect(header.type == MEDIALINK_PICTURE && header.flags == 3 && header.rung == 2 &&
              header.time_us == 77);
    medialink_write(&(MedialinkHeader){.type = MEDIALINK_VIDEO_IN, .source = 9}, bytes);
    cr_expect_eq(send(relay->fd, bytes, 30, 0), 30);
    cr_assert(spin_until(&relay->messages, 1));
    cr_expect_eq(relay->header.source, 9);
    cr_expect_eq(relay->body_size, 14);
    link_free(link);
    relay_free(relay);
}

Test(link, drops_what_the_socket_cannot_take)
{
    Relay *relay = relay_new();
    relay_listen(relay);
    Link *link = open_link(relay);
    cr_assert(spin_until(&relay->attached, 1));
    LinkVerdict verdict = LINK_SENT;
    for (int i = 0; i < 100000 && verdict == LINK_SENT; i++) {
        verdict = send_one(link, 1200);
    }
    cr_expect_eq(verdict, LINK_FULL);
    cr_expect_eq(link_count(link, LINK_FULL), 1);
    cr_expect_gt(link_count(link, LINK_SENT), 100, "a large key frame fits");
    link_free(link);
    relay_free(relay);
}

Test(link, counts_messages_that_are_not_of_the_protocol)
{
    static const char *const bad[] = {"short", "\xff 0123456789abcdefgh"};
    Relay *relay = relay_new();
    relay_listen(relay);
    Link *link = open_link(relay);
    cr_assert(spin_until(&relay->attached, 1));
    accept_hello(relay);
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        cr_assert_gt(send(relay->fd, bad[i], strlen(bad[i]), 0), 0);
    }
    uint8_t giant[3000];
    medialink_write(&(MedialinkHeader){.type = MEDIALINK_VIDEO_IN}, giant);
    cr_assert_gt(send(relay->fd, giant, sizeof giant, 0), 0);
    medialink_write(&(MedialinkHeader){.type = MEDIALINK_SOURCE_GONE, .source = 4}, giant);
    cr_assert_gt(send(relay->fd, giant, MEDIALINK_HEADER_BYTES, 0), 0);
    cr_assert(spin_until(&relay->messages, 1));
    cr_expect_eq(link_bad_messages(link), 3);
    cr_expect_eq(relay->header.source, 4, "and goes on");
    link_free(link);
    relay_free(relay);
}
